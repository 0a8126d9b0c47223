/*---
kind: command
target: x
connections: [shpo]
env: {"a b": 1}
---*/
SELECT 1
