#!/usr/bin/env bash
# Builds the three images of the chat and pushes them to a registry, for hosts that build nothing themselves (stack.yml).
# Usage: REGISTRY=host:port/name [TAG=…] setup/push.sh; the images are host:port/name-web:TAG and so on. TAG is the
# version by default.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/say.sh

name='[a-z0-9]+([._-]+[a-z0-9]+)*'
[[ ${REGISTRY:-} =~ ^[A-Za-z0-9.-]+(:[0-9]+)?(/$name)+$ ]] ||
  stop "REGISTRY is '${REGISTRY:-}'; expected are a registry's host, its port if it has one, and a name in lower case. Example: make images REGISTRY=registry.example:5000/tertulia"
TAG=${TAG:-$(sed -nE 's/^version = "(.*)"$/\1/p' web/pyproject.toml)}
[[ $TAG =~ ^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$ ]] ||
  stop "TAG is '$TAG'; expected are letters, digits and _ . -, at most 128. Example: TAG=0.1.0"

say "building the images"
quietly docker compose build nginx web redis
project=$(docker compose config | sed -nE 's/^name: (.*)$/\1/p')
for service in nginx web redis; do
  image=$REGISTRY-$service:$TAG
  say "pushing $image"
  docker tag "$project-$service" "$image"
  docker push --quiet "$image" >/dev/null ||
    stop "$image could not be pushed; the reason is above. A registry that asks for a name needs 'docker login ${REGISTRY%%/*}', and one without TLS has to be in insecure-registries of every host's /etc/docker/daemon.json."
done
printf '\n  On every host the images are found with\n\n    export REGISTRY=%s TAG=%s\n\n' "$REGISTRY" "$TAG"
