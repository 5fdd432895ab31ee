# SPDX-License-Identifier: MIT
"""What is built piece by piece: Request, Query, Recipe."""

from __future__ import annotations

import json as json_format
from ctypes import byref, c_size_t
from datetime import datetime
from os import PathLike as PathLikeObject, fspath
from typing import Any, Dict, List, Mapping, Optional, Sequence, TypeVar, Union

from . import _ffi
from ._errors import attempt, decode, owned_text
from ._life import Owner
from ._load import library
from ._text import PathLike, checked, encode, encode_or_none, from_json, refuse_unknown, to_json, to_us

R = TypeVar("R", bound="Request")
Value = Union[str, int, float, PathLike, Sequence[PathLike], Mapping[str, Any], None]

REQUEST_KEYS = (
    "prompt", "negative_prompt", "model", "provider", "width", "height", "steps", "guidance", "seed", "count", "sampler",
    "aspect_ratio", "quality", "format", "background", "strength", "partial_images", "images", "mask", "parent",
    "idempotency_key", "principal", "traceparent", "replay", "provider_options", "metadata",
)
NUMBERS_WITH_FRACTION = ("guidance", "strength")


class Request(Owner):
    """What is asked for. Parameters that are left out come from the settings, then from the model."""

    @checked
    def __init__(
        self,
        prompt: Optional[str] = None,
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
        aspect_ratio: Optional[str] = None,
        quality: Optional[str] = None,
        format: Optional[str] = None,
        background: Optional[str] = None,
        strength: Optional[float] = None,
        partial_images: Optional[int] = None,
        images: Optional[Sequence[PathLike]] = None,
        mask: Optional[PathLike] = None,
        parent: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        principal: Optional[str] = None,
        traceparent: Optional[str] = None,
        replay: Optional[str] = None,
        provider_options: Optional[Mapping[str, Any]] = None,
        metadata: Optional[Mapping[str, Any]] = None,
    ) -> None:
        given = {key: value for key, value in locals().items() if key in REQUEST_KEYS and key != "prompt"}
        handle = _ffi.pixazo_request()
        attempt(library.pixazo_request_new, encode_or_none(prompt), byref(handle))
        self._start(handle)
        for key, value in given.items():
            if value is not None:
                self[key] = value

    def _start(self, handle: Any) -> None:
        self._own(handle, library.pixazo_request_free, exclusive=True)

    @classmethod
    def from_json(cls, json: Union[str, Mapping[str, Any]]) -> "Request":
        """From a JSON object, which is kept verbatim for the record; unknown members are metadata."""
        handle = _ffi.pixazo_request()
        attempt(library.pixazo_request_new_from_json, to_json(json), byref(handle))
        request = cls.__new__(cls)
        request._start(handle)
        return request

    def copy(self) -> "Request":
        """A request of its own with the same parameters."""
        handle = _ffi.pixazo_request()
        with self._life as mine:
            attempt(library.pixazo_request_new_copy, mine, byref(handle))
        request = Request.__new__(Request)
        request._start(handle)
        return request

    def __setitem__(self, key: str, value: Value) -> None:
        """Sets a parameter; None removes it."""
        name = encode(key)
        with self._life as handle:
            if value is None or isinstance(value, (str, PathLikeObject)):
                text = None if value is None else fspath(value)
                attempt(library.pixazo_request_set_string, handle, name, encode_or_none(text))
            elif isinstance(value, Mapping):
                attempt(library.pixazo_request_set_json, handle, name, to_json(value))
            elif isinstance(value, float) or (isinstance(value, int) and key in NUMBERS_WITH_FRACTION):
                attempt(library.pixazo_request_set_double, handle, name, float(value))
            elif isinstance(value, int):
                attempt(library.pixazo_request_set_int, handle, name, whole(key, value))
            else:
                paths = json_format.dumps([fspath(one) for one in value])
                attempt(library.pixazo_request_set_json, handle, name, encode(paths))

    def __getitem__(self, key: str) -> Optional[str]:
        """A text parameter; None when it is absent or no text."""
        with self._life as handle:
            found = library.pixazo_request_get_string(handle, encode(key))
            return None if found is None else decode(found)

    def set_defaults(self, parameters: Union[str, Mapping[str, Any]]) -> None:
        """Fills what is left open; the record goes on saying what was asked for without it."""
        with self._life as handle:
            attempt(library.pixazo_request_set_defaults, handle, to_json(parameters))

    def to_json(self) -> str:
        with self._life as handle:
            return owned_text(library.pixazo_request_to_json, handle)

    def to_dict(self) -> Dict[str, Any]:
        return from_json(self.to_json())

    def __repr__(self) -> str:
        return super().__repr__() if self.closed else f"pixazo.Request.from_json({self.to_json()!r})"


def whole(key: str, value: int) -> int:
    """ctypes would cut a number of more than 64 bits."""
    if not -(1 << 63) <= value < 1 << 63:
        raise ValueError(f"{key} = {value} does not fit in 64 bits")
    return value


def request_of(prompt: Union[str, Request, Mapping[str, Any]], parameters: Mapping[str, Any]) -> Request:
    """A request for this call alone: what another thread does to the given one no longer matters."""
    refuse_unknown("Request", parameters, REQUEST_KEYS)
    if isinstance(prompt, Request):
        request = prompt.copy()
    elif isinstance(prompt, str):
        request = Request(prompt)
    else:
        request = Request.from_json(prompt)
    for key, value in parameters.items():
        if value is not None:
            request[key] = value
    return request


class Query(Owner):
    """Which generations to list, newest first."""

    @checked
    def __init__(
        self,
        *,
        state: Union[str, Sequence[str], None] = None,
        provider: Optional[str] = None,
        model: Optional[str] = None,
        principal: Optional[str] = None,
        batch: Optional[str] = None,
        post_id: Optional[str] = None,
        prompt_id: Optional[str] = None,
        text: Optional[str] = None,
        since: Union[datetime, int, None] = None,
        until: Union[datetime, int, None] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        page: Optional[int] = None,
        offset: Optional[int] = None,
    ) -> None:
        if state is not None and not isinstance(state, str):
            state = ",".join(state)
        values: Dict[str, Union[str, int, None]] = {
            "state": state, "provider": provider, "model": model, "principal": principal, "batch": batch,
            "post_id": post_id, "prompt_id": prompt_id, "text": text, "cursor": cursor,
            "since_us": None if since is None else to_us(since), "until_us": None if until is None else to_us(until),
            "limit": limit, "page": page, "offset": offset,
        }
        handle = _ffi.pixazo_query()
        attempt(library.pixazo_query_new, byref(handle))
        self._own(handle, library.pixazo_query_free, exclusive=True)
        for key, value in values.items():
            if value is not None:
                self[key] = value

    @classmethod
    def from_json(cls, json: Union[str, Mapping[str, Any]]) -> "Query":
        handle = _ffi.pixazo_query()
        attempt(library.pixazo_query_new_from_json, to_json(json), byref(handle))
        query = cls.__new__(cls)
        query._own(handle, library.pixazo_query_free, exclusive=True)
        return query

    def __setitem__(self, key: str, value: Union[str, int, None]) -> None:
        """Sets a filter by its C name (since_us, not since); None removes a text filter."""
        with self._life as handle:
            if isinstance(value, int):
                attempt(library.pixazo_query_set_int, handle, encode(key), whole(key, value))
            else:
                attempt(library.pixazo_query_set_string, handle, encode(key), encode_or_none(value))

    def to_json(self) -> str:
        with self._life as handle:
            return owned_text(library.pixazo_query_to_json, handle)

    def to_dict(self) -> Dict[str, Any]:
        return from_json(self.to_json())

    def __repr__(self) -> str:
        return super().__repr__() if self.closed else f"pixazo.Query.from_json({self.to_json()!r})"


class Recipe(Owner):
    """What a rendition is to be."""

    @checked
    def __init__(
        self,
        recipe: Optional[str] = None,
        *,
        name: Optional[str] = None,
        format: Optional[str] = None,
        quality: Optional[int] = None,
        level: Optional[int] = None,
        width: Optional[int] = None,
        height: Optional[int] = None,
        fit: Optional[str] = None,
        gravity: Optional[str] = None,
        focus_x: Optional[int] = None,
        focus_y: Optional[int] = None,
        enlarge: Optional[bool] = None,
        background: Optional[str] = None,
        alpha: Optional[str] = None,
        metadata: Optional[str] = None,
        filter: Optional[str] = None,
        linear: Optional[bool] = None,
        rotate: Optional[int] = None,
        flip: Optional[str] = None,
        reencode: Optional[str] = None,
        effort: Optional[str] = None,
        max_bytes: Optional[int] = None,
    ) -> None:
        """`recipe` names the one to start from: "fit-256", "smart-300", "web"."""
        given = {key: value for key, value in locals().items() if key not in ("self", "recipe")}
        handle = _ffi.pixazo_recipe()
        if recipe is None:
            attempt(library.pixazo_recipe_new, byref(handle))
        else:
            attempt(library.pixazo_recipe_new_named, encode(recipe), byref(handle))
        self._own(handle, library.pixazo_recipe_free, exclusive=True)
        for key, value in given.items():
            if value is not None:
                self[key] = value

    @classmethod
    def from_json(cls, json: Union[str, Mapping[str, Any]]) -> "Recipe":
        handle = _ffi.pixazo_recipe()
        attempt(library.pixazo_recipe_new_from_json, to_json(json), byref(handle))
        recipe = cls.__new__(cls)
        recipe._own(handle, library.pixazo_recipe_free, exclusive=True)
        return recipe

    @classmethod
    def matrix(cls, json: Union[str, Mapping[str, Any]]) -> List["Recipe"]:
        """One recipe for each of "sizes" in each of "formats"; the other keys hold for all of them."""
        handles = (_ffi.pixazo_recipe * _ffi.PIXAZO_RECIPES_MAX)()
        count = c_size_t()
        attempt(library.pixazo_recipe_new_matrix, to_json(json), handles, len(handles), byref(count))
        recipes = []
        for handle in handles[:count.value]:
            recipe = cls.__new__(cls)
            recipe._own(handle, library.pixazo_recipe_free, exclusive=True)
            recipes.append(recipe)
        return recipes

    def __setitem__(self, key: str, value: Union[str, int]) -> None:
        with self._life as handle:
            if isinstance(value, int):
                attempt(library.pixazo_recipe_set_int, handle, encode(key), whole(key, value))
            else:
                attempt(library.pixazo_recipe_set_string, handle, encode(key), encode(value))

    def to_json(self) -> str:
        with self._life as handle:
            return owned_text(library.pixazo_recipe_to_json, handle)

    def to_dict(self) -> Dict[str, Any]:
        return from_json(self.to_json())

    def __eq__(self, other: object) -> bool:
        """Whether all keys are the same; closed recipes are equal to nothing but themselves."""
        if self is other:
            return True
        if not isinstance(other, Recipe):
            return NotImplemented
        return not self.closed and not other.closed and self.to_json() == other.to_json()

    __hash__ = None  # type: ignore[assignment]  # the keys may change

    def __repr__(self) -> str:
        return super().__repr__() if self.closed else f"pixazo.Recipe.from_json({self.to_json()!r})"


RecipeLike = Union[Recipe, str, Mapping[str, Any]]


def recipe_of(recipe: RecipeLike) -> Recipe:
    """A recipe, the name of one, or its keys."""
    if isinstance(recipe, Recipe):
        return recipe
    return Recipe(recipe) if isinstance(recipe, str) else Recipe.from_json(recipe)


class HeldRecipes:
    """Inside a `with`: an array of the recipes' handles for C, and how many."""

    def __init__(self, recipes: Sequence[RecipeLike]) -> None:
        self.recipes = [recipe_of(recipe) for recipe in recipes]
        self.entered = 0

    def __enter__(self) -> Any:
        array = (_ffi.pixazo_recipe * len(self.recipes))()
        try:
            for index, recipe in enumerate(self.recipes):
                array[index] = recipe._life.__enter__()
                self.entered += 1
        except BaseException:
            self.__exit__()
            raise
        return array

    def __exit__(self, *_: object) -> None:
        while self.entered:
            self.entered -= 1
            self.recipes[self.entered]._life.__exit__()
