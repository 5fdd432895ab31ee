# SPDX-License-Identifier: MIT
"""Hooks that look at prompts and pictures."""

from __future__ import annotations

import hashlib

import pytest

import pixazo
from conftest import SMALL, offline
from pixazo import _ffi, _hooks
from pixazo._pending import raise_pending


def studio_with(tmp_path, **hooks):
    return pixazo.Studio(tmp_path / "art", config=offline(), **hooks)


def test_a_blocked_prompt_is_not_sent(tmp_path):
    asked = []

    def on_prompt(facts):
        asked.append(facts)
        return pixazo.Review(blocked=True, reason="no \udcff foxes", categories=["animals", "red"])

    with studio_with(tmp_path, on_prompt=on_prompt) as studio:
        with pytest.raises(pixazo.ContentBlocked, match="foxes") as failure:
            studio.generate("a fox", negative_prompt="blur", **SMALL)
        made = studio.repository.find(failure.value.generation)
    assert made.state is pixazo.GenerationState.BLOCKED
    assert made.safety == {"source": "program", "stage": "input", "categories": ["animals", "red"], "text": "no ? foxes",
                           "code": "", "charge": "not_charged"}
    facts, = asked
    assert facts.prompt == "a fox" and facts.negative_prompt == "blur" and facts.provider == "offline"
    assert facts.generation == made.uuid and facts.pictures == 0 and facts.principal == ""


@pytest.mark.parametrize("answer", [None, True, pixazo.Review()])
def test_an_allowed_prompt_is_sent(tmp_path, answer):
    with studio_with(tmp_path, on_prompt=lambda facts: answer, on_picture=lambda facts: answer) as studio:
        made = studio.generate("a fox", **SMALL)
    assert made.image.alt_text == "a fox" and made.safety is None and made.image.safety is None


def test_a_picture_gets_its_text(tmp_path):
    seen = []

    def on_picture(facts):
        seen.append((facts, hashlib.sha256(facts.path.read_bytes()).hexdigest()))
        return "A fox in the snow."

    with studio_with(tmp_path, on_picture=on_picture) as studio:
        made = studio.generate("a fox", **SMALL)
        assert studio.repository.count(text="snow") == 1
    (facts, digest), = seen
    assert digest == facts.sha256 == made.image.sha256
    assert (facts.width, facts.height, facts.nbytes) == (made.image.width, made.image.height, made.image.nbytes)
    assert facts.alt_text == "a fox" and made.image.alt_text == "A fox in the snow."


def test_a_withheld_picture_is_kept(tmp_path):
    with studio_with(tmp_path, on_picture=lambda facts: False) as studio:
        with pytest.raises(pixazo.ContentBlocked) as failure:
            studio.generate("a fox", **SMALL)
        made = studio.repository.find(failure.value.generation)
    assert made.image.state is pixazo.ImageState.QUARANTINED and made.image.path is None
    assert made.image.safety["stage"] == "output"
    kept = tmp_path / "art" / "spool" / "quarantine" / made.image.uuid
    if not kept.exists():
        kept, = (tmp_path / "art").rglob(made.image.uuid)
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == made.image.sha256


def test_an_exception_comes_out_and_nothing_is_sent(tmp_path):
    class Oops(Exception):
        pass

    def on_prompt(facts):
        raise Oops("in the hook")

    with studio_with(tmp_path, on_prompt=on_prompt) as studio:
        with pytest.raises(Oops, match="in the hook"):
            studio.generate("a fox", **SMALL)
        made, = studio.repository.list()
    assert made.state is pixazo.GenerationState.PLANNED and made.attempts == 0


def test_an_exception_about_a_picture_costs_no_picture(tmp_path):
    def on_picture(facts):
        raise ZeroDivisionError

    with studio_with(tmp_path, on_picture=on_picture) as studio:
        with pytest.raises(ZeroDivisionError):
            studio.generate("a fox", **SMALL)
        studio.pipeline.run()
        made, = studio.repository.list()
    assert made.state is pixazo.GenerationState.DONE


def test_a_hook_that_cannot_tell_says_so(tmp_path):
    def on_prompt(facts):
        raise pixazo.NetworkError("the service is away")

    with studio_with(tmp_path, on_prompt=on_prompt) as studio:
        with pytest.raises(pixazo.NetworkError, match="the service is away.*|.*stays planned.*") as failure:
            studio.generate("a fox", **SMALL)
    assert "stays planned" in str(failure.value)


def test_a_wrong_answer_is_told(tmp_path):
    with studio_with(tmp_path, on_prompt=lambda facts: 7) as studio:
        with pytest.raises(TypeError, match="Review"):
            studio.generate("a fox", **SMALL)


def test_a_pipeline_takes_both(tmp_path):
    with pixazo.Client(provider="offline") as client, pixazo.Store(tmp_path) as store, \
            pixazo.Repository(tmp_path / "pixazo.db") as repository, \
            pixazo.Pipeline(client, store, repository, spool=tmp_path / "spool", on_prompt=lambda facts: None,
                            on_picture=lambda facts: "text") as pipeline:
        assert pipeline.wait(pipeline.add("a fox", **SMALL)).image.alt_text == "text"


def test_a_hook_that_is_gone_sends_nothing():
    facts, error = _ffi.pixazo_prompt_facts(), _ffi.pixazo_error()
    assert _hooks._prompt(_ffi.ctypes.pointer(facts), _ffi.pixazo_review(), 1 << 40, _ffi.ctypes.pointer(error)) == _ffi.PIXAZO_E_STATE
    assert _hooks._picture(_ffi.ctypes.pointer(_ffi.pixazo_picture_facts()), _ffi.pixazo_review(), None,
                           _ffi.ctypes.pointer(error)) == _ffi.PIXAZO_OK
    raise_pending()
