# SPDX-License-Identifier: MIT
"""Stores: built in, and made of a Python class."""

from __future__ import annotations

import gc
import hashlib
from datetime import datetime, timezone

import pytest

import pixazo
from conftest import SMALL, offline
from pixazo import _store


class Shelf(pixazo.StoreBackend):
    """Everything a store can do, in a dictionary."""

    def __init__(self):
        self.kept, self.closed, self.flushes = {}, 0, 0

    def put(self, job):
        data = job.read()
        assert len(data) == job.size and data == b"".join(job.chunks(7)), "it can be read twice"
        if self.kept.setdefault(job.key, data) != data:
            raise pixazo.Exists(f"{job.key} is taken")

    def find(self, key):
        if key not in self.kept:
            raise pixazo.NotFound(f"no {key}")
        return self.kept[key]

    def get(self, key, offset, length):
        data = self.find(key)[offset:]
        return data if length is None else iter([data[:length]])

    def stat(self, key):
        return pixazo.StoreInfo(len(self.find(key)), datetime(2026, 1, 2, tzinfo=timezone.utc))

    def remove(self, key):
        self.kept.pop(key, None)

    def list(self, prefix, cursor, limit):
        keys = sorted(key for key in self.kept if key.startswith(prefix) and key > cursor)
        entries = [pixazo.StoreEntry(key, len(self.kept[key])) for key in keys[:limit]]
        return entries, keys[limit - 1] if len(keys) > limit else None

    def url(self, key, seconds):
        return f"https://pictures.example/{key}?for={seconds}"

    def path(self, key):
        return "/nowhere/" + key

    def flush(self):
        self.flushes += 1

    def close(self):
        self.closed += 1


@pytest.fixture(params=["local", "memory", "custom", "json"])
def store(request, tmp_path):
    made = {
        "local": lambda: pixazo.Store(tmp_path / "kept", file_mode=0o600),
        "memory": pixazo.Store.memory,
        "custom": lambda: pixazo.Store.custom(Shelf()),
        "json": lambda: pixazo.Store.from_json({"kind": "local", "directory": str(tmp_path / "json")}),
    }[request.param]()
    with made:
        yield made


def test_every_store_keeps_and_gives_back(store, tmp_path):
    store.put("a/one.png", b"0123456789", content_type="image/png")
    store.put("a/one.png", bytearray(b"0123456789"))
    store.put("a/two.bin", pixazo.Blob(b"two"))
    (tmp_path / "three").write_bytes(b"three")
    store.put_file("b/three", tmp_path / "three")
    (tmp_path / "four").write_bytes(b"four")
    store.put_file("four", tmp_path / "four", take=True, defer_flush=True)
    store.put("five", b"five", defer_flush=True)
    store.flush()
    assert (tmp_path / "three").exists() and not (tmp_path / "four").exists()
    for key in ("four", "five"):
        assert bytes(store.get(key)) == key.encode()
        store.remove(key)
    with pytest.raises(pixazo.Exists):
        store.put("a/one.png", b"other")
    assert bytes(store.get("a/one.png")) == b"0123456789"
    assert store.read("a/one.png", 2, 3) == b"234" and store.read("a/one.png", 8) == b"89"
    assert store.stat("a/one.png").size == 10 and "a/one.png" in store and "a/none" not in store
    assert store.digest("a/two.bin") == "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3"
    assert [entry.key for entry in store.list(page_size=1)] == ["a/one.png", "a/two.bin", "b/three"]
    assert [entry.size for entry in store.list("b/")] == [5]
    store.fetch_file("b/three", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"three"
    store.remove("b/three")
    store.remove("b/three")
    for absent in (store.get, store.stat, store.digest, store.read):
        with pytest.raises(FileNotFoundError):
            absent("b/three")


def test_limits_and_keys_are_checked(store):
    store.put("a", b"12345")
    with pytest.raises(pixazo.LimitError):
        store.get("a", max_bytes=4)
    for key in ("../a", "/a", "a//b", ""):
        with pytest.raises(pixazo.ArgumentError):
            store.put(key, b"")
        with pytest.raises(ValueError):
            pixazo.check_key(key)
    with pytest.raises(pixazo.ArgumentError, match="NUL"):
        store.put("a\0b", b"")
    with pytest.raises(pixazo.ArgumentError):
        store.get("a", max_bytes=-1)


def test_what_stores_can_do(tmp_path):
    local, custom = pixazo.Store(tmp_path / "kept"), pixazo.Store.custom(Shelf())
    assert (local.kind, custom.kind) == ("local", "custom")
    assert local.supports(pixazo.Can.PATH) and not local.supports(pixazo.Can.URL) and custom.supports(pixazo.Can.URL)
    assert local.any_thread and not custom.any_thread
    assert local.path("a.png") == tmp_path / "kept" / "a.png" and str(custom.path("a")) == "/nowhere/a"
    assert custom.url("a.png", 60) == "https://pictures.example/a.png?for=60"
    with pytest.raises(pixazo.UnsupportedError):
        local.url("a.png")


def test_a_backend_that_lists_more_than_it_may_is_told_so():
    class Chatty(Shelf):
        def list(self, prefix, cursor, limit):
            return [pixazo.StoreEntry(key, 1) for key in ("a", "b", "c")], "c"

    store = pixazo.Store.custom(Chatty())
    with pytest.raises(ValueError, match="more than 2"):
        list(store.list(page_size=2))


def test_what_a_backend_leaves_out_is_unsupported():
    class PutOnly(pixazo.StoreBackend):
        def put(self, job):
            pass

    store = pixazo.Store.custom(PutOnly())
    store.put("a", b"1")
    assert not store.supports(pixazo.Can.GET)
    with pytest.raises(pixazo.UnsupportedError):
        store.get("a")


def test_an_exception_in_a_backend_comes_out_of_the_call():
    class Broken(Shelf):
        def put(self, job):
            raise ZeroDivisionError("in put")

        def get(self, key, offset, length):
            yield b"some"
            raise KeyboardInterrupt

    store = pixazo.Store.custom(Broken())
    with pytest.raises(ZeroDivisionError, match="in put"):
        store.put("a", b"1")
    with pytest.raises(KeyboardInterrupt):
        store.read("a")
    assert store.kind == "custom"


def test_an_answer_of_a_backend_comes_out_as_it_was_meant():
    class Full(Shelf):
        def put(self, job):
            raise pixazo.StorageError("the shelf is full", hint="make room")

    with pytest.raises(OSError, match="the shelf is full") as caught:
        pixazo.Store.custom(Full()).put("a", b"1")
    assert isinstance(caught.value, pixazo.StorageError)


def test_a_backend_lives_as_long_as_the_library_needs_it():
    shelf = Shelf()
    store = pixazo.Store.custom(shelf)
    gc.collect()
    assert shelf in _store._backends.values()
    store.put("a", b"1")
    store.close()
    assert shelf.closed == 1 and shelf not in _store._backends.values()
    with pytest.raises(TypeError):
        pixazo.Store.custom(object())
    with pytest.raises(TypeError):
        pixazo.StoreBackend()


def test_a_pipeline_puts_pictures_on_a_shelf_of_ours(tmp_path):
    shelf = Shelf()
    with pixazo.Pipeline(
        pixazo.Client(provider="offline"), pixazo.Store.custom(shelf), pixazo.Repository(tmp_path / "r.db"),
        spool=tmp_path / "spool", recipes=["fit-256"], key_template="{slug}-{seq}-{md5}.{ext}",
    ) as pipeline:
        gc.collect()
        made = pipeline.wait(pipeline.add("A red fox", **SMALL), timeout=60)
        digest = hashlib.md5(bytes(made.image)).hexdigest()
        assert made.image.key == f"a-red-fox-0001-{digest}.png" and made.image.path is None
        [image] = made.to_dict()["images"]
        assert image["md5"] == digest
        assert bytes(made.image) == shelf.kept[made.image.key], "the picture is read from the shelf"
        assert len(shelf.kept) == 2
    gc.collect()
    assert shelf.closed == 0, "the record still leads to it"
    del made, pipeline
    gc.collect()
    assert shelf.closed == 1


def test_an_exception_on_the_shelf_comes_out_of_the_wait(tmp_path):
    class Broken(Shelf):
        def put(self, job):
            raise ZeroDivisionError("in put")

    pipeline = pixazo.Pipeline(pixazo.Client(provider="offline", max_fetch_retries=0), pixazo.Store.custom(Broken()),
                               pixazo.Repository(tmp_path / "r.db"), spool=tmp_path / "spool", drain=0.5)
    with pytest.raises(ZeroDivisionError):
        pipeline.wait(pipeline.add("fox", **SMALL), timeout=60)
    pipeline.cancel(None, pixazo.CancelMode.NOW)
    try:
        pipeline.close()
    except ZeroDivisionError:
        pass


def test_key_templates():
    when = datetime(2026, 11, 20, tzinfo=timezone.utc)
    assert pixazo.expand_key("{yyyy}/{mm}/{slug}-{seq}.{ext}", created=when, prompt="A fox!", sequence=7,
                             extension="png") == "2026/11/a-fox-0007.png"
    assert pixazo.expand_key("{uuid}.{ext}", extension="png", partial=True) == "{uuid}.png"
    with pytest.raises(pixazo.ArgumentError, match="uuid"):
        pixazo.expand_key("{uuid}")
    with pytest.raises(TypeError, match="did you mean 'extension'"):
        pixazo.expand_key("a", extention="png")


def test_the_studio_stores_by_content(tmp_path):
    with pixazo.Studio(tmp_path / "art", config=offline(key_template="by/{sha256}.{ext}")) as studio:
        image = studio.generate("fox", **SMALL).image
        assert image.key == f"by/{image.sha256}.png" and image.key in studio.store
