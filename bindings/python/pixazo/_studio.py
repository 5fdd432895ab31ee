# SPDX-License-Identifier: MIT
"""The one-call door: one directory that holds pictures, records and unfinished work."""

from __future__ import annotations

from ctypes import byref, sizeof
from typing import Any, Dict, Mapping, Optional, Sequence, Union

from . import _ffi
from ._basics import Cancel, Log, Maybe
from ._builders import HeldRecipes, RecipeLike, Request, request_of
from ._client import Client
from ._config import Config
from ._enums import CancelMode
from ._errors import attempt, decode, owned_text
from ._exporter import Exporter
from ._hooks import AlertHook, Hooks, ProgressHook, RetryHook
from ._life import Owner
from ._load import library
from ._pipeline import Pipeline
from ._records import Generation, Home
from ._repository import Repository
from ._review import PictureHook, PromptHook
from ._store import Store
from ._text import PathLike, checked, encode_path, from_json, in_range


class Studio(Owner):
    """Client, store, exporter, repository and pipeline with sensible defaults in one directory. Any thread.

    With no provider named and no key found it makes test pictures and says so in `note` and the log.
    """

    @checked
    def __init__(
        self,
        directory: PathLike,
        *,
        config: Union[Config, Mapping[str, Any], None] = None,
        recipes: Optional[Sequence[RecipeLike]] = None,
        log: Optional[Log] = None,
        on_progress: Optional[ProgressHook] = None,
        on_retry: Optional[RetryHook] = None,
        on_alert: Optional[AlertHook] = None,
        on_prompt: Optional[PromptHook] = None,
        on_picture: Optional[PictureHook] = None,
        concurrency: int = 0,
        resume_on_open: bool = False,
    ) -> None:
        """config: what to use instead of <directory>/config.json, the environment and ~/.pixazo/api-key.
        recipes: renditions of every picture, instead of those the settings name. log: by default to `logging`.
        on_prompt: asked before anything is sent, on_picture: before a picture is recorded, see Review; both decide.
        on_alert: told what goes wrong as a whole; its thresholds are the settings alert_*."""
        if config is not None and not isinstance(config, Config):
            config = Config().load_json(config)
        log = Log() if log is None else log
        options = _ffi.pixazo_studio_options()
        library.pixazo_studio_options_init(byref(options), sizeof(options))
        options.concurrency, options.resume_on_open = in_range("concurrency", concurrency), int(resume_on_open)
        hooks = Hooks(on_progress, on_retry, on_alert=on_alert, on_prompt=on_prompt, on_picture=on_picture)
        hooks.fill(options)
        handle, name = _ffi.pixazo_studio(), encode_path(directory)
        with Maybe(config) as options.config, log._life as options.log, HeldRecipes(recipes or ()) as array:
            if recipes is not None:
                options.recipes, options.recipe_count = array, len(recipes)
            attempt(library.pixazo_studio_open, name, byref(options), byref(handle),
                    undo=lambda: library.pixazo_studio_close(handle))
        self._hooks, self._log = hooks, log
        self._announced = False
        self._own(handle, library.pixazo_studio_close)
        self._home = Home(self.store, self.exporter, self.client)

    @checked
    def generate(
        self,
        prompt: Union[str, Request, Mapping[str, Any]],
        *,
        negative_prompt: Optional[str] = None,
        model: Optional[str] = None,
        provider: Optional[str] = None,
        width: Optional[int] = None,
        height: Optional[int] = None,
        steps: Optional[int] = None,
        guidance: Optional[float] = None,
        seed: Optional[int] = None,
        count: Optional[int] = None,
        sampler: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        principal: Optional[str] = None,
        provider_options: Optional[Mapping[str, Any]] = None,
        metadata: Optional[Mapping[str, Any]] = None,
        cancel: Optional[Cancel] = None,
    ) -> Generation:
        """Generates, and waits until the pictures are recorded and exported.

        Ctrl-C sends nothing new; what was paid for is still recorded before the studio is closed.
        """
        given = {key: value for key, value in locals().items() if key not in ("self", "prompt", "cancel")}
        pipeline = self.pipeline
        request = self.config.apply(request_of(prompt, given))
        self._announce(request)
        identity = pipeline.add(request)
        try:
            return pipeline.wait(identity, cancel=cancel)
        except KeyboardInterrupt:
            pipeline.cancel(identity, CancelMode.SOFT)
            raise

    def _announce(self, request: Request) -> None:
        """Once, before the first paid call: what it may cost. The C function does it in its own generate."""
        if self._announced:
            return
        plan = self.client.estimate(request)
        cost = plan["cost"]
        if plan["free"] or cost["upper_bound_micros"] == 0:
            return
        self._announced = True
        price = f"{cost['upper_bound_micros'] / 1e6:g} {cost['currency']}" if cost["known"] else "price not known"
        line = f"studio: first paid call: {cost['provider']}/{cost['model']}, {price} ({cost['confidence']})"
        self._log.write(Log.WARNING, line)

    @property
    def client(self) -> Client:
        """Its client, which may outlive the studio."""
        with self._life as handle:
            found = library.pixazo_client_ref(library.pixazo_studio_client(handle))
        return Client.__new__(Client)._take_over(found, self._hooks, self._log)

    @property
    def store(self) -> Store:
        """Its store, which may outlive the studio."""
        with self._life as handle:
            found = library.pixazo_store_ref(library.pixazo_studio_store(handle))
        return Store.__new__(Store)._take_over(found, self._log)

    @property
    def exporter(self) -> Exporter:
        """Its exporter, which may outlive the studio."""
        with self._life as handle:
            found = library.pixazo_exporter_ref(library.pixazo_studio_exporter(handle))
        return Exporter.__new__(Exporter)._take_over(found, self._log)

    @property
    def repository(self) -> Repository:
        """Its repository, which may outlive the studio."""
        with self._life as handle:
            found = library.pixazo_repository_ref(library.pixazo_studio_repository(handle))
        return Repository.__new__(Repository)._take_over(found, self._home, self._log)

    @property
    def pipeline(self) -> Pipeline:
        """Its pipeline; ends with the studio, which it keeps open."""
        with self._life as handle:
            return Pipeline._borrow(library.pixazo_studio_pipeline(handle), self, self._home)

    @property
    def config(self) -> Config:
        """Its settings, to be read only; they end with the studio, which they keep open."""
        with self._life as handle:
            return Config._borrow(library.pixazo_studio_config(handle), self)

    @property
    def note(self) -> str:
        """One line a user should see, or ""."""
        with self._life as handle:
            return decode(library.pixazo_studio_note(handle))


def doctor(directory: PathLike, config: Optional[Config] = None) -> Dict[str, Any]:
    """What a support person would ask for: versions, key source, store, database, room. Shows no key."""
    name = encode_path(directory)
    with Maybe(config) as settings:
        return from_json(owned_text(library.pixazo_studio_doctor, name, settings))
