#!/usr/bin/env bash
# Figures of the batch path, ours and our peers' in one run on one PostgreSQL.
#   bench/batch/run.sh quarter   first quarter of 2014 out of 28,593,030 purchases, beside DuckDB and Spark
#   bench/batch/run.sh full      both years beside DuckDB, then three times the rows alone
# BENCH_ROWS=300000  other numbers of purchases, to try it     BENCH_SPARK=0|1  Spark (default 1 for quarter)
# BENCH_SAMPLE=0|1   `mulgil sample` beside psql (default 1 for full)
# BENCH_REPS=N       runs of all but Spark, the fastest counts (default 2 for quarter, 1 for full)
# The table goes to .cache/bench/result.md. Exit code 1 if results differ; a missed figure is only said.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=$PWD/bench/batch work=$PWD/.cache/bench
export PYTHONPATH=$PWD/bench PYTHONDONTWRITEBYTECODE=1
size=${1:-quarter}
case $size in
quarter) first=20140101 last=20140331 sizes="${BENCH_ROWS:-28593030}" spark=${BENCH_SPARK:-1} sample=${BENCH_SAMPLE:-0} reps=${BENCH_REPS:-2};;
full) first=20140101 last=20151231 rows=${BENCH_ROWS:-28593030} spark=${BENCH_SPARK:-0} sample=${BENCH_SAMPLE:-1} reps=${BENCH_REPS:-1}
  sizes="$rows $((rows * 3))";;
*) sed -n '2,8s/^# //p' "$0"; exit 2;;
esac
test/lib/needs.sh postgres
need() { command -v "$1" >/dev/null || { echo "please install $1" >&2; exit 1; }; }
need python3
[ -x bin/mulgil ] || { echo "there is no bin/mulgil: run make build" >&2; exit 1; }
mkdir -p "$work"
cp bin/mulgil "$work/mulgil" # a build meanwhile must not change what is measured
mulgil=$work/mulgil py=$work/venv/bin/python runs=$work/runs.jsonl
rm -rf "$runs" "$runs.d" "$work/out"

packages=(duckdb==1.5.4 duckdb-extension-postgres-scanner==1.5.4)
[ "$spark" = 0 ] || packages+=(pyspark==4.3.0)
[ -x "$py" ] || python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q "${packages[@]}"
jar=$work/postgresql-42.7.7.jar
if [ "$spark" = 1 ]; then
  need java
  need mvn
  [ -f "$jar" ] || mvn -q dependency:copy -Dartifact=org.postgresql:postgresql:42.7.7 -DoutputDirectory="$work"
fi

export PG_OPTIONS="-c shared_buffers=1GB -c jit=off -c max_wal_size=8GB -c maintenance_work_mem=512MB"
url=$(test/lib/postgres.sh start "$work/pg")
trap 'test/lib/postgres.sh stop "$work/pg"' EXIT
data=$work/pg/data
[ ! -s "$work/pg/moved" ] || data=$(cat "$work/pg/moved")/data
postmaster=$(head -n 1 "$data/postmaster.pid")
port=${url##*:} port=${port%%/*}
export SHOP_SECRET='{"host":"127.0.0.1","port":'$port',"username":"postgres","password":"","dbname":"postgres"}'
psql=(psql -X -q -v ON_ERROR_STOP=1 "$url")
export PGOPTIONS="-c client_min_messages=warning"

meter() { # peer stage command...
  local peer=$1 stage=$2
  shift 2
  python3 "$here/meter.py" "$runs" "$peer" "$stage" "$postmaster" -- "$@"
}

# load ROWS: the shop, unless it holds these rows already.
load() {
  if [ "$sample" = 1 ] || [ "$("${psql[@]}" -At -c 'SELECT rows FROM bench_loaded' 2>/dev/null)" != "$1" ]; then
    "${psql[@]}" -c 'DROP TABLE IF EXISTS bench_loaded'
    meter "product-$1" sample "$mulgil" sample retail --rows "$1" --seed 7 --to "$url" --quiet --json
    "${psql[@]}" -c "CREATE TABLE bench_loaded AS SELECT $1 AS rows"
  fi
  "${psql[@]}" -c 'VACUUM (FREEZE, ANALYZE)' -c CHECKPOINT
}

# psql_load ROWS: the same rows by psql from text files, tables first and the same keys after.
psql_load() {
  local t files=$data/../text
  mkdir -p "$files"
  : >"$work/load.sql"
  "${psql[@]}" -c 'DROP SCHEMA IF EXISTS peer CASCADE'
  echo "CREATE SCHEMA peer;" >>"$work/load.sql"
  for t in zipcode products_info customer purchase; do
    "${psql[@]}" -c "\\copy retail.$t TO '$files/$t.txt'"
    echo "CREATE TABLE peer.$t (LIKE retail.$t);" >>"$work/load.sql"
    echo "\\copy peer.$t FROM '$files/$t.txt'" >>"$work/load.sql"
  done
  "${psql[@]}" -At >>"$work/load.sql" <<'SQL'
SELECT format('ALTER TABLE peer.%I ADD %s;', conrelid::regclass::text, replace(pg_get_constraintdef(oid), 'retail.', 'peer.'))
FROM pg_constraint WHERE connamespace = 'retail'::regnamespace ORDER BY contype DESC, conname
SQL
  sed -i 's/peer\."retail\.\([a-z_]*\)"/peer.\1/' "$work/load.sql"
  "${psql[@]}" -c CHECKPOINT
  meter "psql-$1" sample "${psql[@]}" -1 -f "$work/load.sql"
  "${psql[@]}" -c 'DROP SCHEMA peer CASCADE'
  rm -r "$files"
}

raw() {
  meter "$1" fact bash -c '"$@" >/dev/null' _ "${psql[@]}" -c "COPY (SELECT * FROM retail.purchase
    WHERE purchase_date BETWEEN '$first' AND '$last') TO STDOUT (FORMAT BINARY)"
}

# product NAME: every stage, each job run its own command; NAME is also the project's folder.
product() {
  local dir=$work/out/$1 job="exec \"$mulgil\" --target prod --json -q job run"
  local range="--arg EXTRACT_FROM=$first --arg EXTRACT_TO=$last"
  rm -rf "$dir"
  mkdir -p "$work/out"
  (cd "$work/out" && "$mulgil" init "$1" --template retail-batch --quiet >/dev/null)
  if [[ $1 == *-1gb-* ]]; then
    sed -i -e '/^memory:/d' -e 's/^workers:.*/memory: 1GB/' "$dir"/jobs/*.sql
    sed -i 's/memory: 2GB/memory: 1GB/' "$dir/mulgil.yaml"
  fi
  cd "$dir"
  meter "$1" dims bash -c "$job T0_DIMENSION"
  meter "$1" fact bash -c "$job T0_FACT $range"
  meter "$1" silver bash -c "$job SILVER $range"
  meter "$1" marts bash -c "set -e; for mart in DATETIME AGE_PRODUCTS RESIDENCE CUSTOMER; do ($job MART_\$mart $range); done"
  cd "$OLDPWD"
}

duckdb() {
  rm -rf "$work/out/$1"
  for stage in dims fact silver marts; do
    meter "$1" $stage "$py" "$here/duckdb_peer.py" $stage $first $last "$work/out/$1" "host=127.0.0.1 port=$port user=postgres dbname=postgres"
  done
}

spark() { # name mode
  rm -rf "$work/out/$1"
  for stage in dims fact silver marts; do
    meter "$1" $stage "$py" "$here/spark_peer.py" "$2" $stage $first $last "$work/out/$1" "jdbc:postgresql://127.0.0.1:$port/postgres" "$jar" || return 0
  done
}

fail=0
for rows in $sizes; do
  echo "== $rows purchases, $first to $last"
  load "$rows"
  main=$([ "$rows" = "${sizes%% *}" ] && echo 1 || echo 0) # the first size meets the peers
  [ "$sample$main" != 11 ] || psql_load "$rows"
  names=()
  for rep in $(seq "$reps"); do
    raw "raw-$rows"
    product "product-$rows"
    raw "raw-$rows"
    [ $main = 0 ] || duckdb "duckdb-$rows"
  done
  names+=("product-$rows")
  if [ $main = 1 ]; then
    product "product-1gb-$rows"
    names+=("duckdb-$rows" "product-1gb-$rows")
    if [ "$spark" = 1 ]; then
      spark "spark-tuned-$rows" tuned
      spark "spark-documents-$rows" documents
      names+=("spark-tuned-$rows" "spark-documents-$rows")
    fi
  fi
  "${psql[@]}" -v first=$first -v last=$last -f "$here/truth.sql" >"$work/truth.$rows.csv"
  "$py" "$here/results.py" "$mulgil" "$work/truth.$rows.csv" "${names[@]/#/$work/out/}" || fail=1
done
BENCH_VERSIONS="$("$mulgil" version), PostgreSQL $("${psql[@]}" -At -c 'SHOW server_version'), ${packages[*]}" \
  "$py" "$here/table.py" "$size" "$runs" $sizes | tee "$work/result.md"
[ $fail = 0 ] || { echo "bench: results DIFFER" | tee -a "$work/result.md"; exit 1; }
echo "bench: results agree; table in .cache/bench/result.md, ${SECONDS}s in all"
