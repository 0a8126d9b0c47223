/*---
name: jb_retail_factdata_d2s
alias: FACTS
description: One day of sales, or of orders, refunds and disposals, as they are in the store
dialect: athena
workers: {type: G.1X, number: 2}
memory: 256MB
# The state machine runs it for sales and for orders at the same time.
max_concurrency: 2
# A run fills one of the two tables; the other gets no rows and stays as it is.
allow_empty: true
params:
  EXTRACT_DATE: {type: date, format: yyyy-MM-dd, description: the day}
  EXTRACT_TO: {type: date, format: yyyy-MM-dd, required: false, description: "last of several days, to fill in the past"}
  TARGET_DATA: {enum: [sales, balju], description: "what to extract: sales, or orders (balju)"}
outputs:
  - target: sales
    mode: overwrite_partitions
    partition_by: [tr_date]
    location: s3://hist-retail/factdata/sales/
    tests:
      - not_null: [tr_date, tr_time, product_cd, mount]
      - unique: [tr_date, tr_time, pos_num, receipt_num, product_cd]
  - target: balju
    mode: overwrite_partitions
    partition_by: [balju_date]
    location: s3://hist-retail/factdata/balju/
    tests:
      - unique: [balju_date, product_cd]
---*/
-- output: sales
SELECT * FROM store."RETAIL".transaction_order
WHERE $TARGET_DATA = 'sales' AND tr_date BETWEEN $EXTRACT_DATE AND coalesce($EXTRACT_TO, $EXTRACT_DATE);

-- output: balju
SELECT * FROM store."RETAIL".balju_refund
WHERE $TARGET_DATA = 'balju' AND balju_date BETWEEN $EXTRACT_DATE AND coalesce($EXTRACT_TO, $EXTRACT_DATE)
