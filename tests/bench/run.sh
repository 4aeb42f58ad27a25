#!/usr/bin/env bash
# Inside the benchmark's own container: first that the load generator can be trusted, then the measuring.
# QUICK=1 takes about three minutes, the whole about 40. Results go to the folder /results.
set -euo pipefail
cd "$(dirname "$0")/../.."

# How cost grows has a page of its own.
[ -z "${SCALING:-}" ] || PYTHONPATH=web exec python -m tests.bench.scaling

# Part of a run is for whoever changes what is measured, again and again.
[ -n "${ONLY:-}${ROWS:-}" ] || pytest -q -c web/pyproject.toml tests/bench
python -m tests.bench /results
