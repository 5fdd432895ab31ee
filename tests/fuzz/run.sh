#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs every fuzz target for SECONDS each; exit code 1 when one finds something.
# Usage: run.sh SECONDS [BUILD], after `cmake --preset fuzz && cmake --build --preset fuzz --target fuzz_targets`
set -u

seconds=${1:?usage: run.sh SECONDS [BUILD]}
here=$(cd "$(dirname "$0")" && pwd)
build=${2:-$here/../../build/fuzz}
findings=0
targets=0
for source in "$here"/fuzz_*.c; do
  name=$(basename "$source" .c)
  program=$build/tests/fuzz/$name
  corpus=$build/corpus/$name
  found=$build/findings/$name
  short=${name#fuzz_}
  dictionary=$here/dictionaries/$short.dict
  mkdir -p "$corpus" "$found"
  set -- "$corpus"
  for seeds in "$here/seeds/$short" "$build/tests/fuzz/made/$short"; do
    [ ! -d "$seeds" ] || set -- "$@" "$seeds"
  done
  [ ! -f "$dictionary" ] || set -- "-dict=$dictionary" "$@"
  targets=$((targets + 1))
  if "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=100000 -print_final_stats=1 \
    -artifact_prefix="$found/" "$@" > "$found.log" 2>&1; then
    executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$found.log")
    echo "$name: ${executed:-0} inputs, no finding"
  else
    tail -n 30 "$found.log"
    echo "$name: FINDING, see $found"
    findings=$((findings + 1))
  fi
done
[ "$targets" -gt 0 ] || { echo "no fuzz target"; exit 1; }
[ "$findings" -eq 0 ]
