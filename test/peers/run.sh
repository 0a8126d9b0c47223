#!/usr/bin/env bash
# make test-peers: slow checks, and other programs' word on what we wrote.
#   test/peers/run.sh [race|crash|pyiceberg|spark|hive|rest|sparkrest|trino|athena|jobs|dynamo|airflow ...]      all of them without arguments
# MULGIL_KILLS=N  random kills of the crash suite (default 400), MULGIL_WORKFLOW_KILLS=N those under workflows (default 200)
# Prints one line a part, `PEER name: passed|FAILED|skipped (why) Ns`; exit code 1 if any failed.
set -uo pipefail
cd "$(dirname "$0")/../.."
here=$PWD/test/peers work=$PWD/.cache/peers mulgil=$PWD/bin/mulgil
export GOFLAGS=${GOFLAGS:--tags=duckdb_arrow -buildvcs=false}
export PYTHONDONTWRITEBYTECODE=1
mkdir -p "$work"
py=$work/venv/bin/python project=$work/project
skip() { echo "$*" >"$work/why"; return 3; }

race() { go test -race -short -timeout 30m ./internal/...; }

crash() {
  [ -d test/crash ] || { skip "there is no test/crash"; return; }
  MULGIL_BIN=$mulgil MULGIL_KILLS=${MULGIL_KILLS:-400} MULGIL_WORKFLOW_KILLS=${MULGIL_WORKFLOW_KILLS:-200} go test -count=1 -timeout 2h ./test/crash
}

# install PACKAGE...: into a Python of our own
install() {
  command -v python3 >/dev/null || { skip "there is no python3"; return; }
  [ -x "$py" ] || python3 -m venv "$work/venv" || { skip "python3 makes no venv"; return; }
  "$work/venv/bin/pip" install -q "$@" || { skip "pip has no $*"; return; }
}

# jars COORDINATE...: into the work folder, their paths on one line
jars() {
  local j file list=
  command -v java >/dev/null || { skip "there is no java"; return; }
  for j in "$@"; do
    file=$(cut -d: -f2,3 <<<"$j" | tr : -).jar
    [ -f "$work/$file" ] || command -v mvn >/dev/null || { skip "there is no mvn"; return; }
    [ -f "$work/$file" ] || mvn -q dependency:copy -Dartifact="$j" -DoutputDirectory="$work" >&2 || { skip "maven has no $j"; return; }
    list+=${list:+,}$work/$file
  done
  echo "$list"
}

# made: a project after its whole workflow, and a month once more, so that tables have a past, a table of odd values, and one that every statement changed
made() {
  [ ! -f "$project/.made" ] || return 0
  rm -rf "$project"
  (cd "$work" && "$mulgil" init project --template retail-batch -q) && cd "$project" || return 1
  "$mulgil" sample retail --rows 50000 --seed 7 --to sqlite://./shop.db -q >/dev/null &&
    "$mulgil" workflow run retail -q >/dev/null &&
    "$mulgil" job run T0_FACT --arg EXTRACT_FROM=20140301 --arg EXTRACT_TO=20140331 -q >/dev/null &&
    cp "$here/odd.sql" jobs/ && "$mulgil" job run odd -q >/dev/null &&
    "$mulgil" sql -f "$here/changed.sql" -q >/dev/null &&
    "$mulgil" table export-hive purchase hive/purchase -q >/dev/null &&
    "$mulgil" table export-hive odd hive/odd -q >/dev/null && touch .made
  local code=$?
  cd "$OLDPWD" && return $code
}

pyiceberg() {
  install 'pyiceberg[sql-sqlite,pyarrow]==0.11.1' && made && "$py" "$here/pyiceberg_reads.py" "$mulgil" "$project"
}

spark() {
  local list
  install pyspark==3.5.7 && list=$(jars org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.10.0 org.xerial:sqlite-jdbc:3.46.1.3) &&
    made && "$py" "$here/spark_reads.py" iceberg "$mulgil" "$project" "$list"
}

hive() {
  install pyspark==3.5.7 && jars >/dev/null && made && "$py" "$here/spark_reads.py" hive "$mulgil" "$project" ""
}

# served SCRIPT ARGS...: a script beside a project that is up, made anew
served() {
  local dir=$work/served up code
  rm -rf "$dir"
  (cd "$work" && "$mulgil" init served -q) && cp "$here"/append_*.sql "$dir/jobs/" || return 1
  "$mulgil" --project "$dir" up --port 0 >"$work/up.log" 2>&1 &
  up=$!
  for _ in $(seq 100); do grep -q ' is up at ' "$work/up.log" && break; sleep 0.2; done
  "$py" "$here/$1" "$mulgil" "$dir" "${@:2}"
  code=$?
  kill "$up" && wait "$up"
  return $code
}

rest() {
  install 'pyiceberg[sql-sqlite,pyarrow]==0.11.1' && served pyiceberg_writes.py
}

sparkrest() {
  local list
  install pyspark==3.5.7 'pyiceberg[sql-sqlite,pyarrow]==0.11.1' && list=$(jars org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.10.0) &&
    served spark_writes.py "$list"
}

# trino: trino-cli, JDBC and the Python client on the project of made
trino() {
  local cli jdbc up code=0 token port database=de-enhancement-db
  install -r test/clients/requirements.txt && jdbc=$(jars io.trino:trino-jdbc:476) || return
  cli=$work/trino-cli-476-executable.jar
  [ -f "$cli" ] || mvn -q dependency:copy -Dartifact=io.trino:trino-cli:476:jar:executable -DoutputDirectory="$work" >&2 || { skip "maven has no trino-cli"; return; }
  made || return 1
  "$mulgil" --project "$project" up --port 0 >"$work/trino_up.log" 2>&1 &
  up=$!
  for _ in $(seq 100); do grep -q ' is up at ' "$work/trino_up.log" && break; sleep 0.2; done
  read -r port token < <("$py" -c 'import json,sys; o=json.load(open(sys.argv[1])); print(o["address"].split(":")[-1], o["token"])' "$project/.mulgil/data/owner.json")
  "$py" test/clients/trino_client.py "$port" "$token" || code=1
  java -cp "$jdbc" "$here/TrinoJdbc.java" "jdbc:trino://127.0.0.1:$port" "$token" "$database" || code=1
  bash "$here/trino_cli.sh" "$cli" "http://127.0.0.1:$port" "$token" "$database" || code=1
  kill "$up" && wait "$up"
  return $code
}

# jobs: the example's job SQL on a real Trino over exported Hive folders
jobs() {
  local code pid
  command -v mvn >/dev/null && command -v javac >/dev/null || { skip "there is no mvn or no javac"; return; }
  made || return 1
  rm -rf "$work/folders" && mkdir -p "$work/folders"
  pid=$(bench/query/trino.sh start "$work/trino_files" 18437 "$work/folders") || { skip "Trino's parts cannot be had"; return; }
  python3 "$here/jobs_on_trino.py" "$mulgil" "$project" http://127.0.0.1:18437 "$work/folders"
  code=$?
  bench/query/trino.sh stop "$work/trino_files"
  return $code
}

# airflow: exported DAGs in Airflow 2.10 and 3
airflow() {
  local v code=0
  for v in 2.10 3; do
    test/airflow/run.sh "$mulgil" "$work" "$v" || code=$?
    [ $code = 0 ] || return $code
  done
}

# athena: thousands of statements, asked a real Trino now, against our answers
athena() {
  local url code
  command -v mvn >/dev/null && command -v javac >/dev/null || { skip "there is no mvn or no javac"; return; }
  export TRINO_HOME=$work/trino
  url=$("$here/trino_up.sh") || return 1
  mkdir -p "$work/oracle/athena"
  python3 "$here/trino_record.py" "$url" "$work/oracle/athena/functions_peer.jsonl"
  code=$?
  "$here/trino_up.sh" stop
  [ $code = 0 ] || return 1
  MULGIL_ORACLE=$work/oracle MULGIL_ORACLE_MISSES=$work/athena.misses go test -count=1 -timeout 30m -run 'TestOracleAthena$' -v ./internal/query | tee "$work/athena.out"
  code=${PIPESTATUS[0]}
  grep -o 'passed [0-9]* of [0-9]*' "$work/athena.out" | tail -1 >"$work/said"
  return "$code"
}

# dynamo: random calls on a key-value table, answered by moto's DynamoDB and by us
dynamo() {
  install 'moto[dynamodb]==5.2.5' boto3 && "$py" "$here/dynamo_cases.py" "$work/dynamo.jsonl" 3000 || return
  MULGIL_DYNAMO_CASES=$work/dynamo.jsonl go test -count=1 -run 'TestPeerAnswersAreOurs$' -v ./internal/keyvalue
}

rm -rf "$project"
failed=0 parts=("$@")
[ $# -gt 0 ] || parts=(race crash pyiceberg spark hive rest sparkrest trino athena jobs dynamo airflow)
for part in "${parts[@]}"; do
  case $part in race | crash | pyiceberg | spark | hive | rest | sparkrest | trino | athena | jobs | dynamo | airflow) ;; *) echo "no such part: $part" >&2; exit 2;; esac
  start=$SECONDS
  rm -f "$work/said"
  "$part" >"$work/$part.log" 2>&1
  case $? in
  0) said=$(cat "$work/said" 2>/dev/null || echo passed);;
  3) said="skipped ($(cat "$work/why"))";;
  *) said=FAILED failed=1; tail -n 40 "$work/$part.log";;
  esac
  echo "PEER $part: $said $((SECONDS - start))s"
done
exit $failed
