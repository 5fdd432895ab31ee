# SPDX-License-Identifier: MIT
"""Callbacks. C holds functions that live as long as this module and a number; the number leads to Python objects.

So a hook that is called late finds nothing and agrees, instead of running into freed memory.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Callable, Optional, Union
from weakref import WeakValueDictionary

from . import _ffi
from ._bytes import bytes_of
from ._enums import AlertKind, AttemptClass, Stage
from ._errors import PixazoError, decode, from_error
from ._load import library
from ._pending import c_function, keep, stopped
from ._review import PictureHook, PromptHook, Review, picture_facts, prompt_facts, review_of, write_review
from ._text import from_us


@dataclass(frozen=True)
class Progress:
    """Told to a progress hook."""

    generation: str
    stage: Stage
    attempt: int
    bytes_done: int
    bytes_total: int
    """0 when unknown."""
    until: Optional[datetime] = None
    """Of QUEUED: until when a quota makes it wait; then it is asked again."""
    work_done: int = 0
    """What the provider says of its work, in units of its own."""
    work_total: int = 0
    """0 when unknown."""
    partial: Optional[bytes] = None
    """Of PARTIAL: the file of a picture on its way, not verified and never stored."""
    partial_index: int = 0


@dataclass(frozen=True)
class Retry:
    """Told to a retry hook before a wait."""

    generation: str
    cause: PixazoError
    attempt_class: AttemptClass
    retry: int
    """1 for the first retry."""
    delay: float
    """Planned wait in seconds."""


@dataclass(frozen=True)
class Alert:
    """Told to an alert hook: something is going wrong as a whole."""

    kind: AlertKind
    subject: str
    """The provider; of a budget its scope, name and period; else ""."""
    message: str
    value: int
    """What was measured: percent; else 0."""
    threshold: int
    """What it went over: percent, of SLOW milliseconds; else 0."""


AlertHook = Callable[[Alert], object]
ProgressHook = Callable[[Progress], Optional[bool]]
RetryHook = Callable[[Retry], Union[float, bool, None]]
LineHook = Callable[[int, str], None]


class Hooks:
    """The functions of one object, kept by it and by whatever uses its C object."""

    def __init__(
        self,
        on_progress: Optional[ProgressHook] = None,
        on_retry: Optional[RetryHook] = None,
        on_line: Optional[LineHook] = None,
        on_alert: Optional[AlertHook] = None,
        on_prompt: Optional[PromptHook] = None,
        on_picture: Optional[PictureHook] = None,
    ) -> None:
        for hook in (on_progress, on_retry, on_line, on_alert, on_prompt, on_picture):
            if hook is not None and not callable(hook):
                raise TypeError(f"a hook must be callable, got {type(hook).__name__}")
        self.on_progress, self.on_retry, self.on_line, self.on_alert = on_progress, on_retry, on_line, on_alert
        self.on_prompt, self.on_picture = on_prompt, on_picture
        self.number = next(_numbers)
        _known[self.number] = self

    def fill(self, options: Any) -> None:
        """Puts the hooks that are set into an options struct that has them."""
        if self.on_progress is not None:
            options.on_progress, options.on_progress_data = _progress, self.number
        if self.on_retry is not None:
            options.on_retry, options.on_retry_data = _retry, self.number
        if self.on_alert is not None:
            options.on_alert, options.on_alert_data = _alert, self.number
        if self.on_prompt is not None:
            options.on_prompt, options.on_prompt_data = _prompt, self.number
        if self.on_picture is not None:
            options.on_picture, options.on_picture_data = _picture, self.number


_numbers = itertools.count(1)
_known: "WeakValueDictionary[int, Hooks]" = WeakValueDictionary()


def _find(number: Optional[int]) -> Optional[Hooks]:
    return _known.get(number) if number is not None else None


@c_function(_ffi.pixazo_progress_fn)
def _progress(facts: Any, number: Optional[int]) -> int:
    if stopped():
        return 1
    try:
        hooks = _find(number)
        if hooks is None or hooks.on_progress is None:
            return 0
        it = facts.contents
        progress = Progress(decode(it.generation), Stage(it.stage), it.attempt, it.bytes_done, it.bytes_total,
                            from_us(it.until_us) if it.until_us else None, it.work_done, it.work_total,
                            bytes_of(it.partial), it.partial_index)
        return 1 if hooks.on_progress(progress) is False else 0
    except BaseException as exception:  # nothing may be raised into C
        keep(exception)
        return 1


@c_function(_ffi.pixazo_retry_fn)
def _retry(facts: Any, number: Optional[int]) -> int:
    if stopped():
        return -1
    try:
        it = facts.contents
        hooks = _find(number)
        if hooks is None or hooks.on_retry is None:
            return int(it.delay_ms)
        cause = from_error(it.cause)
        answer = hooks.on_retry(
            Retry(decode(it.generation), cause, AttemptClass(it.attempt_class), it.retry, it.delay_ms / 1000)
        )
        if answer is None or answer is True:
            return int(it.delay_ms)
        return -1 if answer is False or answer < 0 else round(answer * 1000)
    except BaseException as exception:
        keep(exception)
        return -1


@c_function(_ffi.pixazo_alert_fn)
def _alert(facts: Any, number: Optional[int]) -> None:
    if stopped():
        return
    try:
        hooks = _find(number)
        if hooks is not None and hooks.on_alert is not None:
            it = facts.contents
            hooks.on_alert(Alert(AlertKind(it.kind), decode(it.subject), decode(it.message), it.value, it.threshold))
    except BaseException as exception:
        keep(exception)


def _review(handle: Any, error: Any, ask: Callable[[], Review]) -> int:
    """A PixazoError says that the hook could not tell; anything else ends the outer call too."""
    try:
        if stopped():
            return _ffi.PIXAZO_E_CANCELLED
        write_review(handle, ask())
        return _ffi.PIXAZO_OK
    except PixazoError as failure:
        message = str(failure).replace("\0", "?").encode("utf-8", "replace")
        return int(library.pixazo_error_set(error, int(failure.status), message))
    except BaseException as exception:
        keep(exception)
        message = f"{type(exception).__name__} in a hook".encode()
        return int(library.pixazo_error_set(error, _ffi.PIXAZO_E_CANCELLED, message))


@c_function(_ffi.pixazo_prompt_fn)
def _prompt(facts: Any, review: Any, number: Optional[int], error: Any) -> int:
    hooks = _find(number)
    if hooks is None or hooks.on_prompt is None:
        return _ffi.PIXAZO_E_STATE  # nothing is sent that nobody looked at
    hook = hooks.on_prompt
    return _review(review, error, lambda: review_of(hook(prompt_facts(facts.contents))))


@c_function(_ffi.pixazo_picture_fn)
def _picture(facts: Any, review: Any, number: Optional[int], error: Any) -> int:
    hooks = _find(number)
    if hooks is None or hooks.on_picture is None:
        return _ffi.PIXAZO_OK
    hook = hooks.on_picture
    return _review(review, error, lambda: review_of(hook(picture_facts(facts.contents))))


@c_function(_ffi.pixazo_log_fn)
def line_hook(level: int, line: Optional[bytes], length: int, number: Optional[int]) -> None:
    if stopped():
        return
    try:
        hooks = _find(number)
        if hooks is not None and hooks.on_line is not None:
            hooks.on_line(level, decode(line))
    except BaseException as exception:
        keep(exception)
