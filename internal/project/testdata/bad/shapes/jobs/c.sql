/*---
dialect: duckdb
outputs:
  - target: a
    sql: SELECT 1; SELECT 2
  - target: b
    sql: "SELECT 'x"
  - target: c
    sql: |
      -- nothing
---*/
