#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Size of files and functions against budgets.json. Above soft needs a reason there; above hard nothing helps.
Usage: check_budgets.py [ROOT]"""

import json
import sys
from pathlib import Path

from csource import Problems, c_files, functions

HERE = Path(__file__).resolve().parent


class Budgets:
    def __init__(self, table, problems):
        self.table = table
        self.problems = problems
        self.used = set()

    def check(self, path, line, key, what, value):
        if value <= self.table["soft"][what]:
            return
        reason = self.table["reasons"].get(key)
        self.used.add(key)
        if value > self.table["hard"][what] or not reason:
            self.problems.add(path, line, f"{key.split(':')[-1]}: {what} {value}, budget {self.table['soft'][what]}")


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parents[1]).resolve()
    table = json.loads((root / "tests/arch/budgets.json").read_text(encoding="utf-8"))
    problems = Problems(root)
    budgets = Budgets(table, problems)
    count = 0
    for path in c_files(root, *table["folders"]):
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        budgets.check(path, 0, name, "file", text.count("\n"))
        if path.suffix != ".c":
            continue
        for function in functions(text):
            count += 1
            key = f"{name}:{function.name}"
            budgets.check(path, function.line, key, "function", function.lines)
            budgets.check(path, function.line, key, "complexity", function.complexity)
            budgets.check(path, function.line, key, "parameters", function.parameters)
    for key in sorted(set(table["reasons"]) - budgets.used):
        problems.add("tests/arch/budgets.json", 0, f"the reason for {key} is not needed any more")
    if count == 0:
        problems.add("lib", 0, "no function was found")
    return problems.exit_code()


if __name__ == "__main__":
    sys.exit(main())
