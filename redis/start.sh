#!/bin/sh
# Starts Redis with two users. The workers' password is the one that is set, or one made once and kept in the
# secrets volume, from where they read it. The administrator's is made anew at each start and stays in here.
set -eu
umask 027

stop() {
  echo "$1" >&2
  exit 2
}

kept=/secrets/redis-password
file=${REDIS_PASSWORD_FILE:-}
if [ -n "$file" ]; then
  [ -z "${REDIS_PASSWORD:-}" ] || stop "REDIS_PASSWORD_FILE: REDIS_PASSWORD is set too; give one of the two"
  [ -e "$file" ] || stop "REDIS_PASSWORD_FILE: there is no file $file"
  [ -r "$file" ] || stop "REDIS_PASSWORD_FILE: $file cannot be read by user $(id -u), which Redis runs as"
  # Whatever the editor that wrote it ends lines with.
  password=$(cat "$file")
  password=${password%"$(printf '\r')"}
  [ -n "$password" ] || stop "REDIS_PASSWORD_FILE: $file is empty; expected is the password, for example the output of: openssl rand -hex 24"
elif [ -n "${REDIS_PASSWORD:-}" ]; then
  password=$REDIS_PASSWORD
elif [ -s "$kept" ]; then
  password=$(cat "$kept")
else
  password=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
fi
case $password in
  *[!A-Za-z0-9_.~-]*)
    stop "REDIS_PASSWORD has a character outside A-Z a-z 0-9 _ . ~ - ; choose another, for example the output of: openssl rand -hex 24" ;;
esac
# Written aside and renamed: a worker never reads half a password.
printf '%s' "$password" >"$kept.new"
mv "$kept.new" "$kept"

admin=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
printf '%s' "$admin" >/run/redis/admin-password

# What a worker may do: everything with the values of its own keys and on its own channels. Not what looks at or
# touches all keys (KEYS, SCAN, FLUSHALL), other clients (CLIENT KILL, MONITOR) or the server (CONFIG, SHUTDOWN):
# whoever takes a worker over can write in rooms, and neither stop, reconfigure nor empty Redis in one command. INFO
# and LATENCY HISTORY only tell; the metrics come from them.
prefix=${REDIS_PREFIX-tertulia:}
may="-@all +@string +@hash +@set +@sortedset +@list +@stream +@pubsub +@transaction \
+eval +evalsha +eval_ro +evalsha_ro +exists +del +unlink +type +expire +pexpire +expireat +pexpireat +persist +ttl +pttl \
+time +ping +auth +hello +reset +quit +select +client|setinfo +client|setname +client|id -@dangerous -@admin -@blocking \
+info +latency|history"

# A file, not an argument: arguments can be read in the process list.
# The default user may do everything and nobody comes in as it: it is off and has no password. Redis reads the
# append-only file as this user, and leaves out each transaction, so also each script, that it may not run.
{
  echo "user default reset off ~* &* +@all"
  echo "user admin reset on >$admin ~* &* +@all"
  echo "user worker reset on >$password ~$prefix* resetchannels &$prefix* $may"
} >/run/redis/users.conf
exec /usr/local/bin/redis-server /opt/redis/redis.conf ${REDIS_MAXMEMORY:+--maxmemory "$REDIS_MAXMEMORY"}
