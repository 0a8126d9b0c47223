/*---
target: notes
dialect: duckdb
mode: append
max_concurrency: 50
params: {WHO: {type: text}}
---*/
SELECT $WHO AS who
