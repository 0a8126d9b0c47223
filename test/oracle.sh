#!/usr/bin/env bash
# Cases recorded from the real systems: test/oracle.sh athena|asl|cron|flink
# MULGIL_ORACLE names another folder of the same form; misses go to a file.
set -euo pipefail
cd "$(dirname "$0")/.."
area=${1:?which area: athena, asl, cron or flink}
export MULGIL_ORACLE=${MULGIL_ORACLE:-$(cd .. && pwd)/shared/oracle}
[ -d "$MULGIL_ORACLE/$area" ] || { echo "ORACLE $area: skipped, there is no $MULGIL_ORACLE/$area"; exit 0; }
case $area in
  asl)
    export MULGIL_ORACLE_MISSES=${MULGIL_ORACLE_MISSES:-$(pwd)/.cache/oracle-asl-misses.txt}
    mkdir -p .cache
    go test -count=1 -run TestOracleASL -v ./internal/workflow | grep -E '^ *(ORACLE|---|ok|FAIL|\s+oracle_test)'
    echo "ORACLE asl: misses are in $MULGIL_ORACLE_MISSES";;
  athena)
    test/lib/needs.sh python-duckdb
    export MULGIL_PYTHON=$(pwd)/.cache/python/bin/python MULGIL_ORACLE_MISSES=${MULGIL_ORACLE_MISSES:-$(pwd)/.cache/oracle-athena-misses.txt}
    mkdir -p .cache
    go test -count=1 -run 'TestOracle' -v ./internal/query | grep -E '^ *(ORACLE|---|ok|FAIL|\s+oracle_.*test)'
    echo "ORACLE athena: misses are in $MULGIL_ORACLE_MISSES";;
  cron)
    export MULGIL_ORACLE_MISSES=${MULGIL_ORACLE_MISSES:-$(pwd)/.cache/oracle-cron-misses.txt}
    mkdir -p .cache
    go test -count=1 -run TestOracleCron -v ./internal/lang/cron | grep -E '^ *(ORACLE|---|ok|FAIL|\s+oracle_test)'
    echo "ORACLE cron: misses are in $MULGIL_ORACLE_MISSES";;
  flink) echo "ORACLE $area: skipped, this version has no front end for it";;
  *) echo "no such area: $area"; exit 2;;
esac
