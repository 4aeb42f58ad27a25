#!/usr/bin/env bash
# Everything there is to test, inside the tests' own container. With TLS=1 instead the stack and the browsers over
# TLS, with a certificate by an authority that is made here, and that nobody but the tests' clients trusts.
set -euo pipefail
cd "$(dirname "$0")/.."

tested() { pytest -q -c web/pyproject.toml "$@"; }

# Runs the tests of the stack beside those of the given folders, one after the other, each with a stack of its own:
# both wait more than they work. What the first say is shown at the end.
beside_the_stack() {
  local said failed=0
  said=$(mktemp)
  tested tests/stack >"$said" 2>&1 &
  local stack=$!
  trap 'kill $stack 2>/dev/null; wait $stack' INT TERM
  for folder in "$@"; do
    tested "$folder" || failed=1
  done
  wait $stack || failed=1
  cat "$said"
  return $failed
}

if [ -n "${TLS:-}" ]; then
  export AUTHORITY=/tmp/authority
  python -m tests.support.authority "$AUTHORITY"
  export SSL_CERT_FILE=$AUTHORITY/ca.pem
  beside_the_stack tests/browser
  exit
fi

tests/check.sh
beside_the_stack tests/browser tests/faults
