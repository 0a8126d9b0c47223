#!/usr/bin/env bash
# Format, vet, layout: everything that needs no running system.
set -euo pipefail
cd "$(dirname "$0")/.."
start=$SECONDS
bad=$(gofmt -l cmd internal examples schemas docs test bench 2>/dev/null || true)
[ -z "$bad" ] || { echo "not formatted (gofmt -w):"; echo "$bad"; exit 1; }
go vet ./...
go mod tidy -diff >/dev/null 2>&1 || { echo "go.mod is not tidy: run go mod tidy"; exit 1; }
for f in test/*.sh test/lib/*.sh test/peers/*.sh bench/*/*.sh .ci/run; do [ -f "$f" ] && bash -n "$f"; done
go test ./test/imports
go run ./docs/gen -check docs/reference
echo "check: passed in $((SECONDS - start))s"
