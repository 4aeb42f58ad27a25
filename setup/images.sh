#!/usr/bin/env bash
# Makes sure the official images our Dockerfiles start from can be used. Where a registry answers, Docker
# pulls them itself and this does nothing. Where none does, on Debian and as root, builds stand-ins under
# the same tags from Debian's packages (see images.Dockerfile), saying so before it does.
# Usage: setup/images.sh [FOLDER…], whose Dockerfiles are asked; by default those that the chat and its tests need.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/say.sh

# Every image that a FROM line names, without the stages a Dockerfile defines itself.
[ $# -gt 0 ] || set -- web nginx redis tests
wanted=$(sed -nE 's/^FROM ([^ ]+:[^ ]+).*/\1/p' "${@/%//Dockerfile}" | sort -u)

missing=()
for image in $wanted; do
  docker image inspect "$image" >/dev/null 2>&1 || missing+=("$image")
done
[ ${#missing[@]} -gt 0 ] || exit 0
# One small answer tells a registry that is reached from one that is not; the pull itself is left to the build.
timeout 20 docker buildx imagetools inspect "${missing[0]}" >/dev/null 2>&1 && exit 0

needed="no image registry answers, and these images are not on this machine: ${missing[*]}"
[ "$(id -u)" = 0 ] && [ -r /etc/debian_version ] ||
  stop "$needed. Load them with 'docker load', or run this as root on Debian, where stand-ins can be built."

base=tertulia-standin-base:forky
work=$(mktemp -d /var/tmp/tertulia-images.XXXXXX)
trap 'rm -rf "$work"' EXIT
mirror=$(debian_mirror)

if ! docker image inspect "$base" >/dev/null 2>&1; then
  say "$needed"
  say "building stand-ins from Debian forky's packages; first its base system, in about half a minute"
  if ! command -v debootstrap >/dev/null; then
    say "installing Debian's debootstrap"
    quietly apt-get update
    DEBIAN_FRONTEND=noninteractive quietly apt-get install -y --no-install-recommends debootstrap
  fi
  # An older debootstrap has no script named after a newer suite; sid's is the one they all share.
  quietly debootstrap --variant=minbase --include=ca-certificates forky "$work/root" "$mirror" /usr/share/debootstrap/scripts/sid
  rm -rf "$work"/root/var/cache/apt/archives/*.deb "$work"/root/var/lib/apt/lists/*
  tar -C "$work/root" -c . | docker import - "$base" >/dev/null
fi

mkdir "$work/context"
cp setup/images.Dockerfile "$work/context/Dockerfile"
cp /etc/ssl/certs/ca-certificates.crt "$work/context/host-ca.crt"
for image in "${missing[@]}"; do
  name=${image##*/} name=${name%%:*}
  grep -q " AS $name\$" setup/images.Dockerfile || stop "no stand-in is known for $image; add a stage '$name' to setup/images.Dockerfile"
  say "building a stand-in for $image"
  quietly docker build -q --target "$name" -t "$image" "$work/context"
done
