#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Functions, words and objects the library does without, by banned.json.
Usage: check_banned.py [--mutable ARCHIVE] [--visible ARCHIVE] [ROOT]
--mutable: no variable of the archive is writable. --visible, alone: no function is visible outside its file without a user there."""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

from csource import DIRECTIVE, Problems, all_files, blank, c_files, code_only

HERE = Path(__file__).resolve().parent
TEXT = {".c", ".h", ".py", ".sh", ".md", ".txt", ".cmake", ".json", ".def", ".sql", ".in", ".pyi", ".toml"}


def calls(code, names):
    pattern = rf"(?<![\w.>])({names})\s*\(" if names != "goto" else r"\b(goto)\b()"
    for match in re.finditer(pattern, code):
        yield code.count("\n", 0, match.start()) + 1, match.group(1)


def check_functions(root, table, problems):
    for path in c_files(root, "lib"):
        name = path.relative_to(root).as_posix()
        code = code_only(path.read_text(encoding="utf-8"))
        for names, reason in table["functions"].items():
            for line, called in calls(code, names):
                problems.add(path, line, f"{called}: {reason}")
        for names, places in table["only_in"].items():
            if not any(name.startswith(place) for place in places):
                for line, called in calls(DIRECTIVE.sub(blank, code), names):
                    problems.add(path, line, f"{called}: only in {', '.join(places)}")


def text_files(root, places):
    for place in places:
        path = root / place
        for file in all_files(path) if path.is_dir() else [path]:
            if file.is_file() and file.suffix in TEXT and "tests/arch" not in file.as_posix():
                yield file


def check_words(root, table, problems):
    for path in text_files(root, table["words_in"]):
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if re.search(table["words"], line):
                problems.add(path, number, "unfinished: " + line.strip()[:60])


def check_mutable(archive, table, problems):
    """Writable data that is not a relocated constant."""
    listing = subprocess.run(["objdump", "-t", archive], check=True, capture_output=True, text=True).stdout
    member = ""
    for line in listing.splitlines():
        head = re.match(r"(\S+\.o):\s+file format", line)
        if head:
            member = head.group(1)
        entry = re.match(r"[0-9a-f]+ .{7} (\.data\S*|\.bss\S*|\.tdata\S*|\.tbss\S*|\*COM\*)\s+([0-9a-f]+)\s+(\S+)$", line)
        if not entry or entry.group(1).startswith(".data.rel.ro") or int(entry.group(2), 16) == 0:
            continue
        name = re.sub(r"\.\d+$", "", entry.group(3))  # a static variable of a function
        if not re.match(r"(__gcov|__odr_asan|\.L|__llvm|__profc|__profd|\*\.L)", name) and name not in table["mutable"].get(member, []):
            problems.add(member, 0, f"{name} is a mutable variable of the whole process")


def symbols(archive):
    """member -> (defined functions, used names)."""
    listing = subprocess.run(["nm", archive], check=True, capture_output=True, text=True).stdout
    members, member = {}, ""
    for line in listing.splitlines():
        if line.endswith(".o:"):
            member = line[:-1]
            members[member] = (set(), set())
        entry = re.match(r"(?:[0-9a-f]+)?\s*([TU]) (\S+)$", line.strip())
        if entry and member:
            members[member][entry.group(1) == "U"].add(entry.group(2))
    return members


def check_visible(root, archive, problems):
    members = symbols(archive)
    tests = " ".join(path.read_text(encoding="utf-8") for path in c_files(root, "tests"))
    for member, (defined, _) in members.items():
        used = set().union(*(names for other, (_, names) in members.items() if other != member))
        for name in sorted(defined - used):
            if name.startswith("px_") and not re.search(rf"\b{name}\b", tests):
                problems.add(member, 0, f"{name} is visible, but nobody outside its file uses it")
            elif not re.match(r"(px|pixazo)_|_sub_|__|asan\.", name):
                problems.add(member, 0, f"{name} is visible and has no prefix")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mutable")
    parser.add_argument("--visible")
    parser.add_argument("root", nargs="?", type=Path, default=HERE.parents[1])
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    table = json.loads((root / "tests/arch/banned.json").read_text(encoding="utf-8"))
    problems = Problems(root)
    if arguments.visible:
        check_visible(root, arguments.visible, problems)
        return problems.exit_code()
    check_functions(root, table, problems)
    check_words(root, table, problems)
    if arguments.mutable:
        check_mutable(arguments.mutable, table, problems)
    return problems.exit_code()


if __name__ == "__main__":
    sys.exit(main())
