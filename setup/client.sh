#!/usr/bin/env bash
# Fetches the Socket.IO client bundle that `make dev` serves (in the stack, nginx's image has its own).
set -euo pipefail
cd "$(dirname "$0")/../nginx/client"
. ../../setup/say.sh

command -v npm >/dev/null || stop "npm is needed to fetch the Socket.IO client. Install Node.js and run this again."
say "fetching the Socket.IO client into nginx/client/node_modules"
quietly npm ci --omit=dev --ignore-scripts --no-audit --no-fund
touch node_modules
