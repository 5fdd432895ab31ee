# SPDX-License-Identifier: MIT
"""Failures as exceptions: one class for each thing a caller can do about it."""

from __future__ import annotations

from ctypes import byref, c_void_p, string_at
from typing import Any, Callable, Dict, Optional, Tuple, Type

from . import _ffi
from ._pending import Shield, raise_pending, stopped
from ._enums import AttemptClass, Charge, Status
from ._load import library


class PixazoError(Exception):
    """What failed, where, why, what it cost, and what to do about it."""

    status: Status = Status.INTERNAL

    def __init__(
        self,
        message: str = "",
        *,
        status: Optional[int] = None,
        hint: str = "",
        attempt_class: int = 0,
        charge: int = 0,
        http_status: int = 0,
        provider_code: str = "",
        request_id: str = "",
        retry_after: Optional[float] = None,
        generation: str = "",
        retryable: bool = False,
    ) -> None:
        super().__init__(message)
        if status is not None:
            self.status = Status(status)
        self.message = message
        """What failed, where, why and what it cost."""
        self.hint = hint
        """What to do about it; "" when there is no advice."""
        self.attempt_class = AttemptClass(attempt_class)
        """How the paid attempt ended."""
        self.charge = Charge(charge)
        """Whether money was spent."""
        self.http_status = http_status
        """0 when the failure was not an HTTP answer."""
        self.provider_code = provider_code
        self.request_id = request_id
        self.retry_after = retry_after
        """Seconds the provider asked to wait, or None."""
        self.generation = generation
        """UUID of the generation it belongs to, or ""."""
        self.retryable = retryable
        """The same call may succeed later without risking a second charge."""

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message

    def __reduce__(self) -> Tuple[Any, ...]:
        return (_rebuild, (type(self), self.message, {**self.__dict__, "status": self.status}))


def _rebuild(kind: Type[PixazoError], message: str, facts: Dict[str, Any]) -> PixazoError:
    error = kind(message)
    error.__dict__.update(facts)
    return error


class ArgumentError(PixazoError, ValueError):
    """An argument, option or setting is wrong; nothing was done."""

    status = Status.ARGUMENT


class AbiError(PixazoError):
    """The library does not know a field these bindings use."""

    status = Status.ABI


class StateError(PixazoError, RuntimeError):
    """Not in this state: closed, of another process, or in the wrong order."""

    status = Status.STATE


class UnsupportedError(PixazoError):
    """Valid, but not supported by this build, store or format."""

    status = Status.UNSUPPORTED


class LimitError(PixazoError):
    """A bound on untrusted input was reached."""

    status = Status.LIMIT


class OutOfMemory(PixazoError, MemoryError):
    """Memory could not be allocated."""

    status = Status.NOMEM


class StorageError(PixazoError, OSError):
    """A file or the operating system failed: disk full, permission."""

    status = Status.IO


class Corrupt(PixazoError):
    """Bytes that should be valid are not: a picture, a database, JSON."""

    status = Status.CORRUPT


class Busy(PixazoError):
    """Somebody else holds the resource; try again later."""

    status = Status.BUSY


class InternalError(PixazoError):
    """A defect of the library; please report it."""

    status = Status.INTERNAL


class Cancelled(PixazoError):
    """Cancelled by the caller, a hook or a token."""

    status = Status.CANCELLED


class Timeout(PixazoError, TimeoutError):
    """A deadline passed."""

    status = Status.TIMEOUT


class Again(PixazoError, BlockingIOError):
    """Nothing there yet."""

    status = Status.AGAIN


class NetworkError(PixazoError, ConnectionError):
    """Name lookup, connection, TLS or transfer failed."""

    status = Status.NETWORK


class AuthError(PixazoError, PermissionError):
    """The key is missing, refused or without permission."""

    status = Status.AUTH


class ThrottledError(PixazoError):
    """Too many requests; retry_after may say how long to wait."""

    status = Status.THROTTLED


class QuotaError(PixazoError):
    """Out of credit or quota at the provider."""

    status = Status.QUOTA


class ContentBlocked(PixazoError):
    """Refused by content policy."""

    status = Status.REJECTED


class ProviderError(PixazoError):
    """The provider answered with an error or with something unreadable."""

    status = Status.PROVIDER


class NotFound(PixazoError, FileNotFoundError, LookupError):
    """No such object."""

    status = Status.NOT_FOUND


class Exists(PixazoError, FileExistsError):
    """It exists already, and is different."""

    status = Status.EXISTS


class Conflict(PixazoError):
    """The object changed meanwhile or belongs to another worker."""

    status = Status.CONFLICT


class BudgetExceeded(PixazoError):
    """A budget or an unknown price forbids the call; nothing was spent."""

    status = Status.BUDGET


class Ambiguous(PixazoError):
    """A paid request was sent and its outcome is unknown: decide before sending it again."""

    status = Status.AMBIGUOUS


CLASSES: Dict[int, Type[PixazoError]] = {
    int(kind.status): kind
    for kind in (
        ArgumentError, AbiError, StateError, UnsupportedError, LimitError, OutOfMemory, StorageError, Corrupt, Busy,
        InternalError, Cancelled, Timeout, Again, NetworkError, AuthError, ThrottledError, QuotaError, ContentBlocked,
        ProviderError, NotFound, Exists, Conflict, BudgetExceeded, Ambiguous,
    )
}


def decode(text: Optional[bytes]) -> str:
    return text.decode("utf-8", "replace") if text else ""


def from_status(status: int, message: str = "") -> PixazoError:
    kind = CLASSES.get(status, PixazoError)
    return kind(message or decode(library.pixazo_status_text(status)), status=status)


def from_error(error: Any, status: Optional[int] = None) -> PixazoError:
    """The exception for an error object, which stays its owner's. NULL: what the status alone says."""
    if not error:
        return from_status(_ffi.PIXAZO_E_INTERNAL if status is None else status)
    found = int(library.pixazo_error_status(error))
    retry_after = int(library.pixazo_error_retry_after_ms(error))
    return CLASSES.get(found, PixazoError)(
        decode(library.pixazo_error_message(error)),
        status=found,
        hint=decode(library.pixazo_error_hint(error)),
        attempt_class=int(library.pixazo_error_class(error)),
        charge=int(library.pixazo_error_charge(error)),
        http_status=int(library.pixazo_error_http_status(error)),
        provider_code=decode(library.pixazo_error_provider_code(error)),
        request_id=decode(library.pixazo_error_request_id(error)),
        retry_after=retry_after / 1000 if retry_after else None,
        generation=decode(library.pixazo_error_generation(error)),
        retryable=bool(library.pixazo_error_is_retryable(error)),
    )


def attempt(
    function: Callable[..., int],
    *arguments: Any,
    quiet: Tuple[int, ...] = (),
    undo: Optional[Callable[[], Any]] = None,
) -> int:
    """Calls a function whose last parameter is `pixazo_error **`; gives its status.

    An exception out of a callback comes first: it is why the library stopped. When the call succeeded all the same,
    `undo` releases what it gave. A status in `quiet` is not a failure.
    """
    error = _ffi.pixazo_error()
    try:
        with Shield():
            status = function(*arguments, byref(error))
        if stopped() and status == _ffi.PIXAZO_OK and undo is not None:
            undo()
        raise_pending()
        if status != _ffi.PIXAZO_OK and status not in quiet:
            raise from_error(error, status)
        return status
    finally:
        if error:
            library.pixazo_error_free(error)


def plain(function: Callable[..., int], *arguments: Any, quiet: Tuple[int, ...] = ()) -> int:
    """Calls a function that gives a status without an error object."""
    with Shield():
        status = function(*arguments)
    raise_pending()
    if status != _ffi.PIXAZO_OK and status not in quiet:
        raise from_status(status)
    return status


def owned_text(function: Callable[..., int], *arguments: Any) -> str:
    """Calls a function that hands out owned text before its error parameter, and frees the text."""
    text = c_void_p()
    attempt(function, *arguments, byref(text))
    return take_text(text)


def take_text(text: Any) -> str:
    """The text at an owned pointer, which is freed."""
    try:
        return decode(string_at(text.value)) if text.value else ""
    finally:
        library.pixazo_free(text)
