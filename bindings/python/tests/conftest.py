# SPDX-License-Identifier: MIT
"""Nothing here may spend money or find a real account: every key variable is gone before pixazo is imported."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

import pytest

BINDINGS = Path(__file__).resolve().parent.parent
KEPT = ("PIXAZO_LIBRARY", "PIXAZO_CC", "PIXAZO_INCLUDE", "PIXAZO_FFI_HEADER")
NO_SKIPS = "PIXAZO_TEST_NO_SKIPS" in os.environ
for name in [name for name in os.environ if name.startswith("PIXAZO_") and name not in KEPT]:
    del os.environ[name]
os.environ["HOME"] = os.devnull
if str(BINDINGS) not in sys.path:
    sys.path.insert(0, str(BINDINGS))

import pixazo  # noqa: E402


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Where everything is installed, what was not tested has failed."""
    report = (yield).get_result()
    if NO_SKIPS and report.skipped:
        report.outcome = "failed"


SMALL: Dict[str, Any] = {"width": 64, "height": 48}


def offline(calls: Any = None, **settings: Any) -> Dict[str, Any]:
    """Settings of a studio that cannot reach anybody, and whose provider answers as scripted."""
    found: Dict[str, Any] = {"provider": "offline", "renditions": "none", "drain_ms": 2000, **settings}
    if calls is not None:
        found["offline_script"] = json.dumps(calls)
    return found


def interrupt_soon() -> None:
    """Ctrl-C in a moment. Inside pytest.raises: on a busy machine the moment may come before the call does."""
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()


def run_python(code: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A fresh interpreter with the same library."""
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code], capture_output=True, text=True, timeout=120, cwd=os.sep,
        env={**os.environ, "PYTHONPATH": str(BINDINGS), **environment},
    )


def tool_environment() -> Dict[str, str]:
    """For compilers and the like: without what is preloaded for our own library."""
    return {key: value for key, value in os.environ.items() if key != "LD_PRELOAD"}


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[pixazo.Studio]:
    with pixazo.Studio(tmp_path / "art", config=offline()) as made:
        yield made


@pytest.fixture(scope="session")
def png() -> bytes:
    with pixazo.Client(provider="offline") as client:
        return bytes(client.generate("a test card", seed=1, **SMALL).image)


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[Callable[..., pixazo.Studio]]:
    made: List[pixazo.Studio] = []

    def make(calls: Any, **options: Any) -> pixazo.Studio:
        settings = options.pop("settings", {})
        made.append(pixazo.Studio(tmp_path / f"art{len(made)}", config=offline(calls, **settings), **options))
        return made[-1]

    yield make
    for each in made:
        each.close()
