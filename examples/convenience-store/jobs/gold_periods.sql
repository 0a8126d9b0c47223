/*---
name: jb_retail_gold_periods_s2s
alias: GOLD_PERIODS
description: The week (from Monday) and the month of a day, from the daily rows there are
dialect: athena
workers: {type: G.1X, number: 2}
memory: 256MB
params:
  EXTRACT_DATE: {type: date, format: yyyy-MM-dd, description: the day}
  EXTRACT_TO: {type: date, format: yyyy-MM-dd, required: false, description: "last of several days, to fill in the past"}
outputs:
  - target: weekly
    mode: overwrite_partitions
    partition_by: [week_start]
    location: s3://hist-retail/gold/weekly/
    columns:
      week_start: {comment: 주의 첫날(월요일)}
      days: {comment: 집계된 일수}
    tests:
      - unique: [week_start]
      - row_count: {min: 1}
  - target: monthly
    mode: overwrite_partitions
    partition_by: [month_start]
    location: s3://hist-retail/gold/monthly/
    columns:
      month_start: {comment: 달의 첫날}
      days: {comment: 집계된 일수}
    tests:
      - unique: [month_start]
      - row_count: {min: 1}
---*/
-- output: weekly
SELECT date_trunc('week', sales_date) AS week_start,
       count(*) AS days,
       sum(sum_sales) AS sum_sales, sum(sum_qty) AS sum_qty,
       sum(count_sales) AS count_sales, sum(count_receipts) AS count_receipts,
       sum(sum_balju) AS sum_balju, sum(sum_refund) AS sum_refund, sum(sum_disposal) AS sum_disposal
FROM daily
WHERE sales_date >= date_trunc('week', $EXTRACT_DATE)
  AND sales_date < date_add('day', 7, date_trunc('week', coalesce($EXTRACT_TO, $EXTRACT_DATE)))
GROUP BY date_trunc('week', sales_date);

-- output: monthly
SELECT date_trunc('month', sales_date) AS month_start,
       count(*) AS days,
       sum(sum_sales) AS sum_sales, sum(sum_qty) AS sum_qty,
       sum(count_sales) AS count_sales, sum(count_receipts) AS count_receipts,
       sum(sum_balju) AS sum_balju, sum(sum_refund) AS sum_refund, sum(sum_disposal) AS sum_disposal
FROM daily
WHERE sales_date >= date_trunc('month', $EXTRACT_DATE)
  AND sales_date < date_add('month', 1, date_trunc('month', coalesce($EXTRACT_TO, $EXTRACT_DATE)))
GROUP BY date_trunc('month', sales_date)
