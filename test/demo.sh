#!/usr/bin/env bash
# make demo: a made-up shop's database becomes bronze, silver and four marts,
# and every mart is checked against plain SQL on the shop's own database.
#   test/demo.sh [ROWS]      MULGIL_BIN=PROGRAM   the program (default bin/mulgil)
set -euo pipefail
cd "$(dirname "$0")/.."
rows=${1:-1000000}
case $rows in *[!0-9]* | "") echo "usage: test/demo.sh [ROWS], a number of purchases" >&2; exit 2;; esac
repo=$PWD demo=$PWD/.cache/demo
mulgil=$(realpath "${MULGIL_BIN:-bin/mulgil}")
[ -x "$mulgil" ] || { echo "no program at $mulgil: run make build" >&2; exit 1; }
go build -o .cache/democheck ./test/democheck
rm -rf "$demo"
mkdir -p "$demo"
cd "$demo"
SECONDS=0

step() { printf '\n\033[1m%s\033[0m\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9]*m//g'; fi; }
say() { step "$1"; shift; echo "  \$ mulgil $*"; }
details='^state |^next: |: (extract|write|sync|tests|commit|join checks)\b|, 0\.0s$'
# run shows what the command prints and, where no terminal draws progress, only the steps'
# results out of the many lines of progress.
run() {
  if [ -t 2 ]; then "$mulgil" "$@"; return; fi
  { "$mulgil" "$@" 2>&1 >&3 | { grep --line-buffered -Ev "$details" >&2 || true; }; } 3>&1
}

say "1. A project: a folder of text files" init shop --template retail-batch
run init shop --template retail-batch
cd shop
say "2. A shop's database: $rows purchases, customers, products, postal codes" sample retail --rows "$rows" --seed 7 --to sqlite://./shop.db
run sample retail --rows "$rows" --seed 7 --to sqlite://./shop.db
say "3. Every file of the project, checked" validate
run validate
say "4. The state machine: bronze, then silver, then four marts" workflow run retail
run workflow run retail
say "5. One month again: only what it touches is written anew" workflow run retail-month --input '{"EXTRACT_FROM": "20150301", "EXTRACT_TO": "20150331"}'
run workflow run retail-month --input '{"EXTRACT_FROM": "20150301", "EXTRACT_TO": "20150331"}' | sed 's/^\(output: *\).*/\1.../'
echo "  (AWS took the workshop's authors 20 minutes for the first load and 10 for a month, of 28.6 million purchases)"
say "6. What is in the lake now" table list
run table list
step "7. The marts, against plain SQL on shop.db in every affiliate and month"
"$repo/.cache/democheck" "$PWD" "$mulgil"
step "done in ${SECONDS}s. Next:"
cat <<END
  cd ${demo#"$repo/"}/shop; export PATH=$(dirname "$mulgil"):\$PATH
  mulgil query -f queries/monthly_sales.sql     sales by affiliate and month
  mulgil job runs SILVER --json                 what a run records: the join that counts some sales twice
  mulgil job preview SILVER --limit 20          a job's rows without writing them
  mulgil table history purchase                 every commit of a table
  less jobs/t1_fulljoin.sql                     change a job, then: mulgil job run SILVER
END
