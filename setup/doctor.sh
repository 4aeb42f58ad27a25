#!/usr/bin/env bash
# Looks a running chat over, and says what is wrong and what to do. Changes nothing.
# Usage: setup/doctor.sh [--json] [URL]; exits with 0, 1 (something is wrong) or 2 (could not be checked).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

# The virtual environment, not the tests' image: it is there in half a minute, on a machine without Docker too.
[ -e "$root/.venv/ready" ] || "$root/setup/venv.sh"
PYTHONPATH="$root/web:$root/setup" exec "$root/.venv/bin/python" -m doctor "$@"
