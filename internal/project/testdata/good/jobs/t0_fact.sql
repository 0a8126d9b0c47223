/*---
name: jb_de_enhancement_t0_fact_d2s
alias: T0_FACT
description: 구매 사실
target: purchase
dialect: duckdb
mode: overwrite_partitions
partition_by: [p_yyyymm]
location: s3a://blee-lab/bronze/purchase/
comment: 구매
columns:
  purchase_dt: {comment: 구매일자}
  amount: {comment: 금액, type: "decimal(12,2)"}
params:
  EXTRACT_FROM: {type: text, format: yyyyMMdd, description: 시작일}
  EXTRACT_TO: {type: text, format: yyyyMMdd}
  LIMIT: {type: int, default: 10}
  KIND: {enum: [sales, returns], identifier: true, default: sales}
  NOTE: {required: false}
tests:
  - not_null: [purchase_dt, amount]
  - accepted_values: {column: kind, values: [1, 1.50, x, null, true]}
    severity: warn
  - row_count: {min: 1}
fan_out: {policy: warn, measures: [amount]}
workers: {type: G.1X, number: 2}
timeout: 2h
memory: 1GiB
arguments: {--LIMIT: 20, --enable-metrics: "true"}
---*/

SELECT *, '-- output: x; 한글' AS c FROM shop.retail.purchase -- 한글 주석;
WHERE purchase_dt BETWEEN $EXTRACT_FROM AND $EXTRACT_TO ;
-- 끝
