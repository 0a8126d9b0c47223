/*---
target: f
---*/
SELECT 'open
