# SPDX-License-Identifier: MIT
"""Many generations at once, each one journalled before money can be spent."""

from __future__ import annotations

import ctypes
import time
from ctypes import byref, sizeof
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Callable, Dict, Iterator, Mapping, Optional, Sequence, Union

from . import _ffi
from ._basics import Cancel, Log, Maybe, interruptible
from ._builders import HeldRecipes, RecipeLike, Request, request_of
from ._bytes import bytes_of
from ._client import Client
from ._enums import AlertKind, CancelMode, EventKind, GenerationState, Stage
from ._errors import PixazoError, Timeout, attempt, decode, from_error, owned_text, take_text
from ._exporter import Exporter
from ._hooks import AlertHook, Hooks, ProgressHook, RetryHook
from ._life import Owner
from ._load import library
from ._records import Generation, Home, Taken
from ._repository import Repository
from ._review import PictureHook, PromptHook
from ._store import Store
from ._text import PathLike, checked, encode, encode_or_none, encode_path, from_json, from_us, in_range, to_ms

SLICE_MS = 150  # how long C waits before Python looks for signals
GRACE_MS = 1000  # C gives a cancelled generation less than this to end


@dataclass(frozen=True)
class Event:
    """Something that happened."""

    kind: EventKind
    generation: str
    image: str
    """UUID of the picture of IMAGE, else ""."""
    state: GenerationState
    """Of the generation after it."""
    stage: Stage
    bytes_done: int
    bytes_total: int
    until: Optional[datetime]
    """Of PROGRESS while QUEUED: until when a quota makes it wait."""
    work_done: int
    """Of PROGRESS: what the provider says of its work, in units of its own."""
    work_total: int
    partial: Optional[bytes]
    """Of PARTIAL: the file of a picture on its way, not verified and never stored."""
    partial_index: int
    delay: float
    """Planned wait of RETRY, seconds."""
    error: Optional[PixazoError]
    alert: AlertKind
    subject: str
    """Of ALERT: the provider; of a budget its scope, name and period."""
    message: str
    value: int
    threshold: int
    _json: str

    def to_json(self) -> str:
        return self._json

    def to_dict(self) -> Dict[str, Any]:
        return from_json(self._json)


def event_of(handle: Any) -> Event:
    """Reads a whole event; the handle stays its owner's."""
    failure, until = library.pixazo_event_error(handle), library.pixazo_event_until_us(handle)
    return Event(
        kind=EventKind(library.pixazo_event_kind(handle)),
        generation=decode(library.pixazo_event_generation(handle)),
        image=decode(library.pixazo_event_image(handle)),
        state=GenerationState(library.pixazo_event_state(handle)),
        stage=Stage(library.pixazo_event_stage(handle)),
        bytes_done=library.pixazo_event_bytes_done(handle),
        bytes_total=library.pixazo_event_bytes_total(handle),
        until=from_us(until) if until else None,
        work_done=library.pixazo_event_work_done(handle),
        work_total=library.pixazo_event_work_total(handle),
        partial=bytes_of(library.pixazo_event_partial(handle)),
        partial_index=library.pixazo_event_partial_index(handle),
        delay=library.pixazo_event_delay_ms(handle) / 1000,
        error=from_error(failure) if failure else None,
        alert=AlertKind(library.pixazo_event_alert(handle)),
        subject=decode(library.pixazo_event_subject(handle)),
        message=decode(library.pixazo_event_message(handle)),
        value=library.pixazo_event_value(handle),
        threshold=library.pixazo_event_threshold(handle),
        _json=owned_text(library.pixazo_event_to_json, handle),
    )


def slices(timeout: Optional[float]) -> Iterator[int]:
    """Waits in milliseconds, short enough for signal handlers to run in between; the last one ends the timeout."""
    if timeout is None:
        while True:
            yield SLICE_MS
    end = time.monotonic() + max(timeout, 0)
    while True:
        left = max(0, round((end - time.monotonic()) * 1000))
        yield min(left, SLICE_MS)
        if left <= SLICE_MS:
            return


def threshold(name: str, value: Optional[int]) -> int:
    """None: the default. 0: never, which C spells as its largest number."""
    if value is None:
        return 0
    return in_range(name, value) or _ffi.PIXAZO_NO_ALERT


class Pipeline(Owner):
    """Takes requests through client, store, exporter and repository. Any thread may add, wait and cancel.

    Hooks run inside wait(), events() and run(), on the thread that called.
    """

    _keep: Sequence[object] = ()
    _home: Home

    @checked
    def __init__(
        self,
        client: Client,
        store: Store,
        repository: Repository,
        *,
        spool: PathLike,
        exporter: Optional[Exporter] = None,
        key_template: Optional[str] = None,
        rendition_template: Optional[str] = None,
        recipes: Sequence[RecipeLike] = (),
        log: Optional[Log] = None,
        on_progress: Optional[ProgressHook] = None,
        on_retry: Optional[RetryHook] = None,
        on_alert: Optional[AlertHook] = None,
        on_prompt: Optional[PromptHook] = None,
        on_picture: Optional[PictureHook] = None,
        concurrency: int = 0,
        drain: Optional[float] = None,
        workers: int = 0,
        file_threads: int = 0,
        budget_micros: int = 0,
        budget_currency: Optional[str] = None,
        allow_unknown_price: bool = False,
        alert_window: Optional[float] = None,
        alert_min_calls: int = 0,
        alert_failure_percent: Optional[int] = None,
        alert_slow: Optional[float] = None,
        alert_budget_percent: Optional[int] = None,
        replay_seeded: bool = False,
    ) -> None:
        """drain: seconds that close() waits for what is in flight. budget_micros: what all of it may cost, in millionths
        of the currency's unit. 0 and None mean the default.

        on_prompt: asked before anything is sent, on_picture: before a picture is recorded, see Review; both decide.
        replay_seeded: requests that name their seed are answered by an earlier equal generation, at no cost.
        Alerts are events of kind ALERT, and calls of on_alert; times in seconds, None means the default, 0 of a threshold means never.
        """
        options = _ffi.pixazo_pipeline_options()
        library.pixazo_pipeline_options_init(byref(options), sizeof(options))
        options.spool = encode_path(spool)
        options.key_template, options.rendition_template = encode_or_none(key_template), encode_or_none(rendition_template)
        options.concurrency, options.workers = in_range("concurrency", concurrency), in_range("workers", workers)
        options.drain_ms, options.file_threads = to_ms(drain), in_range("file_threads", file_threads)
        options.budget_micros = in_range("budget_micros", budget_micros, 63)
        options.budget_currency = encode_or_none(budget_currency)
        options.allow_unknown_price = int(allow_unknown_price)
        options.alert_window_ms, options.alert_min_calls = to_ms(alert_window), in_range("alert_min_calls", alert_min_calls)
        options.alert_failure_percent = threshold("alert_failure_percent", alert_failure_percent)
        options.alert_budget_percent = threshold("alert_budget_percent", alert_budget_percent)
        options.alert_slow_ms = threshold("alert_slow", None if alert_slow is None else round(alert_slow * 1000))
        options.replay = _ffi.PIXAZO_REPLAY_SEEDED if replay_seeded else _ffi.PIXAZO_REPLAY_ASKED
        hooks = Hooks(on_progress, on_retry, on_alert=on_alert, on_prompt=on_prompt, on_picture=on_picture)
        hooks.fill(options)
        handle = _ffi.pixazo_pipeline()
        with client._life as options.client, store._life as options.store, repository._life as options.repository:
            with Maybe(exporter) as options.exporter, Maybe(log) as options.log, HeldRecipes(recipes) as array:
                options.recipes, options.recipe_count = array if recipes else None, len(recipes)
                attempt(library.pixazo_pipeline_new, byref(options), byref(handle),
                        undo=lambda: library.pixazo_pipeline_free(handle))
        self._home = Home(store, exporter, client)
        # The hooks of the client may run inside ours: it lives as long as we do.
        self._keep = (client, store, repository, exporter, log, hooks)
        self._own(handle, library.pixazo_pipeline_free)

    @classmethod
    def _borrow(cls, handle: Any, parent: Owner, home: Home) -> "Pipeline":
        pipeline = cls.__new__(cls)
        pipeline._home, pipeline._keep = home, (parent,)
        pipeline._own(handle, None, parent._life)
        return pipeline

    def add(
        self, prompt: Union[str, Request, Mapping[str, Any]], *, batch: Optional[str] = None, **parameters: Any
    ) -> str:
        """Queues a request and gives the id of its generation at once. Parameters are those of Request."""
        request, text = request_of(prompt, parameters), ctypes.c_void_p()
        joined = encode_or_none(batch)
        with self._life as handle, request._life as asked:
            attempt(library.pixazo_pipeline_add, handle, asked, joined, byref(text))
        return take_text(text)

    def wait(self, id: str, *, timeout: Optional[float] = None, cancel: Optional[Cancel] = None) -> Generation:
        """Waits until it has ended; its failure is raised. Raises Timeout when it goes on longer than that.

        Ctrl-C ends the wait, not the generation.
        """
        name = encode(id)
        with Taken(self._home) as record:
            for timeout_ms in slices(timeout):
                if cancel is not None and cancel:
                    timeout_ms = GRACE_MS
                with self._life as handle, Maybe(cancel) as token:
                    status = attempt(library.pixazo_pipeline_wait, handle, name, timeout_ms, token,
                                     byref(record.handle), quiet=(_ffi.PIXAZO_E_AGAIN,))
                if status == _ffi.PIXAZO_OK:
                    return record.read()
        raise Timeout(f"generation {id} has not ended within {timeout} s; it goes on", generation=id)

    def cancel(self, id: Optional[str] = None, mode: CancelMode = CancelMode.SOFT) -> None:
        """One generation, or all. SOFT: what is sent is still received and recorded."""
        with self._life as handle:
            attempt(library.pixazo_pipeline_cancel, handle, encode_or_none(id), mode)

    def resume(self, *, continue_planned: bool = False, cancel: Optional[Cancel] = None) -> Dict[str, Any]:
        """Finishes what dead workers left; sends nothing new unless continue_planned. Gives the counts.

        Ctrl-C sends nothing new and waits for what is paid; a second one leaves it for the next resume.
        """
        flags = _ffi.PIXAZO_RESUME_CONTINUE if continue_planned else _ffi.PIXAZO_RESUME_PAID

        def work(token: Optional[Cancel]) -> Dict[str, Any]:
            with self._life as handle, Maybe(token) as stop:
                return from_json(
                    owned_text(lambda *rest: library.pixazo_pipeline_resume(handle, flags, stop, *rest))
                )

        return interruptible(work, cancel, CancelMode.SOFT)

    def abandon(self, id: str) -> None:
        """Gives up a generation that is ambiguous, lost or planned."""
        with self._life as handle:
            attempt(library.pixazo_pipeline_abandon, handle, encode(id))

    def retry(self, id: str) -> str:
        """Tries one again that is ambiguous, lost, failed, blocked, cancelled or planned: a new generation with the same
        request, whose id it gives. What was pending of the old one is abandoned; its possible cost goes on counting."""
        name, text = encode(id), ctypes.c_void_p()
        with self._life as handle:
            attempt(library.pixazo_pipeline_retry, handle, name, byref(text))
        return take_text(text)

    def fileno(self) -> int:
        """Readable while an event waits: for select, selectors and event loops. Never read or close it."""
        with self._life as handle:
            return int(library.pixazo_pipeline_fd(handle))

    def next_event(self, timeout: Optional[float] = 0) -> Optional[Event]:
        """The oldest waiting event; None when none came in time. timeout=None waits for ever."""
        out = _ffi.pixazo_event()
        try:
            for timeout_ms in slices(timeout):
                with self._life as handle:
                    status = attempt(library.pixazo_pipeline_next_event, handle, timeout_ms, byref(out),
                                     quiet=(_ffi.PIXAZO_E_AGAIN,))
                if status == _ffi.PIXAZO_OK:
                    return event_of(out)
            return None
        finally:
            library.pixazo_event_free(out)

    def events(self) -> Iterator[Event]:
        """Events until everything that was added has ended."""
        return (event for event in self._ticks() if event is not None)

    def _ticks(self) -> Iterator[Optional[Event]]:
        """Events, and None whenever none came for a moment."""
        while True:
            open_before = self.open_count > 0
            event = self.next_event(SLICE_MS / 1000 if open_before else 0)
            if event is None and not open_before:
                return
            yield event

    def run(self, on_event: Optional[Callable[[Event], Optional[bool]]] = None, *, cancel: Optional[Cancel] = None) -> None:
        """Delivers events until everything has ended, or until on_event returns False."""
        sent = CancelMode.NOT_SET
        for event in self._ticks():
            if cancel is not None and cancel.mode > sent:
                sent = cancel.mode
                self.cancel(None, sent)
            if event is not None and on_event is not None and on_event(event) is False:
                return

    @property
    def open_count(self) -> int:
        """Generations added here that have not ended."""
        with self._life as handle:
            return int(library.pixazo_pipeline_open_count(handle))

    @property
    def trouble(self) -> Optional[PixazoError]:
        """The failure of the journal or the spool that stopped it from sending."""
        with self._life as handle:
            error = library.pixazo_pipeline_trouble(handle)
        if not error:
            return None
        try:
            return from_error(error)
        finally:
            library.pixazo_error_free(error)
