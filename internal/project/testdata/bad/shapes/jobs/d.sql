/*---
---*/
SELECT 1
