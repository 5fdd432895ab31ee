# SPDX-License-Identifier: MIT
"""Values on their way into C, and out of it."""

from __future__ import annotations

import difflib
import functools
import inspect
import json
import os
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Dict, Iterable, Mapping, Optional, TypeVar, Union

from ._errors import ArgumentError

PathLike = Union[str, "os.PathLike[str]"]
F = TypeVar("F", bound=Callable[..., Any])
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def encode(text: str) -> bytes:
    """UTF-8. C text ends at a NUL, so one inside would silently cut it."""
    if not isinstance(text, str):
        raise TypeError(f"str expected, got {type(text).__name__}")
    if "\0" in text:
        raise ArgumentError("text holds a NUL character")
    return text.encode("utf-8")


def encode_or_none(text: Optional[str]) -> Optional[bytes]:
    return None if text is None else encode(text)


def encode_path(path: PathLike) -> bytes:
    found = os.fsencode(path)
    if b"\0" in found:
        raise ArgumentError("a path holds a NUL character")
    return found


def to_json(value: Union[str, Mapping[str, Any]]) -> bytes:
    """A JSON object: text as it is, a mapping written out."""
    return encode(value if isinstance(value, str) else json.dumps(dict(value), ensure_ascii=False))


def from_json(text: str) -> Dict[str, Any]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {"value": found}


def from_us(us: int) -> datetime:
    return EPOCH + timedelta(microseconds=us)


def to_us(when: Union[datetime, int]) -> int:
    """Microseconds since 1970. A time without a zone would be a guess."""
    if isinstance(when, int):
        return when
    if when.tzinfo is None:
        raise ArgumentError("a datetime needs a time zone")
    return (when - EPOCH) // timedelta(microseconds=1)


def to_ms(seconds: Optional[float]) -> int:
    """Milliseconds for a C option; None means its default, 0."""
    if seconds is None:
        return 0
    if not 0 < seconds < 4294967:
        raise ArgumentError(f"{seconds} s is not a time between 1 ms and 49 days")
    return max(1, round(seconds * 1000))


def in_range(name: str, value: int, bits: int = 32) -> int:
    """ctypes cuts numbers that do not fit; here they are an error."""
    if not 0 <= value < 1 << bits:
        raise ArgumentError(f"{name} = {value} is not between 0 and {(1 << bits) - 1}")
    return value


def suggest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""


def refuse_unknown(function: str, given: Iterable[str], known: Iterable[str]) -> None:
    names = list(known)
    for name in given:
        if name not in names:
            raise TypeError(f"{function}() has no argument {name!r}{suggest(name, names)}")


def checked(function: F) -> F:
    """Says which keyword argument was probably meant."""
    known = [p.name for p in inspect.signature(function).parameters.values() if p.name != "self"]
    name = function.__qualname__.replace(".__init__", "")

    @functools.wraps(function)
    def wrapper(*arguments: Any, **named: Any) -> Any:
        refuse_unknown(name, named, known)
        return function(*arguments, **named)

    return wrapper  # type: ignore[return-value]
