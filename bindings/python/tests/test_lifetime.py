# SPDX-License-Identifier: MIT
"""Who owns what: nothing is freed too early, twice, by another process, or never."""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import threading
import weakref

import pytest

import pixazo
from conftest import SMALL, offline, run_python
from pixazo import _basics, _hooks, _store
from pixazo._life import Life

MAKERS = {
    "Blob": lambda tmp: pixazo.Blob(b"x"),
    "Pixels": lambda tmp: pixazo.Pixels(b"abc", 1, 1),
    "Cancel": lambda tmp: pixazo.Cancel(),
    "Log": lambda tmp: pixazo.Log(),
    "Request": lambda tmp: pixazo.Request("fox"),
    "Query": lambda tmp: pixazo.Query(),
    "Recipe": lambda tmp: pixazo.Recipe(),
    "Config": lambda tmp: pixazo.Config(),
    "Client": lambda tmp: pixazo.Client(provider="offline"),
    "Exporter": lambda tmp: pixazo.Exporter(),
    "Store": lambda tmp: pixazo.Store.memory(),
    "Repository": lambda tmp: pixazo.Repository(tmp / "r.db"),
    "Gate": lambda tmp: pixazo.Repository(tmp / "r.db").gate(),
    "Studio": lambda tmp: pixazo.Studio(tmp / "art", config=offline()),
    "Pipeline": lambda tmp: pixazo.Pipeline(
        pixazo.Client(provider="offline"), pixazo.Store.memory(), pixazo.Repository(tmp / "r.db"), spool=tmp / "spool"
    ),
}
USES = {
    "Blob": bytes, "Pixels": bytes, "Cancel": bool, "Log": lambda it: it.next(), "Request": lambda it: it.to_json(),
    "Query": lambda it: it.to_json(), "Recipe": lambda it: it.to_json(), "Config": lambda it: it.to_json(),
    "Client": lambda it: it.provider, "Exporter": lambda it: it.inspect(b"x"), "Store": lambda it: it.kind,
    "Repository": lambda it: it.count(), "Gate": lambda it: pixazo.Client(provider="offline", gate=it),
    "Studio": lambda it: it.generate("fox"), "Pipeline": lambda it: it.add("fox"),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_use_after_close_is_an_exception(kind, tmp_path):
    made = MAKERS[kind](tmp_path)
    assert not made.closed
    made.close()
    made.close()
    assert made.closed and "closed" in repr(made)
    with pytest.raises(pixazo.StateError, match=f"{kind} is closed"):
        USES[kind](made)
    with pytest.raises(RuntimeError):
        USES[kind](made)


@pytest.mark.parametrize("kind", MAKERS)
def test_with_closes(kind, tmp_path):
    with MAKERS[kind](tmp_path) as made:
        assert not made.closed
    assert made.closed


@pytest.mark.parametrize("kind", MAKERS)
def test_an_object_nobody_has_is_released_at_once(kind, tmp_path):
    made = MAKERS[kind](tmp_path)
    life, gone = made._life, weakref.ref(made)
    gc.disable()
    try:
        del made
        assert gone() is None and life.closed and life.handle is None, "a cycle keeps it"
    finally:
        gc.enable()


def test_parts_of_a_closed_studio_say_so_or_go_on(tmp_path):
    studio = pixazo.Studio(tmp_path / "art", config=offline())
    pipeline, config, store = studio.pipeline, studio.config, studio.store
    key = studio.generate("fox", **SMALL).image.key
    studio.close()
    with pytest.raises(pixazo.StateError, match="Studio is closed"):
        pipeline.add("fox")
    with pytest.raises(pixazo.StateError):
        config["provider"]
    assert len(store.get(key)) > 0


def test_a_part_keeps_its_studio_open(tmp_path):
    pipeline = pixazo.Studio(tmp_path / "art", config=offline()).pipeline
    gc.collect()
    assert pipeline.wait(pipeline.add("fox", **SMALL)).state is pixazo.GenerationState.DONE


def test_a_close_beside_a_call_takes_effect_after_it():
    released = []
    life = Life("Thing", "handle", released.append)
    with life as handle:
        life.close()
        assert handle == "handle" and not released
        with pytest.raises(pixazo.StateError):
            life.__enter__()
    assert released == ["handle"]


def test_a_builder_serves_one_thread_at_a_time():
    request, failures = pixazo.Request("fox"), []

    def work(number):
        try:
            for turn in range(200):
                request["sampler"] = f"sampler-{number}-{turn}"
                request.to_json()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_view_shows_bytes_without_a_copy_and_outlives_the_blob():
    content = os.urandom(1 << 20)
    blob = pixazo.Blob(content)
    one = blob.view
    assert one.readonly and one.format == "B" and one.nbytes == blob.nbytes == len(blob) == len(content)
    part = one[1000:2000]
    blob.close()
    del blob, one
    gc.collect()
    assert part == content[1000:2000]
    with pytest.raises(TypeError):
        part[0] = 1


def test_views_of_one_blob_share_memory_and_free_it_with_the_last(monkeypatch):
    dropped = []
    unref = _basics._unref_view
    monkeypatch.setattr(_basics, "_unref_view", lambda *what: (dropped.append(1), unref(*what)))
    numpy_like = [pixazo.Blob(b"pixels").view]
    numpy_like.append(numpy_like[0][2:])
    numpy_like.append(memoryview(numpy_like[1]))
    del numpy_like[0]
    gc.collect()
    assert not dropped and bytes(numpy_like[1]) == b"xels"
    numpy_like.clear()
    gc.collect()
    assert dropped == [1]


def test_an_empty_blob_has_an_empty_view():
    blob = pixazo.Blob(b"")
    assert bytes(blob) == b"" and blob.view.nbytes == 0


def test_a_collection_at_every_step_breaks_nothing(tmp_path, png):
    old = gc.get_threshold()
    gc.set_threshold(1)
    try:
        with pixazo.Studio(tmp_path / "art", config=offline(), on_progress=lambda progress: None) as studio:
            for seed in range(3):
                made = studio.generate("fox", seed=seed, **SMALL)
                made.save(tmp_path / "fox.webp")
            ids = [studio.pipeline.add("fox", seed=seed, **SMALL) for seed in range(3)]
            ended = [event.generation for event in studio.pipeline.events() if event.kind is pixazo.EventKind.ENDED]
            assert set(ids) <= set(ended)
            assert {studio.pipeline.wait(one).uuid for one in ids} == set(ids)
            assert len(list(studio.repository.list(limit=2))) == 6
        exporter = pixazo.Exporter()
        renditions = exporter.export_all(png, ["fit-256", {"format": "webp"}, pixazo.Recipe(width=8)])
        assert [rendition.format for rendition in renditions] == ["jpeg", "webp", "png"]
    finally:
        gc.set_threshold(*old)


def test_nothing_is_left_behind(tmp_path, png):
    def use():
        with pixazo.Client(provider="offline", on_progress=lambda progress: None) as client:
            client.generate("fox", **SMALL)
        store = pixazo.Store.memory()
        store.put("a.png", png)
        pixazo.Exporter().export(store.get("a.png"), "fit-256")

    use()
    gc.collect()
    hooks, backends = len(_hooks._known), len(_store._backends)
    finalizers = len(weakref.finalize._registry)
    for _ in range(5):
        use()
    gc.collect()
    assert (len(_hooks._known), len(_store._backends)) == (hooks, backends)
    assert len(weakref.finalize._registry) == finalizers


def in_a_child(studio, pipeline, blob, queue):
    found = []
    for use in (lambda: studio.generate("fox"), lambda: pipeline.add("fox"), lambda: bytes(blob), lambda: studio.note):
        try:
            use()
            found.append("no exception")
        except pixazo.StateError as error:
            found.append("fork" if "after a fork" in str(error) else str(error))
    studio.close()
    with pixazo.Client(provider="offline") as mine:
        found.append(len(mine.generate("fox", width=64, height=64).images))
    queue.put(found)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Python 3.12 warns of fork beside threads: that is the test
def test_a_forked_child_gets_an_exception_and_may_open_its_own(studio):
    made = studio.generate("fox", **SMALL)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=in_a_child, args=(studio, studio.pipeline, made.image.blob(), queue))
    child.start()
    assert queue.get(timeout=60) == ["fork"] * 4 + [1]
    child.join(60)
    assert child.exitcode == 0
    assert studio.generate("owl", **SMALL).state is pixazo.GenerationState.DONE, "the parent is as before"


def test_records_and_exceptions_can_be_sent_to_another_process(scripted):
    studio = scripted([{"class": "blocked"}])
    with pytest.raises(pixazo.ContentBlocked) as caught:
        studio.generate("fox", **SMALL)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is pixazo.ContentBlocked and str(copy) == str(caught.value)
    assert (copy.generation, copy.charge, copy.status) == (
        caught.value.generation, caught.value.charge, caught.value.status)


def test_an_exception_while_an_interpreter_ends_crashes_nothing():
    code = (
        "import pixazo, sys\n"
        "class Backend(pixazo.StoreBackend):\n"
        "    def put(self, job): pass\n"
        "    def close(self): raise RuntimeError('late')\n"
        "store = pixazo.Store.custom(Backend())\n"
        "sys.exit(3)\n"
    )
    result = run_python(code)
    assert result.returncode == 3 and "late" in result.stderr

