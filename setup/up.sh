#!/usr/bin/env bash
# Builds and starts the chat, waits until it is healthy, and prints its address.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/say.sh

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
# Not `docker compose port`, which names any one of two (LISTEN_HTTP).
address=$(docker compose exec -T nginx /usr/bin/printenv LISTEN | sed -E 's/^(0\.0\.0\.0|127\.0\.0\.1|\[::1?\])?:?([0-9]+)$/localhost:\2/')
if docker compose exec -T nginx /usr/bin/test -e /tmp/conf/privkey.pem; then
  printf '\n  Tertulia is at https://%s\n\n' "${address%:443}"
else
  printf '\n  Tertulia is at http://%s\n' "$address"
  printf '  (without TLS; a certificate in certs/fullchain.pem and certs/privkey.pem turns it on)\n\n'
fi
