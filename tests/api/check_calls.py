#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails when a function that the library exports is called by no program of this folder and by no example.
Usage: check_calls.py ROOT, or check_calls.py ROOT --canary for the proof that a gap is noticed."""

import re
import sys
from pathlib import Path

ROOT = Path(sys.argv[1])
COMMENT_OR_TEXT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.DOTALL)


def exported():
    text = re.sub(r"#[^\n]*", "", (ROOT / "lib" / "libpixazo.map").read_text(encoding="utf-8"))
    return set(re.findall(r"\b(pixazo_\w+);", text))


def sources():
    return sorted((ROOT / "tests" / "api").glob("*.[ch]")) + sorted((ROOT / "examples").glob("*.c"))


def called():
    names = set()
    for path in sources():
        names |= set(re.findall(r"\b(pixazo_\w+)\s*\(", COMMENT_OR_TEXT.sub(" ", path.read_text(encoding="utf-8"))))
    return names


def main():
    names = exported()
    if "--canary" in sys.argv:
        names.add("pixazo_nobody_calls")
    missing = sorted(names - called())
    for name in missing:
        print(f"{name} is called by no program of tests/api or examples")
    if "--canary" in sys.argv:
        return 0 if missing == ["pixazo_nobody_calls"] else 1
    print(f"{len(names) - len(missing)} of {len(names)} exported functions are called")
    return 1 if missing or len(names) < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
