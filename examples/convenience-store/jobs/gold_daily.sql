/*---
name: jb_retail_gold_daily_s2s
alias: GOLD_DAILY
description: The store's day in one row
dialect: athena
target: daily
mode: overwrite_partitions
partition_by: [sales_date]
location: s3://hist-retail/gold/daily/
workers: {type: G.1X, number: 2}
memory: 256MB
params:
  EXTRACT_DATE: {type: date, format: yyyy-MM-dd, description: the day}
  EXTRACT_TO: {type: date, format: yyyy-MM-dd, required: false, description: "last of several days, to fill in the past"}
columns:
  sales_date: {comment: 일자}
tests:
  - unique: [sales_date]
  - not_null: [sales_date, sum_sales, sum_balju]
---*/
WITH sold AS (
    SELECT tr_date,
           sum(sum_sales) AS sum_sales,
           sum(sum_qty) AS sum_qty,
           sum(count_sales) AS count_sales,
           sum(count_receipts) AS count_receipts
    FROM dailytime
    WHERE tr_date BETWEEN $EXTRACT_DATE AND coalesce($EXTRACT_TO, $EXTRACT_DATE)
    GROUP BY tr_date
),
ordered AS (
    SELECT balju_date,
           sum(sum_balju) AS sum_balju,
           sum(sum_refund) AS sum_refund,
           sum(sum_disposal) AS sum_disposal
    FROM dailybalju
    WHERE balju_date BETWEEN $EXTRACT_DATE AND coalesce($EXTRACT_TO, $EXTRACT_DATE)
    GROUP BY balju_date
)
SELECT coalesce(s.tr_date, o.balju_date) AS sales_date,
       coalesce(s.sum_sales, 0) AS sum_sales,
       coalesce(s.sum_qty, 0) AS sum_qty,
       coalesce(s.count_sales, 0) AS count_sales,
       coalesce(s.count_receipts, 0) AS count_receipts,
       coalesce(o.sum_balju, 0) AS sum_balju,
       coalesce(o.sum_refund, 0) AS sum_refund,
       coalesce(o.sum_disposal, 0) AS sum_disposal
FROM sold s
FULL OUTER JOIN ordered o ON s.tr_date = o.balju_date
