#!/usr/bin/env bash
# Figures of workflows and schedules: transitions beside SQLite's own limit, recovery of a killed
# process, Maps, lateness, JSONata, EXPRESS.
#   bench/workflow/run.sh
# BENCH_EXECUTIONS=1000   executions to recover (default 10000)
# BENCH_ITEMS=10000       items of the largest Map (default 100000)
# BENCH_REPS=N            runs of each Go benchmark, the middle one counts (default 3)
# The table goes to .cache/bench/workflow/result.md. A missed figure is only said.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$PWD/.cache/bench/workflow
export PYTHONPATH=$PWD/bench PYTHONDONTWRITEBYTECODE=1
[ -x bin/mulgil ] || { echo "there is no bin/mulgil: run make build" >&2; exit 1; }
command -v python3 >/dev/null || { echo "please install python3" >&2; exit 1; }
mkdir -p "$work"
cp bin/mulgil "$work/mulgil" # a build meanwhile must not change what is measured
go test -c -o "$work/workflow.test" ./internal/workflow
go test -c -o "$work/js.test" ./internal/connector/js
python3 bench/workflow/measure.py "$work" | tee "$work/result.md"
echo "bench: table in .cache/bench/workflow/result.md, ${SECONDS}s in all"
