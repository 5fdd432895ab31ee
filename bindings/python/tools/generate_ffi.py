#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes pixazo/_ffi.py from the C declarations.

Usage: generate_ffi.py PIXAZO.FFI.H INCLUDE_DIRECTORY [--check]

PIXAZO.FFI.H is made by the build (target pixazo_ffi_header); the include directory is asked for the few constants
that are macros. With --check nothing is written, and the exit code is 1 when the committed file differs.
Needs pycparser (Debian: python3-pycparser).
"""

import argparse
import re
import sys
from pathlib import Path

from pycparser import c_ast, c_generator, c_parser

OUTPUT = Path(__file__).resolve().parent.parent / "pixazo" / "_ffi.py"

SCALARS = {
    "void": "None", "char": "c_char", "size_t": "c_size_t", "double": "c_double",
    "int8_t": "c_int8", "uint8_t": "c_uint8", "int16_t": "c_int16", "uint16_t": "c_uint16",
    "int32_t": "c_int32", "uint32_t": "c_uint32", "int64_t": "c_int64", "uint64_t": "c_uint64",
    "pixazo_status": "c_int32",
}
NAMED_VALUES = {"UINT32_MAX": 0xFFFFFFFF, "UINT64_MAX": 0xFFFFFFFFFFFFFFFF}

HEAD = '''# SPDX-License-Identifier: MIT
"""The C declarations, as ctypes has them. Written by tools/generate_ffi.py: do not edit."""

from __future__ import annotations

import ctypes
from ctypes import (CFUNCTYPE, POINTER, Structure, c_char_p, c_double, c_int32, c_int64, c_size_t, c_uint32, c_uint64,
                    c_void_p)
from typing import Any, Dict, List, Optional, Tuple


class Handle(c_void_p):
    """Pointer to an opaque object: a type of its own for each, so that one is never taken for another."""

    @classmethod
    def from_param(cls, value: Any) -> Any:
        if value is None or isinstance(value, cls):
            return value
        raise TypeError(f"{cls.__name__} expected, got {type(value).__name__}")
'''


def constant_value(node):
    """Value of an enumerator: the headers spell out every one."""
    if isinstance(node, c_ast.UnaryOp) and node.op == "-":
        return -constant_value(node.expr)
    if isinstance(node, c_ast.Constant):
        return int(node.value, 0)
    raise SystemExit("an enumerator is not a plain number")


class Declarations:
    """What the parsed text declares, in its order."""

    def __init__(self, tree):
        self.handles, self.structs, self.callbacks, self.functions, self.constants = [], {}, {}, {}, {}
        for node in tree.ext:
            if isinstance(node, c_ast.Typedef):
                self.add_typedef(node)
            elif isinstance(node.type, c_ast.FuncDecl):
                self.functions[node.name] = node.type
            elif isinstance(node.type, c_ast.Enum):
                for item in node.type.values.enumerators:
                    self.constants[item.name] = constant_value(item.value)

    def add_typedef(self, node):
        if isinstance(node.type, c_ast.PtrDecl) and isinstance(node.type.type, c_ast.FuncDecl):
            self.callbacks[node.name] = node.type.type
        elif isinstance(node.type, c_ast.TypeDecl) and isinstance(node.type.type, c_ast.Struct):
            if node.type.type.decls is None:
                self.handles.append(node.name)
            else:
                self.structs[node.name] = node.type.type.decls


class Writer:
    def __init__(self, declarations):
        self.all = declarations
        self.lines = []

    def base(self, name):
        if name in SCALARS:
            return SCALARS[name]
        if name in self.all.handles or name in self.all.structs or name in self.all.callbacks:
            return name
        raise SystemExit(f"type {name} is not known to the generator")

    def python_type(self, node):
        """ctypes expression for a C type. Text to be freed (char *) is a bare pointer, so that it is not lost."""
        if isinstance(node, c_ast.TypeDecl):
            return self.base(" ".join(node.type.names))
        if not isinstance(node, c_ast.PtrDecl):
            raise SystemExit(f"{type(node).__name__} is not known to the generator")
        target = node.type
        if isinstance(target, c_ast.FuncDecl):
            return self.callback_type(target)
        inner = self.python_type(target)
        if isinstance(target, c_ast.TypeDecl):
            if inner == "None":
                return "c_void_p"
            if inner == "c_char":
                return "c_char_p" if "const" in target.quals else "c_void_p"
            if inner in self.all.handles:
                return inner
        return f"POINTER({inner})"

    def parameters(self, function):
        nodes = function.args.params if function.args else []
        if len(nodes) == 1 and isinstance(nodes[0].type, c_ast.TypeDecl) and nodes[0].type.type.names == ["void"]:
            return []
        return [node.type for node in nodes]

    def callback_type(self, function):
        kinds = [self.python_type(function.type)] + [self.python_type(p) for p in self.parameters(function)]
        return f"CFUNCTYPE({', '.join(kinds)})"

    def add(self, text=""):
        self.lines.append(text)

    def write_constants(self, macros):
        self.add("\n")
        for name, value in {**macros, **self.all.constants}.items():
            self.add(f"{name} = {value!r}")

    def write_handles(self):
        for name in self.all.handles:
            self.add(f"\n\nclass {name}(Handle):\n    pass")

    def write_structs(self):
        """Structs first as names, then callbacks, then fields: they refer to each other."""
        for name in self.all.structs:
            self.add(f"\n\nclass {name}(Structure):\n    pass")
        self.add("\n")
        for name, function in self.all.callbacks.items():
            self.add(f"{name} = {self.callback_type(function)}")
        for name, fields in self.all.structs.items():
            self.add()
            for field in fields:
                if isinstance(field.type, c_ast.PtrDecl) and isinstance(field.type.type, c_ast.FuncDecl):
                    self.add(f"{name}_{field.name}_fn = {self.callback_type(field.type.type)}")
            self.add(f"{name}._fields_ = [")
            for field in fields:
                self.add(f'    ("{field.name}", {self.field_type(name, field)}),')
            self.add("]")

    def field_type(self, struct, field):
        if isinstance(field.type, c_ast.PtrDecl) and isinstance(field.type.type, c_ast.FuncDecl):
            return f"{struct}_{field.name}_fn"
        return self.python_type(field.type)

    def c_pointer(self, function):
        """`int32_t (*)(const char *)`, which the compiler compares with the header."""
        text = c_generator.CGenerator(reduce_parentheses=True)
        nodes = self.parameters(function)
        kinds = ", ".join(re.sub(r"\s+", " ", text.visit(anonymous(node))) for node in nodes) or "void"
        return f"{text.visit(anonymous(function.type))} (*)({kinds})"

    def write_functions(self):
        self.add("\n\n# name: (C type, result, parameters)")
        self.add("FUNCTIONS: Dict[str, Tuple[str, Any, List[Any]]] = {")
        for name, function in sorted(self.all.functions.items()):
            kinds = ", ".join(self.python_type(p) for p in self.parameters(function))
            self.add(f'    "{name}": (\n        "{self.c_pointer(function)}",')
            self.add(f"        {self.python_type(function.type)}, [{kinds}]),")
        self.add("}")

    def write_lists(self):
        self.add("\nSTRUCTS: List[Any] = [")
        self.lines.extend(f"    {name}," for name in self.all.structs)
        self.add("]")
        self.add("\nCALLBACKS: Dict[str, Tuple[str, Any]] = {")
        for name, function in self.all.callbacks.items():
            self.add(f'    "{name}": ("{self.c_pointer(function)}", {name}),')
        for struct, fields in self.all.structs.items():
            for field in fields:
                if isinstance(field.type, c_ast.PtrDecl) and isinstance(field.type.type, c_ast.FuncDecl):
                    c_type = self.c_pointer(field.type.type)
                    self.add(f'    "{struct}.{field.name}": ("{c_type}", {struct}_{field.name}_fn),')
        self.add("}")


TAIL = '''

def declare(library: ctypes.CDLL) -> List[str]:
    """Gives every function its types; returns the names the library does not have."""
    missing = []
    for name, (_, result, parameters) in FUNCTIONS.items():
        function: Optional[Any] = getattr(library, name, None)
        if function is None:
            missing.append(name)
        else:
            function.restype, function.argtypes = result, parameters
    return missing
'''


def anonymous(node):
    """A copy of a type without the name of the parameter it declares."""
    if isinstance(node, c_ast.TypeDecl):
        return c_ast.Typename(None, node.quals, None, c_ast.TypeDecl(None, node.quals, None, node.type))
    inner = anonymous(node.type)
    return c_ast.Typename(None, [], None, c_ast.PtrDecl(node.quals, inner.type))


def read_macros(include):
    """Object-like macros whose value is a plain number, text or limit."""
    macros = {}
    for header in sorted(Path(include, "pixazo").glob("*.h")):
        for name, value in re.findall(r"^#define (PIXAZO_\w+) (\S+)$", header.read_text(encoding="utf-8"), re.M):
            if value in NAMED_VALUES:
                macros[name] = NAMED_VALUES[value]
            elif value.startswith('"'):
                macros[name] = value.strip('"')
            elif re.fullmatch(r"\d+", value):
                macros[name] = int(value)
    return macros


def generate(header, include):
    text = Path(header).read_text(encoding="utf-8")
    declarations = Declarations(c_parser.CParser().parse(text, str(header)))
    writer = Writer(declarations)
    writer.write_constants(read_macros(include))
    writer.write_handles()
    writer.write_structs()
    writer.write_functions()
    writer.write_lists()
    return HEAD + "\n".join(writer.lines) + "\n" + TAIL


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("header")
    parser.add_argument("include")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    text = generate(options.header, options.include)
    if not options.check:
        OUTPUT.write_text(text, encoding="utf-8")
    elif OUTPUT.read_text(encoding="utf-8") != text:
        print(f"{OUTPUT.name} is not what the headers give; run: {Path(__file__).name} {options.header} {options.include}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
