-- Sales in millions by affiliate and month
SELECT affiliate, purchase_year, purchase_month,
       round(sum(total_purchase_amount) / 1000000, 2) AS million,
       sum(count_of_purchase) AS purchases
FROM mart_salesbydatetime
GROUP BY affiliate, purchase_year, purchase_month
ORDER BY affiliate, purchase_year, purchase_month
