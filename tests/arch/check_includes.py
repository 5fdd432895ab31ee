#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Which folder may include which, by layers.json. Usage: check_includes.py [ROOT]"""

import json
import sys
from pathlib import Path

from csource import Problems, c_files, includes

HERE = Path(__file__).resolve().parent


def layer_allows(table, file, own, name):
    target = name.split("/")[0]
    if target not in table["layers"] or "/" not in name:
        return False
    if target == own or target in table["layers"][own]["may"] or target in table["extra"].get(file, []):
        return True
    return own in table["doors"].get(name, [])


def check_library(root, table, problems):
    for path in c_files(root, "lib"):
        file = path.relative_to(root / "lib").as_posix()
        own = file.split("/")[0]
        if own not in table["layers"]:
            problems.add(path, 0, f"folder lib/{own} is not in layers.json")
            continue
        for line, name, is_system in includes(path.read_text(encoding="utf-8")):
            if not is_system and not layer_allows(table, file, own, name):
                problems.add(path, line, f"{own} may not include \"{name}\"")
            for prefix, owner in table["third_party"].items():
                if is_system and name.startswith(prefix) and file != owner:
                    problems.add(path, line, f"<{name}> belongs to lib/{owner} alone")


def check_doors(root, table, problems):
    for door in table["doors"]:
        path = root / "lib" / door
        lines = len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0
        if lines > table["door_lines"]:
            problems.add(path, 0, f"an inner door of {lines} lines; at most {table['door_lines']}")


def check_outside(root, table, problems):
    """Public headers and examples know nothing but public headers."""
    for path in c_files(root, "include"):
        for line, name, is_system in includes(path.read_text(encoding="utf-8")):
            if name not in ("stddef.h", "stdint.h") and not (is_system and name.startswith("pixazo/")):
                problems.add(path, line, f"a public header includes {name}")
    for path in c_files(root, "examples"):
        for line, name, is_system in includes(path.read_text(encoding="utf-8")):
            inner = not is_system and name.split("/")[0] in table["layers"]
            if inner or any(is_system and name.startswith(prefix) for prefix in table["third_party"]):
                problems.add(path, line, f"an example includes {name}; only <pixazo/...> and its own files")


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parents[1]).resolve()
    table = json.loads((root / "tests/arch/layers.json").read_text(encoding="utf-8"))
    problems = Problems(root)
    check_library(root, table, problems)
    check_doors(root, table, problems)
    check_outside(root, table, problems)
    return problems.exit_code()


if __name__ == "__main__":
    sys.exit(main())
