-- ---
-- outputs:
--   - target: customer
--     comment: 고객
--     tests: [{unique: customer_id}]
--   - {name: 상품, target: '"다른-db".product', mode: append}
--   - target: zipcode
--     sql: |
--       SELECT *
--       FROM shop.retail.zipcode
-- dialect: duckdb
-- tests:
--   - relationships: {column: zip, to: zipcode, field: zip_cd}
--     output: customer
-- ---
-- the two extracts
-- output: customer
SELECT * FROM shop.retail.customer;

-- output: 상품
-- with a comment
SELECT * FROM shop.retail.product
