# SPDX-License-Identifier: MIT
"""Stores: finished files by key, in a directory, in memory, or wherever a class of the program puts them."""

from __future__ import annotations

import ctypes
import itertools
from abc import ABC, abstractmethod
from ctypes import byref, sizeof
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple, Union

from . import _ffi
from ._basics import Blob, Log, Maybe
from ._enums import Can
from ._errors import PixazoError, attempt, decode, owned_text
from ._life import Owner
from ._load import library
from ._pending import c_function, keep, stopped
from ._text import (PathLike, checked, encode, encode_or_none, encode_path, from_json, from_us, in_range,
                    to_json, to_us)

PIECE = 256 * 1024


@dataclass(frozen=True)
class StoreInfo:
    """Facts of a stored object."""

    size: int
    modified: Optional[datetime] = None


@dataclass(frozen=True)
class StoreEntry:
    """One line of a listing."""

    key: str
    size: int
    modified: Optional[datetime] = None


class PutJob:
    """One thing to put, given to StoreBackend.put(); valid during that call."""

    def __init__(self, job: Any) -> None:
        self._job = job
        self.key: str = decode(job.key)
        self.content_type: str = decode(job.content_type)
        self.size: int = job.size
        self.sha256: str = decode(job.sha256)
        self.path: Optional[Path] = Path(decode(job.path)) if job.path else None
        """A local file with the same bytes, if there is one."""

    def chunks(self, size: int = PIECE) -> Iterator[bytes]:
        """The bytes from the first one on, in pieces."""
        attempt(self._job.rewind, self._job.source)
        buffer, got = ctypes.create_string_buffer(size), ctypes.c_size_t()
        while True:
            attempt(self._job.read, self._job.source, buffer, size, byref(got))
            if got.value == 0:
                return
            yield buffer.raw[: got.value]

    def read(self) -> bytes:
        """All bytes at once."""
        return b"".join(self.chunks())


class StoreBackend(ABC):
    """A store of one's own: a subclass with put() and whatever else it can do, given to Store.custom().

    Raise pixazo.NotFound for what is absent and pixazo.Exists for other bytes under a taken key. Functions run on
    threads of the program that are inside a pixazo call, one at a time.
    """

    @abstractmethod
    def put(self, job: PutJob) -> None:
        """Keeps job.size bytes; they are safe when it returns. The same key with the same bytes again is fine."""

    def get(self, key: str, offset: int, length: Optional[int]) -> Union[bytes, Iterable[bytes]]:
        """Bytes from offset on, at most length (None: to the end), at once or in pieces."""
        raise NotImplementedError

    def stat(self, key: str) -> StoreInfo:
        raise NotImplementedError

    def remove(self, key: str) -> None:
        """Absent is fine."""
        raise NotImplementedError

    def list(self, prefix: str, cursor: str, limit: int) -> Tuple[Iterable[StoreEntry], Optional[str]]:
        """At most limit entries behind the cursor, in order, and the cursor of the next page or None."""
        raise NotImplementedError

    def url(self, key: str, seconds: int) -> str:
        raise NotImplementedError

    def path(self, key: str) -> PathLike:
        raise NotImplementedError

    def flush(self) -> None:
        """Makes durable what was put before; without it, put() does."""
        raise NotImplementedError

    def close(self) -> None:
        """Called once, when the library lets go of the store."""


_backends: Dict[int, StoreBackend] = {}
_numbers = itertools.count(1)


def _serve(number: int, error: Any, work: Callable[[StoreBackend], None]) -> int:
    """Runs one function of a backend. A PixazoError is an answer; anything else ends the outer call."""
    try:
        if stopped():
            return _ffi.PIXAZO_E_CANCELLED
        work(_backends[number])
        return _ffi.PIXAZO_OK
    except PixazoError as failure:
        message = str(failure).replace("\0", "?").encode("utf-8", "replace")
        return int(library.pixazo_error_set(error, int(failure.status), message))
    except BaseException as exception:  # nothing may be raised into C
        keep(exception)
        message = f"{type(exception).__name__} in a store backend".encode()
        return int(library.pixazo_error_set(error, _ffi.PIXAZO_E_CANCELLED, message))


@c_function(_ffi.pixazo_store_ops_put_fn)
def _put(number: int, job: Any, error: Any) -> int:
    return _serve(number, error, lambda backend: backend.put(PutJob(job.contents)))


@c_function(_ffi.pixazo_store_ops_get_fn)
def _get(number: int, key: bytes, offset: int, length: int, write: Any, sink: Any, error: Any) -> int:
    def work(backend: StoreBackend) -> None:
        found = backend.get(decode(key), offset, None if length == (1 << 64) - 1 else length)
        for piece in [found] if isinstance(found, (bytes, bytearray, memoryview)) else found:
            data = bytes(piece)
            attempt(write, sink, data, len(data))

    return _serve(number, error, work)


@c_function(_ffi.pixazo_store_ops_stat_fn)
def _stat(number: int, key: bytes, info: Any, error: Any) -> int:
    def work(backend: StoreBackend) -> None:
        found = backend.stat(decode(key))
        info.contents.size = in_range("size", found.size, 64)
        info.contents.modified_us = 0 if found.modified is None else to_us(found.modified)

    return _serve(number, error, work)


@c_function(_ffi.pixazo_store_ops_remove_fn)
def _remove(number: int, key: bytes, error: Any) -> int:
    return _serve(number, error, lambda backend: backend.remove(decode(key)))


@c_function(_ffi.pixazo_store_ops_list_fn)
def _list(number: int, prefix: bytes, cursor: bytes, limit: int, listing: Any, error: Any) -> int:
    def work(backend: StoreBackend) -> None:
        entries, following = backend.list(decode(prefix), decode(cursor), limit)
        for entry in entries:
            modified = 0 if entry.modified is None else to_us(entry.modified)
            size = in_range("size", entry.size, 64)
            status = library.pixazo_store_listing_add(listing, encode(entry.key), size, modified)
            if status == _ffi.PIXAZO_E_LIMIT:  # the cursor would skip what does not fit
                raise ValueError(f"list() gave more than {limit} entries")
            if status != _ffi.PIXAZO_OK:
                raise MemoryError
        if following:
            library.pixazo_store_listing_set_cursor(listing, encode(following))

    return _serve(number, error, work)


def _answer(text: Any, capacity: int, answer: bytes) -> None:
    if len(answer) >= capacity:
        raise PixazoError("the text is too long", status=_ffi.PIXAZO_E_LIMIT)
    ctypes.memmove(text, answer + b"\0", len(answer) + 1)


@c_function(_ffi.pixazo_store_ops_url_fn)
def _url(number: int, key: bytes, seconds: int, text: Any, capacity: int, error: Any) -> int:
    return _serve(number, error, lambda backend: _answer(text, capacity, encode(backend.url(decode(key), seconds))))


@c_function(_ffi.pixazo_store_ops_path_fn)
def _path(number: int, key: bytes, text: Any, capacity: int, error: Any) -> int:
    return _serve(number, error, lambda backend: _answer(text, capacity, encode_path(backend.path(decode(key)))))


@c_function(_ffi.pixazo_store_ops_flush_fn)
def _flush(number: int, error: Any) -> int:
    return _serve(number, error, lambda backend: backend.flush())


@c_function(_ffi.pixazo_store_ops_destroy_fn)
def _destroy(number: int) -> None:
    try:
        _backends.pop(number).close()
    except BaseException as exception:
        keep(exception)


_OPS = {"put": _put, "get": _get, "stat": _stat, "remove": _remove, "list": _list, "url": _url, "path": _path,
        "flush": _flush}


def put_job(key: str, content_type: Optional[str], flags: int) -> Any:
    job = _ffi.pixazo_store_put_job()
    library.pixazo_store_put_job_init(byref(job), sizeof(job))
    job.key, job.content_type, job.flags = encode(key), encode_or_none(content_type), flags
    return job


class Store(Owner):
    """Keeps finished files by key. What is stored never changes. Any thread."""

    _keep: Tuple[object, ...] = ()

    @checked
    def __init__(
        self, directory: PathLike, *, file_mode: int = 0, directory_mode: int = 0, log: Optional[Log] = None
    ) -> None:
        """A directory on this machine. Modes are 0640 and 0750 by default."""
        options = _ffi.pixazo_store_local_options()
        library.pixazo_store_local_options_init(byref(options), sizeof(options))
        options.directory = encode_path(directory)
        options.file_mode = in_range("file_mode", file_mode)
        options.directory_mode = in_range("directory_mode", directory_mode)
        handle = _ffi.pixazo_store()
        with Maybe(log) as options.log:
            attempt(library.pixazo_store_new_local, byref(options), byref(handle),
                    undo=lambda: library.pixazo_store_unref(handle))
        self._take_over(handle, log)

    def _take_over(self, handle: Any, *keep_alive: object) -> "Store":
        self._keep = keep_alive
        self._own(handle, library.pixazo_store_unref)
        return self

    @classmethod
    def memory(cls) -> "Store":
        """In memory, for tests and for programs that pass pictures on at once."""
        handle = _ffi.pixazo_store()
        attempt(library.pixazo_store_new_memory, byref(handle))
        return cls.__new__(cls)._take_over(handle)

    @classmethod
    def from_json(cls, json: Union[str, Mapping[str, Any]], *, log: Optional[Log] = None) -> "Store":
        """From {"kind": "local", "directory": ...} or {"kind": "memory"}."""
        handle = _ffi.pixazo_store()
        with Maybe(log) as sink:
            attempt(library.pixazo_store_new_from_json, to_json(json), sink, byref(handle))
        return cls.__new__(cls)._take_over(handle, log)

    @classmethod
    def custom(cls, backend: StoreBackend) -> "Store":
        """A store of one's own; the library owns the backend until it calls backend.close()."""
        if not isinstance(backend, StoreBackend):
            raise TypeError("a backend is a subclass of pixazo.StoreBackend")
        ops = _ffi.pixazo_store_ops()
        library.pixazo_store_ops_init(byref(ops), sizeof(ops))
        for name, function in _OPS.items():
            if getattr(type(backend), name) is not getattr(StoreBackend, name):
                setattr(ops, name, function)
        ops.destroy = _destroy
        handle, number = _ffi.pixazo_store(), next(_numbers)
        _backends[number] = backend
        try:
            attempt(library.pixazo_store_new_custom, byref(ops), number, 0, byref(handle))
        except BaseException:
            _backends.pop(number, None)
            raise
        return cls.__new__(cls)._take_over(handle)

    @property
    def kind(self) -> str:
        """ "local", "memory" or "custom" """
        with self._life as handle:
            return decode(library.pixazo_store_kind(handle))

    @property
    def any_thread(self) -> bool:
        with self._life as handle:
            return bool(library.pixazo_store_any_thread(handle))

    def supports(self, what: Can) -> bool:
        with self._life as handle:
            return bool(library.pixazo_store_supports(handle, what))

    def put(
        self,
        key: str,
        data: Union[bytes, bytearray, memoryview, Blob],
        *,
        content_type: Optional[str] = None,
        defer_flush: bool = False,
    ) -> None:
        """Stores bytes; they are safe when it returns, or with defer_flush when flush() has returned."""
        job = put_job(key, content_type, _ffi.PIXAZO_STORE_DEFER_FLUSH if defer_flush else 0)
        if isinstance(data, Blob):
            with data._life as blob, self._life as handle:
                job.data, job.size = library.pixazo_blob_data(blob), library.pixazo_blob_size(blob)
                attempt(library.pixazo_store_put, handle, byref(job))
            return
        content = bytes(data)
        job.data, job.size = ctypes.cast(ctypes.c_char_p(content), ctypes.c_void_p), len(content)
        with self._life as handle:
            attempt(library.pixazo_store_put, handle, byref(job))

    def put_file(
        self,
        key: str,
        path: PathLike,
        *,
        content_type: Optional[str] = None,
        take: bool = False,
        flushed: bool = False,
        defer_flush: bool = False,
    ) -> None:
        """Stores a file. take: the file is given up, so that it may be moved. flushed: it is on the disk already."""
        flags = (
            (_ffi.PIXAZO_STORE_TAKE if take else 0)
            | (_ffi.PIXAZO_STORE_FLUSHED if flushed else 0)
            | (_ffi.PIXAZO_STORE_DEFER_FLUSH if defer_flush else 0)
        )
        job = put_job(key, content_type, flags)
        job.path = encode_path(path)
        with self._life as handle:
            attempt(library.pixazo_store_put, handle, byref(job))

    def flush(self) -> None:
        """Makes durable what was put with defer_flush."""
        with self._life as handle:
            attempt(library.pixazo_store_flush, handle)

    def get(self, key: str, *, max_bytes: int = 0) -> Blob:
        """A whole object; larger than max_bytes (0: 64 MiB) raises LimitError."""
        blob = _ffi.pixazo_blob()
        with self._life as handle:
            attempt(library.pixazo_store_get, handle, encode(key), in_range("max_bytes", max_bytes, 64), byref(blob))
        return Blob._take(blob)

    def read(self, key: str, offset: int = 0, length: Optional[int] = None) -> bytes:
        """A part of an object."""
        pieces: List[bytes] = []

        @c_function(_ffi.pixazo_store_write_fn)
        def write(sink: Any, data: Any, size: int, error: Any) -> int:
            try:
                pieces.append(ctypes.string_at(data, size))
                return _ffi.PIXAZO_OK
            except BaseException as exception:
                keep(exception)
                return _ffi.PIXAZO_E_NOMEM

        size = (1 << 64) - 1 if length is None else in_range("length", length, 64)
        with self._life as handle:
            attempt(library.pixazo_store_get_range, handle, encode(key), in_range("offset", offset, 64), size, write, None)
        return b"".join(pieces)

    def fetch_file(self, key: str, path: PathLike) -> None:
        """Copies an object to a file: old content or all of the new one."""
        with self._life as handle:
            attempt(library.pixazo_store_fetch_file, handle, encode(key), encode_path(path))

    def digest(self, key: str) -> str:
        """SHA-256 of what is stored."""
        with self._life as handle:
            return owned_text(library.pixazo_store_digest, handle, encode(key))

    def stat(self, key: str) -> StoreInfo:
        info = _ffi.pixazo_store_info()
        library.pixazo_store_info_init(byref(info), sizeof(info))
        with self._life as handle:
            attempt(library.pixazo_store_stat, handle, encode(key), byref(info))
        return StoreInfo(info.size, from_us(info.modified_us) if info.modified_us else None)

    def __contains__(self, key: str) -> bool:
        info = _ffi.pixazo_store_info()
        library.pixazo_store_info_init(byref(info), sizeof(info))
        with self._life as handle:
            absent = (_ffi.PIXAZO_E_NOT_FOUND,)
            return attempt(library.pixazo_store_stat, handle, encode(key), byref(info), quiet=absent) == _ffi.PIXAZO_OK

    def remove(self, key: str) -> None:
        """Absent is fine."""
        with self._life as handle:
            attempt(library.pixazo_store_remove, handle, encode(key))

    def list(self, prefix: str = "", *, page_size: int = 100) -> Iterator[StoreEntry]:
        """Every entry in order of keys, a page at a time."""
        cursor, limit = "", in_range("page_size", page_size)
        while True:
            with self._life as handle:
                text = owned_text(library.pixazo_store_list, handle, encode(prefix), encode(cursor), limit)
            page = from_json(text)
            for entry in page["entries"]:
                modified = entry.get("modified_us")
                yield StoreEntry(entry["key"], entry["size"], from_us(modified) if modified else None)
            cursor = page.get("cursor", "")
            if not cursor:
                return

    def path(self, key: str) -> Path:
        """Where an object is on this machine. Reading is fine, writing is not."""
        with self._life as handle:
            return Path(owned_text(library.pixazo_store_path, handle, encode(key)))

    def url(self, key: str, seconds: int = 0) -> str:
        """A link for others; 0 seconds: as long as the store allows."""
        with self._life as handle:
            return owned_text(library.pixazo_store_url, handle, encode(key), in_range("seconds", seconds))


def check_key(key: str) -> None:
    """Raises ArgumentError, which says what is wrong, unless it is a key."""
    attempt(library.pixazo_store_check_key, encode(key))


@checked
def expand_key(
    key_template: str,
    *,
    created: Optional[datetime] = None,
    uuid: Optional[str] = None,
    sha256: Optional[str] = None,
    md5: Optional[str] = None,
    prompt: Optional[str] = None,
    extension: Optional[str] = None,
    sequence: int = 0,
    partial: bool = False,
) -> str:
    """Fills a key template such as "originals/{yyyy}/{mm}/{uuid}.{ext}"."""
    facts = _ffi.pixazo_store_key_facts()
    library.pixazo_store_key_facts_init(byref(facts), sizeof(facts))
    facts.created_us = 0 if created is None else to_us(created)
    facts.uuid, facts.sha256, facts.md5 = encode_or_none(uuid), encode_or_none(sha256), encode_or_none(md5)
    facts.prompt, facts.extension = encode_or_none(prompt), encode_or_none(extension)
    facts.sequence = in_range("sequence", sequence, 64)
    facts.flags = _ffi.PIXAZO_STORE_KEY_PARTIAL if partial else 0
    return owned_text(library.pixazo_store_expand_key, encode(key_template), byref(facts))
