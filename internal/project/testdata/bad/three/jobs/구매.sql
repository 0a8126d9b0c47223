/*---
# 구매 사실 테이블
name: 구매
target: 구매
dialect: duckdb
mode: overwrit
partion_by: [연월]
params:
  기준일: {type: date, format: yyyyMMdd, default: 20140231}
---*/
SELECT 1 AS "연월"
