# SPDX-License-Identifier: MIT
"""Blob, Cancel and Log."""

from __future__ import annotations

import ctypes
import logging
import os
import threading
import weakref
from ctypes import byref
from typing import Any, Callable, Dict, List, Optional, Tuple, TypeVar, Union

from . import _ffi
from ._enums import CancelMode
from ._errors import attempt, owned_text, plain, take_text
from ._hooks import Hooks, LineHook, line_hook
from ._life import Owner
from ._load import library
from ._text import PathLike, encode_path, from_json, in_range

T = TypeVar("T")
B = TypeVar("B", bound="Blob")


def _unref_view(handle: Any, pid: int) -> None:
    if os.getpid() == pid:
        library.pixazo_blob_unref(handle)


class Blob(Owner):
    """Immutable bytes that stay in C: `view` shows them without a copy, `bytes(blob)` copies them."""

    def __init__(self, data: Union[bytes, bytearray, memoryview]) -> None:
        content = bytes(data)
        handle = _ffi.pixazo_blob()
        attempt(library.pixazo_blob_new, content, len(content), byref(handle))
        self._own(handle, library.pixazo_blob_unref)

    @classmethod
    def _take(cls, handle: Any) -> "Blob":
        """Takes over one reference."""
        blob = cls.__new__(cls)
        blob._own(handle, library.pixazo_blob_unref)
        return blob

    @classmethod
    def from_file(cls, path: PathLike, *, max_bytes: int = 0) -> "Blob":
        """Reads a file; larger than max_bytes (0: 64 MiB) raises LimitError."""
        handle = _ffi.pixazo_blob()
        name = encode_path(path)
        attempt(library.pixazo_blob_new_from_file, name, in_range("max_bytes", max_bytes, 64), byref(handle))
        return cls._take(handle)

    @property
    def view(self) -> memoryview:
        """The bytes, read-only and without a copy. They live as long as the view does, also after close()."""
        with self._life as handle:
            size = int(library.pixazo_blob_size(handle))
            if size == 0:
                return memoryview(b"")
            array = (ctypes.c_uint8 * size).from_address(library.pixazo_blob_data(handle))
            # A view may outlive everything: at exit the bytes are left to the operating system.
            weakref.finalize(array, _unref_view, library.pixazo_blob_ref(handle), os.getpid()).atexit = False
        return memoryview(array).toreadonly().cast("B")

    @property
    def nbytes(self) -> int:
        with self._life as handle:
            return int(library.pixazo_blob_size(handle))

    def __len__(self) -> int:
        return self.nbytes

    def __bytes__(self) -> bytes:
        return bytes(self.view)

    def save(self, path: PathLike) -> None:
        """Writes a file that holds its old content or all of the new one."""
        with self._life as handle:
            attempt(library.pixazo_blob_save, handle, encode_path(path))

    def __repr__(self) -> str:
        return super().__repr__() if self.closed else f"<pixazo.Blob of {self.nbytes} bytes>"


class Cancel(Owner):
    """A token that stops work; any thread and any signal handler may set it."""

    def __init__(self) -> None:
        handle = _ffi.pixazo_cancel()
        attempt(library.pixazo_cancel_new, byref(handle))
        self._own(handle, library.pixazo_cancel_unref)

    def set(self, mode: CancelMode = CancelMode.SOFT) -> None:
        """SOFT sends nothing new; NOW cuts what was sent too."""
        with self._life as handle:
            library.pixazo_cancel_set(handle, mode)

    @property
    def mode(self) -> CancelMode:
        with self._life as handle:
            return CancelMode(library.pixazo_cancel_get(handle))

    def __bool__(self) -> bool:
        return self.mode != CancelMode.NOT_SET


class Maybe:
    """The handle of an optional object inside a `with`: NULL for None."""

    __slots__ = ("owner",)

    def __init__(self, owner: Optional[Owner]) -> None:
        self.owner = owner

    def __enter__(self) -> Any:
        return None if self.owner is None else self.owner._life.__enter__()

    def __exit__(self, *_: object) -> None:
        if self.owner is not None:
            self.owner._life.__exit__()


def interruptible(
    work: Callable[[Optional[Cancel]], T], cancel: Optional[Cancel], mode: CancelMode = CancelMode.NOW
) -> T:
    """Runs a call that blocks in C so that Ctrl-C ends it.

    Python runs signal handlers on the main thread only, between its own instructions. So the main thread waits in
    Python and a helper makes the call; any other thread makes it itself. `mode` is what the first Ctrl-C asks for;
    the second one cuts.
    """
    if threading.current_thread() is not threading.main_thread():
        return work(cancel)
    token, done = Cancel(), threading.Event()
    results: List[T] = []
    failures: List[BaseException] = []

    def body() -> None:
        try:
            results.append(work(token))
        except BaseException as exception:
            failures.append(exception)
        finally:
            done.set()

    thread = threading.Thread(target=body, name="pixazo", daemon=True)
    thread.start()
    try:
        while not done.wait(0.1):
            if cancel is not None and cancel:
                token.set(cancel.mode)
    except BaseException:
        token.set(mode)
        try:
            thread.join()
        except BaseException:
            token.set(CancelMode.NOW)
            thread.join()
        raise
    thread.join()
    token.close()
    if failures:
        try:
            raise failures[0]
        finally:
            failures.clear()
    return results[0]


NO_HOOK: Any = ctypes.cast(0, _ffi.pixazo_log_fn)


class Log(Owner):
    """Lines of the library, given to a function or, by default, to `logging` under the name "pixazo".

    They are delivered on threads of the program that are inside a call. With hook=None they wait for next().
    """

    ERROR, WARNING, INFO, DEBUG, TRACE = (
        _ffi.PIXAZO_LOG_ERROR, _ffi.PIXAZO_LOG_WARNING, _ffi.PIXAZO_LOG_INFO, _ffi.PIXAZO_LOG_DEBUG,
        _ffi.PIXAZO_LOG_TRACE,
    )
    LEVELS = {ERROR: logging.ERROR, WARNING: logging.WARNING, INFO: logging.INFO, DEBUG: logging.DEBUG, TRACE: 5}

    def __init__(self, level: int = INFO, hook: Union[LineHook, str, None] = "logging") -> None:
        self._hooks: Optional[Hooks] = None
        if hook is not None:
            self._hooks = Hooks(on_line=to_logging if isinstance(hook, str) else hook)
        handle = _ffi.pixazo_log()
        attempt(library.pixazo_log_new, level, line_hook if self._hooks else NO_HOOK,
                self._hooks.number if self._hooks else None, byref(handle))
        self._own(handle, library.pixazo_log_unref)

    def write(self, level: int, line: str) -> None:
        """Gives a line of the bindings to the hook."""
        if self._hooks is not None and self._hooks.on_line is not None:
            self._hooks.on_line(level, line)

    def next(self) -> Optional[Tuple[int, str]]:
        """The oldest waiting line with its level, or None."""
        level, line = ctypes.c_int32(), ctypes.c_void_p()
        with self._life as handle:
            status = plain(library.pixazo_log_next, handle, byref(level), byref(line), quiet=(_ffi.PIXAZO_E_AGAIN,))
        return (level.value, take_text(line)) if status == _ffi.PIXAZO_OK else None


class Metrics(Owner):
    """Counters, gauges and durations. Clients that are given the same object count together."""

    def __init__(self) -> None:
        handle = _ffi.pixazo_metrics()
        attempt(library.pixazo_metrics_new, byref(handle))
        self._own(handle, library.pixazo_metrics_unref)

    @classmethod
    def _take(cls, handle: Any) -> "Metrics":
        metrics = cls.__new__(cls)
        metrics._own(handle, library.pixazo_metrics_unref)
        return metrics

    def text(self) -> str:
        """In the text exposition format of Prometheus, 0.0.4."""
        with self._life as handle:
            return owned_text(library.pixazo_metrics_text, handle)

    def to_dict(self) -> Dict[str, Any]:
        with self._life as handle:
            return from_json(owned_text(library.pixazo_metrics_to_json, handle))


def to_logging(level: int, line: str) -> None:
    """Hands a line to the logger "pixazo"."""
    logging.getLogger("pixazo").log(Log.LEVELS.get(level, logging.DEBUG), "%s", line)
