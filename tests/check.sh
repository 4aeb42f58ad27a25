#!/usr/bin/env bash
# Format, lint, types and unit tests; needs no Docker. Meanwhile the dependencies are audited, which waits for a
# network and not for this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

# What is beside the unit tests, which wait more than they compute.
audit=$(mktemp) types=$(mktemp)
trap 'rm -f "$audit" "$types"' EXIT
python -m tests.audit >"$audit" 2>&1 & audits=$!
mypy --config-file web/pyproject.toml >"$types" 2>&1 & checks=$!

ruff format --quiet --check --config web/pyproject.toml web setup tests docs/examples
ruff check --config web/pyproject.toml web setup tests docs/examples
pytest -q -n 8 --dist worksteal -c web/pyproject.toml tests/unit
node --test --test-reporter=dot tests/unit/js/*/*.test.mjs

wait $checks || { cat "$types" >&2; exit 1; }
wait $audits || { cat "$audit" >&2; exit 1; }
cat "$audit"
