/*---
name: odd
description: Values and partition names that readers like to trip over
dialect: duckdb
target: odd
mode: overwrite_partitions
partition_by: [part, day]
---*/
SELECT i, CASE i % 7 WHEN 0 THEN 'a/b' WHEN 1 THEN '한글 값' WHEN 2 THEN NULL WHEN 3 THEN 'x=y%2F' WHEN 5 THEN repeat('가', 20) ELSE 'it''s:#?' END AS part,
       DATE '1969-12-30' + (i % 4)::int AS day,
       (i * 1.25)::decimal(18, 2) AS price,
       '12345678901234567890123456789012345.678'::decimal(38, 3) + i AS wide,
       TIMESTAMP '2024-02-29 23:59:59.999999' + i * INTERVAL 1 HOUR AS at,
       TIMESTAMPTZ '2024-02-29 23:59:59.999999+09' + i * INTERVAL 1 HOUR AS at_zone,
       i % 2 = 0 AS even, i::int AS small, (i / 3.0)::float AS single, (i / 3.0)::double AS twice,
       encode('바이트' || i) AS bytes, [i, NULL, -i] AS list,
       CASE WHEN i % 5 = 0 THEN NULL ELSE '이름' || chr(10) || '"' || i || '"' END AS name
FROM range(100) t(i)
