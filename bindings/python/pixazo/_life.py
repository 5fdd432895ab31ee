# SPDX-License-Identifier: MIT
"""Who owns what: one C object, used by any thread, released exactly once, by the process that made it."""

from __future__ import annotations

import os
import threading
import weakref
from types import TracebackType
from typing import Any, Callable, Optional, Type, TypeVar

from ._errors import StateError
from ._pending import Shield, raise_pending

S = TypeVar("S", bound="Owner")


class Life:
    """The life of one C object. `with life as handle:` keeps it from being released meanwhile.

    A close() beside a call of another thread takes effect when that call is over. An exclusive object (a builder)
    serves one thread at a time. A borrowed one has no release of its own and ends with its parent.
    """

    __slots__ = ("name", "handle", "release", "parent", "exclusive", "pid", "users", "closed", "lock")

    def __init__(
        self,
        name: str,
        handle: Any,
        release: Optional[Callable[[Any], Any]],
        parent: "Optional[Life]" = None,
        exclusive: bool = False,
    ) -> None:
        self.name, self.handle, self.release, self.parent, self.exclusive = name, handle, release, parent, exclusive
        self.pid = os.getpid()
        self.users = 0
        self.closed = False
        self.lock = threading.RLock()

    def __enter__(self) -> Any:
        if self.pid != os.getpid():
            # The threads behind the object, and whoever held the lock, stayed in the parent.
            raise StateError(f"this {self.name} belongs to process {self.pid}: open one of your own after a fork")
        if self.parent is not None:
            self.parent.__enter__()
        self.lock.acquire()
        if self.closed:
            self.lock.release()
            if self.parent is not None:
                self.parent.__exit__()
            raise StateError(f"this {self.name} is closed")
        self.users += 1
        if not self.exclusive:
            self.lock.release()
        return self.handle

    def __exit__(self, *_: object) -> None:
        if not self.exclusive:
            self.lock.acquire()
        self.users -= 1
        last = self.closed and self.users == 0
        self.lock.release()
        if last:
            self.end()
        if self.parent is not None:
            self.parent.__exit__()

    def close(self) -> None:
        if self.pid != os.getpid():
            self.closed = True
            return
        with self.lock:
            if self.closed:
                return
            self.closed = True
            idle = self.users == 0
        if idle:
            self.end()

    def end(self) -> None:
        handle, self.handle = self.handle, None
        if self.release is not None:
            with Shield():
                self.release(handle)
            raise_pending()


class Owner:
    """Closed by close(), by `with`, or when nothing refers to it any more."""

    _life: Life
    _finalizer: Any

    def _own(
        self,
        handle: Any,
        release: Optional[Callable[[Any], Any]],
        parent: Optional[Life] = None,
        exclusive: bool = False,
    ) -> None:
        self._life = Life(type(self).__name__, handle, release, parent, exclusive)
        # Refers to the life, never to self: this object is no part of a cycle.
        self._finalizer = weakref.finalize(self, self._life.close)

    def close(self) -> None:
        """Releases the C object. Calling it again does nothing; any other use afterwards raises StateError."""
        self._finalizer.detach()
        self._life.close()

    @property
    def closed(self) -> bool:
        return self._life.closed

    def __enter__(self: S) -> S:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], value: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<pixazo.{type(self).__name__}{' (closed)' if self.closed else ''}>"
