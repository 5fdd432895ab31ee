# SPDX-License-Identifier: MIT
"""Image services without code: a definition says where calls go, what is sent and what answers mean."""

from __future__ import annotations

import json
from ctypes import byref
from typing import Any, Dict, Mapping, Union

from . import _ffi
from ._errors import attempt, decode, owned_text
from ._life import Owner
from ._load import library
from ._text import checked, encode, from_json


class Provider(Owner):
    """A provider made of a definition, as text or as a dictionary; see docs/definitions.md. Any number of threads."""

    @checked
    def __init__(self, definition: Union[str, Mapping[str, Any]]) -> None:
        text = definition if isinstance(definition, str) else json.dumps(definition)
        handle = _ffi.pixazo_provider()
        attempt(library.pixazo_provider_new, encode(text), byref(handle),
                undo=lambda: library.pixazo_provider_unref(handle))
        self._own(handle, library.pixazo_provider_unref)

    @property
    def name(self) -> str:
        with self._life as handle:
            return decode(library.pixazo_provider_name(handle))

    def describe(self) -> Dict[str, Any]:
        """Models, limits, prices and the billing rule, as providers() lists those of the library."""
        with self._life as handle:
            catalogue = from_json(owned_text(library.pixazo_provider_to_json, handle)) or {}
        found: Dict[str, Any] = catalogue["providers"][0]
        return found
