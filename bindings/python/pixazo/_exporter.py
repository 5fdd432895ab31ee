# SPDX-License-Identifier: MIT
"""From one picture file to renditions, and what a picture file is."""

from __future__ import annotations

import json
import os
from ctypes import POINTER, byref, pointer, sizeof
from datetime import timedelta
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Union, cast

from . import _ffi
from ._basics import Blob, Cancel, Log, Maybe
from ._builders import HeldRecipes, RecipeLike
from ._errors import attempt, decode, owned_text
from ._life import Owner
from ._load import library
from ._pixels import Pixels, PixelSource, pixels_of
from ._text import PathLike, checked, encode_or_none, encode_path, from_json, in_range, to_json

Source = Union[Blob, bytes, bytearray, memoryview, str, "os.PathLike[str]"]


def blob_of(source: Source) -> Blob:
    """Bytes as they are; text and paths name a file."""
    if isinstance(source, Blob):
        return source
    if isinstance(source, (bytes, bytearray, memoryview)):
        return Blob(source)
    return Blob.from_file(source)


class Layer(NamedTuple):
    """A picture that lies on another one; no source: the job's own, on its base."""

    source: Optional[Source] = None
    mode: Optional[str] = None
    fit: Optional[str] = None
    gravity: Optional[str] = None
    opacity: int = 0
    x: int = 0
    y: int = 0
    no_enlarge: bool = False


class HeldLayers:
    """Inside a `with`: an array of pointers to the layers for C, and what keeps them alive."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = layers
        self.blobs = [None if layer.source is None else blob_of(layer.source) for layer in layers]
        self.entered: List[Blob] = []

    def __enter__(self) -> Any:
        self.made = (_ffi.pixazo_layer * len(self.layers))()
        self.array = (POINTER(_ffi.pixazo_layer) * len(self.layers))()
        try:
            for index, (layer, blob) in enumerate(zip(self.layers, self.blobs)):
                one = self.made[index]
                library.pixazo_layer_init(byref(one), sizeof(one))
                if blob is not None:
                    one.source = blob._life.__enter__()
                    self.entered.append(blob)
                for name in ("mode", "fit", "gravity"):
                    setattr(one, name, encode_or_none(getattr(layer, name)))
                one.opacity, one.x, one.y, one.no_enlarge = layer.opacity, layer.x, layer.y, layer.no_enlarge
                self.array[index] = pointer(one)
        except BaseException:
            self.__exit__()
            raise
        return self.array

    def __exit__(self, *_: object) -> None:
        while self.entered:
            self.entered.pop()._life.__exit__()


class Rendition:
    """What was made: facts, and the file as a blob."""

    def __init__(self, handle: Any) -> None:
        """Reads everything; the handle stays its owner's."""
        self.blob = Blob._take(library.pixazo_blob_ref(library.pixazo_rendition_blob(handle)))
        self.name: str = decode(library.pixazo_rendition_name(handle))
        self.format: str = decode(library.pixazo_rendition_format(handle))
        self.content_type: str = decode(library.pixazo_rendition_content_type(handle))
        self.extension: str = decode(library.pixazo_rendition_extension(handle))
        self.width: int = library.pixazo_rendition_width(handle)
        self.height: int = library.pixazo_rendition_height(handle)
        self.nbytes: int = library.pixazo_rendition_bytes(handle)
        self.sha256: str = decode(library.pixazo_rendition_sha256(handle))
        self.duration = timedelta(microseconds=library.pixazo_rendition_duration_us(handle))
        self._json: str = owned_text(library.pixazo_rendition_to_json, handle)
        self.quality: int = library.pixazo_rendition_quality(handle)
        self.way: str = decode(library.pixazo_rendition_way(handle))
        notes = library.pixazo_rendition_notes(handle)
        self.notes: List[str] = json.loads(decode(notes) or "[]")

    @property
    def view(self) -> memoryview:
        """The file's bytes without a copy."""
        return self.blob.view

    def __bytes__(self) -> bytes:
        return bytes(self.blob)

    def save(self, path: PathLike) -> None:
        self.blob.save(path)

    def to_json(self) -> str:
        return self._json

    def to_dict(self) -> Dict[str, Any]:
        return from_json(self._json)

    def _repr_png_(self) -> Optional[bytes]:
        return bytes(self) if self.format == "png" else None

    def _repr_jpeg_(self) -> Optional[bytes]:
        return bytes(self) if self.format == "jpeg" else None

    def _repr_webp_(self) -> Optional[bytes]:
        return bytes(self) if self.format == "webp" else None

    def __repr__(self) -> str:
        return f"<pixazo.Rendition {self.name or self.format} {self.width}x{self.height}, {self.nbytes} bytes>"


class Picture:
    """What a source file is."""

    def __init__(self, handle: Any) -> None:
        """Reads everything; the handle stays its owner's."""
        self.format: str = decode(library.pixazo_picture_format(handle))
        self.content_type: str = decode(library.pixazo_picture_content_type(handle))
        self.extension: str = decode(library.pixazo_picture_extension(handle))
        self.width: int = library.pixazo_picture_width(handle)
        self.height: int = library.pixazo_picture_height(handle)
        self.nbytes: int = library.pixazo_picture_bytes(handle)
        self.has_alpha = bool(library.pixazo_picture_has_alpha(handle))
        self.bit_depth: int = library.pixazo_picture_bit_depth(handle)
        self.orientation: int = library.pixazo_picture_orientation(handle)
        self.sha256: str = decode(library.pixazo_picture_sha256(handle))
        self.has_c2pa = bool(library.pixazo_picture_has_c2pa(handle))
        self.is_animated = bool(library.pixazo_picture_is_animated(handle))
        self.parameters: str = decode(library.pixazo_picture_parameters(handle))
        self.metadata: Dict[str, Any] = json.loads(decode(library.pixazo_picture_metadata(handle)) or "{}")
        """Generation parameters found in the file; untrusted text."""
        self._json: str = owned_text(library.pixazo_picture_to_json, handle)

    def to_json(self) -> str:
        return self._json

    def to_dict(self) -> Dict[str, Any]:
        return from_json(self._json)

    def __repr__(self) -> str:
        return f"<pixazo.Picture {self.format} {self.width}x{self.height}, {self.nbytes} bytes>"


class Exporter(Owner):
    """Makes renditions; any number of threads."""

    @checked
    def __init__(
        self,
        *,
        max_pixels: int = 0,
        max_bytes: int = 0,
        max_scans: int = 0,
        max_metadata_blocks: int = 0,
        threads: int = 1,
        log: Optional[Log] = None,
    ) -> None:
        """Limits on untrusted files; 0 means the default. `threads` work on one job, the calling one among them."""
        options = _ffi.pixazo_exporter_options()
        library.pixazo_exporter_options_init(byref(options), sizeof(options))
        options.max_pixels = in_range("max_pixels", max_pixels, 64)
        options.max_bytes = in_range("max_bytes", max_bytes, 64)
        options.max_scans = in_range("max_scans", max_scans)
        options.max_metadata_blocks = in_range("max_metadata_blocks", max_metadata_blocks)
        options.threads = in_range("threads", threads)
        handle = _ffi.pixazo_exporter()
        with Maybe(log) as options.log:
            attempt(library.pixazo_exporter_new, byref(options), byref(handle),
                    undo=lambda: library.pixazo_exporter_unref(handle))
        self._take_over(handle, log)

    def _take_over(self, handle: Any, *keep: object) -> "Exporter":
        self._keep = keep
        self._own(handle, library.pixazo_exporter_unref)
        return self

    def export(
        self,
        source: Union[Source, PixelSource],
        recipe: RecipeLike,
        *,
        provenance: Union[str, Mapping[str, Any], None] = None,
        cancel: Optional[Cancel] = None,
    ) -> Rendition:
        """One rendition of a file, or of pixels: a numpy array, a Pillow image, Pixels."""
        return self.export_all(source, [recipe], provenance=provenance, cancel=cancel)[0]

    def export_all(
        self,
        source: Union[Source, PixelSource],
        recipes: Sequence[RecipeLike],
        *,
        provenance: Union[str, Mapping[str, Any], None] = None,
        base: Optional[Source] = None,
        layers: Sequence[Layer] = (),
        cancel: Optional[Cancel] = None,
    ) -> List[Rendition]:
        """One rendition for each recipe, all or none, from one decode, with what lies below and above the source."""
        job = _ffi.pixazo_export_job()
        library.pixazo_export_job_init(byref(job), sizeof(job))
        job.provenance_json = None if provenance is None else to_json(provenance)
        out = (_ffi.pixazo_rendition * len(recipes))()
        pixels = pixels_of(source)
        blob = None if pixels is not None else blob_of(cast(Source, source))
        try:
            with self._life as handle, Maybe(blob) as job.source, Maybe(pixels) as job.pixels, HeldRecipes(recipes) as array:
                job.recipes, job.recipe_count = array, len(recipes)
                below = None if base is None else blob_of(base)
                with Maybe(cancel) as job.cancel, Maybe(below) as job.base, HeldLayers(layers) as above:
                    job.layers, job.layer_count = above, len(layers)
                    attempt(library.pixazo_exporter_export_all, handle, byref(job), out)
            return [Rendition(rendition) for rendition in out]
        finally:
            for rendition in out:
                library.pixazo_rendition_free(rendition)

    def decode(self, source: Source, *, cancel: Optional[Cancel] = None) -> Pixels:
        """The pixels of a file, as seen: EXIF orientation applied, gray and inks as RGB, 16-bit samples rounded to 8."""
        handle = _ffi.pixazo_pixels()
        blob = blob_of(source)
        with self._life as mine, blob._life as content, Maybe(cancel) as token:
            attempt(library.pixazo_exporter_decode, mine, content, token, byref(handle),
                    undo=lambda: library.pixazo_pixels_unref(handle))
        return Pixels._take(handle)

    def inspect(self, source: Source, *, cancel: Optional[Cancel] = None) -> Picture:
        """Decodes every pixel, hashes the file and says what it is."""
        picture = _ffi.pixazo_picture()
        try:
            with self._life as handle, Maybe(cancel) as token:
                if isinstance(source, (Blob, bytes, bytearray, memoryview)):
                    blob = blob_of(source)
                    with blob._life as content:
                        attempt(library.pixazo_exporter_inspect, handle, content, token, byref(picture))
                else:
                    attempt(library.pixazo_exporter_inspect_file, handle, encode_path(source), token, byref(picture))
            return Picture(picture)
        finally:
            library.pixazo_picture_free(picture)
