/*---
dialect: duckdb
location: s3://lake/h/
outputs:
  - target: customer
    location: s3://lake/dim/
  - target: zipcode
    location: s3a://lake/dim/zip/
  - {name: product, target: customer}
  - {mode: append}
tests:
  - not_null: a
---*/
SELECT 0;
-- output: customer
SELECT 1; SELECT 2
-- output: zipcod
SELECT 3
-- output: product
