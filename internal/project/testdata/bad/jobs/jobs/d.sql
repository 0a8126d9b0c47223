/*---
target: d
dialect: duckdb
location: "**/x"
---*/
SELECT 1
