"""The documents' eight query blocks by hand in DuckDB, and the process that runs them.

Numbers are as a careful person gets them: whole division where Trino divides
whole numbers, dates parsed by strptime. As a program it reads SQL, one JSON
string a line, and answers with JSON: seconds, rows, or an error.
"""

import json
import sys
import time

MONTH = "affiliate, purchase_year, purchase_month"
SALES = "round(sum(amount) / 1000000, 2) AS sum_of_amount, count(amount) AS cnt_purchase FROM purchase_all_info"
BLOCKS = [
    """WITH customer_info AS (SELECT * FROM customer c LEFT JOIN zipcode z ON c.residence = z.short_zipcode)
    SELECT * FROM (SELECT * FROM purchase WHERE affiliate = 'A' AND purchase_year = '2014' AND purchase_month = '01' ORDER BY purchase_date, purchase_time) p
    LEFT JOIN customer_info c ON p.customer_id = c.customer_id
    LEFT JOIN products_info pi ON p.affiliate = pi.affiliate AND p.division_cd = pi.division_cd AND p.main_category_cd = pi.main_category_cd
          AND p.sub_category_cd = pi.sub_category_cd
    LIMIT 20""",
    f"SELECT {MONTH}, {SALES} GROUP BY ALL ORDER BY 1, 2, 3",
    f"""SELECT affiliate, strftime(strptime(purchase_date, '%Y%m%d'), '%A') AS day_of_week, isodow(strptime(purchase_date, '%Y%m%d')) AS day_of_week_num, purchase_time, {SALES}
    GROUP BY ALL ORDER BY 1, 3, 4""",
    f"SELECT affiliate, division_cd, main_category_desc, sub_category_desc, {SALES} GROUP BY ALL ORDER BY 1, 2, 3, 4",
    f"SELECT affiliate, age_group, division_cd, main_category_desc, sub_category_desc, {SALES} GROUP BY ALL ORDER BY 1, 2, 6 DESC",
    f"SELECT affiliate, province_city, city_county, {SALES} GROUP BY ALL ORDER BY 1, 4 DESC",
    """SELECT affiliate, count(DISTINCT customer_id) AS number_of_customer, count(customer_id) AS cnt_of_purchase,
           count(customer_id) // count(DISTINCT customer_id) AS avg_number_of_purchase, round(sum(amount) / count(customer_id) / 10000, 2) AS avg_purchase_amount,
           round(sum(amount) / count(DISTINCT customer_id) / 10000, 2) AS avg_purchase_amount_per_customer
    FROM purchase_all_info GROUP BY 1 ORDER BY 1""",
    f"""SELECT affiliate, customer_id, purchase_year, purchase_month, count(customer_id) AS cnt_of_purchase, round(sum(amount) / count(customer_id) / 10000, 2) AS avg_purchase_amount
    FROM purchase_all_info GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4""",
]


def serve(lake, memory):
    import duckdb

    c = duckdb.connect()
    c.execute(f"SET threads=2; SET memory_limit='{memory}'; SET temp_directory='{lake}/../hand-spill'")
    for name in ("customer", "zipcode", "products_info"):
        c.execute(f"CREATE VIEW {name} AS FROM read_parquet('{lake}/dimension/{name}/*.parquet')")
    for name in ("purchase", "purchase_all_info"):
        c.execute(f"CREATE VIEW {name} AS FROM read_parquet('{lake}/fact/{name}/*/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false)")
    for line in sys.stdin:
        start = time.monotonic()
        try:
            rows = c.execute(json.loads(line)).fetchall()
            answer = {"seconds": time.monotonic() - start, "rows": rows}
        except duckdb.Error as e:
            answer = {"error": str(e)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve(*sys.argv[1:])
