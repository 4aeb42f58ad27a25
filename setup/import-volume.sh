# Runs in a passing container of redis/, with at /data a volume that one Redis had. Copies all that it holds into the
# cluster of the node NODE, host:port; what is there under the same keys is replaced. PASSWORD: the administrator's there.
set -eu
from=127.0.0.1:6399
cli() { /usr/local/bin/redis-cli -p 6399 "$@"; }
/usr/local/bin/redis-server --port 6399 --bind 127.0.0.1 --dir /data --save "" --appendonly yes --loglevel warning \
  >/tmp/import.log 2>&1 &
server=$!
until [ "$(cli ping 2>/dev/null)" = PONG ]; do
  kill -0 "$server" 2>/dev/null || { tail -n 3 /tmp/import.log >&2; echo "the volume can't be read" >&2; exit 1; }
  sleep 0.1
done
keys=$(cli dbsize)
REDISCLI_AUTH=$PASSWORD /usr/local/bin/redis-cli --user admin --cluster import "$NODE" --cluster-from "$from" --cluster-copy --cluster-replace \
  >/tmp/imported.log || { tail -n 3 /tmp/imported.log >&2; exit 1; }
echo "$keys keys are in the cluster"
cli shutdown nosave || true
wait "$server"
