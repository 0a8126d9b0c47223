-- ---
-- target: f
SELECT 1
