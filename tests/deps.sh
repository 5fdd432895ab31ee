#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing of tests/apt-packages.txt. Usage: deps.sh demo|test|maintainer
# Nothing missing: no apt, no root, no network.
set -eu

list=$(dirname "$0")/apt-packages.txt
case "${1:-}" in
  demo) sections="build" ;;
  test) sections="build test" ;;
  maintainer) sections="build test maintainer" ;;
  *) echo "usage: $0 demo|test|maintainer" >&2; exit 2 ;;
esac

packages=""
section=""
while read -r word rest; do
  case "$word" in
    '#:') section=$rest ;;
    '' | '#'*) ;;
    *) case " $sections " in *" $section "*) packages="$packages $word" ;; esac ;;
  esac
done < "$list"

missing=""
for package in $packages; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || :)
  [ "$state" = installed ] || missing="$missing $package"
done
# npm comes with the nodejs of some archives and is a package of its own in others.
case "$sections" in *maintainer*) command -v npm >/dev/null 2>&1 || missing="$missing npm" ;; esac
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  echo "These Debian packages, or what they are called on this system, are needed:$missing" >&2
  exit 1
fi
root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "Please install as root: apt-get install$missing" >&2
    exit 1
  fi
  root=sudo
fi
echo "installing:$missing" >&2
$root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2
# shellcheck disable=SC2086
$root env DEBIAN_FRONTEND=noninteractive apt-get -o Dpkg::Use-Pty=0 install -y -qq --no-install-recommends $missing >&2
