#!/usr/bin/env bash
# Writes all rooms and messages of the running chat to one file, as they are at one instant, while people go on
# talking. Usage: setup/backup.sh [FILE]
set -euo pipefail
file=${1:-${FILE:-backups/tertulia-$(date -u +%Y%m%d-%H%M%S).rdb}}
case $file in /*) ;; *) file=$PWD/$file ;; esac
cd "$(dirname "$0")/.."
. setup/say.sh

[ ! -e "$file" ] || stop "$file exists already; name another file"
[ -n "$(docker compose ps --status running --quiet redis)" ] || stop "the chat does not run, and only a running one can be backed up; start it with 'make up'"

# Whoever can read the file can read every message.
umask 077
mkdir -p "$(dirname "$file")"
trap 'rm -f "$file.part"' EXIT
# Redis forks and sends what it holds at that instant, as it would to a replica; nothing is written on its side.
docker compose exec -T redis /bin/sh -c \
  '/opt/redis/admin.sh --rdb - 2>/tmp/backup.log || { cat /tmp/backup.log >&2; exit 1; }' \
  </dev/null >"$file.part"
[ "$(head -c 5 "$file.part")" = REDIS ] || stop "what Redis sent is no snapshot; nothing was kept"
mv "$file.part" "$file"
say "$(du -h "$file" | cut -f1) in $file"
