#!/usr/bin/env bash
# Figures of the query path: the documents' SQL over 5,000,000 purchases, beside DuckDB by hand and a
# real Trino on the same files, and the figures around it.
#   bench/query/run.sh
# BENCH_QUERY_ROWS=300000  other numbers of purchases   BENCH_TRINO=0|1  Trino (default 1 if java and mvn are there)
# BENCH_FILES=20000        files of the large tables    BENCH_REPS=N     rounds (default 3)
# MULGIL_SEEDS             folder of the documents (default ../shared/seeds)
# The table goes to .cache/bench/query/result.md. A missed figure is only said.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=$PWD/bench/query work=$PWD/.cache/bench/query rows=${BENCH_QUERY_ROWS:-5000000} files=${BENCH_FILES:-20000}
export MULGIL_SEEDS=${MULGIL_SEEDS:-../shared/seeds} PYTHONPATH=$PWD/bench PYTHONDONTWRITEBYTECODE=1
[ -x bin/mulgil ] || { echo "there is no bin/mulgil: run make build" >&2; exit 1; }
command -v python3 >/dev/null || { echo "please install python3" >&2; exit 1; }
mkdir -p "$work"
cp bin/mulgil "$work/mulgil" # a build meanwhile must not change what is measured
mulgil=$work/mulgil py=$work/venv/bin/python up=
[ -x "$py" ] || python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q duckdb==1.5.4 trino==0.340.0

if [ "$(cat "$work/lake.rows" 2>/dev/null)" != "$rows" ]; then
  rm -rf "$work/lake" "$work/lake.rows"
  "$py" "$here/lake.py" "$work/lake" "$rows"
  echo "$rows" >"$work/lake.rows"
fi

finish() {
  [ -z "$up" ] || kill "$up" 2>/dev/null || true
  "$here/trino.sh" stop "$work/trino"
}
trap finish EXIT

# project NAME: one with the lake's tables
project() {
  rm -rf "${work:?}/$1"
  (cd "$work" && "$mulgil" init "$1" -q >/dev/null)
  printf '%s\n' "name: $1" "database: de-enhancement-db" "buckets: {lake: $work/lake, many: $work/many}" \
    "limits: {memory: 4GB, threads: 2, concurrent_queries: 2, result_cache: false}" >"$work/$1/mulgil.yaml"
  "$py" "$here/prepare.py" mulgil "$mulgil" "$work/$1" "$work/lake"
}
project alone
project served
rm -rf "$work/many/iceberg"
"$py" "$here/prepare.py" many "$mulgil" "$work/served" "$work/many" "$files" || echo "bench: tables of many files could not be made" >&2
"$mulgil" --project "$work/served" up --port 0 >"$work/up.log" 2>&1 &
up=$!
for _ in $(seq 150); do grep -q ' is up at ' "$work/up.log" && break; sleep 0.2; done
port=$(sed -n 's/.* is up at http:\/\/[^:]*:\([0-9]*\).*/\1/p' "$work/up.log")

trino=()
if [ "${BENCH_TRINO:-1}" = 1 ] && command -v javac mvn >/dev/null; then
  if pid=$("$here/trino.sh" start "$work/trino" 18436 "$work/lake"); then
    "$py" "$here/prepare.py" trino 18436 "$work/lake"
    trino=("$pid" 18436)
  fi
fi
[ ${#trino[@]} -gt 0 ] || echo "bench: no Trino beside us (BENCH_TRINO=0, or java, mvn or its parts are missing)"
BENCH_BIND=$(go test -run '^$' -bench BenchmarkBind100Lines -benchtime 200x ./internal/lang/trino/duckdb 2>/dev/null || true)
export BENCH_BIND
BENCH_VERSIONS="$("$mulgil" version), duckdb 1.5.4, Python trino 0.340.0" \
  "$py" "$here/measure.py" "$mulgil" "$work" "$up" "$port" "${trino[@]}" | tee "$work/result.md" || true
echo "bench: table in .cache/bench/query/result.md, ${SECONDS}s in all"
