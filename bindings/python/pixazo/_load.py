# SPDX-License-Identifier: MIT
"""Finds libpixazo, checks that it is one these bindings know, and declares its functions."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from pathlib import Path
from typing import Any, Iterator, List, Tuple

from . import _ffi

SONAME = "libpixazo.so.0"
BUNDLED = Path(__file__).resolve().parent / "_lib" / SONAME
HELP = (
    "Install the library (Debian: apt-get install libpixazo0; from source: cmake --install), "
    "or name the file: PIXAZO_LIBRARY=/path/to/" + SONAME
)


def candidates() -> Iterator[Tuple[str, str]]:
    """Where to look, best first: (name for dlopen, why)."""
    named = os.environ.get("PIXAZO_LIBRARY")
    if named:
        # Whoever names a file wants this one or a failure, never another one silently.
        yield named, "PIXAZO_LIBRARY"
        return
    yield str(BUNDLED), "part of this package"
    yield SONAME, "the system's search path"
    yield ctypes.util.find_library("pixazo") or "", "ctypes.util.find_library"


def open_library() -> Tuple[ctypes.CDLL, str]:
    tried: List[str] = []
    for name, why in candidates():
        try:
            if not name:  # an empty name would open the program itself
                raise OSError("nothing found")
            return ctypes.CDLL(name), name
        except OSError as problem:
            text = str(problem)
            tried.append(f"  {why}: {text if text.startswith(name) else f'{name}: {text}'}")
    raise ImportError("libpixazo was not found. Tried:\n" + "\n".join(tried) + "\n" + HELP)


def version_text(number: int) -> str:
    return f"{number // 1000000}.{number // 1000 % 1000}.{number % 1000}"


def check_version(number: int, name: str) -> None:
    """Below 1.0 a minor version may change the interface."""
    major, minor = number // 1000000, number // 1000 % 1000
    wanted = (_ffi.PIXAZO_VERSION_MAJOR, _ffi.PIXAZO_VERSION_MINOR)
    if major != wanted[0] or (major == 0 and minor != wanted[1]) or minor < wanted[1]:
        raise ImportError(
            f"{name} is libpixazo {version_text(number)}, but these bindings are for "
            f"{_ffi.PIXAZO_VERSION_STRING}. {HELP}"
        )


def stub(name: str, version: str) -> Any:
    """Stands in for a function that an older library does not have, so that importing never fails late."""

    def missing(*_: Any) -> None:
        raise NotImplementedError(
            f"{name} is not in libpixazo {version}; it needs a newer one (bindings: {_ffi.PIXAZO_VERSION_STRING})"
        )

    return missing


def load() -> Tuple[ctypes.CDLL, str]:
    """The library, and the name it was found under."""
    library, name = open_library()
    try:
        version_number = library.pixazo_version_number
    except AttributeError:
        raise ImportError(f"{name} is not libpixazo: it has no pixazo_version_number") from None
    version_number.restype, version_number.argtypes = ctypes.c_uint32, []
    number = int(version_number())
    check_version(number, name)
    for function in _ffi.declare(library):
        setattr(library, function, stub(function, version_text(number)))
    return library, name


library, library_name = load()
