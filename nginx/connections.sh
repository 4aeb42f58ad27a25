#!/bin/sh
# Writes how many processes and connections nginx may have, to be included at the top level (connections.conf) and at
# the level of http (requests.conf): as many as fit into the container's memory, whatever the number of cores. Exits 1
# when that is too little.
#
# What a connection costs at worst, measured over TLS: 29 KiB for being there, 25 for headers as large as they may be,
# and 10 for a body that is still to come. A WebSocket is two connections, which cost 61 together. Bodies larger than
# client_body_buffer_size lie in /tmp, which has a size.
set -eu

each=64                # KiB
process=12288          # KiB of each, with what it has in its heap already
shared=$((80 * 1024))  # KiB of zones (55 MB) and all the rest
temporary=$((32 * 1024)) # KiB of /tmp, as docker-compose.yml has it
default=$((1024 * 1024)) # KiB where the container has no limit

limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || echo max)
case $limit in
  max | ????????????????*) memory=$default ;; # the older kind of cgroup says nearly 2^63
  *) memory=$((limit / 1024)) ;;
esac

# Four of them bring more than Redis and the workers of one machine have to say.
processes=$(nproc)
[ "$processes" -le 4 ] || processes=4
fit=$(((memory - shared - temporary - processes * process) / each))
[ "$fit" -ge 1000 ] || {
  echo "NGINX_MEMORY: $((memory / 1024)) MB leave room for $fit connections, expected are 1000 at least. Example: NGINX_MEMORY=1g" >&2
  exit 1
}
of_each=$((fit / processes))
# Engines start processes with as few as 1,024 descriptors and allow more; this is what all of them allow.
[ "$of_each" -le 16000 ] || of_each=16000

mkdir -p /tmp/conf
cat >/tmp/conf/connections.conf <<END
worker_processes $processes;
worker_rlimit_nofile 16384;
events { worker_connections $of_each; }
END
# Each request that a worker answers takes two connections. Over HTTP/2 one connection has many requests.
cat >/tmp/conf/requests.conf <<END
limit_conn_zone \$hostname zone=requests:1m;
limit_conn requests $((processes * of_each / 2));
END
