#!/usr/bin/env bash
# Exported DAGs in a real Airflow: imported, and run beside the same workflow in mulgil.
#   test/airflow/run.sh MULGIL WORK VERSION      VERSION: 2.10 or 3, a lock file beside this
# Exit code 3 if that Airflow cannot be had; then WORK/why says why.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mulgil=$(realpath "$1") work=$2/airflow-$3
skip() { echo "$*" >"$work/../why"; exit 3; }
mkdir -p "$work" "$work/bin"
work=$(realpath "$work")
python=python3.12; "$python" --version >/dev/null 2>&1 || python=python3
"$python" --version >/dev/null 2>&1 || skip "there is no python3"
if ! cmp -s "$here/airflow-$3.txt" "$work/venv/installed.txt"; then
  rm -rf "$work/venv"
  "$python" -m venv "$work/venv" || skip "python3 makes no venv"
  "$work/venv/bin/pip" install -q --disable-pip-version-check -r "$here/airflow-$3.txt" || skip "pip cannot install airflow-$3.txt"
  cp "$here/airflow-$3.txt" "$work/venv/installed.txt"
fi
rm -rf "$work/store" "$work/every" "$work/home" "$work/dags" "$work/aws"
mkdir -p "$work/home" "$work/dags" "$work/aws"
ln -sf "$mulgil" "$work/bin/mulgil"
export PATH=$work/bin:$work/venv/bin:$PATH AIRFLOW_HOME=$work/home AIRFLOW__CORE__LOAD_EXAMPLES=False AIRFLOW__CORE__DAGS_FOLDER=$work/dags

(cd "$work" && mulgil init store --template convenience-store -q)
mulgil --project "$work/store" sample store --rows 20000 --seed 7 --to "sqlite://$work/store/store.db" -q >/dev/null
cp -r "$here/project" "$work/every" && mkdir "$work/every/workflows"
machine=$here/../../internal/airflow/testdata/every_state.asl.json
cp "$machine" "$work/every/workflows/"
for p in store every; do
  mulgil --project "$work/$p" export airflow -q --out "$work/dags/$p.py" 2>/dev/null
  mulgil --project "$work/$p" export airflow -q --operators aws --out "$work/aws/$p.py" 2>/dev/null
done
airflow db migrate >"$work/log" 2>&1
for folder in dags aws; do
  python "$here/dags.py" "$work/$folder" hist_retail_dailybatch="$work/store/workflows/hist_retail_dailybatch.asl.json" every_state="$machine"
done

ups=()
trap 'for u in "${ups[@]}"; do kill "$u" && wait "$u" || true; done' EXIT
for p in store every; do
  mulgil --project "$work/$p" up --port 0 >"$work/$p.up" 2>&1 &
  ups+=($!)
  for _ in $(seq 100); do grep -q ' is up at ' "$work/$p.up" && break; sleep 0.2; done
done

# runs DAG CONF: one run of a DAG
runs() { airflow dags test "$1" 2016-03-01 --conf "$2" >>"$work/log" 2>&1 || { tail -40 "$work/log"; echo "$1 failed in Airflow $3"; exit 1; }; }
# jobs DIR: which jobs ran in a project and how they ended
jobs() { mulgil --project "$work/every" job runs --limit 100 --json | python -c 'import json, sys; print(sorted((r["job"], r["state"]) for r in json.load(sys.stdin)))'; }

input='{"Day": "2016-02-01", "Rows": 5}'
mulgil --project "$work/every" workflow run every_state --input "$input" -q >/dev/null
once=$(jobs)
runs every_state "$input" "$3"
twice=$(jobs)
python - "$once" "$twice" <<'PY'
import ast, sys
once, twice = map(ast.literal_eval, sys.argv[1:])
if sorted(once * 2) != twice:
    sys.exit(f"mulgil ran {once}, then with Airflow {twice}")
PY
runs hist_retail_dailybatch '{"EXTRACT_DATE": "2016-02-29"}' "$3"
days=$(mulgil --project "$work/store" query 'SELECT CAST(sales_date AS varchar) FROM daily' --format csv -q)
[ "$(tail -n 1 <<<"$days")" = 2016-02-29 ] || { echo "after the DAG the lake has: $days"; exit 1; }
echo "Airflow $3: both DAGs ran as in mulgil"
