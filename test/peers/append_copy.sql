/*---
name: append_copy
description: Rows into a table that Spark made
dialect: duckdb
target: sp.copy
mode: append
---*/
SELECT 2000::bigint AS id, 7::bigint AS k, '우리' AS s UNION ALL SELECT 2001, NULL, NULL
