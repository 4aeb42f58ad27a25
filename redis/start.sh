#!/bin/sh
# Starts Redis with a password: the one that is set, or one made once and kept in the secrets volume, from
# where the workers read it.
set -eu
umask 027

kept=/secrets/redis-password
if [ -n "${REDIS_PASSWORD:-}" ]; then
  password=$REDIS_PASSWORD
elif [ -s "$kept" ]; then
  password=$(cat "$kept")
else
  password=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
fi
case $password in
  *[!A-Za-z0-9_.~-]*)
    echo "REDIS_PASSWORD has a character outside A-Z a-z 0-9 _ . ~ - ; choose another, for example the output of: openssl rand -hex 24" >&2
    exit 2 ;;
esac
# Written aside and renamed: a worker never reads half a password.
printf '%s' "$password" >"$kept.new"
mv "$kept.new" "$kept"

# A file, not an argument: arguments can be read in the process list.
printf 'requirepass %s\n' "$password" >/run/redis/auth.conf
exec /usr/local/bin/redis-server /opt/redis/redis.conf ${REDIS_MAXMEMORY:+--maxmemory "$REDIS_MAXMEMORY"}
