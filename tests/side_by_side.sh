#!/usr/bin/env bash
# Runs two commands side by side. What the first prints is shown as it comes, what the second prints at the end.
# Fails if one of them does.
set -uo pipefail

said=$(mktemp)
trap 'rm -f "$said"' EXIT
set -m # the second gets a process group of its own, which an interrupt reaches only from here
bash -c "$2" >"$said" 2>&1 &
second=$!
trap 'kill -INT -- -$second' INT TERM

failed=0
bash -c "$1" || failed=1
wait "$second" || failed=1
cat "$said"
exit $failed
