/*---
name: jb_de_enhancement_t2_salesbydatetime_s2s
alias: MART_DATETIME
description: Sales by affiliate, day, weekday and hour
dialect: athena
target: mart_salesbydatetime
mode: overwrite_partitions
partition_by: [affiliate, purchase_year, purchase_month]
location: s3://retail-lake/data/fact/gold/mart_salesbydatetime/
workers: {type: G.1X, number: 2}
params:
  EXTRACT_FROM: {type: text, format: yyyyMMdd, default: "20140101", description: first day of purchase}
  EXTRACT_TO: {type: text, format: yyyyMMdd, default: "20151231", description: last day of purchase}
columns:
  purchase_day: {comment: 구매일}
  day_of_week: {comment: 요일(영문)}
  total_purchase_amount: {comment: 구매금액 합계}
  count_of_purchase: {comment: 구매건수}
tests:
  - not_null: [affiliate, purchase_year, purchase_month, count_of_purchase]
---*/
WITH daily AS (
    SELECT affiliate, purchase_year, purchase_month,
           substr(purchase_date, 7, 2) AS purchase_day,
           purchase_time,
           sum(amount) AS total_purchase_amount,
           count(amount) AS count_of_purchase
    FROM purchase_all_info
    WHERE purchase_date BETWEEN $EXTRACT_FROM AND $EXTRACT_TO
    GROUP BY affiliate, purchase_year, purchase_month, substr(purchase_date, 7, 2), purchase_time
)
SELECT affiliate, purchase_year, purchase_month, purchase_day,
       coalesce(
           date_format(try(date_parse(purchase_year || purchase_month || purchase_day, '%Y%m%d')), '%W'),
           'Invalid date format. Please'
       ) AS day_of_week,
       purchase_time, total_purchase_amount, count_of_purchase
FROM daily
