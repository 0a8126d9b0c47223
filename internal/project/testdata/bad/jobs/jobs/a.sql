/*---
name: jb_t0_fact
alias: [T0_FACT, fact]
target: sales.purchase
dialect: duckdb
mode: merge
location: s3://lake/../purchase
key: []
columns:
  Amount: {type: decimal(50,2), comment: 금액}
  amount: {coment: x}
tests:
  - not_null: [a]
    unique: a
  - {}
  - accepted_values: {column: b}
  - relationships: {column: [a, b], to: dim.zip, field: a}
  - row_count: {min: 5, max: 1}
  - unik: [a]
  - not_null: a
    severity: fatal
    output: elsewhere
fan_out: fial
workers: 0
timeout: 30
memory: 1000
---*/
SELECT 1;
SELECT 2
