/*---
name: jb_de_enhancement_t0_dimension_d2s
alias: T0_DIMENSION
description: The three dimensions, taken whole from the shop at one moment
dialect: athena
workers: {type: G.1X, number: 2}
outputs:
  - target: customer
    mode: overwrite
    location: s3://retail-lake/data/dimension/customer/
    tests:
      - not_null: [customer_id, sex, age_group]
      - unique: [customer_id]
      - accepted_values: {column: sex, values: [M, F]}
  - target: products_info
    mode: overwrite
    location: s3://retail-lake/data/dimension/products_info/
    tests:
      - unique: [affiliate, division_cd, main_category_cd, sub_category_cd]
  - target: zipcode
    mode: overwrite
    location: s3://retail-lake/data/dimension/zipcode/
    tests:
      - not_null: [short_zipcode, province_city]
---*/
-- output: customer
SELECT * FROM shop.retail.customer;

-- output: products_info
SELECT * FROM shop.retail.products_info;

-- output: zipcode
SELECT * FROM shop.retail.zipcode
