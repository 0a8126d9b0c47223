/*---
name: append_pyiceberg
description: Rows into a table that another program made
dialect: duckdb
target: 은.한번에
mode: append
---*/
SELECT 10::bigint AS a, '가' AS b UNION ALL SELECT 11, 'x'
