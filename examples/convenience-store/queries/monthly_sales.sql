-- Sales, receipts and what was thrown away, by month
SELECT month_start, days,
       round(sum_sales / 10000) AS sales_10000_won,
       count_receipts,
       round(sum_sales / count_receipts) AS won_per_receipt,
       sum_disposal
FROM monthly
ORDER BY month_start
