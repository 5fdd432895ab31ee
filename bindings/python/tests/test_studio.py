# SPDX-License-Identifier: MIT
"""The one-call door."""

from __future__ import annotations

import gc
import os
import re
import signal
import threading
import time
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

import pixazo
from conftest import BINDINGS, SMALL, interrupt_soon, offline, run_python


def test_the_programs_of_the_readme_work(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    readme = (BINDINGS / "README.md").read_text(encoding="utf-8")
    first, second, _ = re.findall(r"```python\n(.*?)```", readme, re.S)
    names = {}
    exec(first, names)
    picture = pixazo.Exporter().inspect("fox.webp")
    exec(second, names)
    assert capsys.readouterr().out.count("originals/") == 5
    assert (picture.format, picture.width, picture.height) == ("webp", 640, 480)


def test_a_record_tells_everything(studio):
    before = datetime.now(timezone.utc) - timedelta(seconds=1)
    made = studio.generate("a red fox", seed=7, metadata={"theme": "dusk"}, principal="ann", idempotency_key="k1", **SMALL)
    assert made.state is pixazo.GenerationState.DONE and made.state.ended and made.state.text == "done"
    assert (made.prompt, made.provider, made.principal, made.idempotency_key) == ("a red fox", "offline", "ann", "k1")
    assert (made.seed, made.effective["width"], made.request["seed"]) == (7, 64, 7)
    assert made.metadata == {"theme": "dusk"}
    assert {row["name"]: row["sent"] for row in made.outcome}["height"] == 48
    assert before < made.created <= made.updated < before + timedelta(minutes=5)
    assert made.cost.amount == Decimal(0) and made.cost.confidence is pixazo.Confidence.BILLED
    assert (made.attempts, made.attempt_class, made.http_status) == (1, pixazo.AttemptClass.ACCEPTED, made.http_status)
    assert made.to_dict()["uuid"] == made.uuid
    assert made.uuid in repr(made) and len(made) == 1 and list(made) == [made.image] and made[0] is made.image
    image = made.image
    assert image.state is pixazo.ImageState.RECORDED
    assert (image.width, image.height, image.format) == (64, 48, "png")
    assert isinstance(image.path, Path) and image.path.stat().st_size == image.nbytes == len(bytes(image))
    assert studio.store.digest(image.key) == image.sha256


def test_save_keeps_the_original_where_the_format_is_the_same(studio, tmp_path):
    image = studio.generate("fox", **SMALL).image
    assert image.save(tmp_path / "same.PNG") == tmp_path / "same.PNG"
    assert (tmp_path / "same.PNG").read_bytes() == image.path.read_bytes()


@pytest.mark.parametrize("name, wanted", [("a.webp", "webp"), ("a.jpg", "jpeg"), ("a.jpeg", "jpeg")])
def test_save_exports_to_other_formats(studio, tmp_path, name, wanted):
    made = studio.generate("a fox in snow", seed=5, **SMALL)
    picture = pixazo.Exporter().inspect(made.save(tmp_path / name))
    assert (picture.format, picture.width) == (wanted, 64)
    assert "a fox in snow" in picture.parameters, "the file says what made it"


def test_save_takes_the_stored_rendition_when_there_is_one(tmp_path):
    with pixazo.Studio(tmp_path / "art", config=offline(renditions="webp,fit-256")) as studio:
        image = studio.generate("fox", **SMALL).image
    stored = {rendition.name: rendition for rendition in image.renditions}
    assert set(stored) == {"webp", "fit-256"}
    image.save(tmp_path / "fox.webp")
    assert (tmp_path / "fox.webp").read_bytes() == stored["webp"].path.read_bytes()
    assert stored["webp"].nbytes == stored["webp"].path.stat().st_size
    image.save(tmp_path / "small.webp", pixazo.Recipe(format="webp", width=16))
    assert pixazo.Exporter().inspect(tmp_path / "small.webp").width == 16


def test_save_refuses_a_name_without_a_known_format(studio, tmp_path):
    with pytest.raises(pixazo.ArgumentError, match=r"fox\.gif"):
        studio.generate("fox", **SMALL).save(tmp_path / "fox.gif")
    assert not (tmp_path / "fox.gif").exists()


def test_pictures_outlive_their_studio(tmp_path):
    made = pixazo.Studio(tmp_path / "art", config=offline()).generate("fox", **SMALL)
    gc.collect()
    made.save(tmp_path / "late.webp")
    assert (tmp_path / "late.webp").stat().st_size > 0


def test_several_pictures_come_as_one_record(studio):
    made = studio.generate("foxes", count=3, **SMALL)
    assert len(made.images) == 3 and len({image.uuid for image in made}) == 3


def test_notebooks_get_bytes(studio):
    image = studio.generate("fox", **SMALL).image
    assert image._repr_png_() == bytes(image) and image._repr_webp_() is None and image._repr_jpeg_() is None
    webp = image.export(pixazo.Recipe(format="webp"))
    assert webp._repr_webp_()[:4] == b"RIFF" and webp._repr_png_() is None


def test_the_parts_are_there(studio, tmp_path):
    made = studio.generate("fox", **SMALL)
    assert studio.client.provider == "offline"
    assert studio.repository.find(made.uuid).image.path == made.image.path
    assert studio.pipeline.open_count == 0
    assert studio.config["provider"] == "offline" and studio.config.source("provider") == "set"
    with pytest.raises(pixazo.StateError, match="do not change"):
        studio.config["width"] = 3
    assert "offline" in studio.note
    report = pixazo.doctor(tmp_path / "art")
    assert report["schema"] == 1 and report["checks"]


def test_without_a_provider_and_a_key_it_says_that_the_pictures_are_tests(tmp_path, caplog):
    with caplog.at_level("WARNING", logger="pixazo"):
        with pixazo.Studio(tmp_path / "art") as studio:
            assert "offline" in studio.note
    assert any("offline" in record.getMessage() for record in caplog.records)


def test_what_a_paid_call_may_cost_is_said_once(tmp_path, caplog):
    config = offline({"calls": [], "price_micros": 2500})
    with caplog.at_level("WARNING", logger="pixazo"):
        with pixazo.Studio(tmp_path / "art", config=config) as studio:
            cost = studio.generate("fox", **SMALL).cost
            studio.generate("owl", **SMALL)
    said = [record.getMessage() for record in caplog.records if "first paid call" in record.getMessage()]
    assert len(said) == 1 and "0.0025 USD" in said[0]
    assert cost.micros == 2500 and str(cost).startswith("0.0025 USD")


def test_a_failure_is_raised_with_its_charge(scripted):
    studio = scripted([{"class": "blocked", "message": "not this"}])
    with pytest.raises(pixazo.ContentBlocked) as caught:
        studio.generate("fox", **SMALL)
    error = caught.value
    assert error.status is pixazo.Status.REJECTED and error.attempt_class is pixazo.AttemptClass.BLOCKED
    assert studio.repository.find(error.generation).state is pixazo.GenerationState.BLOCKED


def test_an_ambiguous_call_is_never_repeated_by_itself(scripted):
    studio = scripted({"calls": [{"class": "ambiguous"}], "price_micros": 1000})
    with pytest.raises(pixazo.Ambiguous) as caught:
        studio.generate("fox", **SMALL)
    assert caught.value.charge is pixazo.Charge.UNKNOWN and not caught.value.retryable
    assert studio.repository.find(caught.value.generation).attempts == 1
    studio.pipeline.abandon(caught.value.generation)
    assert studio.repository.find(caught.value.generation).state is pixazo.GenerationState.ABANDONED


def test_a_cancel_token_ends_the_wait(scripted):
    studio = scripted({"calls": [{"delay_ms": 20000}]})
    token = pixazo.Cancel()
    threading.Timer(0.2, token.set).start()
    started = time.monotonic()
    with pytest.raises(pixazo.Cancelled):
        studio.generate("fox", cancel=token, **SMALL)
    assert time.monotonic() - started < 15 and token and token.mode is pixazo.CancelMode.SOFT
    studio.pipeline.cancel(None, pixazo.CancelMode.NOW)


def test_ctrl_c_ends_a_wait(scripted):
    studio = scripted({"calls": [{"delay_ms": 20000}]})
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupt_soon()
        studio.generate("fox", **SMALL)
    assert time.monotonic() - started < 15
    studio.pipeline.cancel(None, pixazo.CancelMode.NOW)


def test_many_threads_use_one_studio(studio):
    made, failures = [], []

    def work(seed):
        try:
            made.append(studio.generate("fox", seed=seed, **SMALL))
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures and sorted(one.seed for one in made) == list(range(8))


def test_an_interpreter_that_just_ends_closes_what_is_open(tmp_path):
    code = (
        "import pixazo\n"
        f"studio = pixazo.Studio({str(tmp_path / 'art')!r}, config={offline()!r})\n"
        "view = studio.generate('fox', width=64, height=48).image.blob().view\n"
        "log = pixazo.Log(); client = pixazo.Client(provider='offline', log=log, on_progress=print)\n"
        "print('done')\n"
    )
    result = run_python(code)
    assert (result.returncode, result.stdout.strip()) == (0, "done"), result.stderr
    assert "Traceback" not in result.stderr
    assert pixazo.Repository(tmp_path / "art" / "pixazo.db").count() == 1
