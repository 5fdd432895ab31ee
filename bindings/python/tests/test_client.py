# SPDX-License-Identifier: MIT
"""A bare client: one call, and what came."""

from __future__ import annotations

import http.server
import os
import signal
import threading
import time

import pytest

import pixazo
from conftest import SMALL, interrupt_soon


@pytest.fixture
def client():
    with pixazo.Client(provider="offline") as made:
        yield made


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/slow":
            self.server.release.wait(20)
        self.send_response(404 if self.path == "/none" else 200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        try:
            self.wfile.write(b"bytes")
        except OSError:
            pass

    def log_message(self, *what):
        pass


@pytest.fixture
def server():
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.release = threading.Event()
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{made.server_address[1]}"
    made.release.set()
    made.shutdown()
    made.server_close()
    thread.join()


def test_a_picture_comes_as_bytes(client, tmp_path):
    made = client.generate("a red fox", seed=3, **SMALL)
    image = made.image
    assert image.path is None and bytes(image)[:4] == b"\x89PNG" and made.seed == 3
    assert bytes(client.generate("a red fox", seed=3, **SMALL).image) == bytes(image), "the same seed, the same picture"
    image.save(tmp_path / "fox.png")
    image.save(tmp_path / "fox.jpg")
    assert (tmp_path / "fox.png").read_bytes() == bytes(image)
    assert pixazo.Exporter().inspect(tmp_path / "fox.jpg").format == "jpeg"
    assert image._repr_png_() == bytes(image)


def test_a_request_may_be_an_object_a_text_or_a_mapping(client):
    request = pixazo.Request("fox", seed=4, **SMALL)
    assert client.generate(request).seed == 4
    assert client.generate(request, seed=5).seed == 5 and request.to_dict()["seed"] == 4, "the request stays as it is"
    assert client.generate({"prompt": "fox", "seed": 6, "THEME": "dusk", **SMALL}).metadata == {"THEME": "dusk"}


def test_an_estimate_sends_nothing(client):
    plan = client.estimate("fox", count=2)
    assert plan["schema"] == 1 and plan["pictures"] == 2 and plan["cost"]["upper_bound_micros"] == 0


def test_a_key_is_needed_where_the_provider_needs_one():
    with pytest.raises(PermissionError) as caught:
        pixazo.Client(provider="pixazo")
    assert isinstance(caught.value, pixazo.AuthError) and "PIXAZO_API_KEY" in caught.value.hint
    assert pixazo.Client(provider="pixazo", api_key="not-a-real-key").provider == "pixazo"


@pytest.mark.parametrize("options, message", [
    ({"api_kye": "x"}, "did you mean 'api_key'"),
    ({"on_proggress": print}, "did you mean 'on_progress'"),
    ({"zzz": 1}, "has no argument 'zzz'$"),
])
def test_a_wrong_option_is_explained(options, message):
    with pytest.raises(TypeError, match=message):
        pixazo.Client(**options)


def test_a_wrong_parameter_is_explained(client):
    with pytest.raises(TypeError, match="did you mean 'width'"):
        client.generate("fox", widht=3)
    with pytest.raises(pixazo.ArgumentError):
        client.generate("fox", width=-1)


@pytest.mark.parametrize("options", [{"connect_timeout": 0}, {"connect_timeout": -1}, {"max_answer_bytes": -1},
                                     {"max_retries": 1 << 40}, {"provider": "no such"}, {"api_key": "a\nb"}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(pixazo.ArgumentError):
        pixazo.Client(**{"provider": "offline", **options})


def test_no_retries_means_none():
    script = {"calls": [{"class": "not_sent"}]}
    with pixazo.Client(provider="offline", offline_script=script, max_retries=0) as client:
        with pytest.raises(pixazo.PixazoError):
            client.generate("fox", **SMALL)
        assert client.generate("fox", **SMALL).attempts == 1


@pytest.mark.parametrize("step, wanted, builtin", [
    ({"class": "refused", "http_status": 429, "retry_after_ms": 200000}, pixazo.ThrottledError, Exception),
    ({"class": "refused", "http_status": 401}, pixazo.AuthError, PermissionError),
    ({"class": "blocked"}, pixazo.ContentBlocked, Exception),
    ({"class": "not_sent"}, pixazo.NetworkError, ConnectionError),
])
def test_each_failure_has_its_class(step, wanted, builtin):
    with pixazo.Client(provider="offline", offline_script=[step], max_retries=0) as client:
        with pytest.raises(wanted) as caught:
            client.generate("fox", **SMALL)
    assert isinstance(caught.value, builtin) and caught.value.message


def test_fetch_gives_bytes_or_a_file(server, tmp_path):
    with pixazo.Client(provider="offline", allow_hosts=[server]) as client:
        assert bytes(client.fetch(f"http://{server}/x")) == b"bytes"
        client.fetch_file(f"http://{server}/x", tmp_path / "x")
        assert (tmp_path / "x").read_bytes() == b"bytes"
        with pytest.raises(pixazo.PixazoError) as caught:
            client.fetch(f"http://{server}/none")
        assert caught.value.http_status == 404


def test_fetch_guards_against_private_addresses(server, client):
    with pytest.raises((pixazo.ArgumentError, pixazo.NetworkError), match="allow_hosts"):
        client.fetch(f"http://{server}/x")


def test_a_token_ends_a_fetch(server):
    token = pixazo.Cancel()
    with pixazo.Client(provider="offline", allow_hosts=server) as client:
        threading.Timer(0.2, token.set).start()
        started = time.monotonic()
        with pytest.raises(pixazo.Cancelled):
            client.fetch(f"http://{server}/slow", cancel=token)
    assert time.monotonic() - started < 15


def test_ctrl_c_ends_a_fetch(server):
    with pixazo.Client(provider="offline", allow_hosts=server) as client:
        started = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            interrupt_soon()
            client.fetch(f"http://{server}/slow")
    assert time.monotonic() - started < 15


def test_calls_of_other_threads_work_too(client):
    made = []
    thread = threading.Thread(target=lambda: made.append(client.generate("fox", **SMALL)))
    thread.start()
    thread.join()
    assert made[0].image.nbytes >= 0


def test_a_gate_records_what_a_bare_client_spends(tmp_path):
    repository = pixazo.Repository(tmp_path / "r.db")
    script = {"calls": [], "price_micros": 1500}
    with pixazo.Client(provider="offline", gate=repository.gate(), offline_script=script) as client:
        client.generate("fox", **SMALL)
    assert sum(row["settled_micros"] for row in repository.stats()["ledger"]) == 1500


def test_a_gate_in_memory_keeps_to_its_budget_and_its_quota():
    gate = pixazo.Gate()
    with pixazo.Client(provider="offline", gate=gate, offline_script={"calls": [], "price_micros": 1500}) as client:
        gate.set_budget(2000)
        client.generate("fox", **SMALL)
        with pytest.raises(pixazo.BudgetExceeded, match="0.002 USD: 0.0015 are used"):
            client.generate("fox", **SMALL)
        gate.set_budget(None)
        gate.set_quota({"requests": 1, "window_ms": 3_600_000, "max_wait_ms": 0})
        client.generate("fox", **SMALL)
        with pytest.raises(pixazo.ThrottledError) as caught:
            client.generate("fox", **SMALL)
        assert 3590 < caught.value.retry_after <= 3600
    with pytest.raises(pixazo.ArgumentError, match="there is no member"):
        gate.set_quota({"rate": 1})


def test_providers_are_listed():
    found = pixazo.providers()
    assert found["schema"] == 1 and {"offline", "pixazo"} <= {row["name"] for row in found["providers"]}


def test_a_chain_needs_somebody_with_a_key_and_health_tells_how_they_do():
    with pytest.raises(pixazo.PixazoError, match="fallback: there is no provider"):
        pixazo.Client(provider="pixazo", api_key="test-key-not-real-0000", fallback=["nobody"])
    with pixazo.Client(provider="pixazo", api_key="test-key-not-real-0000", fallback=["pixazo/flux-schnell"]) as client:
        states = {row["provider"]: row["state"] for row in client.health()["providers"]}
        assert states["pixazo"] == "good"
        client.reopen()
        with pytest.raises(pixazo.PixazoError):
            client.reopen("nobody")


def test_accounts_name_further_providers_and_keep_their_keys_to_themselves():
    account = pixazo.Account("openai", api_key="not-a-real-key", headers={"OpenAI-Project": "proj"}, model="gpt-image-1.5")
    assert "not-a-real-key" not in repr(account)
    with pixazo.Client(provider="openai", accounts=[account]) as made:
        assert made.provider == "openai"
        assert made.estimate("a fox", quality="low")["cost"]["upper_bound_micros"] > 9000
    with pixazo.Client(provider="offline", accounts=[account]) as made:
        assert made.estimate({"prompt": "a fox", "model": "openai/gpt-image-2"})["model"] == "gpt-image-2"
    with pytest.raises(pixazo.ArgumentError):
        pixazo.Client(provider="offline", accounts=[pixazo.Account("nobody")])


def test_metrics_count_what_was_done():
    shared = pixazo.Metrics()
    for _ in range(2):
        with pixazo.Client(provider="offline", metrics=shared) as client:
            client.generate("fox", **SMALL)
            assert client.metrics.to_dict() == shared.to_dict()
    row = shared.to_dict()["series"][0]
    assert (row["provider"], row["attempts"]["accepted"], row["pictures"]["recorded"]) == ("offline", 2, 2)
    assert 'pixazo_attempts_total{provider="offline",model="pattern",class="accepted"} 2' in shared.text().splitlines()


DEFINITION = {
    "schema": 1, "name": "mine", "base_url": "https://images.example",
    "models": [{"name": "one", "path": "/v1/make", "parameters": {"prompt": "text", "seed": "seed"}}],
}


def test_a_definition_is_a_provider_of_a_client():
    with pixazo.Provider(DEFINITION) as mine:
        assert mine.name == "mine"
        assert mine.describe()["models"][0]["id"] == "mine/one"
        with pixazo.Client(definition=mine) as client:
            assert client.provider == "mine"
            plan = client.estimate("a fox", seed=7)
    assert plan["calls"][0]["effective"]["seed"] == 7


def test_a_wrong_definition_names_the_path():
    with pytest.raises(pixazo.ArgumentError, match=r"models\[0\]\.colour: is not known here"):
        pixazo.Provider({**DEFINITION, "models": [{"name": "one", "colour": 5}]})


def test_the_catalogue_can_be_changed():
    changed = {"offline": [{"name": "pattern", "parameters": {"steps": {"max": 7}}}]}
    with pixazo.Client(provider="offline", models=changed) as client:
        assert client.estimate("a fox", steps=50)["calls"][0]["effective"]["steps"] == 7
