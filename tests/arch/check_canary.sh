#!/bin/sh
# SPDX-License-Identifier: MIT
# The key that all tests use must not appear in anything they wrote: plain, base64 at any offset, percent-encoded, hex.
# Usage: check_canary.sh DIRECTORY... | check_canary.sh --self-test
set -u

# Put together here, so that this file itself is not a finding.
secret=pxz-CANARY-$(printf %s 7f3a9d52)c1e84b60
third=${secret#?}
forms=$(
  printf '%s\n' "$secret"
  # The middle of the encoding, whatever stands before the secret.
  printf %s "$secret" | base64 -w 0 | cut -c 1-32
  echo
  printf %s "$third" | base64 -w 0 | cut -c 1-32
  echo
  printf %s "${third#?}" | base64 -w 0 | cut -c 1-32
  echo
  printf %s "$secret" | od -An -v -tx1 | tr -d ' \n'
  echo
  printf %s "$secret" | sed 's/-/%2D/g'
  echo
  printf %s "$secret" | od -An -v -tx1 | tr -d '\n' | sed 's/ /%/g'
  echo
  printf %s "$secret" | od -An -v -tx1 | tr -d '\n' | sed 's/ /%/g' | tr a-f A-F
)

search() {
  printf '%s\n' "$forms" | grep . > "$patterns"
  grep -rlaF -f "$patterns" -- "$@" 2>/dev/null
}

self_test() {
  directory=$(mktemp -d)
  patterns=$directory.patterns
  mkdir "$directory/tree"
  found=0
  for prefix in '' a ab abc; do
    printf '%s%s tail' "$prefix" "$secret" | base64 -w 0 > "$directory/tree/base64$prefix"
  done
  printf 'x%sx' "$secret" > "$directory/tree/plain"
  printf 'x\0%s' "$secret" > "$directory/tree/binary"
  printf 'key=pxz%%2DCANARY%%2D%s' "${secret#pxz-CANARY-}" > "$directory/tree/percent"
  expected=$(find "$directory/tree" -type f | wc -l)
  found=$(search "$directory/tree" | wc -l)
  printf 'nothing here' > "$directory/clean"
  search "$directory/clean" && found=-1
  rm -rf "$directory" "$patterns"
  [ "$found" -eq "$expected" ] || { echo "found $found of $expected planted secrets"; exit 1; }
}

if [ "${1:-}" = --self-test ]; then
  self_test
  exit 0
fi
patterns=$(mktemp)
trap 'rm -f "$patterns"' EXIT
files=0
for directory in "$@"; do
  files=$((files + $(find "$directory" -type f | wc -l)))
done
if search "$@"; then
  echo "the secret is in the files above"
  exit 1
fi
echo "$files files, no secret"
[ "$files" -gt 0 ]
