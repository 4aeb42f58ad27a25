# Runs in a passing container of redis/, with the volume at /data and the backup on standard input.
#
# Redis ignores a snapshot when its append-only file is on. So a Redis of our own, reached by nobody, reads the
# snapshot and writes an append-only file, which takes the place of the volume's when it is whole.
set -eu
cd /data
if [ -n "$(ls -A)" ] && [ "$FORCE" != 1 ]; then
  echo "the volume holds rooms and messages already; to replace them, restore again with FORCE=1" >&2
  exit 1
fi
rm -rf restore
mkdir restore
trap 'rm -rf /data/restore' EXIT
cat >restore/dump.rdb

socket=/run/redis/restore.sock
cli() { /usr/local/bin/redis-cli -s "$socket" "$@"; }
/usr/local/bin/redis-server --port 0 --unixsocket "$socket" --dir /data/restore --save "" --appendonly no \
  --loglevel warning >/tmp/restore.log 2>&1 &
server=$!
until [ "$(cli ping 2>/dev/null)" = PONG ]; do
  kill -0 "$server" 2>/dev/null || { tail -n 3 /tmp/restore.log >&2; echo "the backup is damaged" >&2; exit 1; }
  sleep 0.1
done

# Numbers given after the backup was made will be given again, to other messages. A new epoch tells clients that
# remember the old ones to start over.
cli --scan --pattern 'tertulia:{*}:head*' | while read -r head; do
  cli hset "$head" epoch "$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')" >/dev/null
done

cli config set appendonly yes >/dev/null
until state=$(cli info persistence) && echo "$state" | grep -q '^aof_rewrite_in_progress:0' &&
  echo "$state" | grep -q '^aof_rewrite_scheduled:0'; do
  sleep 0.1
done
echo "$state" | grep -q '^aof_last_bgrewrite_status:ok' || { tail -n 3 /tmp/restore.log >&2; exit 1; }
cli shutdown nosave || true
wait "$server"

rm -rf appendonlydir
mv restore/appendonlydir appendonlydir
