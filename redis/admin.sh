#!/bin/sh
# redis-cli as the administrator, for the health check, backups and whoever has to look inside. Only from within
# the container: the password is in no volume and in no worker.
REDISCLI_AUTH=$(cat /run/redis/admin-password) || exit 1
export REDISCLI_AUTH
exec /usr/local/bin/redis-cli -p "${REDIS_PORT:-6379}" --user admin "$@"
