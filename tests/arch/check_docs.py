#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every public function says what it does, what it returns and since when; every field of a public struct
says what it means. Usage: check_docs.py [ROOT]"""

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "abi"))

import headers as public  # noqa: E402
from csource import Problems  # noqa: E402

ANSWERS = re.compile(r"@return|\b[Rr]eturns?\b|PIXAZO_OK|PIXAZO_E_|\b(?:as|[Ll]ike)\b.*pixazo_\w+\(\)", re.S)


def words(doc):
    return re.findall(r"[A-Za-z]{2,}", re.sub(r"@since\s+[\d.]+", "", doc))


def check_function(function, path, problems):
    if not words(function.doc):
        problems.add(path, function.line, f"{function.name} is not documented")
        return
    if not re.search(r"@since \d+\.\d+", function.doc):
        problems.add(path, function.line, f"{function.name} does not say @since")
    if "pixazo_status" in function.result.split() and not ANSWERS.search(function.doc):
        problems.add(path, function.line, f"{function.name} does not say what it returns")


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parents[1]).resolve()
    problems = Problems(root)
    interface = public.parse(root)
    for function in interface.functions:
        check_function(function, root / "include/pixazo" / function.header, problems)
    for struct in interface.structs:
        for name, _, doc in struct.fields:
            if not words(doc) and not re.search(r"\d", doc):
                problems.add(root / "include/pixazo" / struct.header, 0, f"{struct.name}.{name} is not documented")
    if not interface.functions:
        problems.add("include/pixazo", 0, "no function was found")
    return problems.exit_code()


if __name__ == "__main__":
    sys.exit(main())
