/*---
name: jb_de_enhancement_t1_fulljoin_unique_s2s
alias: SILVER_UNIQUE
description: Like SILVER, with one district for each short code, so that no purchase counts twice
dialect: athena
target: purchase_all_info_unique
mode: overwrite_partitions
partition_by: [affiliate, purchase_year, purchase_month]
location: s3://retail-lake/data/fact/silver/purchase_all_info_unique/
workers: {type: G.1X, number: 4}
params:
  EXTRACT_FROM: {type: text, format: yyyyMMdd, default: "20140101", description: first day of purchase}
  EXTRACT_TO: {type: text, format: yyyyMMdd, default: "20151231", description: last day of purchase}
---*/
WITH district AS (
    SELECT *
    FROM (
        SELECT *, row_number() OVER (PARTITION BY short_zipcode ORDER BY zipcode, city_county) AS place
        FROM zipcode
    )
    WHERE place = 1
),
customer_with_zipcode AS (
    SELECT c.*,
           z.zipcode, z.province_city, z.province_city_eng, z.city_county, z.city_county_eng,
           z.eup_myeon, z.eup_myeon_eng, z.road_nm, z.road_nm_eng
    FROM customer c
    LEFT JOIN district z ON c.residence = z.short_zipcode
)
SELECT p.*,
       pi.main_category_desc,
       pi.sub_category_desc,
       cz.sex, cz.age_group, cz.residence,
       cz.zipcode, cz.province_city, cz.province_city_eng, cz.city_county, cz.city_county_eng,
       cz.eup_myeon, cz.eup_myeon_eng, cz.road_nm, cz.road_nm_eng
FROM purchase p
LEFT JOIN products_info pi
       ON p.affiliate = pi.affiliate
      AND p.division_cd = pi.division_cd
      AND p.main_category_cd = pi.main_category_cd
      AND p.sub_category_cd = pi.sub_category_cd
LEFT JOIN customer_with_zipcode cz
       ON p.customer_id = cz.customer_id
WHERE p.purchase_date BETWEEN $EXTRACT_FROM AND $EXTRACT_TO
