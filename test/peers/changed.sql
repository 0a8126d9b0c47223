-- An Iceberg table changed by every statement that changes rows; other programs read what is left.
CREATE TABLE changed WITH (table_type = 'ICEBERG', is_external = false, location = 's3://retail-lake/data/peers/changed/', partitioning = ARRAY['지점'])
AS SELECT * FROM (VALUES (1, '서울', decimal '10.50', timestamp '2024-01-01 09:00:00.123456', ARRAY['가', NULL]),
  (2, '부산', decimal '20.00', NULL, ARRAY[]), (3, NULL, NULL, timestamp '2024-02-29 23:59:59', NULL), (4, '서울', decimal '-0.01', NULL, ARRAY['라'])) t(번호, 지점, 금액, 때, 꼬리표);
INSERT INTO changed (지점, 번호) VALUES ('대구', 5), ('', 6);
MERGE INTO changed t USING (VALUES (1, '서울', 99.25), (2, '부산', 0.00), (7, '제주', 7.00)) s(번호, 지점, 금액) ON t.번호 = s.번호
  WHEN MATCHED AND s.금액 = 0 THEN DELETE
  WHEN MATCHED THEN UPDATE SET 금액 = s.금액
  WHEN NOT MATCHED THEN INSERT (번호, 지점, 금액) VALUES (s.번호, s.지점, s.금액);
UPDATE changed SET 지점 = '인천', 금액 = CAST(금액 + 1 AS decimal(4,2)) WHERE 번호 = 4;
DELETE FROM changed WHERE 번호 = 5;
INSERT INTO changed (번호, 지점) VALUES (8, '제주');
INSERT INTO changed (번호, 지점) VALUES (9, '제주');
OPTIMIZE changed REWRITE DATA USING BIN_PACK;
-- One partitioned by transforms, over both sides of 1970 and with NULLs.
CREATE TABLE divided (번호 bigint, 이름 string, 날 date, 때 timestamp, 금액 decimal(12,2), 수 int)
PARTITIONED BY (month(때), bucket(16, 번호), truncate(2, 이름), year(날), bucket(3, 이름), truncate(50, 금액)) LOCATION 's3://retail-lake/data/peers/divided/' TBLPROPERTIES ('table_type'='ICEBERG');
INSERT INTO divided SELECT i, CASE WHEN i % 5 = 0 THEN NULL WHEN i % 5 = 1 THEN '' ELSE substr('가나다라é', CAST(i % 4 + 1 AS integer)) END, date_add('day', i * 400 - 8000, DATE '1970-01-01'),
  date_add('hour', i * 777 - 15000, TIMESTAMP '1970-01-01 00:00:00.000001'), CAST(i * 0.37 - 5 AS decimal(12,2)), CAST(i - 20 AS integer) FROM UNNEST(sequence(0, 39)) u(i);
INSERT INTO divided VALUES (NULL, NULL, NULL, NULL, NULL, NULL), (-1, '긴 이름이 여기에 이어집니다', DATE '0001-01-01', TIMESTAMP '1969-12-31 23:59:59.999999', -0.01, NULL), (-1, '긴 이름', DATE '9999-12-31', TIMESTAMP '1969-12-31 00:00:00', -0.50, NULL);
UPDATE divided SET 때 = date_add('month', 1, 때), 이름 = '바뀜' WHERE 번호 BETWEEN 3 AND 6;
MERGE INTO divided t USING (VALUES (7, '합'), (8, NULL), (1000, '새')) s(번호, 이름) ON t.번호 = s.번호
  WHEN MATCHED AND s.이름 IS NULL THEN DELETE
  WHEN MATCHED THEN UPDATE SET 이름 = s.이름
  WHEN NOT MATCHED THEN INSERT (번호, 이름) VALUES (s.번호, s.이름);
DELETE FROM divided WHERE 번호 = 9;
INSERT INTO divided (번호, 이름) VALUES (1000, '새것');
OPTIMIZE divided REWRITE DATA USING BIN_PACK;
CREATE TABLE hours WITH (table_type = 'ICEBERG', is_external = false, location = 's3://retail-lake/data/peers/hours/', partitioning = ARRAY['hour(때)', 'day(날)', 'truncate(10, 수)', 'bucket(5, 날)', 'bucket(4, 금액)', 'bucket(2, 글)', 'truncate(1, 글)'])
AS SELECT 때, 날, 수, 금액, to_utf8(이름) 글, 때 AT TIME ZONE 'Asia/Seoul' 순간 FROM divided;
CREATE TABLE instants WITH (table_type = 'ICEBERG', is_external = false, location = 's3://retail-lake/data/peers/instants/', partitioning = ARRAY['day(순간)', 'bucket(7, 순간)', 'bucket(7, 때)', 'bucket(7, 수)'])
AS SELECT * FROM hours;
