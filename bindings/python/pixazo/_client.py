# SPDX-License-Identifier: MIT
"""Calls AI image services."""

from __future__ import annotations

import json
from ctypes import POINTER, byref, pointer, sizeof
from typing import Any, Dict, Mapping, Optional, Sequence, Union

from . import _ffi
from ._basics import Blob, Cancel, Log, Maybe, Metrics, interruptible
from ._builders import Request, request_of
from ._enums import OnAmbiguous
from ._errors import attempt, decode, owned_text
from ._hooks import Hooks, ProgressHook, RetryHook
from ._life import Owner
from ._load import library
from ._provider import Provider
from ._records import Generation, Home, Taken
from ._text import PathLike, checked, encode, encode_or_none, encode_path, from_json, in_range, to_json, to_ms


class Gate(Owner):
    """What a client passes before it spends. This one is in memory and forgotten with the object;
    Repository.gate() gives one that is durable and shared by all processes."""

    def __init__(self) -> None:
        handle = _ffi.pixazo_gate()
        attempt(library.pixazo_gate_new, byref(handle))
        self._own(handle, library.pixazo_gate_unref)

    @classmethod
    def _take(cls, handle: Any) -> "Gate":
        gate = cls.__new__(cls)
        gate._own(handle, library.pixazo_gate_unref)
        return gate

    def set_budget(
        self, cap_micros: Optional[int], *, currency: str = "USD", allow_unknown_price: bool = False
    ) -> None:
        """What the calls that pass here may cost together, in millionths of the currency's unit; None: anything."""
        terms = {"cap_micros": cap_micros, "currency": currency, "allow_unknown_price": allow_unknown_price}
        with self._life as handle:
            attempt(library.pixazo_gate_set_budget, handle, None if cap_micros is None else to_json(terms))

    def set_quota(self, terms: Union[str, Mapping[str, Any]]) -> None:
        """Of a gate in memory; terms are those of Repository.set_quota()."""
        with self._life as handle:
            attempt(library.pixazo_gate_set_quota, handle, to_json(terms))


def retries(count: Optional[int]) -> int:
    """None: the default. 0: none, which C spells as its largest number."""
    if count is None:
        return 0
    return in_range("retries", count) or _ffi.PIXAZO_NO_RETRY


class Account:
    """How a client reaches one provider: its key, address, default model and further header lines."""

    def __init__(
        self,
        provider: str,
        *,
        api_key: Optional[str] = None,
        base_url: Optional[str] = None,
        model: Optional[str] = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> None:
        self.provider = provider
        self.api_key = api_key
        self.base_url = base_url
        self.model = model
        self.headers = dict(headers or {})

    def __repr__(self) -> str:
        return f"Account({self.provider!r})"

    def _struct(self) -> Any:
        made = _ffi.pixazo_account()
        made.struct_size = sizeof(made)
        lines = "\n".join(f"{name}: {value}" for name, value in self.headers.items())
        for name, text in (("provider", self.provider), ("api_key", self.api_key), ("base_url", self.base_url),
                           ("model", self.model), ("headers", lines or None)):
            setattr(made, name, encode_or_none(text))
        return made


class Client(Owner):
    """One call, and what came. For pictures that survive a crash use Pipeline or Studio. Any number of threads.

    Hooks run while a call waits; when that call was made on the main thread, on a helper thread of its own, so that
    Ctrl-C works. An exception in a hook ends the call and is raised by it.
    """

    _keep: Sequence[object] = ()

    @checked
    def __init__(
        self,
        *,
        provider: Optional[str] = None,
        model: Optional[str] = None,
        api_key: Optional[str] = None,
        base_url: Optional[str] = None,
        allow_hosts: Union[str, Sequence[str], None] = None,
        ca_file: Optional[PathLike] = None,
        proxy: Optional[str] = None,
        limits: Optional[Mapping[str, Any]] = None,
        offline_script: Union[str, Mapping[str, Any], Sequence[Any], None] = None,
        gate: Optional[Gate] = None,
        log: Optional[Log] = None,
        metrics: Optional[Metrics] = None,
        on_progress: Optional[ProgressHook] = None,
        on_retry: Optional[RetryHook] = None,
        max_download_bytes: int = 0,
        max_answer_bytes: int = 0,
        guidance_floor: float = 0.0,
        connect_timeout: Optional[float] = None,
        generation_timeout: Optional[float] = None,
        stall_timeout: Optional[float] = None,
        max_retries: Optional[int] = None,
        max_fetch_retries: Optional[int] = None,
        retry_delay: Optional[float] = None,
        poll_interval: Optional[float] = None,
        on_ambiguous: OnAmbiguous = OnAmbiguous.STOP,
        fallback: Union[str, Sequence[str], None] = None,
        fallback_rejected: bool = False,
        fallback_blocked: bool = False,
        breaker_failures: Optional[int] = None,
        breaker_cool: Optional[float] = None,
        accounts: Sequence[Account] = (),
        definition: Optional[Provider] = None,
        models: Optional[Mapping[str, Any]] = None,
    ) -> None:
        """Times in seconds. None and 0 mean the default, but 0 retries means none."""
        options = _ffi.pixazo_client_options()
        library.pixazo_client_options_init(byref(options), sizeof(options))
        if allow_hosts is not None and not isinstance(allow_hosts, str):
            allow_hosts = ",".join(allow_hosts)
        if fallback is not None and not isinstance(fallback, str):
            fallback = ",".join(fallback)
        for name, text in (("provider", provider), ("model", model), ("api_key", api_key), ("base_url", base_url),
                           ("allow_hosts", allow_hosts), ("proxy", proxy), ("fallback", fallback)):
            setattr(options, name, encode_or_none(text))
        options.ca_file = None if ca_file is None else encode_path(ca_file)
        options.models_json = None if models is None else encode(json.dumps(models))
        options.limits_json = None if limits is None else encode(json.dumps(limits))
        if offline_script is not None:
            options.offline_script = encode(
                offline_script if isinstance(offline_script, str) else json.dumps(offline_script)
            )
        options.max_download_bytes = in_range("max_download_bytes", max_download_bytes, 64)
        options.max_answer_bytes = in_range("max_answer_bytes", max_answer_bytes, 64)
        options.guidance_floor = guidance_floor
        options.connect_timeout_ms = to_ms(connect_timeout)
        options.generation_timeout_ms = to_ms(generation_timeout)
        options.stall_timeout_ms = to_ms(stall_timeout)
        options.max_retries, options.max_fetch_retries = retries(max_retries), retries(max_fetch_retries)
        options.retry_delay_ms, options.poll_interval_ms = to_ms(retry_delay), to_ms(poll_interval)
        options.on_ambiguous = on_ambiguous
        options.fallback_rejected, options.fallback_blocked = int(fallback_rejected), int(fallback_blocked)
        options.breaker_failures, options.breaker_ms = retries(breaker_failures), to_ms(breaker_cool)
        structs = [account._struct() for account in accounts]
        if structs:
            options.accounts = (POINTER(_ffi.pixazo_account) * len(structs))(*[pointer(one) for one in structs])
            options.account_count = len(structs)
        hooks = Hooks(on_progress, on_retry)
        hooks.fill(options)
        handle = _ffi.pixazo_client()
        with Maybe(gate) as options.gate, Maybe(log) as options.log, Maybe(metrics) as options.metrics, \
                Maybe(definition) as options.definition:
            attempt(library.pixazo_client_new, byref(options), byref(handle),
                    undo=lambda: library.pixazo_client_unref(handle))
        self._take_over(handle, hooks, log)

    def _take_over(self, handle: Any, *keep: object) -> "Client":
        self._keep = keep
        self._own(handle, library.pixazo_client_unref)
        return self

    @property
    def provider(self) -> str:
        with self._life as handle:
            return decode(library.pixazo_client_provider(handle))

    def health(self) -> Dict[str, Any]:
        """How each provider is doing: good, broken (failures in a row) or paused (no credit), and when it is asked again."""
        with self._life as handle:
            return from_json(owned_text(library.pixazo_client_health, handle)) or {}

    def reopen(self, provider: Optional[str] = None) -> None:
        """Lets calls to a broken or paused provider, or to all, pass at once."""
        with self._life as handle:
            attempt(library.pixazo_client_reopen, handle, encode_or_none(provider))

    @property
    def metrics(self) -> Metrics:
        """What this client and its pipelines count."""
        with self._life as handle:
            return Metrics._take(library.pixazo_metrics_ref(library.pixazo_client_metrics(handle)))

    def generate(
        self, prompt: Union[str, Request, Mapping[str, Any]], *, cancel: Optional[Cancel] = None, **parameters: Any
    ) -> Generation:
        """Generates and waits. Parameters are those of Request."""
        request = request_of(prompt, parameters)

        def work(token: Optional[Cancel]) -> Generation:
            with Taken(Home(client=self)) as record, self._life as handle, request._life as asked, Maybe(token) as stop:
                attempt(library.pixazo_client_generate, handle, asked, stop, byref(record.handle))
                return record.read()

        return interruptible(work, cancel)

    def fetch(self, url: str, *, cancel: Optional[Cancel] = None) -> Blob:
        """Downloads a result: https only, public addresses only, never with a key."""
        address = encode(url)

        def work(token: Optional[Cancel]) -> Blob:
            blob = _ffi.pixazo_blob()
            with self._life as handle, Maybe(token) as stop:
                attempt(library.pixazo_client_fetch, handle, address, stop, byref(blob),
                        undo=lambda: library.pixazo_blob_unref(blob))
            return Blob._take(blob)

        return interruptible(work, cancel)

    def fetch_file(self, url: str, path: PathLike, *, cancel: Optional[Cancel] = None) -> None:
        """Like fetch(), to a file that appears whole or not at all."""
        address, name = encode(url), encode_path(path)

        def work(token: Optional[Cancel]) -> None:
            with self._life as handle, Maybe(token) as stop:
                attempt(library.pixazo_client_fetch_file, handle, address, name, stop)

        interruptible(work, cancel)

    def estimate(self, prompt: Union[str, Request, Mapping[str, Any]], **parameters: Any) -> Dict[str, Any]:
        """What would be sent, what was changed, and the worst-case cost with its confidence. Sends nothing."""
        request = request_of(prompt, parameters)
        with self._life as handle, request._life as asked:
            return from_json(owned_text(library.pixazo_client_estimate, handle, asked))


def providers() -> Dict[str, Any]:
    """Every built-in provider with models, limits, prices and billing rule."""
    return from_json(owned_text(library.pixazo_providers_to_json))
