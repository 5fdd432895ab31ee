#!/bin/sh
# SPDX-License-Identifier: MIT
# pixazo.ffi.h holds no directive, no attribute, and each function of the version script. Usage: plain.sh HEADER MAP
set -eu
header=$1
map=$2
status=0

if grep -nE '^[[:space:]]*#|__|\binline\b|\.\.\.' "$header"; then
  echo "pixazo.ffi.h holds the lines above, which declaration readers do not know"
  status=1
fi
count=0
for name in $(sed -n 's/^ *\(pixazo_[a-z0-9_]*\);$/\1/p' "$map"); do
  count=$((count + 1))
  grep -q "\(^\|[ *]\)$name(" "$header" || { echo "$name is not declared"; status=1; }
done
[ "$count" -gt 100 ] || { echo "the version script names only $count functions"; status=1; }
exit $status
