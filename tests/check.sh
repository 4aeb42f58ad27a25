#!/usr/bin/env bash
# Format, lint, types and unit tests; needs no Docker. Meanwhile the dependencies are audited, which waits for a
# network and not for this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

audit=$(mktemp)
trap 'rm -f "$audit"' EXIT
python -m tests.audit >"$audit" 2>&1 &

ruff format --quiet --check --config web/pyproject.toml web setup tests docs/examples
ruff check --config web/pyproject.toml web setup tests docs/examples
mypy --config-file web/pyproject.toml
pytest -q -n 4 -c web/pyproject.toml tests/unit
node --test --test-reporter=dot tests/unit/js/*/*.test.mjs

wait $! || { cat "$audit" >&2; exit 1; }
cat "$audit"
