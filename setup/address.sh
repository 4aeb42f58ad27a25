# Sourced: `address` prints the address of the running chat.

address() {
  # Not `docker compose port`, which names any one of two (LISTEN_HTTP).
  local listen
  listen=$(docker compose exec -T nginx /usr/bin/printenv LISTEN </dev/null | sed -E 's/^(0\.0\.0\.0|127\.0\.0\.1|\[::1?\])?:?([0-9]+)$/localhost:\2/')
  if docker compose exec -T nginx /usr/bin/test -e /tmp/conf/privkey.pem </dev/null; then
    echo "https://${listen%:443}"
  else
    echo "http://$listen"
  fi
}
