#!/usr/bin/env bash
# Writes all rooms and messages of the running chat to one file, as they are at one instant, while people go on
# talking; and the files that people shared to another one beside it, unless they lie in a bucket.
# Usage: setup/backup.sh [FILE]
set -euo pipefail
file=${1:-${FILE:-backups/tertulia-$(date -u +%Y%m%d-%H%M%S).rdb}}
case $file in /*) ;; *) file=$PWD/$file ;; esac
cd "$(dirname "$0")/.."
. setup/say.sh

files=${file%.rdb}.files.tar
[ ! -e "$file" ] && [ ! -e "$files" ] || stop "$file exists already; name another file"
[ -n "$(docker compose ps --status running --quiet redis)" ] || stop "the chat does not run, and only a running one can be backed up; start it with 'make up'"

# Whoever can read the file can read every message.
umask 077
mkdir -p "$(dirname "$file")"
trap 'rm -f "$file.part" "$files.part"' EXIT
# Redis forks and sends what it holds at that instant, as it would to a replica; nothing is written on its side.
docker compose exec -T redis /bin/sh -c \
  '/opt/redis/admin.sh --rdb - 2>/tmp/backup.log || { cat /tmp/backup.log >&2; exit 1; }' \
  </dev/null >"$file.part"
[ "$(head -c 5 "$file.part")" = REDIS ] || stop "what Redis sent is no snapshot; nothing was kept"
# After the messages: each file that one of them names is there then, unless it was deleted since. What goes while it is
# read is no failure (1).
docker compose run --rm --no-deps -T --entrypoint /bin/sh web -c \
  'case $FILES_URL in file:*) ;; *) exit 3 ;; esac; tar -C /files --exclude ./uploads -cf - . || [ $? = 1 ]' \
  </dev/null >"$files.part" && result=0 || result=$?
case $result in
  0) mv "$files.part" "$files" ;;
  3) say "the files that people shared are no part of it: they lie in a bucket, or there are none" ;;
  *) stop "the files that people shared could not be read; nothing was kept" ;;
esac
mv "$file.part" "$file"
say "$(du -h "$file" | cut -f1) in $file"
[ ! -e "$files" ] || say "$(du -h "$files" | cut -f1) in $files; it belongs to the other"
