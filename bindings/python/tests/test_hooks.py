# SPDX-License-Identifier: MIT
"""Callbacks: their exceptions, their lives, their answers."""

from __future__ import annotations

import gc
import logging
import os
import signal
import threading
import time

import pytest

import pixazo
from conftest import SMALL, offline
from pixazo import _ffi, _hooks
from pixazo._errors import attempt
from pixazo._load import library
from pixazo._pending import Shield, raise_pending, stopped

RETRIED = {"calls": [{"class": "not_sent"}, {"class": "not_sent"}]}


class Oops(Exception):
    pass


def test_progress_is_told_on_the_thread_that_waits(tmp_path):
    told, threads = [], set()

    def on_progress(progress):
        told.append(progress)
        threads.add(threading.current_thread())

    with pixazo.Studio(tmp_path / "art", config=offline(), on_progress=on_progress) as studio:
        made = studio.generate("fox", **SMALL)
    assert told and all(progress.generation == made.uuid for progress in told)
    assert pixazo.Stage.NONE not in {progress.stage for progress in told}
    assert threads == {threading.current_thread()}


def test_an_exception_in_a_progress_hook_comes_out_of_the_call(tmp_path):
    def on_progress(progress):
        raise Oops("in the hook")

    with pixazo.Studio(tmp_path / "art", config=offline(), on_progress=on_progress) as studio:
        with pytest.raises(Oops, match="in the hook"):
            studio.generate("fox", **SMALL)
        assert not stopped()
        assert studio.note, "other calls are as before"


def test_an_exception_in_a_hook_of_a_client_comes_out_of_the_call():
    calls = []

    def on_progress(progress):
        calls.append(progress)
        raise Oops

    with pixazo.Client(provider="offline", on_progress=on_progress) as client:
        with pytest.raises(Oops):
            client.generate("fox", **SMALL)
    assert len(calls) == 1, "the library was told to stop"


def test_a_hook_that_returns_false_cancels():
    told = []
    with pixazo.Client(provider="offline", offline_script=RETRIED, retry_delay=20,
                       on_progress=lambda progress: told.append(progress) or False) as client:
        with pytest.raises(pixazo.PixazoError):
            client.generate("fox", **SMALL)
    assert {progress.attempt for progress in told} <= {0, 1}, "nothing new is sent"


def test_a_retry_hook_hears_why_and_may_shorten_the_wait():
    told = []

    def on_retry(retry):
        told.append(retry)
        return 0.001

    with pixazo.Client(provider="offline", offline_script=RETRIED, on_retry=on_retry, retry_delay=20) as client:
        started = time.monotonic()
        assert client.generate("fox", **SMALL).image
    assert time.monotonic() - started < 15
    assert [retry.retry for retry in told] == [1, 2]
    assert told[0].attempt_class is pixazo.AttemptClass.NOT_SENT and isinstance(told[0].cause, pixazo.PixazoError)


def test_a_retry_hook_may_veto():
    with pixazo.Client(provider="offline", offline_script=RETRIED, on_retry=lambda retry: False) as client:
        with pytest.raises(pixazo.PixazoError) as caught:
            client.generate("fox", **SMALL)
    assert caught.value.attempt_class is pixazo.AttemptClass.NOT_SENT


def test_an_exception_in_a_retry_hook_comes_out_of_the_call():
    def on_retry(retry):
        raise Oops("no more")

    with pixazo.Client(provider="offline", offline_script=RETRIED, on_retry=on_retry) as client:
        with pytest.raises(Oops, match="no more"):
            client.generate("fox", **SMALL)


FAILING = {"calls": [{"class": "refused", "http_status": 400}] * 5}


def fail_often(studio):
    """Until the alert is told, in whichever call the hook runs."""
    for _ in range(3):
        with pytest.raises(pixazo.ProviderError):
            studio.generate("fox", **SMALL)
    for _ in range(20):
        studio.pipeline.next_event(timeout=0.05)


def test_an_alert_is_told_on_the_thread_that_waits(scripted):
    told, threads = [], set()

    def on_alert(alert):
        told.append(alert)
        threads.add(threading.current_thread())

    fail_often(scripted(FAILING, settings={"alert_min_calls": 3, "alert_failure_percent": 50}, on_alert=on_alert))
    alert, = told
    assert (alert.kind, alert.subject) == (pixazo.AlertKind.FAILURES, "offline")
    assert (alert.value, alert.threshold) == (100, 50) and "offline" in alert.message
    assert threads == {threading.current_thread()}


def test_an_exception_in_an_alert_hook_comes_out_of_the_call(scripted):
    def on_alert(alert):
        raise Oops(alert.message)

    studio = scripted(FAILING, settings={"alert_min_calls": 1}, on_alert=on_alert)
    with pytest.raises(Oops, match="offline"):
        fail_often(studio)
    assert not stopped()


def test_a_pipeline_tells_alerts_too(tmp_path):
    told = []
    client = pixazo.Client(provider="offline", offline_script=FAILING)
    with pixazo.Pipeline(client, pixazo.Store.memory(), pixazo.Repository(tmp_path / "r.db"), spool=tmp_path / "spool",
                         alert_min_calls=2, on_alert=told.append) as pipeline:
        for _ in range(2):
            pipeline.add("fox", **SMALL)
        pipeline.run()
    assert [alert.kind for alert in told] == [pixazo.AlertKind.FAILURES]


def test_an_alert_hook_whose_owner_is_gone_is_quiet():
    assert _hooks._alert(_ffi.ctypes.pointer(_ffi.pixazo_alert()), 1 << 40) is None
    raise_pending()


def test_hooks_nobody_else_keeps_are_called_all_the_same(tmp_path):
    told = []

    def make():
        def hook(progress):
            told.append(progress.stage)

        client = pixazo.Client(provider="offline")
        return pixazo.Pipeline(client, pixazo.Store.memory(), pixazo.Repository(tmp_path / "r.db"),
                               spool=tmp_path / "spool", on_progress=hook)

    pipeline = make()
    gc.collect()
    pipeline.wait(pipeline.add("fox", **SMALL))
    assert told


def test_a_hook_whose_owner_is_gone_agrees():
    progress = _ffi.pixazo_progress()
    assert _hooks._progress(_ffi.ctypes.pointer(progress), 1 << 40) == 0
    retry = _ffi.pixazo_retry(delay_ms=250)
    assert _hooks._retry(_ffi.ctypes.pointer(retry), None) == 250
    raise_pending()


def test_the_first_exception_explains_and_no_other_hook_runs():
    calls = []

    def hook(progress):
        calls.append(1)
        raise Oops(len(calls))

    hooks = _hooks.Hooks(on_progress=hook)
    facts = _ffi.ctypes.pointer(_ffi.pixazo_progress())
    assert [_hooks._progress(facts, hooks.number) for _ in range(3)] == [1, 1, 1]
    with pytest.raises(Oops, match="1"):
        raise_pending()
    raise_pending()
    assert calls == [1]


def test_a_hook_must_be_callable():
    with pytest.raises(TypeError, match="callable"):
        pixazo.Client(provider="offline", on_progress=3)


@pytest.mark.parametrize("number, raised", [(signal.SIGINT, KeyboardInterrupt), (signal.SIGALRM, Oops)])
def test_a_signal_that_meets_a_hook_is_not_lost(number, raised):
    """It arrives while C waits; the next thing Python does is to enter the hook."""

    def on_alarm(*what):
        raise Oops

    script, told = [{"class": "refused", "http_status": 429, "retry_after_ms": 10, "delay_ms": 2000}], []
    client = pixazo.Client(provider="offline", offline_script=script, on_retry=told.append)
    request, record = pixazo.Request("fox", **SMALL), _ffi.pixazo_generation()
    before, previous = signal.getsignal(signal.SIGINT), signal.signal(signal.SIGALRM, on_alarm)
    try:
        threading.Timer(0.1, os.kill, (os.getpid(), number)).start()
        with client._life as handle, request._life as asked, pytest.raises(raised):
            attempt(library.pixazo_client_generate, handle, asked, None, _ffi.ctypes.byref(record),
                    undo=lambda: library.pixazo_generation_free(record))
        assert told == [], "the hook was not asked any more"
        assert signal.getsignal(signal.SIGINT) is before and signal.getsignal(signal.SIGALRM) is on_alarm
    finally:
        signal.signal(signal.SIGALRM, previous)


def test_a_handler_that_is_set_in_a_hook_stays():
    def mine(*what):
        pass

    before = signal.getsignal(signal.SIGUSR1), signal.signal(signal.SIGUSR1, lambda *what: None)
    try:
        with Shield():
            with Shield():
                pass
            signal.signal(signal.SIGUSR1, mine)
        assert signal.getsignal(signal.SIGUSR1) is mine
    finally:
        signal.signal(signal.SIGUSR1, before[0])


def test_log_lines_go_to_logging(tmp_path, caplog):
    with caplog.at_level(logging.DEBUG, logger="pixazo"):
        with pixazo.Studio(tmp_path / "art", config=offline(), log=pixazo.Log(pixazo.Log.DEBUG)) as studio:
            made = studio.generate("fox", **SMALL)
    assert any(record.levelno == logging.INFO and made.uuid in record.getMessage() for record in caplog.records)


def test_log_lines_go_to_a_function(tmp_path):
    lines = []
    log = pixazo.Log(pixazo.Log.INFO, lambda level, line: lines.append((level, line)))
    with pixazo.Studio(tmp_path / "art", config=offline(), log=log) as studio:
        studio.generate("fox", **SMALL)
    assert lines and all(level <= pixazo.Log.INFO and "\n" not in line for level, line in lines)


def test_log_lines_can_be_fetched(tmp_path):
    log = pixazo.Log(hook=None)
    with pixazo.Studio(tmp_path / "art", config=offline(), log=log):
        pass
    assert log.next() is not None
    while log.next() is not None:
        pass


def test_an_exception_in_a_log_function_comes_out_of_the_call(tmp_path):
    def hook(level, line):
        raise Oops(line)

    threads = len(os.listdir("/proc/self/task"))
    with pytest.raises(Oops):
        pixazo.Studio(tmp_path / "art", config=offline(), log=pixazo.Log(hook=hook))
    assert not stopped()
    assert len(os.listdir("/proc/self/task")) == threads, "nothing was left open"
