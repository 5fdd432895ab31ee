#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The interface as it is promised: goldens, the version script, and checks against headers and the built library.

  abi.py update                    rewrites lib/libpixazo.map, symbols.txt, constants.txt, layout.c from the headers
  abi.py check-map                 map == headers == symbols.txt
  abi.py check-library FILE        what FILE exports, with its nodes == symbols.txt; the soname
  abi.py check-constants           constants.txt == the headers
  abi.py check-layout              layout.c compiles, and knows every field; no padding
  abi.py check-headers             every header alone, as C99, C11, C++11 and C++20
Options: --root DIR (the source tree), --cc NAME, --cxx NAME (both: several, comma-separated).
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import headers as public

SONAME = "libpixazo.so.0"
MAP_HEAD = """# SPDX-License-Identifier: MIT
# What the shared library exports: exactly the PIXAZO_API functions of include/pixazo.
# `sh tests/abi/update.sh` adds new names to the node of the current version; a published node is never edited.
"""


class Problems:
    def __init__(self):
        self.count = 0

    def add(self, text):
        self.count += 1
        print(text)

    def compare(self, what, expected, actual):
        for name in sorted(set(expected) - set(actual)):
            self.add(f"{what}: {name} is missing")
        for name in sorted(set(actual) - set(expected)):
            self.add(f"{what}: {name} should not be there")


def version_node(root):
    text = (root / "include/pixazo/version.h").read_text(encoding="utf-8")
    major, minor = (re.search(rf"PIXAZO_VERSION_{part} (\d+)", text).group(1) for part in ("MAJOR", "MINOR"))
    return f"PIXAZO_{major}.{minor}"


def read_map(root):
    path = root / "lib/libpixazo.map"
    nodes = {}
    if path.exists():
        text = re.sub(r"#[^\n]*", "", path.read_text(encoding="utf-8"))
        for node, body in re.findall(r"(PIXAZO_[\d.]+)\s*\{(.*?)\}", text, re.S):
            names = body.split("local:")[0].replace("global:", "")
            nodes[node] = re.findall(r"pixazo_\w+", names)
    return nodes


def write_map(root, names):
    nodes = {node: [n for n in members if n in names] for node, members in read_map(root).items()}
    known = {n for members in nodes.values() for n in members}
    nodes.setdefault(version_node(root), []).extend(sorted(set(names) - known))
    text, parent = MAP_HEAD, ""
    for node, members in nodes.items():
        lines = "".join(f"    {n};\n" for n in sorted(members))
        hide = "" if parent else "  local:\n    *;\n"
        text += f"\n{node} {{\n  global:\n{lines}{hide}}}{parent};\n"
        parent = f" {node}"
    (root / "lib/libpixazo.map").write_text(text, encoding="utf-8")


def symbols_of(nodes):
    return sorted(f"{name}@@{node}" for node, names in nodes.items() for name in names)


def golden_symbols(root):
    return (root / "tests/abi/symbols.txt").read_text(encoding="utf-8").split()


def run_program(root, cc, text):
    """Compiles C text against the headers and gives what it prints."""
    with tempfile.TemporaryDirectory() as directory:
        source, program = Path(directory, "program.c"), Path(directory, "program")
        source.write_text(text, encoding="utf-8")
        subprocess.run([cc, "-std=c11", "-I", str(root / "include"), str(source), "-o", str(program)], check=True)
        return subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout


def include_lines(root):
    return "".join(f"#include <pixazo/{p.name}>\n" for p in public.public_headers(root))


def constants_text(root, cc):
    body = ""
    for constant in public.parse(root).constants:
        if constant.is_text:
            body += f'  printf("{constant.name} \\"%s\\"\\n", {constant.name});\n'
        else:
            body += f'  printf("{constant.name} %lld\\n", (long long)({constant.name}));\n'
    output = run_program(root, cc, f"#include <stdio.h>\n{include_lines(root)}int main(void)\n{{\n{body}  return 0;\n}}\n")
    return "".join(sorted(output.splitlines(keepends=True)))


LAYOUT_HEAD = """/* SPDX-License-Identifier: MIT */
/* Where every field of every public struct lies on LP64; written by tests/abi/update.sh. A line that changes,
 * other than a new last field, breaks programs that are already built. */
#include <stddef.h>

"""
LAYOUT_MACROS = """
#define FIELD(type, name, offset, size) \\
  _Static_assert(offsetof(type, name) == (offset) && sizeof(((type *)0)->name) == (size), #type "." #name " moved")
#define SIZE(type, last, size) _Static_assert(sizeof(type) == (size), #type " has another size")

"""


def layout_text(root, cc):
    body = ""
    for struct in public.parse(root).structs:
        for name, _, _ in struct.fields:
            body += (f'  printf("FIELD({struct.name}, {name}, %zu, %zu);\\n", offsetof({struct.name}, {name}), '
                     f'sizeof((({struct.name} *)0)->{name}));\n')
        last = struct.fields[-1][0]
        body += f'  printf("SIZE({struct.name}, {last}, %zu);\\n\\n", sizeof({struct.name}));\n'
    program = f"#include <stddef.h>\n#include <stdio.h>\n{include_lines(root)}int main(void)\n{{\n{body}  return 0;\n}}\n"
    return LAYOUT_HEAD + include_lines(root) + LAYOUT_MACROS + run_program(root, cc, program).rstrip() + "\n"


def update(arguments):
    root = arguments.root
    names = {f.name for f in public.parse(root).functions}
    write_map(root, names)
    (root / "tests/abi/symbols.txt").write_text("\n".join(symbols_of(read_map(root))) + "\n", encoding="utf-8")
    (root / "tests/abi/constants.txt").write_text(constants_text(root, arguments.cc[0]), encoding="utf-8")
    (root / "tests/abi/layout.c").write_text(layout_text(root, arguments.cc[0]), encoding="utf-8")
    print(f"{len(names)} functions")


def check_map(arguments, problems):
    nodes = read_map(arguments.root)
    mapped = [name for names in nodes.values() for name in names]
    problems.compare("lib/libpixazo.map against the headers", {f.name for f in public.parse(arguments.root).functions}, mapped)
    problems.compare("tests/abi/symbols.txt against the map", symbols_of(nodes), golden_symbols(arguments.root))
    if len(mapped) != len(set(mapped)):
        problems.add("lib/libpixazo.map names a function twice")


def check_library(arguments, problems):
    listing = subprocess.run(["nm", "-D", "--defined-only", "--with-symbol-versions", arguments.library], check=True,
                             capture_output=True, text=True).stdout
    exported = [line.split()[-1] for line in listing.splitlines() if line.split()[-2] != "A"]
    problems.compare("exported by the library", golden_symbols(arguments.root), exported)
    dynamic = subprocess.run(["readelf", "-d", arguments.library], check=True, capture_output=True, text=True).stdout
    soname = re.search(r"Library soname: \[(.*?)\]", dynamic)
    if not soname or soname.group(1) != SONAME:
        problems.add(f"the soname is {soname.group(1) if soname else 'missing'}, not {SONAME}")
    if "NODELETE" not in dynamic:
        problems.add("the library is not linked with -z nodelete")
    if "BIND_NOW" not in dynamic and "NOW" not in dynamic:
        problems.add("the library is not linked with -z now")


def check_constants(arguments, problems):
    golden = (arguments.root / "tests/abi/constants.txt").read_text(encoding="utf-8").splitlines()
    problems.compare("tests/abi/constants.txt", constants_text(arguments.root, arguments.cc[0]).splitlines(), golden)


def check_layout(arguments, problems):
    path = arguments.root / "tests/abi/layout.c"
    for cc in arguments.cc:
        result = subprocess.run([cc, "-std=c11", "-fsyntax-only", "-I", str(arguments.root / "include"), str(path)], check=False)
        if result.returncode != 0:
            problems.add(f"tests/abi/layout.c does not hold with {cc}")
    actual = layout_text(arguments.root, arguments.cc[0])
    check_padding(actual, problems)
    problems.compare("tests/abi/layout.c", actual.splitlines(), path.read_text(encoding="utf-8").splitlines())


def check_padding(text, problems):
    """Every field begins where the one before it ends, and the struct ends with the last."""
    ends = {}
    for struct, field, offset, size in re.findall(r"^FIELD\((\w+), (\w+), (\d+), (\d+)\)", text, re.M):
        if int(offset) != ends.get(struct, 0):
            problems.add(f"{struct}: padding before {field}")
        ends[struct] = int(offset) + int(size)
    for struct, size in re.findall(r"^SIZE\((\w+), \w+, (\d+)\)", text, re.M):
        if int(size) != ends[struct]:
            problems.add(f"{struct} ends in padding")


def check_headers(arguments, problems):
    standards = [(cc, "c", std) for cc in arguments.cc for std in ("c99", "c11")]
    standards += [(cxx, "c++", std) for cxx in arguments.cxx for std in ("c++11", "c++20")]
    strict = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror", "-fsyntax-only"]
    with tempfile.TemporaryDirectory() as directory:
        for compiler, language, standard in standards:
            for path in public.public_headers(arguments.root):
                source = Path(directory, "alone.c")
                source.write_text(f"#include <pixazo/{path.name}>\n#include <pixazo/{path.name}>\ntypedef int alone;\n", encoding="utf-8")
                command = [compiler, "-x", language, f"-std={standard}", *strict, "-I", str(arguments.root / "include")]
                if subprocess.run([*command, str(source)], check=False).returncode != 0:
                    problems.add(f"{path.name} does not stand alone as {standard} with {compiler}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command")
    parser.add_argument("library", nargs="?")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    parser.add_argument("--cc", type=lambda text: text.split(","), default=["cc"])
    parser.add_argument("--cxx", type=lambda text: text.split(","), default=["c++"])
    arguments = parser.parse_args()
    if arguments.command == "update":
        update(arguments)
        return 0
    checks = {"check-map": check_map, "check-library": check_library, "check-constants": check_constants,
              "check-layout": check_layout, "check-headers": check_headers}
    problems = Problems()
    checks[arguments.command](arguments, problems)
    return 1 if problems.count else 0


if __name__ == "__main__":
    sys.exit(main())
