/*---
name: jb_de_enhancement_t2_salesbycustomer_s2s
alias: MART_CUSTOMER
description: Sales by customer, affiliate and month, with the customer's district
dialect: athena
target: mart_salesbycustomer
mode: overwrite_partitions
partition_by: [affiliate, purchase_year, purchase_month]
location: s3://retail-lake/data/fact/gold/mart_salesbycustomer/
workers: {type: G.1X, number: 2}
# As in SILVER: a customer of a code with two districts has two rows a month.
fan_out: {policy: warn, measures: [total_purchase_amount]}
params:
  EXTRACT_FROM: {type: text, format: yyyyMMdd, default: "20140101", description: first day of purchase}
  EXTRACT_TO: {type: text, format: yyyyMMdd, default: "20151231", description: last day of purchase}
columns:
  total_purchase_amount: {comment: 구매금액 합계}
  count_of_purchase: {comment: 구매건수}
tests:
  - not_null: [affiliate, purchase_year, purchase_month, count_of_purchase]
---*/
WITH monthly AS (
    SELECT customer_id, affiliate, purchase_year, purchase_month,
           sum(amount) AS total_purchase_amount,
           count(amount) AS count_of_purchase
    FROM purchase
    WHERE purchase_date BETWEEN $EXTRACT_FROM AND $EXTRACT_TO
    GROUP BY customer_id, affiliate, purchase_year, purchase_month
),
customer_with_zipcode AS (
    SELECT c.*,
           z.zipcode, z.province_city, z.province_city_eng, z.city_county, z.city_county_eng,
           z.eup_myeon, z.eup_myeon_eng, z.road_nm, z.road_nm_eng
    FROM customer c
    LEFT JOIN zipcode z ON c.residence = z.short_zipcode
)
SELECT m.*,
       cz.sex, cz.age_group, cz.residence,
       cz.zipcode, cz.province_city, cz.province_city_eng, cz.city_county, cz.city_county_eng,
       cz.eup_myeon, cz.eup_myeon_eng, cz.road_nm, cz.road_nm_eng
FROM monthly m
LEFT JOIN customer_with_zipcode cz ON m.customer_id = cz.customer_id
