#!/usr/bin/env bash
# Runs the tests that are named, inside the tests' own container. With TLS=1 their stack speaks TLS, with a certificate
# by an authority that is made here, and that nobody but the tests' clients trusts.
set -euo pipefail
cd "$(dirname "$0")/.."

authority=/tmp/authority
python -m tests.support.authority "$authority"
# Without TLS too: to read all authorities that Python comes with takes 40 ms of a processor, which httpx does for each
# client.
export SSL_CERT_FILE=$authority/ca.pem NODE_EXTRA_CA_CERTS=$authority/ca.pem
[ -z "${TLS:-}" ] || export AUTHORITY=$authority
# Else the folder of the configuration is the root, all tests lie outside of it under their file names alone, and the
# fixtures of one folder of tests replace those of another.
exec pytest -q --rootdir . -c web/pyproject.toml "$@"
