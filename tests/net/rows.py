#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tests that README.md names exist; with a build folder: how many cases each of its lines has.

    rows.py [BUILD]
"""
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent


def read_rows():
    rows = []
    for line in (HERE / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3 and "test_" in cells[2]:
            rows.append((cells[0], cells[2].split()))
    return rows


def find_tests():
    """Each test and the sources that have one of its name."""
    found = {}
    for folder in ("net", "client", "unit", "pipeline"):
        for source in sorted((TESTS / folder).glob("test_*.c")):
            for name in re.findall(r"^static void (test_\w+)\(void \*\*state\)", source.read_text(encoding="utf-8"), re.M):
                found.setdefault(name, []).append(source)
    return found


def program_of(build, source):
    folder, name = source.parent.name, source.stem
    names = dict(unit=name, pipeline=f"pipeline_{name}")
    return build / "tests" / folder / names.get(folder, f"{folder}_{name[len('test_'):]}")


def count_cases(program):
    """Cases of each test of a program, which must pass."""
    done = subprocess.run([str(program)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=300)
    text = done.stdout.decode(errors="replace")
    if done.returncode != 0:
        sys.exit(f"{program} failed:\n{text[-2000:]}")
    cases, inside = {}, None
    for line in text.splitlines():
        begin = re.match(r"\[ RUN +\] (\w+)", line)
        inside = begin.group(1) if begin else inside
        if begin:
            cases.setdefault(inside, 0)
        told = re.match(r"cases: .*: (\d+)$", line)
        if told and inside:
            cases[inside] += int(told.group(1))
    return cases


def main():
    rows, found = read_rows(), find_tests()
    missing = [name for _, tests in rows for name in tests if name not in found]
    for name in missing:
        print(f"README.md names {name}, which no test program has")
    if missing or not rows:
        sys.exit(1)
    if len(sys.argv) < 2:
        return
    build, counted = pathlib.Path(sys.argv[1]), {}
    for source in sorted({source for _, tests in rows for name in tests for source in found[name]}):
        for name, cases in count_cases(program_of(build, source)).items():
            counted[name] = counted.get(name, 0) + max(cases, 1)
    for what, tests in rows:
        print(f"{sum(counted.get(name, 1) for name in tests):6d}  {what}")


main()
