#!/usr/bin/env bash
# Runs commands side by side. What the first prints is shown as it comes, what each other prints at the end.
# Fails if one of them does.
set -uo pipefail

said=$(mktemp -d)
others=()
trap 'rm -rf "$said"' EXIT
set -m # each gets a process group of its own, which an interrupt reaches only from here
for command in "${@:2}"; do
  bash -c "$command" >"$said/${#others[@]}" 2>&1 &
  others+=($!)
done
trap 'for other in "${others[@]}"; do kill -INT -- -$other; done' INT TERM

failed=0
bash -c "$1" || failed=1
for number in "${!others[@]}"; do
  wait "${others[$number]}" || failed=1
  cat "$said/$number"
done
exit $failed
