#!/usr/bin/env bash
# Brings what Redis keeps from 0.1.0 into the layout that this version reads. Stops the workers; `make up` starts them.
# Usage: setup/migrate.sh
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/say.sh

say "stopping the workers; what people write meanwhile waits in their browsers"
docker compose stop web
docker compose up --build --detach --wait redis

# A worker's probe outlives it by 6 s.
for _ in {1..20}; do
  migrated=$(docker compose exec -T redis /opt/redis/admin.sh EVAL "$(<web/relay/redis/migrate.lua)" 0 tertulia: </dev/null 2>&1 | tr -d '\r')
  grep -q 'A worker runs' <<<"$migrated" || break
  sleep 0.5
done
[[ $migrated =~ ^[0-9]+$ ]] || stop "nothing was migrated: $migrated"
[ "$migrated" = 0 ] && say "there was nothing to migrate; go on with 'make up'" && exit
say "rooms migrated: $migrated; go on with 'make up'"
