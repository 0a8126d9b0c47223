/*---
name: jb_de_enhancement_t0_fact_d2s
alias: T0_FACT
description: Purchases of a range of days, as they are in the shop
dialect: athena
target: purchase
mode: overwrite_partitions
partition_by: [affiliate, purchase_year, purchase_month]
location: s3://retail-lake/data/fact/bronze/purchase/
workers: {type: G.1X, number: 2}
memory: 448MB
params:
  EXTRACT_FROM:
    type: text
    format: yyyyMMdd
    default: "20140101"
    description: first day of purchase
  EXTRACT_TO:
    type: text
    format: yyyyMMdd
    default: "20151231"
    description: last day of purchase
columns:
  purchase_year: {comment: 구매년}
  purchase_month: {comment: 구매월}
tests:
  - not_null: [affiliate, receipt_no, purchase_year, purchase_month]
  - accepted_values: {column: affiliate, values: [A, B, C, D]}
---*/
SELECT *,
       substr(purchase_date, 1, 4) AS purchase_year,
       substr(purchase_date, 5, 2) AS purchase_month
FROM shop.retail.purchase
WHERE purchase_date BETWEEN $EXTRACT_FROM AND $EXTRACT_TO
