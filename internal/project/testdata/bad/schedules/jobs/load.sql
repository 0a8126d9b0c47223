/*---
target: x
dialect: duckdb
params:
  DAY: {type: text, format: yyyyMMdd}
  LIMIT: {type: int, default: 10}
---*/
SELECT 1 AS a
