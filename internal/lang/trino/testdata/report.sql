WITH sales AS (
  SELECT p."customer_id", p.purchase_year AS y, c.sex, c.age_group, p.amount
  FROM purchase p
  LEFT JOIN customer c ON p.customer_id = c.customer_id AND c.residence <> '000'
  WHERE p.affiliate = 'A' AND p.purchase_date BETWEEN '20140101' AND '20141231'
)
SELECT y, sex, age_group
  , sum(CASE WHEN age_group = '0세' THEN amount ELSE 0 END) AS s0
  , round(avg(amount) * 1.1, 2) + coalesce(max(amount), 1) AS a1
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r2
  , date_format(date_parse(y || '-04', '%Y-%m'), '%W') AS d3 -- 요일
  , sum(CASE WHEN age_group = '4세' THEN amount ELSE 0 END) AS s4
  , round(avg(amount) * 1.5, 2) + coalesce(max(amount), 5) AS a5
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r6
  , date_format(date_parse(y || '-08', '%Y-%m'), '%W') AS d7 -- 요일
  , sum(CASE WHEN age_group = '8세' THEN amount ELSE 0 END) AS s8
  , round(avg(amount) * 1.9, 2) + coalesce(max(amount), 9) AS a9
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r10
  , date_format(date_parse(y || '-12', '%Y-%m'), '%W') AS d11 -- 요일
  , sum(CASE WHEN age_group = '12세' THEN amount ELSE 0 END) AS s12
  , round(avg(amount) * 1.13, 2) + coalesce(max(amount), 13) AS a13
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r14
  , date_format(date_parse(y || '-04', '%Y-%m'), '%W') AS d15 -- 요일
  , sum(CASE WHEN age_group = '16세' THEN amount ELSE 0 END) AS s16
  , round(avg(amount) * 1.17, 2) + coalesce(max(amount), 17) AS a17
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r18
  , date_format(date_parse(y || '-08', '%Y-%m'), '%W') AS d19 -- 요일
  , sum(CASE WHEN age_group = '20세' THEN amount ELSE 0 END) AS s20
  , round(avg(amount) * 1.21, 2) + coalesce(max(amount), 21) AS a21
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r22
  , date_format(date_parse(y || '-12', '%Y-%m'), '%W') AS d23 -- 요일
  , sum(CASE WHEN age_group = '24세' THEN amount ELSE 0 END) AS s24
  , round(avg(amount) * 1.25, 2) + coalesce(max(amount), 25) AS a25
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r26
  , date_format(date_parse(y || '-04', '%Y-%m'), '%W') AS d27 -- 요일
  , sum(CASE WHEN age_group = '28세' THEN amount ELSE 0 END) AS s28
  , round(avg(amount) * 1.29, 2) + coalesce(max(amount), 29) AS a29
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r30
  , date_format(date_parse(y || '-08', '%Y-%m'), '%W') AS d31 -- 요일
  , sum(CASE WHEN age_group = '32세' THEN amount ELSE 0 END) AS s32
  , round(avg(amount) * 1.33, 2) + coalesce(max(amount), 33) AS a33
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r34
  , date_format(date_parse(y || '-12', '%Y-%m'), '%W') AS d35 -- 요일
  , sum(CASE WHEN age_group = '36세' THEN amount ELSE 0 END) AS s36
  , round(avg(amount) * 1.37, 2) + coalesce(max(amount), 37) AS a37
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r38
  , date_format(date_parse(y || '-04', '%Y-%m'), '%W') AS d39 -- 요일
  , sum(CASE WHEN age_group = '40세' THEN amount ELSE 0 END) AS s40
  , round(avg(amount) * 1.41, 2) + coalesce(max(amount), 41) AS a41
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r42
  , date_format(date_parse(y || '-08', '%Y-%m'), '%W') AS d43 -- 요일
  , sum(CASE WHEN age_group = '44세' THEN amount ELSE 0 END) AS s44
  , round(avg(amount) * 1.45, 2) + coalesce(max(amount), 45) AS a45
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r46
  , date_format(date_parse(y || '-12', '%Y-%m'), '%W') AS d47 -- 요일
  , sum(CASE WHEN age_group = '48세' THEN amount ELSE 0 END) AS s48
  , round(avg(amount) * 1.49, 2) + coalesce(max(amount), 49) AS a49
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r50
  , date_format(date_parse(y || '-04', '%Y-%m'), '%W') AS d51 -- 요일
  , sum(CASE WHEN age_group = '52세' THEN amount ELSE 0 END) AS s52
  , round(avg(amount) * 1.53, 2) + coalesce(max(amount), 53) AS a53
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r54
  , date_format(date_parse(y || '-08', '%Y-%m'), '%W') AS d55 -- 요일
  , sum(CASE WHEN age_group = '56세' THEN amount ELSE 0 END) AS s56
  , round(avg(amount) * 1.57, 2) + coalesce(max(amount), 57) AS a57
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r58
  , date_format(date_parse(y || '-12', '%Y-%m'), '%W') AS d59 -- 요일
  , sum(CASE WHEN age_group = '60세' THEN amount ELSE 0 END) AS s60
  , round(avg(amount) * 1.61, 2) + coalesce(max(amount), 61) AS a61
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r62
  , date_format(date_parse(y || '-04', '%Y-%m'), '%W') AS d63 -- 요일
  , sum(CASE WHEN age_group = '64세' THEN amount ELSE 0 END) AS s64
  , round(avg(amount) * 1.65, 2) + coalesce(max(amount), 65) AS a65
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r66
  , date_format(date_parse(y || '-08', '%Y-%m'), '%W') AS d67 -- 요일
  , sum(CASE WHEN age_group = '68세' THEN amount ELSE 0 END) AS s68
  , round(avg(amount) * 1.69, 2) + coalesce(max(amount), 69) AS a69
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r70
  , date_format(date_parse(y || '-12', '%Y-%m'), '%W') AS d71 -- 요일
  , sum(CASE WHEN age_group = '72세' THEN amount ELSE 0 END) AS s72
  , round(avg(amount) * 1.73, 2) + coalesce(max(amount), 73) AS a73
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r74
  , date_format(date_parse(y || '-04', '%Y-%m'), '%W') AS d75 -- 요일
  , sum(CASE WHEN age_group = '76세' THEN amount ELSE 0 END) AS s76
  , round(avg(amount) * 1.77, 2) + coalesce(max(amount), 77) AS a77
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r78
  , date_format(date_parse(y || '-08', '%Y-%m'), '%W') AS d79 -- 요일
  , sum(CASE WHEN age_group = '80세' THEN amount ELSE 0 END) AS s80
  , round(avg(amount) * 1.81, 2) + coalesce(max(amount), 81) AS a81
  , rank() OVER (PARTITION BY sex ORDER BY sum(amount) DESC) AS r82
  , date_format(date_parse(y || '-12', '%Y-%m'), '%W') AS d83 -- 요일
  , sum(CASE WHEN age_group = '84세' THEN amount ELSE 0 END) AS s84
  , round(avg(amount) * 1.85, 2) + coalesce(max(amount), 85) AS a85
FROM sales
WHERE amount > 0
  AND sex IN ('M', 'F')
GROUP BY y, sex, age_group
HAVING count(*) > 10
ORDER BY 1, 2 DESC NULLS LAST
LIMIT 100
