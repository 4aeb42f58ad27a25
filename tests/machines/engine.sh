#!/bin/sh
# Runs an engine as the first process of a container. POOL: the networks that it may give out. REGISTRY: the host and
# port of a registry without TLS. No process gains privileges, as docs/many-machines.md asks for.
set -eu
# The older kind of cgroup is mounted read-only, in a privileged container too.
mount -o remount,rw /sys/fs/cgroup 2>/dev/null || true
# Where the host was killed, these name processes of the time before.
rm -rf /run/docker /run/docker.pid /run/docker.sock /run/containerd
exec dockerd --storage-driver overlay2 --default-address-pool "base=$POOL,size=24" --insecure-registry "$REGISTRY" \
  --no-new-privileges --log-level warn
