/*---
kind: command
command: ["true"]
---*/
