#!/usr/bin/env bash
# Replaces every worker by one of the new image while people talk: a new one comes first, and when new sessions reach
# it an old one moves its people to the others and ends. nginx follows if what it serves has changed. When a new
# worker does not become healthy it is removed, and the old ones that are left stay.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/say.sh

HEALTHY=60 # seconds that a new worker has
ROUTED=20  # seconds until nginx has found it

inspect() { docker inspect --format "$2" "$1" 2>/dev/null || true; }
name_of() { inspect "$1" '{{.Name}}' | cut -c2-; }
workers() { docker compose ps --all --quiet --no-trunc web | sort; }

# Creates what is missing of a service and replaces nothing: Compose would replace all workers at once. Not with
# --no-deps, which Compose takes for another configuration, and so the next `up` would replace what this one made.
beside() { quietly docker compose up --detach --no-build --no-recreate --scale "$1" "$2"; }

# Whether a service's one container is of the image and configuration of now.
is_current() {
  local id image
  id=$(docker compose ps --quiet "$1")
  image=$(inspect "$(inspect "$id" '{{.Config.Image}}')" '{{.Id}}')
  [ "$(inspect "$id" '{{.Image}} {{index .Config.Labels "com.docker.compose.config-hash"}}')" = \
    "$image $(docker compose config --hash "$1" | cut -d' ' -f2)" ]
}

# Adds one worker of the new image beside those that run, and prints its id.
add_worker() {
  local before
  before=$(workers)
  beside "web=$(($(wc -l <<<"$before") + 1))" web
  comm -13 <(echo "$before") <(workers)
}

await_healthy() {
  local deadline=$((SECONDS + HEALTHY)) state
  while [ "$SECONDS" -lt "$deadline" ]; do
    state=$(inspect "$1" '{{.RestartCount}} {{.State.Status}} {{.State.Health.Status}}')
    case $state in
      "0 running healthy") return 0 ;;
      "0 running starting" | "0 created "*) sleep 0.3 ;;
      *) return 1 ;;
    esac
  done
  return 1
}

# Asks nginx for sessions until one is on this worker: its id begins with the md5 of the worker's address.
await_routed() {
  local deadline=$((SECONDS + ROUTED)) front address route sid
  name_to_ask=$(inspect "$1" '{{range .Config.Env}}{{println .}}{{end}}' | sed -nE 's/^ALLOWED_HOSTS=([^,]*).*/\1/p')
  [ "$name_to_ask" != '*' ] || name_to_ask=localhost
  name_to_ask=${name_to_ask/\*/rollout}
  front=$(inspect "$1" '{{index .Config.Labels "com.docker.compose.project"}}')_front
  address=$(inspect "$1" "{{(index .NetworkSettings.Networks \"$front\").IPAddress}}"):8000
  route=$(printf '%s' "$address" | md5sum | cut -c1-32)
  while [ "$SECONDS" -lt "$deadline" ]; do
    sid=$(session) || true
    [ "${sid:0:32}" != "$route" ] || return 0
    sleep 0.2
  done
  return 1
}

# Opens a session through nginx, which speaks TLS if there is a certificate, under a name that the workers answer to;
# prints its id and says goodbye.
session() {
  docker compose exec -T --env "NAME=$name_to_ask" nginx /bin/sh -c '
    for scheme in https http; do
      url="$scheme://127.0.0.1:8080/sio/socket.io/?EIO=4&transport=polling"
      sid=$(/usr/bin/curl -fsSk -m 3 -H "Host: $NAME" "$url" | sed -nE "s/.*\"sid\":\"([^\"]+)\".*/\1/p")
      [ -n "$sid" ] || continue
      /usr/bin/curl -fsSk -m 3 -H "Host: $NAME" -o /dev/null --data 1 "$url&sid=$sid"
      echo "$sid"
      break
    done' </dev/null 2>/dev/null
}

give_up() { # worker, reason
  local name
  name=$(name_of "$1")
  docker logs --tail 8 "$1" 2>&1 | sed 's/^/    /' >&2
  quietly docker rm --force --volumes "$1"
  stop "$name $2 (its last lines are above) and was removed. $done_so_far of ${#old[@]} workers were replaced; the others run on as they were. Mend it and run 'make rollout' again."
}

refuse_on_a_swarm rollout
[ -n "$(docker compose ps --status running --quiet web)" ] && [ -n "$(docker compose ps --status running --quiet nginx)" ] ||
  stop "the chat does not run, so there is nothing to replace; start it with 'make up'"

say "building the images"
quietly docker compose build

mapfile -t old < <(workers)
wanted=$(docker compose config web | sed -nE 's/^ +replicas: ([0-9]+)$/\1/p')
done_so_far=0
[ "$wanted" = "${#old[@]}" ] || say "${#old[@]} workers run and WEB_REPLICAS is $wanted; each that runs is replaced, and 'make up' makes them $wanted"
for worker in "${old[@]}"; do
  began=$SECONDS
  new=$(add_worker)
  await_healthy "$new" || give_up "$new" "did not become healthy within $HEALTHY s"
  await_routed "$new" || give_up "$new" "was healthy, but no new session reached it within $ROUTED s"
  say "$(name_of "$new") is healthy, and new sessions reach it ($((SECONDS - began)) s)"
  began=$SECONDS name=$(name_of "$worker")
  quietly docker stop "$worker"
  [ "$(inspect "$worker" '{{.State.ExitCode}}')" != 137 ] || say "$name did not end in time and was killed; its people come back by themselves"
  quietly docker rm --volumes "$worker"
  done_so_far=$((done_so_far + 1))
  say "$name moved its people and is gone ($((SECONDS - began)) s)   $done_so_far of ${#old[@]}"
done

if is_current nginx; then
  say "nginx has nothing new, and was left alone"
else
  say "replacing nginx; everybody connects again, within some seconds"
  # Created before the old one ends, since only one can have the port, and every moment counts.
  before=$(docker compose ps --quiet --no-trunc nginx)
  quietly docker compose create --no-build --no-recreate --scale nginx=2 --scale "web=${#old[@]}" nginx
  after=$(docker compose ps --all --quiet --no-trunc nginx | grep -v "$before")
  quietly docker stop "$before"
  quietly docker start "$after"
  if ! await_healthy "$after"; then
    docker logs --tail 8 "$after" 2>&1 | sed 's/^/    /' >&2
    quietly docker rm --force --volumes "$after"
    quietly docker start "$before"
    stop "the new nginx did not become healthy (its last lines are above), so the old one was started again. The workers are new and run."
  fi
  quietly docker rm --volumes "$before"
fi
is_current redis || say "Redis has something new too, and was left alone: 'make up' replaces it (see docs/upgrades.md)"
say "all workers are new"
