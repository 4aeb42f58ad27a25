#!/bin/sh
# Healthy when Redis answers with its own password, has loaded its file, and can write.
set -eu
REDISCLI_AUTH=$(cat /secrets/redis-password)
export REDISCLI_AUTH
[ "$(/usr/local/bin/redis-cli -t 2 ping)" = PONG ]
/usr/local/bin/redis-cli -t 2 info persistence | grep -q '^aof_last_write_status:ok'
