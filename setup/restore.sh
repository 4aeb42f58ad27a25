#!/usr/bin/env bash
# Puts a backup's rooms and messages into a stopped chat, and the files that people shared, if they are beside it.
# Replaces what is there only with FORCE=1, and only after the backup was read completely. Usage: setup/restore.sh FILE
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
files=${file%.rdb}.files.tar
if [ -r "$files" ]; then
  say "restoring into the volume 'files'"
  docker compose run --rm --no-deps -T --entrypoint /bin/sh web -c 'tar -C /files -xf -' <"$files" ||
    stop "the messages were restored, and the files that people shared were not; the reason is above. Restore again with FORCE=1"
else
  say "there is no $files: messages whose files lay in the volume 'files' have only their names"
fi
say "restored; start the chat with 'make up'"
