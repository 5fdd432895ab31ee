# SPDX-License-Identifier: MIT
"""Request, Query, Recipe, Config; exceptions and numbers."""

from __future__ import annotations

import json
import os
import pickle
from datetime import datetime, timezone

import pytest

import pixazo
from conftest import SMALL
from pixazo import _errors, _ffi, _text


def test_a_request_holds_what_was_asked():
    request = pixazo.Request("a fox", negative_prompt="dogs", model="offline/pattern", width=64, height=48, steps=5,
                             guidance=7, seed=-1, count=2, sampler="x", idempotency_key="k", principal="p",
                             provider_options={"a": 1}, metadata={"ü": "☃"})
    found = request.to_dict()
    assert found["prompt"] == "a fox" and found["guidance"] == 7 and found["metadata"] == {"ü": "☃"}
    assert request["prompt"] == "a fox" and request["width"] is None
    request["negative_prompt"] = None
    request["guidance"] = 7.5
    assert "negative_prompt" not in request.to_dict() and request.to_dict()["guidance"] == 7.5
    copy = request.copy()
    copy["prompt"] = "an owl"
    assert request["prompt"] == "a fox"
    assert pixazo.Request.from_json(request.to_json()).to_dict() == request.to_dict()


def test_a_request_from_json_is_kept_verbatim():
    text = '{"prompt": "fox",  "THEME": "dusk", "n": 2}'
    assert pixazo.Request.from_json(text).to_json() == text
    request = pixazo.Request("fox")
    request.set_defaults({"width": 64})
    assert "width" not in request.to_dict()


@pytest.mark.parametrize("work, wanted", [
    (lambda: pixazo.Request("fox", widht=1), TypeError),
    (lambda: pixazo.Request("fox", width="wide"), pixazo.ArgumentError),
    (lambda: pixazo.Request("a\0b"), pixazo.ArgumentError),
    (lambda: pixazo.Request("\ud800"), UnicodeEncodeError),
    (lambda: pixazo.Request("fox", seed=1 << 70), ValueError),
    (lambda: pixazo.Request.from_json("{"), pixazo.ArgumentError),
    (lambda: pixazo.Request("fox", guidance=float("nan")), pixazo.ArgumentError),
    (lambda: pixazo.Query(limt=1), TypeError),
    (lambda: pixazo.Query(limit=5000), pixazo.ArgumentError),
    (lambda: pixazo.Recipe("no-such"), pixazo.UnsupportedError),
    (lambda: pixazo.Recipe(quality=101), pixazo.ArgumentError),
    (lambda: pixazo.Recipe(formt="png"), TypeError),
    (lambda: pixazo.Config(no_such_key=1), pixazo.ArgumentError),
    (lambda: pixazo.Config(width="wide"), pixazo.ArgumentError),
    (lambda: pixazo.Config().load_preset("nope"), pixazo.NotFound),
    (lambda: pixazo.Config().load_file("/does/not/exist.json"), FileNotFoundError),
])
def test_wrong_values_are_exceptions(work, wanted):
    with pytest.raises(wanted):
        work()


def test_a_query_and_a_recipe_go_through_json():
    query = pixazo.Query(state=["done", "failed"], text="fox", limit=5, since=datetime(2026, 1, 1, tzinfo=timezone.utc))
    assert query.to_dict()["since_us"] == 1767225600000000 and "done" in query.to_dict()["state"]
    assert pixazo.Query.from_json(query.to_json()).to_dict() == query.to_dict()
    recipe = pixazo.Recipe("fit-256", quality=70, enlarge=True)
    assert recipe.to_dict()["quality"] == 70 and recipe.to_dict()["enlarge"] in (1, True)
    assert pixazo.Recipe.from_json(recipe.to_json()).to_dict() == recipe.to_dict()
    assert eval(repr(recipe), {"pixazo": pixazo}) == recipe
    assert "fit-256" in repr(recipe) and "fox" in repr(query) and "fox" in repr(pixazo.Request("fox"))


def test_settings_know_where_they_come_from(tmp_path, monkeypatch):
    (tmp_path / "config.json").write_text('{"width": 320, "height": 200}')
    (tmp_path / "key").write_text("not-a-real-key\n")
    os.chmod(tmp_path / "key", 0o600)
    monkeypatch.setenv("PIXAZO_DEFAULT_HEIGHT", "100")
    config = pixazo.Config(provider="offline", convert_legacy=True).load_preset("dev").load_file(tmp_path / "config.json")
    config.load_env().load_key_file(tmp_path / "key").load_json({"seed": 9})
    assert [config.source(key) for key in ("provider", "height", "width", "steps", "api_key", "concurrency")] == [
        "set", "env", "file", "preset", "key file", "default"]
    assert (config["height"], config["width"], config["convert_legacy"], config["seed"]) == ("100", "320", "1", "9")
    assert "not-a-real-key" not in config.to_json() and config.to_dict()["schema"] == 1
    request = config.apply(pixazo.Request("fox"))
    with config.client() as client:
        assert client.estimate(request)["calls"][0]["effective"]["height"] == 100
    config["width"] = None
    os.chmod(tmp_path / "key", 0o644)
    with pytest.raises(pixazo.AuthError):
        pixazo.Config().load_key_file(tmp_path / "key")


def test_settings_know_providers_by_their_names(tmp_path):
    document = {"schema": 1, "name": "my-sd", "base_url": "https://sd.example", "auth": {"header": "X-Pass", "required": True},
                "models": [{"name": "one", "path": "/v1", "parameters": {"prompt": "text"}}]}
    (tmp_path / "my-sd.json").write_text(json.dumps(document))
    config = pixazo.Config(provider_files=str(tmp_path / "my-sd.json"), provider="my-sd")
    config["my-sd.api_key"] = "fake-key"
    assert config.source("my_sd.api_key") == "set" and "fake-key" not in config.to_json()
    entry, = [each for each in config.providers()["providers"] if each["name"] == "my-sd"]
    assert entry["has_key"] and entry["file"] == str(tmp_path / "my-sd.json")
    assert config.client().provider == "my-sd"
    config["nobody.model"] = "x"
    with pytest.raises(pixazo.ArgumentError, match="there is no provider"):
        config.client()


def test_handles_are_made_from_settings(tmp_path):
    config = pixazo.Config(provider="offline", store_directory=str(tmp_path / "art"), database=str(tmp_path / "r.db"))
    with config.client() as client, config.store() as store, config.repository() as repository:
        exporter = config.exporter()
        with pixazo.Pipeline(client, store, repository, spool=tmp_path / "spool", exporter=exporter) as pipeline:
            assert pipeline.wait(pipeline.add("fox", **SMALL)).state is pixazo.GenerationState.DONE


def test_every_status_has_a_class_and_every_class_a_status():
    statuses = {value for name, value in vars(_ffi).items() if name.startswith("PIXAZO_E_")}
    assert set(_errors.CLASSES) == statuses
    for status, kind in _errors.CLASSES.items():
        error = _errors.from_status(status)
        assert type(error) is kind and error.status == status and isinstance(error, pixazo.PixazoError) and str(error)
    assert {status.name for status in pixazo.Status} - {"OK"} == {
        name[len("PIXAZO_E_"):] for name in vars(_ffi) if name.startswith("PIXAZO_E_")}


@pytest.mark.parametrize("kind, builtin", [
    (pixazo.ArgumentError, ValueError), (pixazo.Timeout, TimeoutError), (pixazo.NetworkError, ConnectionError),
    (pixazo.NotFound, FileNotFoundError), (pixazo.NotFound, LookupError), (pixazo.StateError, RuntimeError),
    (pixazo.OutOfMemory, MemoryError), (pixazo.StorageError, OSError), (pixazo.AuthError, PermissionError),
    (pixazo.Exists, FileExistsError), (pixazo.Again, BlockingIOError),
])
def test_exceptions_are_those_of_python_where_there_is_one(kind, builtin):
    error = kind("what failed", hint="what to do", retry_after=1.5, charge=pixazo.Charge.CHARGED)
    assert isinstance(error, builtin) and str(error) == "what failed (what to do)"
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.retry_after, copy.charge) == (kind, str(error), 1.5, pixazo.Charge.CHARGED)


def test_numbers_of_a_newer_library_are_kept():
    state = pixazo.GenerationState(77)
    assert state == 77 and state.name == "UNKNOWN_77" and pixazo.GenerationState(77).text == "unknown_77"
    assert _errors.from_status(-99).status == -99
    with pytest.raises(ValueError):
        pixazo.Stage("generating")


def test_names_of_numbers_are_those_of_the_library():
    library = pixazo._load.library
    for kind, function in ((pixazo.GenerationState, library.pixazo_generation_state_name),
                           (pixazo.ImageState, library.pixazo_image_state_name),
                           (pixazo.Confidence, library.pixazo_confidence_name),
                           (pixazo.AttemptClass, library.pixazo_class_name)):
        for member in kind:
            assert function(member).decode() == member.text


def test_times_do_not_lose_microseconds():
    when = datetime(2026, 11, 20, 12, 34, 56, 789123, tzinfo=timezone.utc)
    assert _text.from_us(_text.to_us(when)) == when


def test_everything_public_has_a_name_and_is_there():
    assert sorted(pixazo.__all__) == sorted(set(pixazo.__all__))
    for name in pixazo.__all__:
        assert getattr(pixazo, name).__doc__ or name == "__version__", name


def test_recipes_are_equal_when_their_keys_are():
    one, two = pixazo.Recipe("fit-256"), pixazo.Recipe.from_json({"recipe": "fit-256"})
    assert one == one and one == two and not one != two
    two["quality"] = 31
    assert one != two and one != "fit-256" and one != one.to_json()
    one["quality"] = 31
    assert one == two
    with pytest.raises(TypeError):
        hash(one)
    two.close()
    assert one != two and two == two


def test_files_of_a_request_may_be_paths(tmp_path):
    request = pixazo.Request("p", images=[tmp_path / "a.png", "b.png"], mask=tmp_path / "m.png", strength=1, partial_images=2)
    said = request.to_dict()
    assert said["images"] == [str(tmp_path / "a.png"), "b.png"]
    assert said["mask"] == str(tmp_path / "m.png") and said["strength"] == 1 and said["partial_images"] == 2
