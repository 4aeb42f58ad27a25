#!/usr/bin/env bash
# Everything there is to test, inside the tests' own container.
set -euo pipefail
cd "$(dirname "$0")/.."

tests/check.sh
pytest -q -c web/pyproject.toml tests/stack tests/browser
pytest -q -c web/pyproject.toml tests/faults
