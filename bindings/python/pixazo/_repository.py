# SPDX-License-Identifier: MIT
"""The searchable record of everything that was asked, sent, paid and delivered."""

from __future__ import annotations

import ctypes
import json
from ctypes import byref, sizeof
from datetime import datetime
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Union

from . import _ffi
from ._basics import Log, Maybe
from ._builders import Query
from ._client import Gate
from ._errors import attempt, decode, owned_text, take_text
from ._life import Owner
from ._load import library
from ._records import NOWHERE, Generation, Home, Taken, generation_of
from ._text import PathLike, checked, encode, encode_path, from_json, to_json, to_ms, to_us


class Page(List[Generation]):
    """Generations, and the cursor of the next page ("" on the last one)."""

    def __init__(self, generations: Sequence[Generation], cursor: str) -> None:
        super().__init__(generations)
        self.cursor = cursor


class Repository(Owner):
    """One database file, which any number of processes may open. Any thread."""

    _keep: Sequence[object] = ()
    _home: Home = NOWHERE

    @checked
    def __init__(
        self,
        path: PathLike,
        *,
        media_root: Optional[PathLike] = None,
        log: Optional[Log] = None,
        busy_timeout: Optional[float] = None,
        convert_legacy: bool = False,
    ) -> None:
        """media_root is put before keys to form paths. convert_legacy takes over the file of the Pixazo MCP tool."""
        options = _ffi.pixazo_repository_options()
        library.pixazo_repository_options_init(byref(options), sizeof(options))
        options.path = encode_path(path)
        options.media_root = None if media_root is None else encode_path(media_root)
        options.busy_timeout_ms = to_ms(busy_timeout)
        options.convert_legacy = int(convert_legacy)
        handle = _ffi.pixazo_repository()
        with Maybe(log) as options.log:
            attempt(library.pixazo_repository_new, byref(options), byref(handle),
                    undo=lambda: library.pixazo_repository_unref(handle))
        self._take_over(handle, NOWHERE, log)

    def _take_over(self, handle: Any, home: Home, *keep: object) -> "Repository":
        self._home, self._keep = home, keep
        self._own(handle, library.pixazo_repository_unref)
        return self

    def gate(self) -> Gate:
        """For Client(gate=...): every paid call is reserved and recorded here."""
        gate = _ffi.pixazo_gate()
        with self._life as handle:
            attempt(library.pixazo_repository_gate, handle, byref(gate))
        return Gate._take(gate)

    def find(self, uuid: str) -> Generation:
        """By its UUID, or by that of one of its pictures."""
        with Taken(self._home) as record, self._life as handle:
            attempt(library.pixazo_repository_find, handle, encode(uuid), byref(record.handle))
            return record.read()

    def find_key(self, idempotency_key: str, principal: str = "") -> Generation:
        with Taken(self._home) as record, self._life as handle:
            attempt(library.pixazo_repository_find_key, handle, encode(principal), encode(idempotency_key),
                    byref(record.handle))
            return record.read()

    def page(self, query: Optional[Query] = None, **filters: Any) -> Page:
        """One page; filters are those of Query."""
        asked, out = _query_of(query, filters), _ffi.pixazo_page()
        try:
            with self._life as handle, Maybe(asked) as selection:
                attempt(library.pixazo_repository_list, handle, selection, byref(out))
            count = library.pixazo_page_count(out)
            found = [generation_of(library.pixazo_page_get(out, index), self._home) for index in range(count)]
            return Page(found, decode(library.pixazo_page_cursor(out)))
        finally:
            library.pixazo_page_free(out)

    def list(self, query: Optional[Query] = None, **filters: Any) -> Iterator[Generation]:
        """All that a query selects, newest first; pages are fetched as they are needed."""
        asked = Query.from_json((_query_of(query, filters) or Query()).to_json())
        while True:
            page = self.page(asked)
            yield from page
            if not page.cursor:
                return
            document = {key: value for key, value in asked.to_dict().items() if key not in ("page", "offset")}
            asked = Query.from_json({**document, "cursor": page.cursor})

    def __iter__(self) -> Iterator[Generation]:
        return self.list()

    def count(self, query: Optional[Query] = None, **filters: Any) -> int:
        asked, found = _query_of(query, filters), ctypes.c_int64()
        with self._life as handle, Maybe(asked) as selection:
            attempt(library.pixazo_repository_count, handle, selection, byref(found))
        return found.value

    def stats(self) -> Dict[str, Any]:
        """Numbers per provider and model, and the ledger's totals."""
        with self._life as handle:
            return from_json(owned_text(library.pixazo_repository_stats, handle))

    def costs(self, by: str = "day", since: Union[datetime, int] = 0) -> List[Dict[str, Any]]:
        """What calls have cost: by "day", "month", "provider", "model" or "principal"."""
        with self._life as handle:
            text = owned_text(
                lambda *rest: library.pixazo_repository_costs(handle, encode(by), to_us(since), *rest)
            )
        return list(from_json(text)["costs"])

    def set_budget(self, terms: Union[str, Mapping[str, Any]]) -> None:
        """What calls may cost together: cap_micros, and scope ("all", "provider", "principal"), name, period ("day",
        "month", "total"), currency, allow_unknown_price."""
        with self._life as handle:
            attempt(library.pixazo_repository_set_budget, handle, to_json(terms))

    def budgets(self) -> List[Dict[str, Any]]:
        """All budgets with what is used of each and what is left."""
        with self._life as handle:
            return list(from_json(owned_text(library.pixazo_repository_budgets, handle))["budgets"])

    def remove_budget(self, terms: Union[str, Mapping[str, Any]]) -> None:
        """The one of that scope, name, period and currency; an item of budgets() will do."""
        with self._life as handle:
            attempt(library.pixazo_repository_remove_budget, handle, to_json(terms))

    def set_quota(self, terms: Union[str, Mapping[str, Any]]) -> None:
        """How many calls may be made: requests in window_ms, slots at the same time; for a provider and a principal, each
        a name, "*" (each by itself) or absent (all together)."""
        with self._life as handle:
            attempt(library.pixazo_repository_set_quota, handle, to_json(terms))

    def quotas(self) -> List[Dict[str, Any]]:
        with self._life as handle:
            return list(from_json(owned_text(library.pixazo_repository_quotas, handle))["quotas"])

    def remove_quota(self, terms: Union[str, Mapping[str, Any]]) -> None:
        """The one of that provider and principal; an item of quotas() will do."""
        with self._life as handle:
            attempt(library.pixazo_repository_remove_quota, handle, to_json(terms))

    def update(self, image: str, changes: Union[str, Mapping[str, Any]]) -> None:
        """Changes rating, starred, post_id, prompt_id or alt_text of a picture."""
        with self._life as handle:
            attempt(library.pixazo_repository_update, handle, encode(image), to_json(changes))

    def remove(self, uuid: str) -> None:
        """Marks the pictures of an ended generation; restore() takes it back until they are purged."""
        with self._life as handle:
            attempt(library.pixazo_repository_remove, handle, encode(uuid))

    def restore(self, uuid: str) -> None:
        with self._life as handle:
            attempt(library.pixazo_repository_restore, handle, encode(uuid))

    def purge(self, before: Union[datetime, int], *, done: bool = False) -> List[str]:
        """Keys of pictures marked before then; remove them from the store and call again with done=True."""
        with self._life as handle:
            keys = owned_text(
                lambda *rest: library.pixazo_repository_purge(handle, to_us(before), int(done), *rest)
            )
        return list_of_text(keys)

    def check(self) -> Dict[str, Any]:
        """A report of the database's health; see its member "problems"."""
        text = ctypes.c_void_p()
        with self._life as handle:
            try:
                attempt(library.pixazo_repository_check, handle, byref(text), quiet=(_ffi.PIXAZO_E_CORRUPT,))
            finally:
                report = take_text(text)
        return from_json(report)


def list_of_text(text: str) -> List[str]:
    return [str(item) for item in json.loads(text or "[]")]


def _query_of(query: Optional[Query], filters: Mapping[str, Any]) -> Optional[Query]:
    if query is not None and filters:
        raise TypeError("give a query or filters, not both")
    return Query(**filters) if filters else query
