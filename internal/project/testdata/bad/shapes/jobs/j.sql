/*---
target: !!str j
dialect: *none
---*/
SELECT 1
