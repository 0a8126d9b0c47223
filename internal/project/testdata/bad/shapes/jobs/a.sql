/*---
- a
---*/
SELECT 1
