#!/bin/sh
# Starts Redis with two users. The workers' password is the one that is set, or one made once and kept in the
# secrets volume, from where they read it. The administrator's is made anew at each start and stays in here.
#
# With REDIS_ADDRESS it starts a node of a cluster: at the one address of this host that fits that pattern, and at
# REDIS_PORT. All nodes have one administrator's password: as such they copy from each other.
set -eu
umask 027

stop() {
  echo "$1" >&2
  exit 2
}

# The one line of the file that a setting names, whatever the editor that wrote it ends lines with.
line_of() { # setting file
  [ -e "$2" ] || stop "$1: there is no file $2"
  [ -r "$2" ] || stop "$1: $2 cannot be read by user $(id -u), which Redis runs as"
  line=$(cat "$2")
  line=${line%"$(printf '\r')"}
  [ -n "$line" ] || stop "$1: $2 is empty; expected is the password, for example the output of: openssl rand -hex 24"
}

kept=/secrets/redis-password
file=${REDIS_PASSWORD_FILE:-}
if [ -n "$file" ]; then
  [ -z "${REDIS_PASSWORD:-}" ] || stop "REDIS_PASSWORD_FILE: REDIS_PASSWORD is set too; give one of the two"
  line_of REDIS_PASSWORD_FILE "$file"
  password=$line
elif [ -n "${REDIS_PASSWORD:-}" ]; then
  password=$REDIS_PASSWORD
elif [ -s "$kept" ]; then
  password=$(cat "$kept")
else
  password=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
fi
check() { # setting password
  case $2 in
    *[!A-Za-z0-9_.~-]*)
      stop "$1 has a character outside A-Z a-z 0-9 _ . ~ - ; choose another, for example the output of: openssl rand -hex 24" ;;
  esac
}
check REDIS_PASSWORD "$password"

pattern=${REDIS_ADDRESS:-}
if [ -n "$pattern" ]; then
  own=
  for address in $(hostname -I); do
    case $address in
      $pattern) own="$own $address" ;;
    esac
  done
  own=${own# }
  case $own in
    '') stop "REDIS_ADDRESS: this host has no address like $pattern, only $(hostname -I). Example: 10.0.0.*" ;;
    *' '*) stop "REDIS_ADDRESS: this host has several addresses like $pattern: $own. Example: 10.0.0.[1-9]" ;;
  esac
  line_of REDIS_ADMIN_PASSWORD_FILE "${REDIS_ADMIN_PASSWORD_FILE:?expected is the file of the password that all nodes share}"
  admin=$line
  check REDIS_ADMIN_PASSWORD_FILE "$admin"
else
  admin=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
  # Written aside and renamed: a worker never reads half a password.
  printf '%s' "$password" >"$kept.new"
  mv "$kept.new" "$kept"
fi
printf '%s' "$admin" >/run/redis/admin-password

# What a worker may do: everything with the values of its own keys and on its own channels. Not what looks at or
# touches all keys (KEYS, SCAN, FLUSHALL), other clients (CLIENT KILL, MONITOR) or the server (CONFIG, SHUTDOWN):
# whoever takes a worker over can write in rooms, and neither stop, reconfigure nor empty Redis in one command. INFO
# and LATENCY HISTORY only tell; the metrics come from them.
prefix=${REDIS_PREFIX-tertulia:}
may="-@all +@string +@hash +@set +@sortedset +@list +@stream +@pubsub +@transaction \
+eval +evalsha +eval_ro +evalsha_ro +exists +del +unlink +type +expire +pexpire +expireat +pexpireat +persist +ttl +pttl \
+time +ping +auth +hello +reset +quit +select +client|setinfo +client|setname +client|id -@dangerous -@admin -@blocking \
+info +latency|history"
# In a cluster also which node has what, and whether replicas have what was written.
[ -z "$pattern" ] || may="$may +cluster|nodes +wait +waitaof"

# A file, not an argument: arguments can be read in the process list.
# The default user may do everything and nobody comes in as it: it is off and has no password. Redis reads the
# append-only file as this user, and leaves out each transaction, so also each script, that it may not run.
{
  echo "user default reset off ~* &* +@all"
  echo "user admin reset on >$admin ~* &* +@all"
  echo "user worker reset on >$password ~$prefix* resetchannels &$prefix* $may"
  if [ -n "$pattern" ]; then
    echo "masteruser admin"
    echo "masterauth $admin"
  fi
} >/run/redis/users.conf
set -- ${REDIS_MAXMEMORY:+--maxmemory "$REDIS_MAXMEMORY"}
if [ -n "$pattern" ]; then
  set -- "$@" --include /opt/redis/cluster.conf --port "${REDIS_PORT:?expected is the port of this node, such as 6379}" --bind "$own" 127.0.0.1 --cluster-announce-ip "$own"
fi
exec /usr/local/bin/redis-server /opt/redis/redis.conf "$@"
