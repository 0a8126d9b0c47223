/*---
target: a
dialect: duckdb
tests: [
---*/
SELECT 1
