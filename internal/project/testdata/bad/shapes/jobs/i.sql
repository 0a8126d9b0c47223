/*---
target: i
dialect: duckdb
---
kind: sql
---*/
SELECT 1
