# mulgil: `make demo` sets up and shows the main job, `make test` tests it.
SHELL := /bin/bash
export GOFLAGS := -tags=duckdb_arrow -buildvcs=false
BIN := bin/mulgil
ROWS ?= 1000000
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
.PHONY: build demo test test-peers check docs bench bench-full oracle clean

build: ## build the program into bin/
	@test/lib/needs.sh go
	@go build -ldflags "-X main.version=$(VERSION)" -o $(BIN) ./cmd/mulgil

demo: build ## a shop's database becomes bronze, silver and four marts (ROWS=1000000)
	@test/demo.sh $(ROWS)

check: ## format, vet, import list, generated files
	@test/check.sh

docs: ## reference pages, from the program and its schemas
	@go run ./docs/gen docs/reference

test: build ## everything that ships, against real PostgreSQL, sshd and strace
	@test/run.sh

test-peers: build ## race detector, full kill counts, Spark and pyiceberg beside us
	@test/peers/run.sh

bench: build ## figures against peers: jobs on the first quarter of 2014, queries over 5,000,000 purchases, workflows
	@bench/batch/run.sh quarter
	@bench/query/run.sh
	@bench/workflow/run.sh

bench-full: build ## the whole workshop (28.6 M rows) and three times that
	@bench/batch/run.sh full

oracle: ## cases recorded from the real systems: make oracle AREA=asl
	@test/oracle.sh $(AREA)

clean:
	@rm -rf bin .cache
