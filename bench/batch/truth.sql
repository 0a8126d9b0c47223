-- What every table must hold, asked of PostgreSQL itself: table, rows, amount, count.
--   psql -v first=20140101 -v last=20140331 -f truth.sql
\set QUIET on
\pset format csv
\pset tuples_only on
SET work_mem = '256MB';
SET max_parallel_workers_per_gather = 2;

CREATE TEMP VIEW wide AS
SELECT p.affiliate, substr(p.purchase_date, 1, 6) AS month, p.purchase_date, p.purchase_time, p.amount,
       p.division_cd, i.main_category_desc, i.sub_category_desc, c.age_group, z.province_city, z.city_county
FROM retail.purchase p
LEFT JOIN retail.products_info i
       ON (i.affiliate, i.division_cd, i.main_category_cd, i.sub_category_cd)
        = (p.affiliate, p.division_cd, p.main_category_cd, p.sub_category_cd)
LEFT JOIN retail.customer c ON c.customer_id = p.customer_id
LEFT JOIN retail.zipcode z ON z.short_zipcode = c.residence
WHERE p.purchase_date COLLATE "C" BETWEEN :'first' AND :'last';

SELECT 'purchase', count(*), sum(amount)::numeric, count(amount)
FROM retail.purchase WHERE purchase_date COLLATE "C" BETWEEN :'first' AND :'last';

SELECT 'purchase_all_info', count(*), sum(amount)::numeric, count(amount) FROM wide;

SELECT 'mart_salesbydatetime', count(*), sum(a)::numeric, sum(n) FROM (
    SELECT sum(amount) AS a, count(amount) AS n FROM wide
    GROUP BY affiliate, month, purchase_date, purchase_time) m;

SELECT 'mart_salesbyageproducts', count(*), sum(a)::numeric, sum(n) FROM (
    SELECT sum(amount) AS a, count(amount) AS n FROM wide
    GROUP BY affiliate, month, age_group, division_cd, main_category_desc, sub_category_desc) m;

SELECT 'mart_salesbyresidence', count(*), sum(a)::numeric, sum(n) FROM (
    SELECT sum(amount) AS a, count(amount) AS n FROM wide
    GROUP BY affiliate, month, province_city, city_county) m;

SELECT 'mart_salesbycustomer', count(*), sum(a)::numeric, sum(n)
FROM (SELECT customer_id, sum(amount) AS a, count(amount) AS n FROM retail.purchase
      WHERE purchase_date COLLATE "C" BETWEEN :'first' AND :'last'
      GROUP BY customer_id, affiliate, substr(purchase_date, 1, 6)) m
LEFT JOIN retail.customer c USING (customer_id)
LEFT JOIN retail.zipcode z ON z.short_zipcode = c.residence;
