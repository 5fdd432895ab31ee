# SPDX-License-Identifier: MIT
"""Many at once."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time

import pytest

import pixazo
from conftest import BINDINGS, SMALL, interrupt_soon, offline


@pytest.fixture
def pipeline(tmp_path):
    made = pixazo.Pipeline(
        pixazo.Client(provider="offline"), pixazo.Store(tmp_path / "art"),
        pixazo.Repository(tmp_path / "r.db", media_root=tmp_path / "art"), spool=tmp_path / "spool",
        exporter=pixazo.Exporter(), recipes=["fit-256", {"format": "webp", "name": "small", "width": 16}], concurrency=4,
    )
    with made:
        yield made


def test_all_that_was_added_ends(pipeline):
    ids = [pipeline.add("fox", seed=seed, **SMALL) for seed in range(6)]
    events = list(pipeline.events())
    assert {event.generation for event in events if event.kind is pixazo.EventKind.ENDED} == set(ids)
    assert pipeline.open_count == 0 and pipeline.trouble is None
    image_event = next(event for event in events if event.kind is pixazo.EventKind.IMAGE)
    made = pipeline.wait(image_event.generation)
    assert image_event.image == made.image.uuid and image_event.error is None
    assert image_event.to_dict()["schema"] == 1
    assert [rendition.name for rendition in made.image.renditions] == ["fit-256", "small"]
    assert made.image.renditions[1].path.exists()


def test_a_record_tells_of_its_calls(scripted):
    calls = [{"class": "failed"}, {}, {"class": "blocked", "message": "your prompt was flagged"}]
    pipeline = scripted(calls, settings={"retry_delay_ms": 1}).pipeline
    made = pipeline.wait(pipeline.add("fox", **SMALL))
    assert [call["class"] for call in made.calls] == ["failed", "accepted"]
    assert made.safety is None and made.image.alt_text == "fox" and not made.image.revised_prompt
    story = made.to_dict()
    assert story["sent_us"] <= story["answered_us"] <= story["ended_us"] and story["images"][0]["processing_us"] > 0
    refused = pipeline.add("owl", **SMALL)
    with pytest.raises(pixazo.ContentBlocked):
        pipeline.wait(refused)


def test_run_tells_events_until_told_to_stop(pipeline):
    pipeline.add("fox", **SMALL)
    told = []
    pipeline.run(told.append)
    assert told[-1].kind is pixazo.EventKind.ENDED
    pipeline.add("owl", **SMALL)
    count = []
    pipeline.run(lambda event: count.append(event) or False)
    assert len(count) == 1
    pipeline.run()


def test_the_descriptor_is_readable_while_an_event_waits(pipeline):
    assert select.select([pipeline], [], [], 0)[0] == []
    pipeline.add("fox", **SMALL)
    assert select.select([pipeline], [], [], 20)[0] == [pipeline]
    list(pipeline.events())
    assert select.select([pipeline], [], [], 0)[0] == []
    assert pipeline.next_event() is None and pipeline.next_event(timeout=0.01) is None


def test_asyncio_waits_on_the_descriptor(pipeline):
    import asyncio

    async def main():
        loop, ready, ended = asyncio.get_running_loop(), asyncio.Event(), []
        loop.add_reader(pipeline.fileno(), ready.set)
        pipeline.add("fox", **SMALL)
        while not ended:
            await asyncio.wait_for(ready.wait(), 30)
            ready.clear()
            while (event := pipeline.next_event()) is not None:
                if event.kind is pixazo.EventKind.ENDED:
                    ended.append(event)
        loop.remove_reader(pipeline.fileno())
        return ended

    assert asyncio.run(main())[0].state is pixazo.GenerationState.DONE


def test_a_key_used_before_sends_nothing(pipeline):
    first = pipeline.wait(pipeline.add("fox", idempotency_key="k", **SMALL))
    again = pipeline.wait(pipeline.add("fox", idempotency_key="k", **SMALL))
    assert again.uuid == first.uuid and again.attempts == 1


def test_a_wait_may_time_out_and_goes_on(scripted):
    pipeline = scripted({"calls": [{"delay_ms": 2000}]}).pipeline
    identity = pipeline.add("fox", **SMALL)
    started = time.monotonic()
    with pytest.raises(TimeoutError) as caught:
        pipeline.wait(identity, timeout=0.2)
    assert time.monotonic() - started > 0.15 and caught.value.generation == identity
    assert pipeline.wait(identity, timeout=30).state is pixazo.GenerationState.DONE


def test_ctrl_c_ends_the_wait_but_not_the_generation(scripted):
    pipeline = scripted({"calls": [{"delay_ms": 3000}]}).pipeline
    identity = pipeline.add("fox", **SMALL)
    with pytest.raises(KeyboardInterrupt):
        interrupt_soon()
        pipeline.wait(identity)
    assert pipeline.open_count == 1, "the wait lasted as long as the generation"
    assert pipeline.wait(identity).state is pixazo.GenerationState.DONE


def test_cancel_ends_what_is_not_sent(scripted):
    studio = scripted({"calls": [{"delay_ms": 20000}], "repeat": True}, concurrency=1)
    pipeline = studio.pipeline
    ids = [pipeline.add("fox", seed=seed, **SMALL) for seed in range(3)]
    time.sleep(0.3)
    pipeline.cancel(ids[2])
    with pytest.raises(pixazo.Cancelled):
        pipeline.wait(ids[2], timeout=10)
    pipeline.cancel(None, pixazo.CancelMode.NOW)
    ended = {event.generation: event for event in pipeline.events() if event.kind is pixazo.EventKind.ENDED}
    assert set(ended) == set(ids)
    assert studio.repository.find(ids[1]).state is pixazo.GenerationState.CANCELLED


def test_a_token_stops_a_run(scripted):
    pipeline = scripted({"calls": [{"delay_ms": 20000}], "repeat": True}, concurrency=1).pipeline
    for seed in range(3):
        pipeline.add("fox", seed=seed, **SMALL)
    token = pixazo.Cancel()
    threading.Timer(0.3, token.set, (pixazo.CancelMode.NOW,)).start()
    started = time.monotonic()
    pipeline.run(cancel=token)
    assert time.monotonic() - started < 15 and pipeline.open_count == 0


def test_unknown_ids_and_wrong_arguments_are_explained(pipeline):
    with pytest.raises(pixazo.NotFound):
        pipeline.wait("01980000-0000-7000-8000-000000000000")
    with pytest.raises(pixazo.ArgumentError):
        pipeline.wait("fox")
    with pytest.raises(TypeError, match="did you mean 'steps'"):
        pipeline.add("fox", stepps=3)
    with pytest.raises(TypeError, match="did you mean 'concurrency'"):
        pixazo.Pipeline(1, 2, 3, spool="x", concurency=3)


def test_ctrl_c_ends_a_resume(tmp_path):
    leave_planned(tmp_path)
    slow = pixazo.Studio(tmp_path / "left", config=offline({"calls": [{"delay_ms": 30000}], "repeat": True}))
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupt_soon()
        slow.pipeline.resume(continue_planned=True)
    assert time.monotonic() - started < 15
    slow.close()


def leave_planned(tmp_path):
    """A directory with a generation that was recorded and never sent, by a process that is dead."""
    code = (
        "import os, signal, pixazo\n"
        f"config = {offline({'calls': [{'delay_ms': 30000}]})!r}\n"
        f"studio = pixazo.Studio({str(tmp_path / 'left')!r}, config=config, concurrency=1)\n"
        "for seed in (1, 2): studio.pipeline.add('fox', seed=seed, width=64, height=48)\n"
        "while studio.repository.count() < 2: pass\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code], timeout=60, env={**os.environ, "PYTHONPATH": str(BINDINGS)})


def test_work_of_a_killed_process_is_resumed(tmp_path):
    code = (
        "import os, signal, pixazo\n"
        f"studio = pixazo.Studio({str(tmp_path / 'art')!r}, config={offline({'calls': [{'delay_ms': 30000}]})!r})\n"
        "add = lambda prompt: studio.pipeline.add(prompt, width=64, height=48)\n"
        "print(add('fox'), add('owl'), flush=True)\n"
        "while studio.repository.count() < 2: pass\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60,
                           env={**os.environ, "PYTHONPATH": str(BINDINGS)})
    assert child.returncode == -signal.SIGKILL, child.stderr
    ids = child.stdout.split()
    with pixazo.Studio(tmp_path / "art", config=offline()) as studio:
        report = studio.pipeline.resume()
        assert report["schema"] == 1
        report = studio.pipeline.resume(continue_planned=True)
        states = {studio.repository.find(one).state for one in ids}
        assert all(state.ended for state in states), (report, states)
        assert studio.repository.check()["problems"] == []


def test_what_is_in_doubt_is_tried_again_and_counts_until_it_is_settled(tmp_path):
    script = {"price_micros": 30, "calls": [{"class": "ambiguous"}], "repeat": False}
    with pixazo.Client(provider="offline", offline_script=script) as client, \
            pixazo.Store(tmp_path / "files") as store, pixazo.Repository(tmp_path / "r.db") as repository:
        with pixazo.Pipeline(client, store, repository, spool=tmp_path / "spool", budget_micros=60) as pipeline:
            first = pipeline.add("fox", width=64, height=48)
            with pytest.raises(pixazo.Ambiguous):
                pipeline.wait(first, timeout=30)
            second = pipeline.retry(first)
            assert pipeline.wait(second, timeout=30).state.name == "DONE"
            assert repository.find(first).state.name == "ABANDONED"
            [budget] = repository.budgets()
            assert budget["scope"] == "run" and budget["open_micros"] == 30 and budget["left_micros"] == 0
            with pytest.raises(pixazo.StateError):
                pipeline.retry(second)
            third = pipeline.add("owl", width=64, height=48)
            with pytest.raises(pixazo.BudgetExceeded, match="of this run"):
                pipeline.wait(third, timeout=30)


def test_alerts_are_events(tmp_path):
    client = pixazo.Client(provider="offline", offline_script={"calls": [{"class": "ambiguous"}], "repeat": True})
    with pixazo.Pipeline(client, pixazo.Store(tmp_path / "art"), pixazo.Repository(tmp_path / "r.db"),
                         spool=tmp_path / "spool", alert_min_calls=3, alert_slow=0) as pipeline:
        for seed in range(6):
            pipeline.add("fox", seed=seed, **SMALL)
        alerts = [event for event in pipeline.events() if event.kind is pixazo.EventKind.ALERT]
        assert [(alert.alert, alert.subject, alert.value) for alert in alerts] == [(pixazo.AlertKind.FAILURES, "offline", 100)]
        assert alerts[0].threshold == 20 and "offline" in alerts[0].message and alerts[0].generation == ""
        assert alerts[0].to_dict()["alert"] == "failures"
    assert client.metrics.to_dict()["alerts"]["failures"] == 1


def test_an_equal_request_is_answered_by_the_earlier_one(pipeline):
    first = pipeline.wait(pipeline.add("fox", seed=7, replay="exact", **SMALL))
    second = pipeline.wait(pipeline.add("fox", seed=7, replay="exact", **SMALL))
    assert second.replayed_from == first.uuid and not first.replayed_from
    assert second.image.path == first.image.path and second.cost.micros == 0 and second.attempts == 0
    assert [rendition.name for rendition in second.image.renditions] == ["fit-256", "small"]
    own = pipeline.wait(pipeline.add("fox", seed=7, replay="never", **SMALL))
    assert not own.replayed_from and own.attempts == 1
    with pytest.raises(pixazo.ArgumentError, match="replay"):
        pipeline.add("fox", replay="sometimes", **SMALL)
