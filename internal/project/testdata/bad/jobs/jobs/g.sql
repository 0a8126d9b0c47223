/*---
target: g
dialect: duckdb
mode: overwrite_partitions
sources: [shpo.retail.purchase]
---*/
-- nothing but a comment
