#!/usr/bin/env bash
# make test: every suite, against real systems started here.
#   test/run.sh [go test flags...]      MULGIL_KILLS=N   random kills (default 60)
set -euo pipefail
cd "$(dirname "$0")/.."
test/lib/needs.sh go postgres sshd strace
# The documents' statements run over a lake that their own generator makes.
test/lib/needs.sh python-duckdb && export MULGIL_PYTHON=$(pwd)/.cache/python/bin/python || echo "no python with duckdb: the documents' lake is skipped"
go mod download
cache=$(pwd)/.cache
mkdir -p "$cache"
export MULGIL_TEST_POSTGRES
MULGIL_TEST_POSTGRES=$(test/lib/postgres.sh start "$cache/pg")
trap 'test/lib/postgres.sh stop "$cache/pg"' EXIT
export MULGIL_BIN=$(pwd)/bin/mulgil MULGIL_KILLS=${MULGIL_KILLS:-60}
fail=0
suite() { # name, packages...
  local name=$1 start=$SECONDS
  shift
  echo "== $name"
  go test "${flags[@]}" "$@" || fail=1
  echo "suite $name: $((SECONDS - start))s"
}
flags=("$@")
all=$(go list ./... | grep -v /test/)
db=$(echo "$all" | grep -E '/(connector/postgres|sample)$')
suite units $(echo "$all" | grep -v -x -F "$db")
flags=(-p 1 "$@")
suite database $db
flags=(-p 1 -timeout 15m "$@")
suite program $(go list ./test/... )
[ $fail = 0 ] && echo "test: all suites passed in ${SECONDS}s" || { echo "test: FAILED"; exit 1; }
