/*---
kind: command
command: ["true"]
params: {DAY: {type: date}}
---*/
