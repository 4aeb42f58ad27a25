# Sourced by the other scripts here: how they speak, and what they share.

say() { printf '· %s\n' "$*" >&2; }

stop() {
  printf 'tertulia: %s\n' "$*" >&2
  exit 1
}

# Runs a command in silence; its output is shown only when it fails.
quietly() {
  local out
  out=$(mktemp)
  if ! "$@" >"$out" 2>&1 </dev/null; then
    cat "$out" >&2
    rm -f "$out"
    stop "'$*' failed; its output is above"
  fi
  rm -f "$out"
}

# The Debian mirror this machine is set up to use.
debian_mirror() {
  local found
  found=$(cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null |
    grep -oE 'https?://[^ ]+' | grep -v -e security -e snapshot | head -n 1)
  [ -n "$found" ] || stop "no Debian mirror in /etc/apt/sources.list or /etc/apt/sources.list.d/debian.sources; add one and run this again"
  printf '%s\n' "${found%/}"
}

# Stops if the chat runs as a stack of a Swarm: a manager knows its services, any other host only its containers. It is
# for Swarm to replace, with the files and settings that it was deployed with; and Compose's containers would use the
# volumes that its own have open.
refuse_on_a_swarm() {
  local name label
  name=$(docker compose config 2>/dev/null | sed -nE 's/^name: (.*)$/\1/p')
  label=label=com.docker.stack.namespace=$name
  [ -n "$(docker service ls --quiet --filter "$label" 2>/dev/null)$(docker ps --quiet --filter "$label")" ] || return 0
  stop "the chat runs here as the stack '$name' of a Swarm, which 'make $1' is not for. On a manager, push the images with 'make images REGISTRY=… TAG=…' and run 'docker stack deploy' as docs/many-machines.md has it: it replaces the workers one after the other. 'docker service update --force ${name}_web' does so with the images and settings that they have."
}
