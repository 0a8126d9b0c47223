/*---
target: g
dialect: duckdb
---*/
SELECT 1 /* open
