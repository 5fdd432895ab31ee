#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing, builds and tests.
#   sh tests/run.sh        everything under AddressSanitizer and UndefinedBehaviorSanitizer
#   sh tests/run.sh full   also clang, PNG by libpng alone, release + ABI + install, ThreadSanitizer, locale, fuzz, Python, the
#                          providers' own clients against the gateway
# The last line is "N passed, N failed"; the exit code is 0 when nothing failed. In full, a skip is a failure.
set -u

# Nothing here may spend money or find a real account.
for name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
  case "$name" in
    PIXAZO_* | OPENAI_* | GOOGLE_* | GEMINI_* | AWS_* | CLOUDINARY_* | BLOB_* | STABILITY_* | REPLICATE_* | FAL_* | HF_* | PG*)
      [ "$name" = PIXAZO_FUZZ_SECONDS ] || unset "$name" ;;
  esac
done

root=$(cd "$(dirname "$0")/.." && pwd) || exit 1
cd "$root" || exit 1
mode=${1:-quick}
passed=0
failed=0
part_started=0
dev_built=""

say() { printf '%s\n' "$*"; }

finish() {
  say "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

begin() {
  part=$1
  part_started=$(date +%s)
  say "== $part"
}

end() {
  seconds=$(($(date +%s) - part_started))
  say "== $part: $((seconds / 60)) min $((seconds % 60)) s"
}

# ok NAME COMMAND...: one check.
ok() {
  name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    say "FAILED: $name"
  fi
}

# build PRESET [TARGETS...]: configure and build; a failure counts once.
build() {
  preset=$1
  shift
  log=build/$preset.log
  mkdir -p build
  if cmake --preset "$preset" > "$log" 2>&1 && cmake --build --preset "$preset" ${1:+--target} "$@" >> "$log" 2>&1; then
    passed=$((passed + 1))
    return 0
  fi
  grep -v '^\[[0-9]*/[0-9]*\]' "$log" | tail -n 40
  say "FAILED: build of preset $preset (whole text in $log)"
  failed=$((failed + 1))
  return 1
}

attribute() { sed -n "s/.*[[:space:]]$1=\"\([0-9]*\)\".*/\1/p" "$2" | head -n 1; }

# tests PRESET [CTEST OPTIONS...]: counts come from ctest's own report.
tests() {
  preset=$1
  shift
  report=$root/build/$preset.junit.xml
  rm -f "$report"
  ctest --preset "$preset" --output-junit "$report" "$@"
  total=$(attribute tests "$report")
  bad=$(attribute failures "$report")
  skipped=$(($(attribute skipped "$report") + $(attribute disabled "$report")))
  if [ -z "$total" ] || [ "$total" -eq 0 ]; then
    failed=$((failed + 1))
    say "FAILED: preset $preset ran no tests"
    return
  fi
  passed=$((passed + total - bad - skipped))
  failed=$((failed + bad))
  if [ "$skipped" -gt 0 ]; then
    say "$skipped skipped"
    [ "$mode" = full ] && failed=$((failed + skipped))
  fi
}

# What the long campaigns counted: ctest shows the output of failures only.
counts() {
  grep -hE '^(crash matrix|pictures:|torture:|faults:|soak:|[0-9]+ kills)' "build/$1/Testing/Temporary/LastTest.log" 2>/dev/null
}

dev_part() {
  begin "dev: AddressSanitizer, UndefinedBehaviorSanitizer, failpoints"
  if build dev; then
    dev_built=yes
    files=$root/build/dev/files
    rm -rf "$files"
    mkdir -p "$files"
    outer=${TMPDIR:-/tmp}
    export TMPDIR="$files" PIXAZO_KEEP_TEST_FILES=1
    tests dev
    counts dev
    export TMPDIR="$outer"
    unset PIXAZO_KEEP_TEST_FILES
    ok "no secret in what the suite wrote" sh tests/arch/check_canary.sh "$files" build/dev/Testing
    rm -rf "$files"
  fi
  end
}

clang_part() {
  begin "clang: warnings as errors, unit tests"
  build clang && tests clang -L unit
  end
}

plain_part() {
  begin "plain: PNG by libpng and zlib alone"
  build plain && tests plain -L 'unit|image|contract|fuzz'
  end
}

release_part() {
  begin "release: ABI, installation, examples"
  build release && tests release -L 'abi|api|docs|examples|faults|image' && counts release
  end
}

tsan_part() {
  begin "tsan: threads"
  build tsan && tests tsan
  end
}

locale_part() {
  [ -n "$dev_built" ] || return
  begin "locale: decimal comma, far time zone"
  locales=$(mktemp -d)
  if localedef -i de_DE -f UTF-8 "$locales/de_DE.UTF-8"; then
    export LOCPATH="$locales" LC_ALL=de_DE.UTF-8 PIXAZO_TEST_LOCALE=de_DE.UTF-8 TZ=Pacific/Apia
    export LSAN_OPTIONS="suppressions=$root/tests/support/lsan.supp:print_suppressions=0"
    tests dev -LE 'abi|arch|fuzz|crash|gateway|torture|image|net'
    unset LOCPATH LC_ALL PIXAZO_TEST_LOCALE TZ LSAN_OPTIONS
  else
    failed=$((failed + 1))
    say "FAILED: no locale de_DE could be made"
  fi
  rm -rf "$locales"
  end
}

fuzz_part() {
  [ -n "$(find tests/fuzz -name 'fuzz_*.c' 2>/dev/null)" ] || return
  begin "fuzz: seeds under libFuzzer, a short run"
  build fuzz fuzz_targets && ok "fuzz targets" sh tests/fuzz/run.sh "${PIXAZO_FUZZ_SECONDS:-5}"
  end
}

python_part() {
  [ -f bindings/python/pyproject.toml ] || return
  begin "python: mypy --strict"
  ok "mypy --strict" mypy --strict --python-executable /usr/bin/python3 bindings/python/pixazo
  end
}

# Without npm there is nothing to compare with, and nothing counts.
clients_part() {
  [ -n "$dev_built" ] || return
  begin "clients: the providers' own against the gateway"
  sh tests/gateway/sdk/run.sh build/dev/tests/gateway/pixazo-gateway
  case $? in
    0) passed=$((passed + 1)) ;;
    77) ;;
    *) failed=$((failed + 1)); say "FAILED: the providers' own clients" ;;
  esac
  end
  begin "clients: the command line against a server of others"
  sh tests/client/aimock/run.sh build/dev/examples/cli/pixazo
  case $? in
    0) passed=$((passed + 1)) ;;
    77) ;;
    *) failed=$((failed + 1)); say "FAILED: a server of others" ;;
  esac
  end
}

case "$mode" in
  quick) sh tests/deps.sh test || { failed=1; finish; } ;;
  full)
    sh tests/deps.sh maintainer || { failed=1; finish; }
    export PIXAZO_TEST_NO_SKIPS=1 ;;
  *) say "usage: sh tests/run.sh [full]" >&2; exit 2 ;;
esac

dev_part
if [ "$mode" = full ]; then
  clang_part
  plain_part
  release_part
  tsan_part
  locale_part
  fuzz_part
  python_part
  clients_part
fi
finish
