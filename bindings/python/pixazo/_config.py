# SPDX-License-Identifier: MIT
"""Settings by name, with a memory of where each came from."""

from __future__ import annotations

from ctypes import byref
from typing import Any, Dict, Mapping, Optional, TypeVar, Union

from . import _ffi
from ._builders import Request
from ._client import Client
from ._errors import StateError, attempt, decode, owned_text
from ._exporter import Exporter
from ._life import Life, Owner
from ._load import library
from ._records import NOWHERE
from ._repository import Repository
from ._store import Store
from ._text import PathLike, encode, encode_or_none, encode_path, from_json, to_json

C = TypeVar("C", bound="Config")
Setting = Union[str, int, float, bool, None]


class Config(Owner):
    """Settings. What is set here wins over the environment, files, presets and defaults, in this order.

    Nothing is read by itself: the load functions do, and give the object back, so that they can be chained.
    Every provider has settings by its name: config["my-sd.api_key"], config["my-sd.base_url"].
    """

    def __init__(self, **settings: Setting) -> None:
        handle = _ffi.pixazo_config()
        attempt(library.pixazo_config_new, byref(handle))
        self._own(handle, library.pixazo_config_free, exclusive=True)
        for key, value in settings.items():
            self[key] = value

    @classmethod
    def _borrow(cls, handle: Any, parent: Owner) -> "Config":
        config = cls.__new__(cls)
        config._parent = parent
        config._own(handle, None, parent._life, exclusive=True)
        return config

    _parent: Optional[Owner] = None

    def _changing(self) -> Life:
        if self._parent is not None:
            raise StateError("the settings of a studio that is open do not change")
        return self._life

    def load_preset(self: C, name: str) -> C:
        """ "default", "pixazo-mcp", "pixazo-mcp-s2", "dev" or "prod" """
        with self._changing() as handle:
            attempt(library.pixazo_config_load_preset, handle, encode(name))
        return self

    def load_env(self: C) -> C:
        """The PIXAZO_* variables."""
        with self._changing() as handle:
            attempt(library.pixazo_config_load_env, handle)
        return self

    def load_file(self: C, path: PathLike) -> C:
        """A JSON file whose members are keys."""
        with self._changing() as handle:
            attempt(library.pixazo_config_load_file, handle, encode_path(path))
        return self

    def load_json(self: C, json: Union[str, Mapping[str, Any]]) -> C:
        with self._changing() as handle:
            attempt(library.pixazo_config_load_json, handle, to_json(json))
        return self

    def load_key_file(self: C, path: Optional[PathLike] = None) -> C:
        """A key in a file of mode 0600; None: ~/.pixazo/api-key, and ~/.pixazo/keys/NAME of other providers."""
        with self._changing() as handle:
            attempt(library.pixazo_config_load_key_file, handle, None if path is None else encode_path(path))
        return self

    def __setitem__(self, key: str, value: Setting) -> None:
        """Sets a key; None removes what was set."""
        if isinstance(value, bool):
            value = int(value)
        text = None if value is None else str(value)
        with self._changing() as handle:
            attempt(library.pixazo_config_set, handle, encode(key), encode_or_none(text))

    def __getitem__(self, key: str) -> Optional[str]:
        """The value as text; None when there is none."""
        with self._life as handle:
            found = library.pixazo_config_get(handle, encode(key))
            return None if found is None else decode(found)

    def source(self, key: str) -> str:
        """Where the value came from: "set", "file", "env", "preset", "key file", "default"."""
        with self._life as handle:
            return decode(library.pixazo_config_source(handle, encode(key)))

    def to_json(self) -> str:
        """All keys with value, source, range and meaning; secrets are not shown."""
        with self._life as handle:
            return owned_text(library.pixazo_config_to_json, handle)

    def to_dict(self) -> Dict[str, Any]:
        return from_json(self.to_json())

    def providers(self) -> Dict[str, Any]:
        """The providers that can be asked for, those of "provider_files" among them; which of them have a key, and where they are."""
        with self._life as handle:
            return from_json(owned_text(library.pixazo_config_providers_to_json, handle))

    def apply(self, request: Request) -> Request:
        """Fills a request's open parameters."""
        with self._life as handle, request._life as target:
            attempt(library.pixazo_config_apply, handle, target)
        return request

    def _make(self, function: Any, handle: Any) -> Any:
        with self._life as mine:
            attempt(function, mine, byref(handle))
        return handle

    def client(self) -> Client:
        handle = self._make(library.pixazo_client_new_from_config, _ffi.pixazo_client())
        return Client.__new__(Client)._take_over(handle)

    def exporter(self) -> Exporter:
        handle = self._make(library.pixazo_exporter_new_from_config, _ffi.pixazo_exporter())
        return Exporter.__new__(Exporter)._take_over(handle)

    def repository(self) -> Repository:
        handle = self._make(library.pixazo_repository_new_from_config, _ffi.pixazo_repository())
        return Repository.__new__(Repository)._take_over(handle, NOWHERE)

    def store(self) -> Store:
        handle = self._make(library.pixazo_store_new_from_config, _ffi.pixazo_store())
        return Store.__new__(Store)._take_over(handle)
