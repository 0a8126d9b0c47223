"""Writes a retail lake as Parquet in Hive folders, equal for equal arguments.

    lake.py OUT ROWS

dimension/{customer,zipcode,products_info} are one file each; fact/purchase and
fact/purchase_all_info (each purchase with all about it) have one file for each
of 4 affiliates x 24 months. Everything follows from the row's number by hash().
"""

import os
import sys

import duckdb

out, rows = sys.argv[1], int(sys.argv[2])
customers = max(100, min(19383, rows // 20))
c = duckdb.connect()
c.execute("SET threads=2; SET preserve_insertion_order=true")
c.execute("CREATE MACRO pick(i, salt, m) AS CAST(hash(i * 64 + salt) % m AS INTEGER)")
c.execute("CREATE MACRO digits(n, w) AS lpad(CAST(n AS VARCHAR), w, '0')")

c.execute("""
CREATE TABLE zipcode AS
SELECT digits(n * 10, 3) || '01' AS zipcode, p.ko AS province_city, p.en AS province_city_eng, '시군구' || n AS city_county, 'Gu-' || n AS city_county_eng,
       CASE WHEN n % 3 = 0 THEN '고수면' END AS eup_myeon, CASE WHEN n % 3 = 0 THEN 'Gosu-myeon' END AS eup_myeon_eng,
       '인성로' || n AS road_nm, 'Inseong-ro ' || n AS road_nm_eng, digits(n * 10, 3) AS short_zipcode
FROM range(1, 15) t(n), (SELECT unnest([{'ko': '서울특별시', 'en': 'Seoul'}, {'ko': '경기도', 'en': 'Gyeonggi-do'}, {'ko': '부산광역시', 'en': 'Busan'},
     {'ko': '전라북도', 'en': 'Jeollabuk-do'}, {'ko': '제주특별자치도', 'en': 'Jeju-do'}]) AS p, unnest(range(5)) AS k) q
WHERE q.k = n % 5""")
c.execute(f"""
CREATE TABLE customer AS
SELECT digits(n, 5) AS customer_id, CASE WHEN pick(n, 1, 6) = 0 THEN 'M' ELSE 'F' END AS sex,
       (['19세이하', '20세~24세', '25세~29세', '30세~34세', '35세~39세', '40세~44세', '45세~49세', '50세~54세', '55세~59세', '60세이상'])[1 + pick(n, 2, 10)] AS age_group,
       CASE WHEN pick(n, 3, 50) > 0 THEN digits(10 * (1 + pick(n, 4, 15)), 3) END AS residence
FROM range(1, {customers} + 1) t(n)""")
c.execute("""
CREATE TABLE product AS
SELECT n, (['A', 'B', 'C', 'D'])[1 + n % 4] AS affiliate, digits(1 + n // 4 % 7, 2) AS division_cd, division_cd || digits(1 + n // 28 % 5, 2) AS main_category_cd,
       affiliate || main_category_cd || digits(1 + n // 140, 2) AS sub_category_cd,
       (['일용잡화', '식품', '음료', '담배', '의류', '가전', '생활용품'])[1 + n // 4 % 7] AS main_category_desc, '소분류 ' || pick(n, 5, 12) AS sub_category_desc
FROM range(420) t(n)""")
c.execute(f"""
CREATE TABLE purchase AS
SELECT 'R' || digits(i, 9) AS receipt_no, division_cd, main_category_cd, sub_category_cd, CASE WHEN pick(i, 6, 50) > 0 THEN digits(1 + pick(i, 7, {customers}), 5) END AS customer_id,
       digits(1 + pick(i, 8, 60), 3) AS store_cd, strftime(DATE '2014-01-01' + pick(i, 9, 730), '%Y%m%d') AS purchase_date, digits(pick(i, 10, 24), 2) AS purchase_time,
       CASE WHEN pick(i, 11, 100) > 0 THEN CAST(500 + pick(i, 12, 300000) AS DOUBLE) END AS amount,
       affiliate, substr(purchase_date, 1, 4) AS purchase_year, substr(purchase_date, 5, 2) AS purchase_month
FROM range({rows}) t(i) JOIN product ON n = pick(i, 13, 420)""")

MONTH = "affiliate, purchase_year, purchase_month"
ALL = f"""SELECT p.* EXCLUDE ({MONTH}), main_category_desc, sub_category_desc, sex, age_group, residence, z.* EXCLUDE (eup_myeon, eup_myeon_eng, road_nm, road_nm_eng, short_zipcode), {MONTH}
    FROM purchase p LEFT JOIN product i USING (affiliate, division_cd, main_category_cd, sub_category_cd)
    LEFT JOIN customer USING (customer_id) LEFT JOIN zipcode z ON residence = short_zipcode"""
for name, query in (("customer", "FROM customer ORDER BY customer_id"), ("zipcode", "FROM zipcode ORDER BY zipcode"), ("products_info", "SELECT * EXCLUDE (n) FROM product ORDER BY n")):
    os.makedirs(f"{out}/dimension/{name}", exist_ok=True)
    c.execute(f"COPY ({query}) TO '{out}/dimension/{name}/part-0.parquet'")
c.execute("SET threads=1")  # one file a partition
for name, query in (("purchase", "SELECT * FROM purchase"), ("purchase_all_info", ALL)):
    os.makedirs(f"{out}/fact/{name}", exist_ok=True)
    c.execute(f"COPY ({query} ORDER BY {MONTH}, receipt_no) TO '{out}/fact/{name}' (FORMAT parquet, PARTITION_BY ({MONTH}))")
