#!/bin/sh
# SPDX-License-Identifier: MIT
# The providers' own clients against the gateway.
#   sh tests/gateway/sdk/run.sh PIXAZO-GATEWAY
# Installs the npm packages openai and @google/genai into $PIXAZO_PEERS (default: ~/.cache/pixazo-peers), nothing in this
# tree. Exit code 77: there is no npm, or Node is older than 20.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
program=$1
versions="openai@6.49.0 @google/genai@2.32.0"
modules=${PIXAZO_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/pixazo-peers}/sdk

if ! command -v npm >/dev/null 2>&1 || ! node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)'; then
  echo "skipped: npm and Node 20 are not here" >&2
  exit 77
fi
if [ "$(cat "$modules/versions" 2>/dev/null || :)" != "$versions" ]; then
  mkdir -p "$modules"
  # shellcheck disable=SC2086
  (cd "$modules" && { [ -f package.json ] || npm init -y >/dev/null; } && npm install --no-fund --no-audit --silent \
    $versions)
  printf '%s\n' "$versions" > "$modules/versions"
fi

failed=0
for client in openai google; do
  printf '%s: ' "$client"
  PX_SDK_MODULES=$modules node "$here/$client.mjs" "$program" || failed=1
done
exit $failed
