#!/usr/bin/env bash
# Gives the person called NAME a role in the running chat: ROLE, moderator or owner; ID says which of several. Where nobody
# of the name is known, prints a link that makes a moderator of whoever opens it.
# Usage: NAME=… [ROLE=owner] [ID=…] setup/moderator.sh
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/say.sh
. setup/address.sh

[ -n "${NAME:-}" ] || stop "Name whom to make a moderator. Example: make moderator NAME='Ana'"
[ -n "$(docker compose ps --status running --quiet web)" ] || stop "the chat does not run; start it with 'make up'"
said=$(docker compose exec -T web /usr/local/bin/python -m chat.appoint "${ROLE:-moderator}" "$NAME" "${ID:-}" </dev/null) || exit 1
case $said in
  /*) printf '\n  Nobody called %s is known yet. Whoever opens this link first is a moderator. It is good once, for a day:\n  %s%s\n\n' "$NAME" "$(address)" "$said" ;;
  *) say "$said" ;;
esac
