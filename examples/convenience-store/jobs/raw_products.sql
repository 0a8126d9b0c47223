/*---
name: jb_retail_dimension_products_d2s
alias: PRODUCTS
description: The product master, taken whole from the store
dialect: athena
target: products
mode: overwrite
location: s3://hist-retail/dimension/products/
workers: {type: G.1X, number: 2}
memory: 256MB
tests:
  - not_null: [product_cd, division_cd, maincategory_cd, subcategory_cd]
  - unique: [product_cd]
  - accepted_values: {column: is_pb, values: ["Y", "N"]}
---*/
SELECT * FROM store."RETAIL".products
