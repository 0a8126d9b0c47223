#!/usr/bin/env bash
# Makes sure of what a suite needs, installing what is missing:
#   needs.sh go | postgres | sshd | strace ...
set -euo pipefail
apt_install() {
  local sudo=""
  [ "$(id -u)" = 0 ] || sudo="sudo -n"
  command -v apt-get >/dev/null || { echo "please install: $*" >&2; exit 1; }
  echo "installing $*" >&2
  if ! $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null 2>&1; then
    $sudo apt-get update -qq >/dev/null
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
  fi
}
for need in "$@"; do
  case $need in
    go) command -v go >/dev/null || { echo "please install Go 1.26 or newer: https://go.dev/dl" >&2; exit 1; }
        command -v gcc >/dev/null || command -v clang >/dev/null || apt_install gcc g++;;
    postgres) ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || apt_install postgresql;;
    sshd) command -v /usr/sbin/sshd >/dev/null || apt_install openssh-server;;
    strace) command -v strace >/dev/null || apt_install strace;;
    python-duckdb) # for the generators of recorded lakes; DuckDB's own version here
      py=$(cd "$(dirname "$0")/../.." && pwd)/.cache/python
      [ -x "$py/bin/python" ] && "$py/bin/python" -c 'import duckdb' 2>/dev/null || {
        command -v python3 >/dev/null || apt_install python3
        python3 -m venv "$py" 2>/dev/null || { apt_install python3-venv; python3 -m venv "$py"; }
        "$py/bin/python" -m pip install -q duckdb==1.5.4 >&2
      };;
    *) echo "needs.sh: unknown need $need" >&2; exit 2;;
  esac
done
