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
