# SPDX-License-Identifier: MIT
"""The hints are right: the package and a typed program pass mypy --strict, and a wrong one does not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from conftest import BINDINGS, tool_environment
from typed_sample import main


def mypy(*what):
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", os.devnull, *what],
        capture_output=True, text=True, cwd=os.sep, env={**tool_environment(), "MYPYPATH": str(BINDINGS)},
    )


def test_the_typed_program_runs(tmp_path):
    assert main(tmp_path) == 0


def test_the_package_and_the_program_pass():
    pytest.importorskip("mypy")
    result = mypy(str(BINDINGS / "pixazo"), str(BINDINGS / "tests" / "typed_sample.py"))
    assert result.returncode == 0, result.stdout + result.stderr


def test_mistakes_are_found(tmp_path):
    pytest.importorskip("mypy")
    (tmp_path / "wrong.py").write_text(
        "import pixazo\n"
        "studio = pixazo.Studio('art')\n"
        "studio.generate('fox', widht=3)\n"
        "number: int = studio.generate('fox').uuid\n"
        "pixazo.Client(api_key=3)\n"
    )
    result = mypy(str(tmp_path / "wrong.py"))
    lines = [line.split(":")[1] for line in result.stdout.splitlines() if ": error:" in line]
    assert lines == ["3", "4", "5"], result.stdout
