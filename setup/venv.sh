#!/usr/bin/env bash
# Makes the virtual environment that `make dev` and `make check` use, in .venv.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/say.sh

python=$(command -v python3 || true)
[ -n "$python" ] || stop "Python 3.11 or newer is needed and no python3 is on the PATH. Install it and run this again."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  stop "Python 3.11 or newer is needed; $python is $("$python" -V 2>&1 | cut -d' ' -f2). Install a newer one and run this again."
[ ! -L .venv ] || stop ".venv is a link, and making it anew would empty what it leads to. Remove the link, or install the new tests/requirements.txt there, and run this again."
say "making a virtual environment in .venv, with the locked requirements"
"$python" -m venv --clear .venv || stop "'python3 -m venv' failed; on Debian, install python3-venv and run this again."
quietly .venv/bin/python -m pip install --disable-pip-version-check --require-hashes -r tests/requirements.txt
touch .venv/ready
