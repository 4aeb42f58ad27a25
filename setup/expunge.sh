#!/usr/bin/env bash
# Takes what was deleted off Redis' disk at once, while people go on talking: the append-only file is written anew from
# what is in memory. Returns when the old files are gone; waits at most WAIT seconds for that, 300 by default.
# Usage: setup/expunge.sh
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/say.sh

in_redis() { docker compose exec -T redis /usr/bin/timeout 30 "$@" </dev/null; }
admin() { in_redis /opt/redis/admin.sh "$@" | tr -d '\r'; }

# Repeats a command every half second until it succeeds.
until_it() {
  until "$@"; do
    [ $SECONDS -lt "${WAIT:-300}" ] ||
      stop "Redis has not written its file anew within ${WAIT:-300} s, so deleted text may still be on its disk; look at 'docker compose logs redis' and run this again"
    sleep 0.5
  done
}

# A rewrite that is under way may have begun before the deletion: Redis refuses another until it is over.
begun() { grep -qE '(started|scheduled)$' <<<"$(admin BGREWRITEAOF)"; }
over() { [ "$(admin INFO persistence | grep -cE '^aof_rewrite_(in_progress|scheduled):0')" = 2 ]; }
well() { grep -q '^aof_last_bgrewrite_status:ok' <<<"$(admin INFO persistence)"; }
# Left are a base and what came since; what was before them is removed a moment later.
gone() { [ "$(in_redis /bin/ls /data/appendonlydir | grep -cE '\.(base|incr)\.')" = 2 ]; }

[ -n "$(docker compose ps --status running --quiet redis)" ] || stop "the chat does not run, and only a running Redis can write its file anew; start it with 'make up'"
until_it begun
until_it over
well ||
  stop "Redis could not write its file anew, so deleted text may still be on its disk; 'docker compose logs redis' says why, often that the disk is full"
until_it gone
say "what was deleted is off Redis' disk; backups that were made before still have it"
