#!/usr/bin/env bash
# Format, lint, types and unit tests; needs no Docker. Meanwhile the dependencies are audited, which waits for a
# network and not for this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

# Where Python may leave no bytecode beside the modules, it keeps it in build/, and so do the tools what they remember.
if [ -n "${PYTHONDONTWRITEBYTECODE:-}" ]; then
  unset PYTHONDONTWRITEBYTECODE
  export PYTHONPYCACHEPREFIX=$PWD/build/bytecode HYPOTHESIS_STORAGE_DIRECTORY=$PWD/build/hypothesis
  export MYPY_CACHE_DIR=$PWD/build/mypy RUFF_CACHE_DIR=$PWD/build/ruff
fi

# What is beside the unit tests in Python, which wait more than they compute.
audit=$(mktemp) types=$(mktemp) scripts=$(mktemp)
trap 'rm -f "$audit" "$types" "$scripts"' EXIT
python -m tests.audit >"$audit" 2>&1 & audits=$!
mypy --config-file web/pyproject.toml >"$types" 2>&1 & checks=$!
# All in one process, which imports them, since Node 20 has no flag for it: 3.7 s of a processor. With a process for each
# file it was 11.1 s.
node --test-reporter=dot --input-type=module --eval "$(printf 'import "./%s";\n' tests/unit/js/*/*.test.mjs)" \
  >"$scripts" 2>&1 & nodes=$!

ruff format --quiet --check --config web/pyproject.toml web setup tests docs/examples
ruff check --config web/pyproject.toml web setup tests docs/examples
# More than there are cores, since tests wait more than they compute.
pytest -q --rootdir . -c web/pyproject.toml tests/unit --processes 8

wait $nodes || { cat "$scripts" >&2; exit 1; }
cat "$scripts"
wait $checks || { cat "$types" >&2; exit 1; }
wait $audits || { cat "$audit" >&2; exit 1; }
cat "$audit"
