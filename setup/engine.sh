#!/usr/bin/env bash
# Makes sure a Docker engine with Compose v2 answers. One that is there is only used. Without one, on
# Debian and as root, installs Debian's packages and starts the daemon, saying so before it does.
set -euo pipefail
. "$(dirname "$0")/say.sh"

ready() { docker info >/dev/null 2>&1 && docker compose version >/dev/null 2>&1; }

ready && exit 0

needed="Docker with Compose v2 is needed and none answers here"
[ "$(id -u)" = 0 ] || stop "$needed; installing it takes root. Install Docker (docs.docker.com/engine/install), or run this as root on Debian."
[ -r /etc/debian_version ] && command -v apt-get >/dev/null || stop "$needed; it can be installed for you on Debian only. Install Docker (docs.docker.com/engine/install) and run this again."

install_packages() {
  . /etc/os-release
  local suite=${VERSION_CODENAME:-}
  # Bookworm's own docker-compose is 1.29, which reads neither `depends_on: condition` of today's files nor
  # BuildKit's secrets; trixie's pulls nothing else of note onto bookworm.
  if [ "$suite" = bookworm ] || [ "$suite" = bullseye ]; then
    local mirror key=/usr/share/keyrings/debian-archive-keyring.gpg
    mirror=$(debian_mirror)
    say "adding Debian trixie to the package sources, at low priority (/etc/apt/sources.list.d/tertulia-trixie.list)"
    printf 'deb [signed-by=%s] %s trixie main\n' "$key" "$mirror" >/etc/apt/sources.list.d/tertulia-trixie.list
    printf 'Package: *\nPin: release n=trixie\nPin-Priority: 100\n' >/etc/apt/preferences.d/tertulia-trixie
    suite=trixie
  fi
  say "installing Debian's docker.io, docker-cli, docker-compose and docker-buildx"
  quietly apt-get update
  DEBIAN_FRONTEND=noninteractive quietly apt-get install -y --no-install-recommends \
    "docker.io/$suite" "docker-cli/$suite" "docker-compose/$suite" "docker-buildx/$suite" iptables ca-certificates
}

# Service start is denied by policy in many containers and virtual machines, so the daemon is then started
# by hand: in a session of its own, with its output in a file, so that nothing that waits for this script's
# output waits for the daemon's.
start_daemon() {
  say "starting the Docker daemon (its log: /var/log/tertulia-dockerd.log)"
  if [ -d /run/systemd/system ]; then
    systemctl start docker
  else
    rm -f /var/run/docker.pid
    setsid --fork dockerd >/var/log/tertulia-dockerd.log 2>&1 </dev/null
  fi
  local deadline=$((SECONDS + 60))
  until docker info >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || stop "the Docker daemon did not answer within 60 s; its last words: $(tail -n 3 /var/log/tertulia-dockerd.log 2>/dev/null || true)"
    sleep 0.3
  done
}

command -v dockerd >/dev/null && docker compose version >/dev/null 2>&1 || install_packages
hash -r
docker info >/dev/null 2>&1 || start_daemon
ready || stop "Docker was set up, but 'docker compose version' still fails: $(docker compose version 2>&1 | tail -n 1)"
