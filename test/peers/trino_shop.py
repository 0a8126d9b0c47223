"""What analysts type: queries over a small shop, with variations."""
import itertools

SALES = "(VALUES ('20140101','A','음료','콜라',3,4500.0e0,1500),('20140101','A','담배','메비우스',1,4500.0e0,4500),('20140102','A','음료','우유',2,3000.5e0,null),('20140102','B','과자','새우깡',5,7500.0e0,1500),('20140203','B','음료','콜라',null,null,1500),('20140215','C',null,'기타',1,100.0e0,100)) s(dt, store, category, item, qty, amount, price)"
PEOPLE = "(VALUES (1, 'kim', 34, 'M', date '1980-02-29'), (2, 'lee', null, 'F', date '1991-12-31'), (3, '박', 51, null, null)) p(id, name, age, sex, born)"
KEYS = ["store", "category", "substr(dt, 1, 6)", "date_format(date_parse(dt, '%Y%m%d'), '%Y-%m')", "date_trunc('month', date_parse(dt, '%Y%m%d'))", "day_of_week(date_parse(dt, '%Y%m%d'))", "CASE WHEN amount >= 4500 THEN '큼' WHEN amount IS NULL THEN '없음' ELSE '작음' END", "coalesce(category, '미분류')", "qty > 2", "year(date_parse(dt, '%Y%m%d'))", "cast(dt AS bigint) / 100", "length(item)", "upper(store) || '-' || substr(dt, 5, 2)"]
MEASURES = ["count(*)", "sum(qty)", "sum(amount)", "avg(amount)", "round(avg(price), 2)", "count(DISTINCT item)", "max(item)", "min(dt)", "sum(amount) / sum(qty)", "sum(qty) * 100.0 / count(*)", "round(sum(amount) / 1000, 1)", "sum(price) / count(*)", "cast(avg(qty) AS decimal(10,2))", "array_join(array_agg(item ORDER BY item), ',')", "max_by(item, amount)", "sum(CASE WHEN category = '음료' THEN qty ELSE 0 END)", "count_if(qty > 1)", "approx_distinct(item)", "sum(qty * price)", "avg(qty * 1.0)", "cast(sum(qty) AS double) / count(*)", "format('%,.1f', sum(amount))", "stddev(amount)", "listagg(item, '/') WITHIN GROUP (ORDER BY dt, item)"]


def shop():
    for i, (k, m) in enumerate(itertools.product(KEYS, MEASURES)):
        tail = ["", " ORDER BY 1", " ORDER BY 2 DESC NULLS LAST, 1", " HAVING count(*) > 1 ORDER BY 1", " ORDER BY 1 NULLS FIRST LIMIT 2"][i % 5]
        yield "shop", f"SELECT {k} k, {m} v FROM {SALES} GROUP BY {k if i % 2 else '1'}{tail}"
    for m in MEASURES[:10]:
        yield "shop", f"SELECT store, category, {m} v FROM {SALES} GROUP BY ROLLUP (store, category) ORDER BY 1, 2, 3"
        yield "shop", f"SELECT store, {m} v, rank() OVER (ORDER BY {m} DESC NULLS LAST) r FROM {SALES} GROUP BY store ORDER BY 3, 1"
        yield "shop", f"WITH m AS (SELECT store, substr(dt, 1, 6) ym, {m} v FROM {SALES} GROUP BY 1, 2) SELECT a.store, a.ym, a.v, b.v FROM m a LEFT JOIN m b ON a.store = b.store AND a.ym > b.ym ORDER BY 1, 2, 4"
    for w in ["category = '음료'", "category <> '음료'", "category IS NULL", "category IN ('음료', '과자')", "category NOT IN ('음료')", "dt BETWEEN '20140101' AND '20140131'", "item LIKE '%라%'", "qty * price > 4000", "amount IS NOT NULL AND qty >= 2", "NOT (store = 'A')", "store = 'A' OR qty = 5", "date_parse(dt, '%Y%m%d') >= date '2014-02-01'", "regexp_like(item, '^[가-힣]+$')", "qty IN (SELECT max(qty) FROM (VALUES 3, 5) u(qty))", "EXISTS (SELECT 1 FROM (VALUES 'A') u(x) WHERE x = store)", "price = ALL (VALUES 1500)", "length(trim(item)) = 2", "cast(dt AS integer) % 2 = 1", "coalesce(qty, 0) = 0", "nullif(store, 'A') IS NULL", "amount BETWEEN 100 AND 4500", "dt = 20140101", "qty = '3'", "amount > '100'", "item = null", "category = '음료' AND nope = 1", "store LIKE 1", "qty", "dt < date '2014-02-01'", "price > avg(price)", "rank() OVER (ORDER BY qty) = 1"]:
        yield "shop", f"SELECT dt, store, item FROM {SALES} WHERE {w} ORDER BY dt, store, item"
        yield "shop", f"SELECT count(*), sum(amount) FROM {SALES} WHERE {w}"
    for e in ["sum(amount) OVER (PARTITION BY store)", "sum(amount) OVER (PARTITION BY store ORDER BY dt, item)", "row_number() OVER (PARTITION BY store ORDER BY amount DESC, item)", "lag(amount) OVER (PARTITION BY store ORDER BY dt, item)", "amount - lag(amount, 1, 0.0e0) OVER (PARTITION BY store ORDER BY dt, item)", "amount / sum(amount) OVER ()", "round(100.0 * qty / sum(qty) OVER (PARTITION BY store), 2)", "avg(amount) OVER (ORDER BY dt, item ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)", "first_value(item) OVER (PARTITION BY store ORDER BY amount DESC, item)", "ntile(3) OVER (ORDER BY amount NULLS LAST, item)", "percent_rank() OVER (ORDER BY dt, item)", "count(*) OVER (PARTITION BY category)", "max(amount) OVER (PARTITION BY category) - amount", "dense_rank() OVER (ORDER BY substr(dt, 1, 6))", "sum(sum(qty)) OVER ()", "cume_dist() OVER (PARTITION BY store ORDER BY dt)", "date_diff('day', lag(date_parse(dt, '%Y%m%d')) OVER (ORDER BY dt, item), date_parse(dt, '%Y%m%d'))"]:
        yield "shop", f"SELECT dt, store, item, {e} v FROM {SALES} ORDER BY dt, item"
    for e in ["*", "name, age / 10 * 10 AS band", "name, cast(age / 10 * 10 AS varchar) || '대'", "id, date_diff('year', born, date '2014-06-30')", "id, extract(year FROM born), month(born)", "id, date_add('year', 18, born)", "id, born + interval '1' month", "id, date_format(born, '%Y년 %c월 %e일')", "if(sex = 'M', '남', if(sex = 'F', '여', '?')) s", "CASE sex WHEN 'M' THEN 1 WHEN 'F' THEN 2 END", "concat(name, '-', cast(id AS varchar))", "concat_ws('-', name, sex, cast(age AS varchar))", "lpad(cast(id AS varchar), 5, '0')", "format('%05d %s', id, name)", "upper(name), length(name), reverse(name)", "coalesce(sex, name, 'x')", "typeof(born), typeof(age), typeof(name)", "greatest(age, 40), least(id, age)", "cast(born AS timestamp), cast(born AS varchar)", "to_unixtime(cast(born AS timestamp))", "age % 2 = 0, age > 40 AND sex = 'M'", "try(100 / (id - 1))", "array[id, age], map(array['id'], array[id])", "row(id, name)", "json_format(cast(map(array['n', 'a'], array[name, cast(age AS varchar)]) AS json))", "nullif(age, 34)", "age BETWEEN 30 AND 39", "name LIKE 'k%'", "born IS NULL", "cast(age AS double) / 3", "age / 3.0", "round(age / 7.0, 2)", "p.*", "p.name AS \"이름\"", "NAME, \"Age\"", "name nm, age ag", "count(*) OVER ()", "sequence(1, id)", "split(name, 'i')", "md5(to_utf8(name))", "to_hex(md5(to_utf8(name)))", "regexp_replace(name, '[aeiou]', '*')", "last_day_of_month(born)", "day_of_week(born), week(born), quarter(born)"]:
        yield "shop", f"SELECT {e} FROM {PEOPLE}"
    for j in ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]:
        for on in ["p.id = s.qty", "p.id = s.qty AND s.amount > 1000", "p.name = s.store", "p.id < s.qty", "p.age = s.item", "true"]:
            yield "shop", f"SELECT p.name, s.item, s.qty FROM {PEOPLE} {j} {SALES} ON {on}"
            yield "shop", f"SELECT p.name, count(s.item), sum(s.amount) FROM {PEOPLE} {j} {SALES} ON {on} GROUP BY p.name"
    for sets in ["UNION", "UNION ALL", "INTERSECT", "EXCEPT"]:
        yield "shop", f"SELECT store FROM {SALES} {sets} SELECT name FROM {PEOPLE} ORDER BY 1"
        yield "shop", f"SELECT store, qty FROM {SALES} {sets} SELECT store, price FROM {SALES}"
        yield "shop", f"SELECT qty FROM {SALES} {sets} SELECT amount FROM {SALES}"
    types = ["tinyint '1'", "1", "bigint '1'", "1.5", "decimal '12345678901234567890.5'", "real '1.5'", "1.5e0", "'a'", "cast('a' AS varchar(5))", "cast('a' AS varchar)", "cast('a' AS char(3))", "date '2014-01-31'", "timestamp '2014-01-31 00:00:00'", "timestamp '2014-01-31 00:00:00.123456'", "timestamp '2014-01-31 00:00:00 UTC'", "time '01:02:03'", "true", "null", "X'00'", "interval '1' day", "array[1]", "row(1, 'a')", "json '1'"]
    for a, b in itertools.combinations(types, 2):
        yield "mixed", f"SELECT typeof(x), x FROM (VALUES {a}, {b}) t(x)"
        yield "mixed", f"SELECT {a} = {b}, if(true, {a}, {b})"
    for a in types:
        for f in ["sum", "avg", "min", "max", "stddev", "approx_percentile", "bool_and", "geometric_mean", "checksum", "bitwise_or_agg", "skewness", "arbitrary", "approx_distinct", "array_agg", "count", "histogram"]:
            args = "x, 0.5" if f == "approx_percentile" else "x"
            yield "mixed", f"SELECT typeof({f}({args})), {f}({args}) FROM (VALUES {a}, {a}) t(x)" if f != "checksum" else f"SELECT typeof(checksum(x)) FROM (VALUES {a}) t(x)"
        for f in ["sum", "avg", "min", "lag", "first_value"]:
            yield "mixed", f"SELECT {f}(x) OVER (ORDER BY i) FROM (VALUES (1, {a}), (2, {a})) t(i, x) ORDER BY i"
