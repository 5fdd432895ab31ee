# SPDX-License-Identifier: MIT
"""Exceptions on their way through C: kept by the callback, raised again by the call that ran it."""

from __future__ import annotations

import threading
from typing import Any, Callable


def c_function(kind: Any) -> Callable[[Callable[..., Any]], Any]:
    """Decorator: the function as C calls it. Kept by its module, so that it outlives every use."""

    def wrap(function: Callable[..., Any]) -> Any:
        return kind(function)

    return wrap


class _Pending(threading.local):
    exception: "BaseException | None" = None


_pending = _Pending()


def keep(exception: BaseException) -> None:
    """The first one explains; later ones are its consequences."""
    if _pending.exception is None:
        _pending.exception = exception


def stopped() -> bool:
    """A callback has raised already: the library is told to stop, and no other callback runs."""
    return _pending.exception is not None


def raise_pending() -> None:
    exception = _pending.exception
    if exception is None:
        return
    _pending.exception = None
    try:
        raise exception
    finally:
        del exception  # it refers to this frame
