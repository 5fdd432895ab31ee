# SPDX-License-Identifier: MIT
"""_ffi.py says what the headers say: the compiler compares them."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import BINDINGS, tool_environment
from pixazo import _ffi
from pixazo._load import library_name

INCLUDE = Path(os.environ.get("PIXAZO_INCLUDE", BINDINGS.parent.parent / "include"))
CC = os.environ.get("PIXAZO_CC", "cc")

pytestmark = pytest.mark.skipif(not INCLUDE.is_dir(), reason="the headers are not here")


def compile_only(lines):
    text = "#include <stddef.h>\n#include <pixazo/pixazo.h>\n" + "\n".join(lines) + "\n"
    return subprocess.run([CC, "-std=c11", "-fsyntax-only", "-x", "c", "-I", str(INCLUDE), "-"], input=text,
                          capture_output=True, text=True, env=tool_environment())


def field_asserts():
    for struct in _ffi.STRUCTS:
        name = struct.__name__
        yield f'_Static_assert(sizeof({name}) == {ctypes.sizeof(struct)}, "{name}");'
        for field, _ in struct._fields_:
            where = getattr(struct, field)
            yield f'_Static_assert(offsetof({name}, {field}) == {where.offset}, "{name}.{field}");'
            yield f'_Static_assert(sizeof((({name} *)0)->{field}) == {where.size}, "{name}.{field}");'


def function_asserts():
    for name, (c_type, _, _) in _ffi.FUNCTIONS.items():
        yield f'_Static_assert(_Generic(&{name}, {c_type}: 1, default: 0), "{name}");'
    for name, (c_type, _) in _ffi.CALLBACKS.items():
        struct, _, field = name.partition(".")
        value = f"(({struct} *)0)->{field}" if field else f"({name})0"
        yield f'_Static_assert(_Generic({value}, {c_type}: 1, default: 0), "{name}");'


def constant_asserts():
    for name, value in vars(_ffi).items():
        if name.startswith("PIXAZO_") and isinstance(value, int):
            yield f'_Static_assert((long long){name} == {value}LL, "{name}");'


def test_the_compiler_agrees_with_every_declaration():
    lines = [*field_asserts(), *function_asserts(), *constant_asserts()]
    assert len(lines) > 400
    result = compile_only(lines)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("line", [
    '_Static_assert(offsetof(pixazo_client_options, provider) == 16, "moved");',
    '_Static_assert(_Generic(&pixazo_free, void (*)(int): 1, default: 0), "retyped");',
    '_Static_assert((long long)PIXAZO_E_IO == -11LL, "renumbered");',
])
def test_the_compiler_would_notice(line):
    assert compile_only([line]).returncode != 0


def kind_of(c_type):
    """What ctypes must have for a C type; written apart from the generator."""
    c_type = c_type.strip()
    if c_type == "const char *":
        return ctypes.c_char_p
    if c_type in ("void *", "const void *", "char *"):
        return ctypes.c_void_p
    if c_type == "void":
        return None
    scalars = {"pixazo_status": ctypes.c_int32, "size_t": ctypes.c_size_t, "double": ctypes.c_double}
    if c_type in scalars:
        return scalars[c_type]
    if re.fullmatch(r"u?int(32|64)_t", c_type):
        return getattr(ctypes, "c_" + c_type[:-2])
    base = re.fullmatch(r"(?:const )?(pixazo_\w+) ?(\*?) ?(?:const )?(\*?)", c_type)
    if base is None:
        text = re.fullmatch(r"(?:(char) \*|(\w+) )\*", c_type)
        assert text, f"no rule for {c_type!r}"
        return ctypes.POINTER(ctypes.c_void_p if text[1] else kind_of(text[2]))
    known = getattr(_ffi, base[1])
    if issubclass(known, _ffi.Handle):
        return ctypes.POINTER(known) if base[3] else known
    return ctypes.POINTER(known) if base[2] else known


def test_ctypes_has_the_types_the_c_text_names():
    for name, (c_type, result, parameters) in _ffi.FUNCTIONS.items():
        returned, arguments = re.fullmatch(r"(.*?)\(\*\)\((.*)\)", c_type).groups()
        kinds = [] if arguments == "void" else [kind_of(argument) for argument in arguments.split(",")]
        assert (kind_of(returned), kinds) == (result, list(parameters)), name


def test_the_library_exports_what_is_declared():
    nm = shutil.which("nm")
    if nm is None:
        pytest.skip("nm is not here")
    result = subprocess.run([nm, "-D", "--defined-only", library_name], capture_output=True, text=True, check=True,
                            env=tool_environment())
    exported = set(re.findall(r" T (pixazo_\w+)", result.stdout))
    assert exported == set(_ffi.FUNCTIONS)


def test_the_committed_file_is_the_generated_one():
    pytest.importorskip("pycparser")
    header = os.environ.get("PIXAZO_FFI_HEADER")
    if not header or not Path(header).exists():
        pytest.skip("pixazo.ffi.h was not built")
    result = subprocess.run([sys.executable, str(BINDINGS / "tools" / "generate_ffi.py"), "--check", header, str(INCLUDE)],
                            capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_handle_is_never_taken_for_another():
    parameter = _ffi.pixazo_store
    assert parameter.from_param(None) is None
    assert isinstance(parameter.from_param(_ffi.pixazo_store()), _ffi.pixazo_store)
    for wrong in (0, b"", _ffi.pixazo_client(), ctypes.c_void_p(1)):
        with pytest.raises(TypeError):
            parameter.from_param(wrong)
