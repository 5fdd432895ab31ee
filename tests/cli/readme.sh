#!/bin/sh
# SPDX-License-Identifier: MIT
# The program and the lines of README.md, taken from its text, do what it says. Usage: readme.sh SOURCE WORK
set -eu

source=$1
work=$2
fail() { echo "$*"; exit 1; }

rm -rf "$work"
mkdir -p "$work/home"
# block LANGUAGE N: the Nth block of that language.
block() {
  awk -v fence="\`\`\`$1" -v wanted="$2" '
    $0 == fence { n++; inside = (n == wanted); next }
    $0 == "```" { inside = 0 }
    inside { print }' "$source/README.md"
}

block c 1 > "$work/fox.c"
lines=$(wc -l < "$work/fox.c")
[ "$lines" -gt 5 ] || fail "README.md has no C program"
[ "$lines" -le 15 ] || fail "the C program of README.md has $lines lines, more than 15"

block sh 1 > "$work/lines.sh"
for needed in 'cmake -S' 'cmake --build' 'cmake --install' PKG_CONFIG_PATH 'cc fox.c' LD_LIBRARY_PATH; do
  grep -q -e "$needed" "$work/lines.sh" || fail "the lines of README.md do not have: $needed"
done
# The reader stands in the sources; here the sources and what is built from them are elsewhere.
sed -e "s|-S \. |-S '$source' |" -e "s|build/install|$work/install|" "$work/lines.sh" > "$work/run.sh"

block python 1 > "$work/fox.py"
grep -q 'generate("a red fox", seed=7, width=640, height=480).save("fox.webp")' "$work/fox.py" || fail "README.md has no Python program"
block sh 2 > "$work/python.sh"
grep -q 'python3 fox.py' "$work/python.sh" || fail "README.md does not say how to run the Python program"
{
  sed 's|^\(LD_LIBRARY_PATH=.*\)$|\1 > c.txt|' "$work/run.sh"
  sed "s|bindings/python|$source/bindings/python|" "$work/python.sh"
} > "$work/all.sh"

cd "$work"
for name in $(env | sed -n 's/^\(PIXAZO_[A-Za-z0-9_]*\)=.*/\1/p'); do unset "$name"; done
HOME=$work/home PYTHONDONTWRITEBYTECODE=1 sh -eu all.sh > out.txt 2>&1 || { cat out.txt; fail "the lines of README.md failed"; }
picture=$(cat c.txt)
[ -s "$picture" ] || fail "no picture at $picture"
head -c 8 "$picture" | od -An -c | tr -d ' \n' | grep -q '^211PNG' || fail "$picture is no PNG"
head -c 12 fox.webp | od -An -c | tr -d ' \n' | grep -q 'RIFF.*WEBP$' || fail "fox.webp is no WebP"
