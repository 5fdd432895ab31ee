#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each checker must find what is broken on purpose in a small tree, and nothing in that tree before."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKERS = ["includes", "budgets", "docs", "text", "banned"]

HEADER = """/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#define PIXAZO_API
typedef int pixazo_status;
/** Settings. */
typedef struct pixazo_thing_options {
  size_t struct_size; /**< sizeof(pixazo_thing_options) */
  int count;          /**< pictures; 0 means 1 */
} pixazo_thing_options;
/** Makes a thing. @return PIXAZO_OK or PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API pixazo_status pixazo_thing_new(const pixazo_thing_options *options);
"""
SOURCE = """/* SPDX-License-Identifier: MIT */
#include "base/thing.h"
int px_thing(int value)
{
  return value > 0 ? 1 : 0; /* printf("not code") and "goto" */
}
"""
TREE = {
    "include/pixazo/thing.h": HEADER,
    "lib/base/thing.c": SOURCE,
    "lib/base/thing.h": "int px_thing(int value);\n",
    "lib/client/use.c": '#include "base/thing.h"\n#include <pixazo/thing.h>\nint px_use(void)\n{\n  return px_thing(1);\n}\n',
    "examples/01.c": "#include <pixazo/thing.h>\nint main(void)\n{\n  return 0;\n}\n",
}
LONG = "".join(f"  value += {n};\n" for n in range(70))
BRANCHES = "".join(f"  if (value == {n} || value == -{n})\n    value++;\n" for n in range(9))
# checker, file, text to replace ('' appends), replacement, what the finding must mention
CASES = [
    ("includes", "lib/base/thing.c", "", '#include "client/use.h"\n', "base may not include"),
    ("includes", "lib/client/use.c", "", '#include "store/put.h"\n', "client may not include"),
    ("includes", "lib/client/use.c", "", '#include "image/codec.h"\n', "client may not include"),
    ("includes", "lib/client/use.c", "", "#include <curl/curl.h>\n", "belongs to"),
    ("includes", "lib/odd/new.c", "", "int odd;\n", "not in layers.json"),
    ("includes", "lib/client/steps.h", "", "int a;\n" * 151, "inner door"),
    ("includes", "examples/01.c", "", '#include "base/thing.h"\n', "an example includes"),
    ("includes", "include/pixazo/thing.h", "", "#include <stdio.h>\n", "a public header includes"),
    ("budgets", "lib/base/thing.c", "  return value", LONG + "  return value", "px_thing: function 74"),
    ("budgets", "lib/base/thing.c", "  return value", BRANCHES + "  return value", "px_thing: complexity 20"),
    ("budgets", "lib/base/thing.c", "int value)", "int a, int b, int c, int d, int e, int f, int value)", "parameters 7"),
    ("budgets", "lib/base/thing.c", "", "/* line */\n" * 500, "file 506"),
    ("docs", "include/pixazo/thing.h", "Makes a thing. @return PIXAZO_OK or PIXAZO_E_NOMEM. ", "", "is not documented"),
    ("docs", "include/pixazo/thing.h", "@return PIXAZO_OK or PIXAZO_E_NOMEM. ", "", "does not say what it returns"),
    ("docs", "include/pixazo/thing.h", "@since 0.1", "", "does not say @since"),
    ("docs", "include/pixazo/thing.h", "          /**< pictures; 0 means 1 */", "", "count is not documented"),
    ("text", "lib/base/thing.c", "", "/* see /ho" "me/somebody/notes */\n", "a path of one machine"),
    ("text", "lib/base/thing.c", "", "/* from py" "pi.org */\n", "registry"),
    ("text", "lib/base/thing.c", "", "/* M3" "-08 */\n", "an id"),
    ("banned", "lib/base/thing.c", "  return value", "  goto end;\n  return value", "goto"),
    ("banned", "lib/base/thing.c", "  return value", '  printf("x");\n  return value', "prints nothing"),
    ("banned", "lib/base/thing.c", "  return value", "  free(0);\n  return value", "only in lib/base/mem.c"),
    ("banned", "lib/client/use.c", "", "/* TO" "DO */\n", "unfinished"),
]


def make_tree(directory):
    for name, text in TREE.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (directory / "tests/arch").mkdir(parents=True)
    for name in ("layers.json", "banned.json"):
        shutil.copy(HERE / name, directory / "tests/arch" / name)
    (directory / "tests/arch/budgets.json").write_text(
        '{"folders": ["lib"], "soft": {"file": 500, "function": 60, "complexity": 15, "parameters": 6},'
        ' "hard": {"file": 700, "function": 100, "complexity": 20, "parameters": 8}, "reasons": {}}', encoding="utf-8")


def run(checker, directory, *options):
    result = subprocess.run([sys.executable, str(HERE / f"check_{checker}.py"), *options, str(directory)], check=False,
                            capture_output=True, text=True)
    return result.returncode, result.stdout + result.stderr


def try_case(case, directory):
    checker, name, old, new, finding = case
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(before.replace(old, new, 1) if old else before + new, encoding="utf-8")
    code, output = run(checker, directory)
    if name in TREE:
        path.write_text(before, encoding="utf-8")
    else:
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    if code == 1 and finding in output:
        return 0
    print(f"check_{checker} did not say \"{finding}\" for {name} (exit code {code}):\n{output}")
    return 1


def try_archive(directory):
    """The checks that read objects."""
    (directory / "bad.c").write_text("int counter = 1;\nstatic int hidden;\nint *px_alone(void) { return &hidden; }\n"
                                     "const int fixed = 3;\nconst char *const names[] = {\"a\"};\n", encoding="utf-8")
    subprocess.run(["cc", "-fPIC", "-c", "bad.c", "-o", "bad.c.o"], cwd=directory, check=True)
    subprocess.run(["ar", "rcs", "bad.a", "bad.c.o"], cwd=directory, check=True)
    failures = 0
    for option, found, quiet in (("--mutable", ["counter is a mutable", "hidden is a mutable"], ["fixed", "names"]),
                                 ("--visible", ["px_alone is visible"], [])):
        code, output = run("banned", directory, option, str(directory / "bad.a"))
        if code != 1 or not all(text in output for text in found) or any(text in output for text in quiet):
            print(f"check_banned {option} (exit code {code}):\n{output}")
            failures += 1
    return failures


def main():
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        make_tree(directory)
        failures = 0
        for checker in CHECKERS:
            code, output = run(checker, directory)
            if code != 0:
                print(f"check_{checker} complains about a good tree:\n{output}")
                failures += 1
        failures += sum(try_case(case, directory) for case in CASES)
        failures += try_archive(directory)
        print(f"{len(CASES) + 2} canaries, {failures} failures")
        return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
