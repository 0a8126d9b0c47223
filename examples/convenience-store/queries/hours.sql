-- How busy each hour is, and how much of it is tobacco
SELECT tr_time,
       sum(count_sales) AS lines,
       round(100 * sum(CASE WHEN division_name = '담배' THEN sum_sales ELSE 0 END) / sum(sum_sales), 1) AS tobacco_percent
FROM dailytimesubcate
GROUP BY tr_time
ORDER BY tr_time
