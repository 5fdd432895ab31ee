#!/bin/sh
# SPDX-License-Identifier: MIT
# From a bare Debian to finished pictures: installs what is missing, builds, makes three test pictures, shows what is there.
# Needs no key and no network once the packages are in. Run it as often as you like.
set -eu

# Nothing here may spend money or find a real account.
for name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
  case "$name" in
    PIXAZO_* | OPENAI_* | GOOGLE_* | GEMINI_* | AWS_* | CLOUDINARY_* | BLOB_* | STABILITY_* | REPLICATE_* | FAL_* | HF_* | PG*)
      unset "$name" ;;
  esac
done

root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build/demo
art=$root/demo
log=$root/build/demo.log

sh "$root/tests/deps.sh" demo
mkdir -p "$build" "$art"
# A home of its own: a key file in yours is not looked at.
HOME=$build/home
export HOME
mkdir -p "$HOME"

echo "building (what the compiler says is in build/demo.log)"
if ! { cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DPIXAZO_BUILD_TESTS=OFF -DPIXAZO_BUILD_BENCHMARKS=OFF &&
  cmake --build "$build" --target pixazo; } > "$log" 2>&1; then
  tail -n 30 "$log"
  echo "the build failed" >&2
  exit 1
fi
pixazo=$(find "$build/examples" -type f -name pixazo -perm -u+x | head -n 1)

milliseconds() { echo $(($(date +%s%N) / 1000000)); }

make_picture() {
  started=$(milliseconds)
  "$pixazo" generate "$1" --dir "$art" --size "$2" --seed "$3" > /dev/null 2> "$build/said" || { cat "$build/said"; exit 1; }
  sed -e "$4" -e "s|$root/||" "$build/said"
  echo "   made, stored, recorded and exported in $(($(milliseconds) - started)) ms"
}

stamp=$build/stamp
touch "$stamp"
echo
echo "== three pictures, each with PNG, JPEG, WebP and a thumbnail"
make_picture "a red fox in the snow" 1024x1024 7 ''
make_picture "a harbour at dawn, long exposure" 1024x768 11 1d
make_picture "an old lighthouse, oil on canvas" 768x1024 13 1d

echo
echo "== the records: pixazo list --dir demo"
"$pixazo" list --dir "$art" --limit 3 --quiet

echo
echo "== the files"
(cd "$art" && find originals renditions -type f -newer "$stamp" -printf '%10s bytes  %TH:%TM:%.2TS  demo/%p\n' | sort -k 4)

echo
echo "== everything about the newest one: pixazo show ID --dir demo"
newest=$("$pixazo" list --dir "$art" --limit 1 --quiet | cut -d ' ' -f 1)
"$pixazo" show "$newest" --dir "$art" | sed "s|$root/||"

short=${pixazo#"$root"/}
cat <<END

Those were test pictures, painted by the library itself: no service was called, nothing was paid.
Next, from $root:
  $short doctor --dir demo
  $short generate "a red fox" -o fox.webp
  PIXAZO_API_KEY=... $short generate "a red fox" --dry-run    what it would send, and what that costs
  PIXAZO_API_KEY=... $short generate "a red fox"              the same, for real
  sh tests/run.sh                             all tests
  README.md, examples/01_generate.c           your own program
END
