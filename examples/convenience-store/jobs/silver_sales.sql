/*---
name: jb_retail_silver_dailysales_s2s
alias: SILVER_SALES
description: A day's sales by hour, by hour and subcategory, by hour and product
dialect: athena
workers: {type: G.1X, number: 2}
memory: 256MB
params:
  EXTRACT_DATE: {type: date, format: yyyy-MM-dd, description: the day}
  EXTRACT_TO: {type: date, format: yyyy-MM-dd, required: false, description: "last of several days, to fill in the past"}
outputs:
  - target: dailytime
    mode: overwrite_partitions
    partition_by: [tr_date]
    location: s3://hist-retail/silver/sales/dailytime/
    columns: &measures
      tr_time: {comment: 거래시간(0-23)}
      sum_sales: {comment: 매출금액 합계}
      sum_qty: {comment: 수량 합계}
      count_sales: {comment: 거래건수}
      count_receipts: {comment: 영수증수}
    tests:
      - unique: [tr_date, tr_time]
      - not_null: [tr_date, tr_time, sum_sales, count_sales]
  - target: dailytimesubcate
    mode: overwrite_partitions
    partition_by: [tr_date]
    location: s3://hist-retail/silver/sales/dailytimeSubcate/
    columns: *measures
    tests:
      - unique: [tr_date, tr_time, subcategory_cd]
  - target: dailytimeproduct
    mode: overwrite_partitions
    partition_by: [tr_date]
    location: s3://hist-retail/silver/sales/dailytimeProduct/
    columns: *measures
    tests:
      - unique: [tr_date, tr_time, product_cd]
      - relationships: {column: product_cd, to: products, field: product_cd}
---*/
-- output: dailytime
SELECT tr_date,
       CAST(tr_time AS integer) AS tr_time,
       sum(mount) AS sum_sales,
       sum(qty) AS sum_qty,
       count(mount) AS count_sales,
       count(DISTINCT pos_num || '-' || receipt_num) AS count_receipts
FROM sales
WHERE tr_date BETWEEN $EXTRACT_DATE AND coalesce($EXTRACT_TO, $EXTRACT_DATE)
GROUP BY tr_date, CAST(tr_time AS integer);

-- output: dailytimesubcate
SELECT s.tr_date,
       CAST(s.tr_time AS integer) AS tr_time,
       p.division_cd, p.division_name,
       p.maincategory_cd, p.maincategory_name,
       p.subcategory_cd, p.subcategory_name,
       sum(s.mount) AS sum_sales,
       sum(s.qty) AS sum_qty,
       count(s.mount) AS count_sales,
       count(DISTINCT s.pos_num || '-' || s.receipt_num) AS count_receipts
FROM sales s
JOIN products p ON s.product_cd = p.product_cd
WHERE s.tr_date BETWEEN $EXTRACT_DATE AND coalesce($EXTRACT_TO, $EXTRACT_DATE)
GROUP BY s.tr_date, CAST(s.tr_time AS integer),
         p.division_cd, p.division_name, p.maincategory_cd, p.maincategory_name, p.subcategory_cd, p.subcategory_name;

-- output: dailytimeproduct
SELECT s.tr_date,
       CAST(s.tr_time AS integer) AS tr_time,
       p.product_cd, p.product_name, p.is_pb,
       p.division_name, p.maincategory_name, p.subcategory_name,
       sum(s.mount) AS sum_sales,
       sum(s.qty) AS sum_qty,
       count(s.mount) AS count_sales,
       count(DISTINCT s.pos_num || '-' || s.receipt_num) AS count_receipts
FROM sales s
JOIN products p ON s.product_cd = p.product_cd
WHERE s.tr_date BETWEEN $EXTRACT_DATE AND coalesce($EXTRACT_TO, $EXTRACT_DATE)
GROUP BY s.tr_date, CAST(s.tr_time AS integer),
         p.product_cd, p.product_name, p.is_pb, p.division_name, p.maincategory_name, p.subcategory_name
