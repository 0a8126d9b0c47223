/*---
kind: command
command: [python3, hello.py, 1]
connections: [shop]
env: {MODE: "${MODE:-fast}"}
params: {DAY: {type: date}}
---*/
