# SPDX-License-Identifier: MIT
"""What is known about a generation, as plain Python objects: copies taken at one moment."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional, Tuple

from . import _ffi
from ._basics import Blob
from ._builders import Recipe, RecipeLike
from ._enums import AttemptClass, Confidence, GenerationState, ImageState
from ._errors import ArgumentError, NotFound, decode, owned_text
from ._exporter import Exporter
from ._load import library
from ._text import PathLike, from_json, from_us

if TYPE_CHECKING:
    from ._client import Client
    from ._store import Store

FORMATS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}


@dataclass(frozen=True)
class Home:
    """Where the bytes of a record's pictures can be had, and what can change their format."""

    store: "Optional[Store]" = None
    exporter: Optional[Exporter] = None
    client: "Optional[Client]" = None

    def export(self, source: Blob, recipe: RecipeLike, provenance: Dict[str, Any]) -> Any:
        return (self.exporter or Exporter()).export(source, recipe, provenance=provenance)


NOWHERE = Home()


@dataclass(frozen=True)
class Cost:
    """An amount, never to be read without its confidence."""

    micros: int
    """Micro-units of the currency."""
    currency: str
    confidence: Confidence

    @property
    def amount(self) -> Optional[Decimal]:
        """In units of the currency; None when no price is known."""
        return None if self.confidence == Confidence.UNKNOWN else Decimal(self.micros) / 1000000

    def __str__(self) -> str:
        return "unknown" if self.amount is None else f"{self.amount} {self.currency} ({self.confidence.text})"


@dataclass(frozen=True)
class RenditionRecord:
    """A rendition in the store."""

    name: str
    key: str
    path: Optional[Path]
    """None when the store is not local."""
    content_type: str
    nbytes: int


@dataclass(frozen=True, repr=False)
class Image:
    """One picture: the original byte for byte, and its renditions."""

    uuid: str
    state: ImageState
    key: str
    path: Optional[Path]
    """None when the store is not local."""
    url: str
    sha256: str
    content_type: str
    reason: str
    """Why it is quarantined or lost."""
    alt_text: str
    revised_prompt: str
    """The prompt as the provider changed it."""
    safety: Optional[Dict[str, Any]]
    """What the program's own hook said when it withheld it."""
    seed: Optional[int]
    """That the provider says it was made with; None: it did not say."""
    width: int
    height: int
    has_alpha: bool
    nbytes: int
    renditions: Tuple[RenditionRecord, ...]
    _blob: Optional[Blob] = field(compare=False)
    _home: Home = field(compare=False)
    _provenance: Dict[str, Any] = field(compare=False)

    @property
    def format(self) -> str:
        """ "png", "jpeg", "webp", or "" """
        return self.content_type.partition("/")[2]

    def blob(self) -> Blob:
        """The original: from memory, the disk, the store, or the provider's URL."""
        if self._blob is not None:
            return self._blob
        if self.path is not None:
            return Blob.from_file(self.path, max_bytes=max(self.nbytes, 1))
        if self._home.store is not None and self.key:
            return self._home.store.get(self.key)
        if self._home.client is not None and self.url:
            return self._home.client.fetch(self.url)
        raise NotFound(f"picture {self.uuid} is {self.state.text}: {self.reason or 'its bytes are not within reach'}")

    def __bytes__(self) -> bytes:
        return bytes(self.blob())

    def export(self, recipe: RecipeLike) -> Any:
        """A rendition made now; nothing is stored."""
        return self._home.export(self.blob(), recipe, self._provenance)

    def save(self, path: PathLike, recipe: Optional[RecipeLike] = None) -> Path:
        """Writes a file in the format its name says: the original bytes where that is their format, else a rendition.

        The rendition is the one already in the store when there is one. With a recipe, one is made by it.
        """
        target = Path(path)
        wanted = FORMATS.get(target.suffix.lower())
        if recipe is not None:
            self.export(recipe).save(target)
        elif wanted is None:
            raise ArgumentError(f"{target.name!r} does not say a format; known: {', '.join(FORMATS)}")
        elif wanted == self._format_of_blob():
            self.blob().save(target)
        else:
            stored = self._stored(wanted)
            (stored or self.export(Recipe(format=wanted))).save(target)
        return target

    def _format_of_blob(self) -> str:
        """A record of a bare client may not have measured it."""
        return self.format or (self._home.exporter or Exporter()).inspect(self.blob()).format

    def _stored(self, name: str) -> Optional[Blob]:
        """The whole-size rendition of a studio; named after its format."""
        for rendition in self.renditions:
            if rendition.name == name and rendition.path is not None and rendition.path.exists():
                return Blob.from_file(rendition.path, max_bytes=max(rendition.nbytes, 1))
        return None

    def _repr_png_(self) -> Optional[bytes]:
        """For notebooks: PNG always works."""
        if self.state != ImageState.RECORDED and self._blob is None:
            return None
        return bytes(self) if self.format == "png" else bytes(self.export(Recipe(format="png")))

    def _repr_jpeg_(self) -> Optional[bytes]:
        return bytes(self) if self.format == "jpeg" else None

    def _repr_webp_(self) -> Optional[bytes]:
        return bytes(self) if self.format == "webp" else None

    def __repr__(self) -> str:
        where = self.path or self.key or self.url.split("?")[0]
        return f"<pixazo.Image {self.state.text} {self.format} {self.width}x{self.height} {str(where)!r}>"


@dataclass(frozen=True, repr=False)
class Generation:
    """One generation with its pictures."""

    uuid: str
    batch: str
    principal: str
    idempotency_key: str
    prompt: str
    provider: str
    model: str
    request: Dict[str, Any] = field(hash=False)
    """As the caller asked."""
    metadata: Dict[str, Any] = field(hash=False)
    """The caller's own; never sent."""
    effective: Dict[str, Any] = field(hash=False)
    """As it was sent, with the seed."""
    outcome: List[Dict[str, Any]] = field(hash=False)
    route: List[Dict[str, Any]] = field(hash=False)
    """Requested, sent and delivered value of each parameter."""
    message: str
    state: GenerationState
    attempt_class: AttemptClass
    http_status: int
    attempts: int
    cost: Cost
    created: datetime
    updated: datetime
    images: Tuple[Image, ...]
    _json: str = field(compare=False)

    @property
    def image(self) -> Image:
        """The first picture."""
        if not self.images:
            raise NotFound(f"generation {self.uuid} is {self.state.text} and has no picture: {self.message}")
        return self.images[0]

    @property
    def path(self) -> Optional[Path]:
        """Of the first picture."""
        return self.image.path

    @property
    def seed(self) -> Optional[int]:
        """The seed that was used."""
        found = self.effective.get("seed")
        return found if isinstance(found, int) else None

    @property
    def replayed_from(self) -> str:
        """The earlier generation whose pictures these are, or ""."""
        return str(self.to_dict()["replayed_from"])

    @property
    def calls(self) -> List[Dict[str, Any]]:
        """Every paid call that was made for it: class, charge, request id, times in microseconds."""
        found: List[Dict[str, Any]] = self.to_dict()["calls"]
        return found

    @property
    def request_id(self) -> str:
        """The provider's id of the last call, for its support."""
        return str(self.to_dict()["request_id"])

    @property
    def safety(self) -> Optional[Dict[str, Any]]:
        """What was said about safety: source, stage, categories, text, code, charge. None when nothing was."""
        found: Optional[Dict[str, Any]] = self.to_dict()["safety_json"]
        return found

    def save(self, path: PathLike, recipe: Optional[RecipeLike] = None) -> Path:
        """Writes the first picture; see Image.save()."""
        return self.image.save(path, recipe)

    def to_json(self) -> str:
        return self._json

    def to_dict(self) -> Dict[str, Any]:
        return from_json(self._json)

    def __len__(self) -> int:
        return len(self.images)

    def __bool__(self) -> bool:
        """A record is a record, also without pictures."""
        return True

    def __iter__(self) -> Iterator[Image]:
        return iter(self.images)

    def __getitem__(self, index: int) -> Image:
        return self.images[index]

    def _repr_png_(self) -> Optional[bytes]:
        return self.images[0]._repr_png_() if self.images else None

    def __repr__(self) -> str:
        return f"<pixazo.Generation {self.uuid} {self.state.text} {self.prompt!r}, {len(self.images)} images>"


def _path(text: Optional[bytes]) -> Optional[Path]:
    return Path(os.fsdecode(text)) if text else None


def _rendition(handle: Any, image: int, index: int) -> RenditionRecord:
    where = (handle, image, index)
    return RenditionRecord(
        name=decode(library.pixazo_generation_rendition_name(*where)),
        key=decode(library.pixazo_generation_rendition_key(*where)),
        path=_path(library.pixazo_generation_rendition_path(*where)),
        content_type=decode(library.pixazo_generation_rendition_content_type(*where)),
        nbytes=library.pixazo_generation_rendition_bytes(*where),
    )


def _blob(handle: Any, index: int) -> Optional[Blob]:
    found = library.pixazo_generation_image_blob(handle, index)
    return Blob._take(library.pixazo_blob_ref(found)) if found else None


def _safety(text: str) -> Optional[Dict[str, Any]]:
    return from_json(text) if text else None


def _image(handle: Any, index: int, home: Home, provenance: Dict[str, Any]) -> Image:
    seed = library.pixazo_generation_image_seed(handle, index)
    renditions = library.pixazo_generation_rendition_count(handle, index)
    return Image(
        uuid=decode(library.pixazo_generation_image_uuid(handle, index)),
        state=ImageState(library.pixazo_generation_image_state(handle, index)),
        key=decode(library.pixazo_generation_image_key(handle, index)),
        path=_path(library.pixazo_generation_image_path(handle, index)),
        url=decode(library.pixazo_generation_image_url(handle, index)),
        sha256=decode(library.pixazo_generation_image_sha256(handle, index)),
        content_type=decode(library.pixazo_generation_image_content_type(handle, index)),
        reason=decode(library.pixazo_generation_image_reason(handle, index)),
        alt_text=decode(library.pixazo_generation_image_alt_text(handle, index)),
        revised_prompt=decode(library.pixazo_generation_image_revised_prompt(handle, index)),
        safety=_safety(decode(library.pixazo_generation_image_safety_json(handle, index))),
        seed=seed if seed >= 0 else None,
        width=library.pixazo_generation_image_width(handle, index),
        height=library.pixazo_generation_image_height(handle, index),
        has_alpha=bool(library.pixazo_generation_image_has_alpha(handle, index)),
        nbytes=library.pixazo_generation_image_bytes(handle, index),
        renditions=tuple(_rendition(handle, index, number) for number in range(renditions)),
        _blob=_blob(handle, index),
        _home=home,
        _provenance=provenance if seed < 0 else {**provenance, "seed": seed},
    )


def _provenance_of(texts: Dict[str, str], effective: Dict[str, Any]) -> Dict[str, Any]:
    """What a rendition made later says about its origin: the same that the pipeline writes."""
    sent = {"negative_prompt": "negative_prompt", "steps": "steps", "sampler": "sampler", "guidance": "cfg_scale",
            "seed": "seed", "width": "width", "height": "height"}
    found: Dict[str, Any] = {key: texts[key] for key in ("provider", "model", "prompt")}
    found["generation"] = texts["uuid"]
    found.update({name: effective[key] for key, name in sent.items() if effective.get(key) is not None})
    return found


def generation_of(handle: Any, home: Home = NOWHERE) -> Generation:
    """Reads a whole record; the handle stays its owner's."""
    texts: Dict[str, Any] = {
        name: decode(getattr(library, "pixazo_generation_" + name)(handle))
        for name in ("uuid", "batch", "principal", "idempotency_key", "prompt", "provider", "model", "message")
    }
    documents: Dict[str, Any] = {
        name: from_json(decode(getattr(library, f"pixazo_generation_{name}_json")(handle)))
        for name in ("request", "metadata", "effective")
    }
    documents["outcome"] = json.loads(decode(library.pixazo_generation_outcome_json(handle)) or "[]")
    documents["route"] = json.loads(decode(library.pixazo_generation_route_json(handle)) or "[]")
    provenance = _provenance_of(texts, documents["effective"])
    count = library.pixazo_generation_image_count(handle)
    return Generation(
        **texts,
        **documents,
        state=GenerationState(library.pixazo_generation_state(handle)),
        attempt_class=AttemptClass(library.pixazo_generation_class(handle)),
        http_status=library.pixazo_generation_http_status(handle),
        attempts=library.pixazo_generation_attempts(handle),
        cost=Cost(
            library.pixazo_generation_cost_micros(handle),
            decode(library.pixazo_generation_currency(handle)),
            Confidence(library.pixazo_generation_confidence(handle)),
        ),
        created=from_us(library.pixazo_generation_created_us(handle)),
        updated=from_us(library.pixazo_generation_updated_us(handle)),
        images=tuple(_image(handle, index, home, provenance) for index in range(count)),
        _json=owned_text(library.pixazo_generation_to_json, handle),
    )


class Taken:
    """Inside a `with`: room for an owned record, which is freed at the end."""

    def __init__(self, home: Home) -> None:
        self.handle = _ffi.pixazo_generation()
        self.home = home

    def __enter__(self) -> "Taken":
        return self

    def __exit__(self, *_: object) -> None:
        library.pixazo_generation_free(self.handle)

    def read(self) -> Generation:
        return generation_of(self.handle, self.home)
