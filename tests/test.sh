#!/usr/bin/env bash
# Everything there is to test, inside the tests' own container. With TLS=1 instead the stack and the browsers over
# TLS, with a certificate by an authority that is made here, and that nobody but the tests' clients trusts.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -n "${TLS:-}" ]; then
  export AUTHORITY=/tmp/authority
  python -m tests.support.authority "$AUTHORITY"
  export SSL_CERT_FILE=$AUTHORITY/ca.pem
  exec pytest -q -c web/pyproject.toml tests/stack tests/browser
fi

tests/check.sh
pytest -q -c web/pyproject.toml tests/stack tests/browser
pytest -q -c web/pyproject.toml tests/faults
