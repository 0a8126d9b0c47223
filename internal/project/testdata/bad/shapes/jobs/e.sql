/*---
target: e
dialect: duckdb
SELECT 1
