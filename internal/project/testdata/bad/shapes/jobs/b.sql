/*---
name: ../../etc
alias: {a: b}
dialect: [duckdb]
target: {x: 1}
tests: {not_null: a}
params: [A]
columns: x
outputs: x
timeout: [1]
memory:
fan_out: [x]
mode:
---*/
SELECT 1
