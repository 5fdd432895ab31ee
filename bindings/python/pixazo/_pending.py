# SPDX-License-Identifier: MIT
"""Exceptions on their way through C: kept by the callback, raised again by the call that ran it."""

from __future__ import annotations

import signal
import threading
from typing import Any, Callable, List, Tuple

HANDLED = (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM, signal.SIGALRM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGINT)


def c_function(kind: Any) -> Callable[[Callable[..., Any]], Any]:
    """Decorator: the function as C calls it. Kept by its module, so that it outlives every use."""

    def wrap(function: Callable[..., Any]) -> Any:
        return kind(function)

    return wrap


class _Pending(threading.local):
    exception: "BaseException | None" = None
    shielded = False


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


def _kept(handler: Callable[[int, Any], Any]) -> Callable[[int, Any], None]:
    def keeping(number: int, frame: Any) -> None:
        try:
            handler(number, frame)
        except BaseException as exception:
            keep(exception)

    return keeping


class Shield:
    """Around a call into C that may run callbacks: what a signal handler raises meanwhile is kept, as if by a callback.

    Python runs the handler at the first instruction of the next callback, before any `try` there is in force; ctypes
    would print the KeyboardInterrupt and forget it. Handlers run on the main thread only, so only there it does
    anything. A handler that is replaced meanwhile stays replaced.
    """

    __slots__ = ("replaced",)

    def __enter__(self) -> None:
        self.replaced: List[Tuple[int, Any, Any]] = []
        if _pending.shielded or threading.current_thread() is not threading.main_thread():
            return
        for number in HANDLED:
            handler = signal.getsignal(number)
            if callable(handler):
                keeping = _kept(handler)
                _pending.shielded = True
                self.replaced.append((number, handler, keeping))
                signal.signal(number, keeping)

    def __exit__(self, *_: object) -> None:
        if self.replaced:
            _pending.shielded = False
        for number, handler, keeping in self.replaced:
            if signal.getsignal(number) is keeping:
                signal.signal(number, handler)
