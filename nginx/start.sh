#!/bin/sh
# Starts nginx with the settings and the certificate that is there, and takes a renewed one up within ten seconds.
set -eu

seen=$(cat /certs/*.pem 2>/dev/null | sha256sum)
/opt/nginx/settings.sh || exit 2
/opt/nginx/connections.sh || exit 2
/opt/nginx/tls.sh || exit 2

follow() {
  while sleep 5; do
    now=$(cat /certs/*.pem 2>/dev/null | sha256sum)
    [ "$now" != "$seen" ] || continue
    seen=$now
    /opt/nginx/tls.sh || true
  done
}
follow &
exec /usr/sbin/nginx -g "daemon off;"
