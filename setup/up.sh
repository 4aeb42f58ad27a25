#!/usr/bin/env bash
# Builds and starts the chat, waits until it is healthy, and prints its address.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/say.sh
. setup/address.sh

refuse_on_a_swarm up
if ! docker compose up --build --detach --wait; then
  # Compose says which container failed and not why. A container says why it stops in its last line.
  for service in $(docker compose ps --all --status exited --status restarting --services); do
    say "$service stopped, saying:"
    docker compose logs --no-log-prefix --no-color --tail 3 "$service" | uniq >&2
  done
  exit 1
fi

# A pair that was put there since nginx started, or exchanged, counts now.
docker compose exec -T nginx /opt/nginx/tls.sh || stop "the certificate is not used; the reason is above"
at=$(address)
printf '\n  Tertulia is at %s\n' "$at"
case $at in
  http:*) printf '  (without TLS; a certificate in certs/fullchain.pem and certs/privkey.pem turns it on)\n' ;;
esac
# Until somebody is its owner, who moderates and makes moderators.
link=$(docker compose exec -T web /usr/local/bin/python -m chat.appoint owner </dev/null) || link=
[ -z "$link" ] || printf '\n  It has no owner yet. Whoever opens this link first becomes the owner. It is good once, for a day:\n  %s%s\n' "$at" "$link"
echo
