/*---
kind: command
command: ["false"]
params: {DAY: {type: date}, TABLE: {}, RUN: {}}
---*/
