#!/bin/sh
# SPDX-License-Identifier: MIT
# libpixazo beside sharp, Pillow and libvips on the same pictures in one run: time, bytes, quality, memory.
#   sh tests/bench/compare.sh [--rounds N] [--only W1,W6] [--threads 1,i2] [--pictures DIRECTORY] [--peers sharp,pillow]
# Installs what is missing (Debian packages, the npm package sharp), builds a Release library, makes the pictures out of
# Debian's wallpaper packages, and prints the table. Everything is kept in $PIXAZO_PEERS (default:
# ~/.cache/pixazo-peers), nothing in this tree but the build.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
keep=${PIXAZO_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/pixazo-peers}
mkdir -p "$keep/node" "$keep/deb"

sh "$root/tests/deps.sh" maintainer
packages=""
for package in libvips-dev; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || :)" = installed ] || packages="$packages $package"
done
command -v node >/dev/null 2>&1 || packages="$packages nodejs npm"
if [ -n "$packages" ]; then
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
fi
if [ ! -d "$keep/node/node_modules/sharp" ]; then
  (cd "$keep/node" && { [ -f package.json ] || npm init -y >/dev/null; } && npm install --no-fund --no-audit --silent sharp)
fi

cmake -S "$root" -B "$root/build/compare" -G Ninja -DCMAKE_BUILD_TYPE=Release -DPIXAZO_BUILD_TESTS=OFF >/dev/null
cmake --build "$root/build/compare" --target pixazo-bench >/dev/null

# shellcheck disable=SC2046
cc -O2 -D_GNU_SOURCE -o "$keep/vips-bench" "$root/tests/bench/peers/vips.c" "$root/tests/bench/peers/driver.c" \
  $(pkg-config --cflags --libs vips) -pthread

made=$(cksum < "$root/tests/bench/peers/pictures.py")
if [ "$(cat "$keep/pictures/made" 2>/dev/null || :)" != "$made" ]; then
  if [ ! -d "$keep/wallpapers" ]; then
    (cd "$keep/deb" && apt-get download -qq plasma-workspace-wallpapers mate-backgrounds ukui-wallpapers)
    for archive in "$keep"/deb/*.deb; do dpkg-deb -x "$archive" "$keep/wallpapers.new"; done
    mv "$keep/wallpapers.new" "$keep/wallpapers"
  fi
  /usr/bin/python3 "$root/tests/bench/peers/pictures.py" "$keep/wallpapers" "$keep/pictures"
  printf '%s\n' "$made" > "$keep/pictures/made"
fi

PIXAZO_BENCH=$root/build/compare/tests/bench/pixazo-bench VIPS_BENCH=$keep/vips-bench PEERS_NODE=$keep/node \
  exec /usr/bin/python3 "$root/tests/bench/peers/compare.py" --pictures "$keep/pictures" "$@"
