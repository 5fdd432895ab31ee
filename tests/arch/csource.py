# SPDX-License-Identifier: MIT
"""A tolerant reader of C: enough to find includes, functions and their size without compiling."""

import os
import re
from pathlib import Path
from typing import NamedTuple

TOKEN = re.compile(r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'""", re.S | re.X)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.M | re.S)
WORDS = {"if", "for", "while", "switch", "return", "sizeof", "do", "else", "__attribute__", "defined"}


class Function(NamedTuple):
    name: str
    line: int
    lines: int
    complexity: int
    parameters: int
    is_static: bool


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def keep_quotes(match):
    text = match.group(0)
    return blank(match) if text[0] == "/" else text[0] + re.sub(r"[^\n]", " ", text[1:-1]) + text[-1]


def code_only(text):
    """Comments and the inside of literals blanked; same positions."""
    return TOKEN.sub(keep_quotes, text)


def without_comments(text):
    return TOKEN.sub(lambda m: blank(m) if m.group(0)[0] == "/" else m.group(0), text)


# What programs write, and remove while somebody else reads the tree.
MADE = {".git", "build", "demo", "__pycache__", ".mypy_cache", ".pytest_cache"}


def all_files(root):
    """Every file below root in order of names, without what is made; folders of that kind are not even opened."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(set(folders) - MADE)
        for name in sorted(files):
            yield Path(folder, name)


def c_files(root, *folders):
    for folder in folders:
        for path in all_files(Path(root) / folder):
            if path.suffix in (".c", ".h"):
                yield path


def includes(text):
    """(line, name, is_system) of each #include."""
    for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', without_comments(text), re.M):
        yield text.count("\n", 0, match.start()) + 1, match.group(2), match.group(1) == "<"


def matching(code, start, opening, closing):
    """Position behind the bracket that closes the one at `start`."""
    depth = 0
    for position in range(start, len(code)):
        if code[position] == opening:
            depth += 1
        elif code[position] == closing:
            depth -= 1
            if depth == 0:
                return position + 1
    return len(code)


def count_parameters(text):
    """The error slot is a way of returning and does not count."""
    text = re.sub(r",\s*pixazo_error \*\*\w+\s*$", "", text)
    depth, count = 0, 1
    for c in text:
        depth += (c == "(") - (c == ")")
        count += c == "," and depth == 0
    return 0 if text.strip() in ("", "void") else count


def function_at(code, brace):
    """The head of the function whose body opens at `brace`: (name, start, parameters) or None."""
    start = max(code.rfind(";", 0, brace), code.rfind("}", 0, brace)) + 1
    head = re.sub(r"__attribute__\s*\(\(.*?\)\)\s*\)?", blank, code[start:brace], flags=re.S)
    match = re.search(r"\b([A-Za-z_]\w*)\s*\(", head)
    if not match or match.group(1) in WORDS or "=" in head[:match.start()]:
        return None
    end = matching(head, match.end() - 1, "(", ")")
    return match.group(1), start + match.start(), head[match.end():end - 1], head[:match.start()]


def functions(text):
    code = DIRECTIVE.sub(blank, code_only(text))
    position = code.find("{")
    while position >= 0:
        end = matching(code, position, "{", "}")
        found = function_at(code, position)
        if found:
            name, start, parameters, before = found
            body = code[position:end]
            decisions = len(re.findall(r"\b(?:if|for|while|case)\b|&&|\|\||\?", body))
            line = code.count("\n", 0, start) + 1
            yield Function(name, line, code.count("\n", start, end) + 1, decisions + 1, count_parameters(parameters),
                           bool(re.search(r"\bstatic\b", before)))
        position = code.find("{", end)


class Problems:
    """Prints each finding; the exit code says whether there were any."""

    def __init__(self, root):
        self.root = Path(root)
        self.count = 0

    def add(self, path, line, text):
        self.count += 1
        place = path.relative_to(self.root) if isinstance(path, Path) and path.is_absolute() else path
        print(f"{place}:{line}: {text}" if line else f"{place}: {text}")

    def exit_code(self):
        return 1 if self.count else 0
