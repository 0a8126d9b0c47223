/*---
name: jb_retail_silver_dailybalju_s2s
alias: SILVER_BALJU
description: A day's orders, refunds and disposals by subcategory
dialect: athena
target: dailybalju
mode: overwrite_partitions
partition_by: [balju_date]
location: s3://hist-retail/silver/dailybalju/
workers: {type: G.1X, number: 2}
memory: 256MB
params:
  EXTRACT_DATE: {type: date, format: yyyy-MM-dd, description: the day}
  EXTRACT_TO: {type: date, format: yyyy-MM-dd, required: false, description: "last of several days, to fill in the past"}
# A small store does not order every day.
allow_empty: true
columns:
  sum_balju: {comment: 발주수량 합계}
  sum_refund: {comment: 반품수량 합계}
  sum_disposal: {comment: 폐기수량 합계}
tests:
  - unique: [balju_date, subcategory_cd]
  - not_null: [balju_date, subcategory_cd]
---*/
SELECT b.balju_date,
       p.division_cd, p.division_name,
       p.maincategory_cd, p.maincategory_name,
       p.subcategory_cd, p.subcategory_name,
       sum(b.balju_qty) AS sum_balju,
       sum(b.refund_qty) AS sum_refund,
       sum(b.disposal_qty) AS sum_disposal
FROM balju b
JOIN products p ON b.product_cd = p.product_cd
WHERE b.balju_date BETWEEN $EXTRACT_DATE AND coalesce($EXTRACT_TO, $EXTRACT_DATE)
GROUP BY b.balju_date, p.division_cd, p.division_name, p.maincategory_cd, p.maincategory_name,
         p.subcategory_cd, p.subcategory_name
