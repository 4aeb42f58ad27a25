#!/bin/sh
# Healthy when Redis answers, has loaded its file, and can write.
set -eu
[ "$(/opt/redis/admin.sh -t 2 ping)" = PONG ]
/opt/redis/admin.sh -t 2 info persistence | grep -q '^aof_last_write_status:ok'
