#!/bin/sh
# SPDX-License-Identifier: MIT
# One step of the installation check. Usage: install.sh STEP SOURCE BUILD WORK
set -eu

step=$1
source=$2
build=$3
work=$4
prefix=$work/moved
cc=${CC:-cc}
strict="-std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -I$source/tests/api"

fail() { echo "$*"; exit 1; }

installed() {
  libdir=$(dirname "$(find "$prefix" -name libpixazo.so.0)")
  PKG_CONFIG_PATH=$libdir/pkgconfig
  export PKG_CONFIG_PATH
  # What a program needs that links the archive; Debian's libraries are not made for pkg-config --static.
  behind=$(pkg-config --print-requires-private pixazo | cut -d' ' -f1)
  [ -n "$behind" ] || fail "pixazo.pc names no library behind the archive"
}

# Every program of this folder, and those made from the headers of the installation.
programs() {
  mkdir -p "$work/$1"
  "${PYTHON:-python3}" "$source/tests/api/make_options_test.py" "$prefix" > "$work/$1/options.c"
  "${PYTHON:-python3}" "$source/tests/api/make_null_test.py" "$prefix" > "$work/$1/nulls.c"
  find "$source/tests/api" -maxdepth 1 -name '*.c'
  echo "$work/$1/options.c"
  echo "$work/$1/nulls.c"
}

run_shared() {
  files=$(programs shared)
  count=0
  for file in $files; do
    program=$work/shared/$(basename "$file" .c)
    # shellcheck disable=SC2046,SC2086
    $cc $strict $(pkg-config --cflags pixazo) "$file" -o "$program" $(pkg-config --libs pixazo) -pthread
    LD_LIBRARY_PATH=$libdir ldd "$program" | grep -q "=> $libdir/libpixazo.so.0" || fail "$program uses another library"
    LD_LIBRARY_PATH=$libdir "$program"
    count=$((count + 1))
  done
  [ "$count" -ge 10 ] || fail "only $count programs"
}

run_static() {
  files=$(programs static)
  count=0
  for file in $files; do
    program=$work/static/$(basename "$file" .c)
    # shellcheck disable=SC2046,SC2086
    $cc $strict $(pkg-config --cflags pixazo) "$file" -o "$program" -L"$libdir" -l:libpixazo.a $(pkg-config --libs $behind) -pthread -lm
    if ldd "$program" | grep libpixazo; then fail "$program is not linked statically"; fi
    "$program"
    count=$((count + 1))
  done
  [ "$count" -ge 10 ] || fail "only $count programs"
}

# consumer NAME EXPECTED-LIBRARY-LINKS OPTIONS...
consumer() {
  tree=$work/$1
  links=$2
  shift 2
  rm -rf "$tree"
  cmake -S "$source/tests/api/consumer" -B "$tree" -DCMAKE_C_COMPILER="$cc" "$@" > "$tree.log" 2>&1 || { cat "$tree.log"; exit 1; }
  cmake --build "$tree" --target consumer -j 2 >> "$tree.log" 2>&1 || { tail -n 40 "$tree.log"; exit 1; }
  "$tree/consumer"
  [ "$(ldd "$tree/consumer" | grep -c libpixazo)" -eq "$links" ] || fail "the consumer is linked in the wrong way"
}

# component NAME PATTERN-OF-ALLOWED-FILES NEEDED-FILES...
component() {
  name=$1
  allowed=$2
  shift 2
  rm -rf "$work/component"
  DESTDIR=$work/component cmake --install "$build" --component "$name" > "$work/component.log"
  files=$(cd "$work/component" 2>/dev/null && find . ! -type d) || files=""
  for needed in "$@"; do
    printf '%s\n' "$files" | grep -q "$needed" || fail "component $name lacks $needed"
  done
  if printf '%s\n' "$files" | grep . | grep -Ev "$allowed"; then fail "component $name holds the files above"; fi
}

case "$step" in
  prefix)
    rm -rf "$work"
    mkdir -p "$work"
    cmake --install "$build" --prefix "$work/first" > "$work/install.log"
    mv "$work/first" "$prefix"
    for header in "$source"/include/pixazo/*.h; do
      [ -f "$prefix/include/pixazo/$(basename "$header")" ] || fail "$(basename "$header") is not installed"
    done
    if grep -rl -e "$work/first" -e "$source" "$prefix" --include='*.pc' --include='*.cmake' --include='*.h'; then
      fail "the files above name the place they were built or first installed in"
    fi
    ;;
  components)
    component runtime 'libpixazo\.so\.0$' 'libpixazo\.so\.0$'
    component development 'include/pixazo/[a-z_.]*\.h$|libpixazo\.a$|libpixazo\.so$|pixazo\.pc$|cmake/pixazo/' \
      'pixazo/error\.h$' 'libpixazo\.a$' 'libpixazo\.so$' 'pixazo\.pc$' 'pixazo-config\.cmake$' 'pixazo-config-version\.cmake$'
    component tools '/bin/pixazo[a-z-]*$|/share/'
    component python 'python'
    component doc '/share/'
    ;;
  shared) installed; run_shared ;;
  static) installed; run_static ;;
  cmake_shared) consumer cmake_shared 1 -DCMAKE_PREFIX_PATH="$prefix" ;;
  cmake_static) consumer cmake_static 0 -DCMAKE_PREFIX_PATH="$prefix" -DCONSUMER_COMPONENTS="COMPONENTS;static" ;;
  version)
    if cmake -S "$source/tests/api/consumer" -B "$work/version" -DCMAKE_PREFIX_PATH="$prefix" -DCONSUMER_VERSION=0.2 \
      > "$work/version.log" 2>&1; then fail "version 0.2 was accepted"; fi
    grep -q 'version' "$work/version.log" || fail "refused for another reason"
    ;;
  subdirectory) consumer subdirectory 1 -DCONSUMER_SOURCE="$source" -DCMAKE_BUILD_TYPE=Debug ;;
  canary)
    # A header that was forgotten must be noticed.
    installed
    rm -rf "$work/broken"
    cp -r "$prefix" "$work/broken"
    rm "$work/broken/include/pixazo/error.h"
    if "$cc" -fsyntax-only -I "$work/broken/include" "$source/tests/api/smoke.c" 2>/dev/null; then
      fail "a missing header went unnoticed"
    fi
    ;;
  *) fail "unknown step $step" ;;
esac
