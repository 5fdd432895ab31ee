#!/bin/sh
# SPDX-License-Identifier: MIT
# Usage: compare.sh WRITER PAGE FILE. To bring FILE up to date: WRITER PAGE > FILE
set -eu
if "$1" "$2" | diff -u "$3" -; then exit 0; fi
echo "run: $1 $2 > $3"
exit 1
