#!/usr/bin/env bash
# Puts a backup's rooms and messages into a stopped chat. Replaces what is there only with FORCE=1, and only after
# the backup was read completely. Usage: setup/restore.sh FILE
set -euo pipefail
file=${1:-${FILE:-}}
[ -z "$file" ] || file=$(realpath "$file")
cd "$(dirname "$0")/.."
. setup/say.sh

[ -n "$file" ] || stop "which backup? Name it: make restore FILE=backups/tertulia-….rdb"
[ -r "$file" ] && [ "$(head -c 5 "$file")" = REDIS ] || stop "$file is no backup of ours; expected a file made by 'make backup'"
[ -z "$(docker compose ps --status running --quiet)" ] || stop "the chat runs; stop it with 'make down' and restore again"

say "restoring into the volume 'log'"
docker compose run --rm --no-deps -T --env FORCE="${FORCE:-}" --entrypoint /bin/sh redis \
  -c "$(cat setup/restore-volume.sh)" <"$file" ||
  stop "nothing was restored; the reason is above"
say "restored; start the chat with 'make up'"
