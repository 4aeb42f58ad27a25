#!/bin/sh
# Writes what the settings say as nginx configuration, to be included at the level of `http`. Exits 1 and names
# the setting when one is wrong.
set -eu

stop() {
  echo "$1: $2. Example: $1=$3" >&2
  exit 1
}

# Usage: number NAME DEFAULT; from 1 to 65535, the most that nginx takes for connections.
number() {
  eval "value=\${$1:-$2}"
  case $value in
    *[!0-9]* | 0* | ???????*) stop "$1" "'$value' is not a whole number from 1 to 65535" "$2" ;;
  esac
  [ "$value" -le 65535 ] || stop "$1" "'$value' is not a whole number from 1 to 65535" "$2"
  echo "$value"
}

# The proxy on this machine comes through the network's gateway, whose address Docker chooses.
gateway() {
  while read -r _ destination gateway _; do
    [ "$destination" = 00000000 ] || continue
    # The kernel writes the four bytes in the machine's order, which is the reverse.
    echo "$gateway" | sed -E 's/(..)(..)(..)(..)/0x\4 0x\3 0x\2 0x\1/' | xargs printf '%d.%d.%d.%d\n'
    return
  done </proc/net/route
}

handshakes=$(number HANDSHAKES_PER_SECOND 50)
connections=$(number CONNECTIONS_PER_ADDRESS 1000)
sign_ins=$(number SIGN_INS_PER_MINUTE 600)
connect=$(number CONNECT_MILLISECONDS 300)

# One line, since grep looks at each line by itself.
resolver=$(echo "${RESOLVER:-127.0.0.11}" | tr '\n' ' ' | sed 's/ $//')
byte='(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])'
echo "$resolver" | grep -Eq "^($byte(\.$byte){3}|\[[0-9a-fA-F:]*:[0-9a-fA-F:.]*\])(:[0-9]{1,5})?\$" ||
  stop RESOLVER "'$resolver' is not the address of a DNS server, such as 10.96.0.10, [2001:db8::10] or 10.96.0.10:5353" 127.0.0.11

workers=${WORKERS:-web}
case $workers in
  *[!A-Za-z0-9._-]* | .* | -* | *..* | *.-* | *-.*) named= ;;
  *[A-Za-z]*) named=1 ;;
  *) named= ;;
esac
[ -n "$named" ] ||
  stop WORKERS "'$workers' is not a DNS name without a port, under which all workers are found (how many they are is WEB_REPLICAS)" web

proxies=
for proxy in $(echo "${TRUSTED_PROXIES:-}" | tr ',' ' '); do
  [ "$proxy" != host ] || proxy=$(gateway)
  echo "$proxy" | grep -Eq '^([0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*)(/[0-9]{1,3})?$' ||
    stop TRUSTED_PROXIES "'$proxy' is neither an address, nor a network such as 10.0.0.0/8, nor the word host" "192.0.2.7,host"
  proxies="$proxies $proxy"
done

# Whoever is reached at this machine only, and by no proxy, is asked for by a name of this machine. Any other is that
# of a page elsewhere, whose name was made to lead here (DNS rebinding). Where ALLOWED_HOSTS is set, workers look.
listen=${LISTEN:-127.0.0.1:8080}
case ${listen%:*} in
  127.* | "[::1]") [ -n "${ALLOWED_HOSTS:-}$proxies" ] && foreign=0 || foreign=1 ;;
  *) foreign=0 ;;
esac

mkdir -p /tmp/conf
# The snippet with what is set in place of its values.
sed -e "s/^resolver 127\.0\.0\.11 /resolver $resolver /" \
  -e "s/^    server web:8000 /    server $workers:8000 /" \
  -e "s/^proxy_connect_timeout 300ms;/proxy_connect_timeout ${connect}ms;/" \
  /etc/nginx/snippets/upstream.conf >/tmp/conf/upstream.conf
{
  # Ten seconds' worth at once: everybody behind an address comes back together when a connection fails.
  echo "limit_req_zone \$handshake_from zone=handshakes:10m rate=${handshakes}r/s;"
  echo "limit_req zone=handshakes burst=$((handshakes * 10)) nodelay;"
  # Who opens a page makes a session next.
  echo "limit_req_zone \$page_from zone=pages:10m rate=${handshakes}r/s;"
  echo "limit_req zone=pages burst=$((handshakes * 10)) nodelay;"
  echo "limit_req_zone \$file_from zone=files:10m rate=$((handshakes * 4))r/s;"
  echo "limit_req zone=files burst=$((handshakes * 40)) nodelay;"
  echo "limit_req_zone \$sign_in_from zone=sign_ins:10m rate=${sign_ins}r/m;"
  echo "limit_req zone=sign_ins burst=$sign_ins nodelay;"
  echo "limit_conn_zone \$address zone=connections:10m;"
  echo "limit_conn connections $connections;"
  for proxy in $proxies; do echo "set_real_ip_from $proxy;"; done
  echo 'map "$uri $http_host" $foreign_host {'
  echo "    default $foreign;"
  echo '    "~^/health[/ ]" 0;'
  echo '    "~* (([a-z0-9_-]+\.)*localhost\.?|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]*)?$" 0;'
  echo "}"
  echo "geo \$realip_remote_addr \$trusted {"
  echo "    default 0;"
  for proxy in $proxies; do echo "    $proxy 1;"; done
  echo "}"
} >/tmp/conf/settings.conf
