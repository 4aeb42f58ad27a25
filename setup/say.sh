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
