#!/usr/bin/env bash
# Format, lint, types and unit tests; needs no Docker.
set -euo pipefail
cd "$(dirname "$0")/.."

ruff format --quiet --check --config web/pyproject.toml web setup tests
ruff check --config web/pyproject.toml web setup tests
mypy --config-file web/pyproject.toml
pytest -q -c web/pyproject.toml tests/unit
node --test --test-reporter=dot tests/unit/js/*.test.mjs
