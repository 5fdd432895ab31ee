#!/bin/sh
# SPDX-License-Identifier: MIT
# The command line against a server of others that imitates OpenAI: the npm package @copilotkit/aimock.
#   sh tests/client/aimock/run.sh PIXAZO
# Installs into $PIXAZO_PEERS (default: ~/.cache/pixazo-peers), nothing in this tree. Exit code 77: there is no npm, or Node
# is older than 20.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
program=$1
version=@copilotkit/aimock@1.43.0
modules=${PIXAZO_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/pixazo-peers}/aimock

if ! command -v npm >/dev/null 2>&1 || ! node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)'; then
  echo "skipped: npm and Node 20 are not here" >&2
  exit 77
fi
if [ "$(cat "$modules/version" 2>/dev/null || :)" != "$version" ]; then
  mkdir -p "$modules"
  (cd "$modules" && { [ -f package.json ] || npm init -y >/dev/null; } && npm install --no-fund --no-audit --silent "$version")
  printf '%s\n' "$version" > "$modules/version"
fi
exec python3 "$here/check.py" "$program" "$modules/node_modules/.bin/llmock"
