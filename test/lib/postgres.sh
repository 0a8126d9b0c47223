#!/usr/bin/env bash
# A private PostgreSQL on a free port of this machine.
#   postgres.sh start DIR    prints its URL (a superuser's)
#   postgres.sh stop DIR
# Everybody but that superuser needs a password.
# PG_OPTIONS adds server settings, as in "-c shared_buffers=1GB".
set -euo pipefail
mkdir -p "${2:?folder}"
set -- "$1" "$(cd "$2" && pwd)" # absolute: the server runs elsewhere
dir=$2
bin=$(dirname "$(ls -1 /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1 || command -v initdb)")
as() { if [ "$(id -u)" = 0 ]; then su postgres -s /bin/bash -c "$1"; else bash -c "$1"; fi; }
case ${1:?start or stop} in
start)
  if [ -s "$dir/url" ] && as "'$bin/pg_ctl' -D '$dir/data' status" >/dev/null 2>&1; then cat "$dir/url"; exit; fi
  mkdir -p "$dir"
  if [ "$(id -u)" = 0 ]; then
    chown postgres "$dir"
    d=$dir
    while [ "$d" != / ]; do # the server's user must be able to reach its folder
      su postgres -s /bin/bash -c "test -x '$d'" || { dir=$(mktemp -d /tmp/mulgil-pg-XXXXXX); chown postgres "$dir"; mkdir -p "$2"; echo "$dir" >"$2/moved"; break; }
      d=$(dirname "$d")
    done
  fi
  [ -d "$dir/data" ] || as "'$bin/initdb' -D '$dir/data' -U postgres -A trust -E UTF8 --locale=C.UTF-8 >'$dir/init.log' 2>&1 && printf 'local all postgres trust\nhost all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n' >'$dir/data/pg_hba.conf'"
  port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])' 2>/dev/null || echo $((20000 + RANDOM % 20000)))
  as "'$bin/pg_ctl' -D '$dir/data' -l '$dir/server.log' -w -t 60 -o \"-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='$dir' -c fsync=off -c max_connections=60 ${PG_OPTIONS:-}\" start >/dev/null"
  echo "postgres://postgres@127.0.0.1:$port/postgres" >"$2/url"
  cat "$2/url"
  ;;
stop)
  [ -s "$dir/moved" ] && real=$(cat "$dir/moved") || real=$dir
  as "'$bin/pg_ctl' -D '$real/data' -m immediate -w stop >/dev/null 2>&1" || true
  rm -f "$dir/url"
  if [ -s "$dir/moved" ]; then rm -rf "$real" "$dir/moved"; fi
  ;;
esac
