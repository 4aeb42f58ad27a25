#!/bin/sh
# Takes up the certificate in /certs: fullchain.pem and privkey.pem, as a pair that fits, or nothing. Writes how
# nginx listens, and makes a running nginx take it over, which breaks no connection off. Exits 1 and says why
# when what is there can't be used; a running nginx then keeps what it has.
set -eu
chain=/certs/fullchain.pem
key=/certs/privkey.pem
taken=/tmp/conf
# As many as the kernel lets wait. With nginx' own 511, of a thousand who come back at once some are overlooked, and
# their kernels ask again a second later: all were back after 1.1 s, and after 0.3 s with this.
listen="listen 8080 backlog=4096"

stop() {
  echo "TLS: $1" >&2
  exit 1
}
is_there() { [ -e "$1" ] || [ -L "$1" ]; }

mkdir -p "$taken"
ls /certs >/dev/null 2>&1 || stop "the folder of the certificate can't be read by user $(id -u), which nginx runs as; try: chmod a+rx certs"
if ! is_there "$chain" && ! is_there "$key"; then
  [ ! -e "$taken/privkey.pem" ] ||
    stop "fullchain.pem and privkey.pem are gone from the folder; the certificate they held is served until nginx is started again. Put the pair back, or turn TLS off with: docker compose restart nginx"
  echo "$listen;" >"$taken/listen.conf"
  exit 0
fi

for file in "$chain" "$key"; do
  name=$(basename "$file")
  is_there "$file" || stop "$name is missing beside the other file; expected are both, fullchain.pem and privkey.pem (or neither, for plain HTTP)"
  [ -e "$file" ] || stop "$name is a link to a place outside the folder; copy the file itself (cp --dereference)"
  [ -r "$file" ] || stop "$name can't be read by user $(id -u), which nginx runs as; try: chgrp $(id -g) certs/$name && chmod 640 certs/$name"
done

# Copied first: what is checked is what is used, whoever writes to the folder meanwhile.
new=$(mktemp -d "$taken/new.XXXXXX")
trap 'rm -rf "$new"' EXIT
cp "$chain" "$key" "$new/"
certificate() { openssl x509 -in "$new/fullchain.pem" -noout "$@" 2>/dev/null; }
certificate || stop "fullchain.pem holds no certificate; expected is PEM, with the chat's own certificate first and the ones between it and the authority after it"
of_key=$(openssl pkey -in "$new/privkey.pem" -passin pass: -pubout 2>/dev/null) || stop "privkey.pem holds no private key that opens without a passphrase; expected is PEM"
[ "$(certificate -pubkey)" = "$of_key" ] || stop "privkey.pem is not the key of the first certificate in fullchain.pem; the two must come from the same order"
certificate -checkend 0 >/dev/null || stop "the certificate has expired ($(certificate -enddate)); renew it and copy both files again"

cmp -s "$new/fullchain.pem" "$taken/fullchain.pem" && cmp -s "$new/privkey.pem" "$taken/privkey.pem" && exit 0
subject="$(certificate -subject), $(certificate -enddate)"
mv "$new/fullchain.pem" "$new/privkey.pem" "$taken/"
port=${LISTEN##*:}
[ "$port" != 443 ] && port=:$port || port=
cat >"$taken/listen.conf" <<END
$listen ssl;
include /etc/nginx/snippets/tls.conf;
# Plain HTTP at the same port.
error_page 497 =308 https://\$host$port\$request_uri;
END
[ ! -s /tmp/nginx.pid ] || kill -HUP "$(cat /tmp/nginx.pid)"
echo "TLS: serving the certificate of $subject" >&2
