#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each check of abi.py must find what is broken on purpose in a copy of a small interface, and nothing before."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent

VERSION = """#ifndef PIXAZO_VERSION_H
#define PIXAZO_VERSION_H
#define PIXAZO_VERSION_MAJOR 0
#define PIXAZO_VERSION_MINOR 1
#define PIXAZO_API
#ifdef __cplusplus
extern "C" {
#endif
/** Version. @since 0.1 */
PIXAZO_API const char *pixazo_version(void);
#ifdef __cplusplus
}
#endif
#endif
"""
THING = """#ifndef PIXAZO_THING_H
#define PIXAZO_THING_H
#include <stddef.h>
#include <stdint.h>
#include <pixazo/version.h>
enum { PIXAZO_THING_ONE = 1, PIXAZO_THING_TWO = 2 };
/** Settings. */
typedef struct pixazo_thing_options {
  size_t struct_size; /**< size */
  uint32_t count;     /**< pictures */
  uint32_t quality;   /**< percent */
} pixazo_thing_options;
#ifdef __cplusplus
extern "C" {
#endif
/** Does. @since 0.1 */
PIXAZO_API int32_t pixazo_thing_do(const pixazo_thing_options *options);
#ifdef __cplusplus
}
#endif
#endif
"""
LIBRARY = """const char *pixazo_version(void);
int pixazo_thing_do(const void *options);
int pixazo_extra(void);
const char *pixazo_version(void) { return "0.1"; }
int pixazo_thing_do(const void *options) { return options != 0; }
int pixazo_extra(void) { return 1; }
"""
# check, file, old, new, what the finding must mention
CASES = [
    ("check-map", "lib/libpixazo.map", "    pixazo_thing_do;\n", "", "pixazo_thing_do is missing"),
    ("check-map", "lib/libpixazo.map", "    pixazo_thing_do;\n", "    pixazo_thing_do;\n    pixazo_gone;\n", "pixazo_gone should not"),
    ("check-map", "include/pixazo/thing.h", "/** Does.", "PIXAZO_API void pixazo_new(void);\n/** Does.", "pixazo_new is missing"),
    ("check-map", "tests/abi/symbols.txt", "@@PIXAZO_0.1\n", "@@PIXAZO_0.2\n", "should not be there"),
    ("check-constants", "include/pixazo/thing.h", "TWO = 2", "TWO = 3", "PIXAZO_THING_TWO 3 is missing"),
    ("check-constants", "include/pixazo/thing.h", ", PIXAZO_THING_TWO = 2", "", "PIXAZO_THING_TWO 2 should not"),
    ("check-layout", "include/pixazo/thing.h", "  uint32_t count;", "  uint32_t more[2]; /**< x */\n  uint32_t count;", "count moved"),
    ("check-layout", "include/pixazo/thing.h", "  uint32_t quality;", "  uint64_t quality;", "quality moved"),
    ("check-layout", "include/pixazo/thing.h", "/**< percent */\n", "/**< percent */\n  uint8_t flag; /**< x */\n", "ends in padding"),
    ("check-headers", "include/pixazo/thing.h", "#include <stddef.h>\n#include <stdint.h>\n", "", "thing.h does not stand alone"),
    ("check-headers", "include/pixazo/thing.h", "options);", "class);", "as c++11"),
    ("check-layout", "include/pixazo/thing.h", "  uint32_t count;", "  uint64_t more; /**< x */\n  uint8_t flag; /**< x */\n  uint32_t count;",
     "padding before count"),
    ("check-headers", "include/pixazo/thing.h", "TWO = 2 };", "TWO = 2 };\ntypedef int32_t again;\ntypedef int32_t again;", "as c99"),
]


def run(directory, check, *options):
    command = [sys.executable, str(HERE / "abi.py"), "--root", str(directory), "--cc", "cc", "--cxx", "c++", check, *options]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    return result.returncode, result.stdout + result.stderr


def make_tree(directory):
    for name, text in (("version.h", VERSION), ("thing.h", THING)):
        path = directory / "include/pixazo" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (directory / "lib").mkdir()
    (directory / "tests/abi").mkdir(parents=True)
    return run(directory, "update")[0]


def try_case(good, case):
    check, name, old, new, finding = case
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary, "copy")
        shutil.copytree(good, directory)
        path = directory / name
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        code, output = run(directory, check)
    if old in text and code != 0 and finding in output:
        return 0
    print(f"{check} did not say \"{finding}\" for {name} (exit code {code}):\n{output}")
    return 1


def build_library(directory, soname, *options):
    source, library = directory / "library.c", directory / "libpixazo.so.0"
    source.write_text(LIBRARY, encoding="utf-8")
    subprocess.run(["cc", "-shared", "-fPIC", f"-Wl,-soname,{soname}", "-Wl,-z,now", *options, str(source), "-o", str(library)],
                   check=True)
    return str(library)


def try_library(good):
    versioned = f"-Wl,--version-script={good}/lib/libpixazo.map"
    cases = [("libpixazo.so.0", [versioned, "-Wl,-z,nodelete"], 0, ""),
             ("libpixazo.so.1", [versioned, "-Wl,-z,nodelete"], 1, "the soname is libpixazo.so.1"),
             ("libpixazo.so.0", [versioned], 1, "nodelete"),
             ("libpixazo.so.0", ["-Wl,-z,nodelete"], 1, "pixazo_extra should not be there")]
    failures = 0
    for soname, options, wanted, finding in cases:
        code, output = run(good, "check-library", build_library(good, soname, *options))
        if code != wanted or finding not in output:
            print(f"check-library with {soname} {options} gave {code}:\n{output}")
            failures += 1
    return failures


def main():
    with tempfile.TemporaryDirectory() as temporary:
        good = Path(temporary, "good")
        failures = make_tree(good)
        for check in ("check-map", "check-constants", "check-layout", "check-headers"):
            code, output = run(good, check)
            if code != 0:
                print(f"{check} complains about a good interface:\n{output}")
                failures += 1
        failures += sum(try_case(good, case) for case in CASES)
        failures += try_library(good)
    print(f"{len(CASES) + 3} canaries, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
