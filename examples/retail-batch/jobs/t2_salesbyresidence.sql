/*---
name: jb_de_enhancement_t2_salesbyresidence_s2s
alias: MART_RESIDENCE
description: Sales by affiliate, month and district
dialect: athena
target: mart_salesbyresidence
mode: overwrite_partitions
partition_by: [affiliate, purchase_year, purchase_month]
location: s3://retail-lake/data/fact/gold/mart_salesbyresidence/
workers: {type: G.1X, number: 2}
params:
  EXTRACT_FROM: {type: text, format: yyyyMMdd, default: "20140101", description: first day of purchase}
  EXTRACT_TO: {type: text, format: yyyyMMdd, default: "20151231", description: last day of purchase}
columns:
  total_purchase_amount: {comment: 구매금액 합계}
  count_of_purchase: {comment: 구매건수}
tests:
  - not_null: [affiliate, purchase_year, purchase_month, count_of_purchase]
---*/
SELECT affiliate, purchase_year, purchase_month,
       province_city, city_county,
       sum(amount) AS total_purchase_amount,
       count(amount) AS count_of_purchase
FROM purchase_all_info
WHERE purchase_date BETWEEN $EXTRACT_FROM AND $EXTRACT_TO
GROUP BY affiliate, purchase_year, purchase_month, province_city, city_county
ORDER BY affiliate, purchase_year, purchase_month, total_purchase_amount DESC, count_of_purchase DESC
