# SPDX-License-Identifier: MIT
"""Reads the public headers: exported functions, structs with their fields, constants, and their doc comments."""

import re
from pathlib import Path
from typing import NamedTuple


class Function(NamedTuple):
    name: str
    result: str
    parameters: list  # of declaration texts
    doc: str
    header: str
    line: int


class Struct(NamedTuple):
    name: str
    fields: list  # of (name, declaration, doc)
    doc: str
    header: str


class Constant(NamedTuple):
    name: str
    is_text: bool
    header: str


class Headers(NamedTuple):
    functions: list
    structs: list
    constants: list
    opaque: list


def public_headers(root):
    """The headers a program includes; *.ffi.h is a by-product made from them."""
    return sorted(p for p in (Path(root) / "include" / "pixazo").glob("*.h") if not p.name.endswith(".ffi.h"))


COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def without_comments(text):
    """Same length and same lines, so that positions in one are positions in the other."""
    return COMMENT.sub(blank, text)


def doc_before(text, position):
    """The /** comment that ends right before a position, or ''."""
    head = text[:position].rstrip()
    if not head.endswith("*/"):
        return ""
    start = head.rfind("/*")
    return head[start:] if head.startswith("/**", start) else ""


def split_parameters(text):
    parts, depth, current = [], 0, ""
    for c in text:
        depth += (c == "(") - (c == ")")
        if c == "," and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += c
    parts.append(current)
    cleaned = [" ".join(p.split()) for p in parts]
    return [] if cleaned in (["void"], [""]) else cleaned


def parse_functions(text, code, header):
    for match in re.finditer(r"\bPIXAZO_API\b(?!\s*$)([^;{]*?)\b(pixazo_\w+)\s*\(", code, re.M):
        if "#define" in code[code.rfind("\n", 0, match.start()) + 1:match.start()]:
            continue
        depth, end = 1, match.end()
        while depth and end < len(code):
            depth += (code[end] == "(") - (code[end] == ")")
            end += 1
        yield Function(match.group(2), " ".join(match.group(1).replace("PIXAZO_MUST_CHECK", "").split()),
                       split_parameters(code[match.end():end - 1]), doc_before(text, match.start()), header,
                       code.count("\n", 0, match.start()) + 1)


def field_name(declaration):
    pointer = re.search(r"\(\s*\*\s*(\w+)\s*\)", declaration)
    if pointer:
        return pointer.group(1)
    return re.search(r"(\w+)\s*(\[[^\]]*\])*\s*$", declaration).group(1)


def parse_fields(text, code, start, end):
    position = start
    for piece in code[start:end].split(";")[:-1]:
        stop = position + len(piece)
        declaration = " ".join(piece.split())
        line_end = text.find("\n", stop)
        following = text[stop + 1:line_end if line_end >= 0 else end]
        after = re.match(r"\s*/\*\*<(.*)", following, re.S)
        doc = after.group(0) if after else doc_before(text, position + len(piece) - len(piece.lstrip()))
        if not after and doc.startswith("/**<"):  # it belongs to the field before
            doc = ""
        yield (field_name(declaration), declaration, doc)
        position = stop + 1


def parse_structs(text, code, header):
    for match in re.finditer(r"typedef\s+struct\s+(\w+)\s*\{", code):
        end = code.index("}", match.end())
        yield Struct(match.group(1), list(parse_fields(text, code, match.end(), end)), doc_before(text, match.start()), header)


def parse_constants(code, header):
    for match in re.finditer(r"\benum\b\s*\w*\s*\{([^}]*)\}", code):
        for entry in match.group(1).split(","):
            name = entry.split("=")[0].strip()
            if name and not name.startswith("#"):
                yield Constant(name, False, header)
    for match in re.finditer(r"^#define[ \t]+(PIXAZO_\w+)[ \t]+(\S[^\n]*)$", code, re.M):
        value = match.group(2).strip()
        if value.startswith('"') or re.match(r"^[-(]?\(?-?\d", value):
            yield Constant(match.group(1), value.startswith('"'), header)


def parse(root):
    result = Headers([], [], [], [])
    for path in public_headers(root):
        text = path.read_text(encoding="utf-8")
        code = without_comments(text)
        result.functions.extend(parse_functions(text, code, path.name))
        result.structs.extend(parse_structs(text, code, path.name))
        result.constants.extend(parse_constants(code, path.name))
        result.opaque.extend(re.findall(r"typedef\s+struct\s+(\w+)\s+\1\s*;", code))
    return result
