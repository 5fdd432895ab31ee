#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What no file of the tree may name: places on one machine, hosts of package registries. Usage: check_text.py [ROOT]"""

import re
import sys
from pathlib import Path

from csource import Problems, all_files

HERE = Path(__file__).resolve().parent
FORBIDDEN = [
    (re.compile(rb"(?<![\w.}])/(work|root|mnt|home/\w+|Users/\w+)/\w"), "a path of one machine"),
    (re.compile(rb"(pypi|pythonhosted|crates|rubygems)\.(org|io)|registry\.npmjs|(deb|snapshot)\.debian\.org|"
                rb"proxy\.golang\.org|files\.pythonhosted"), "a host of a package registry"),
    (re.compile(rb"\b(M\d{1,2}-\d{2}|EX-\d{2}|IMG\d{1,2}-\d{2})\b"), "an id that means nothing here"),
]


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parents[1]).resolve()
    problems = Problems(root)
    files = 0
    for path in all_files(root):
        if path.is_symlink() or path == Path(__file__).resolve():
            continue
        content = path.read_bytes()
        if b"\0" in content[:4096] or path.name == "check_text.py":
            continue
        files += 1
        for pattern, what in FORBIDDEN:
            for match in pattern.finditer(content):
                problems.add(path, content.count(b"\n", 0, match.start()) + 1, f"{what}: {match.group(0).decode()}")
    if files == 0:
        problems.add(root, 0, "no file was found")
    return problems.exit_code()


if __name__ == "__main__":
    sys.exit(main())
