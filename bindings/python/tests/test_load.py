# SPDX-License-Identifier: MIT
"""Finding the library, and saying why it was not found."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import pixazo
from conftest import BINDINGS, run_python, tool_environment
from pixazo import _load

CC = os.environ.get("PIXAZO_CC", "cc")
SHOW = "import pixazo, sys; print(pixazo.version(), pixazo._load.library_name)"


def build(directory, text):
    if shutil.which(CC) is None:
        pytest.skip("no compiler")
    path = directory / "libpixazo.so.0"
    subprocess.run([CC, "-shared", "-fPIC", "-x", "c", "-", "-o", str(path)], input=text, text=True, check=True,
                   env=tool_environment())
    return str(path)


def test_the_version_is_that_of_the_bindings():
    assert pixazo.version() == pixazo.__version__ == _load.version_text(int(_load.library.pixazo_version_number()))
    assert pixazo.supports("webp") and not pixazo.supports("no such thing")


def test_the_package_says_the_version_once():
    assert f'version = "{pixazo.__version__}"' in (BINDINGS / "pyproject.toml").read_text(encoding="utf-8")


def test_a_named_file_is_the_only_one_tried(tmp_path):
    result = run_python(SHOW, PIXAZO_LIBRARY=str(tmp_path / "none.so"))
    assert result.returncode == 1
    assert "ImportError" in result.stderr and "none.so" in result.stderr
    assert "PIXAZO_LIBRARY" in result.stderr and "search path" not in result.stderr


def test_a_failure_lists_every_place_and_what_to_do(tmp_path):
    result = run_python(SHOW, PIXAZO_LIBRARY="", LD_LIBRARY_PATH="", PATH="")
    if result.returncode == 0:
        pytest.skip("libpixazo is installed on this system")
    for text in ("part of this package", "search path", "find_library", "apt-get install libpixazo0"):
        assert text in result.stderr


def test_the_bundled_file_comes_before_the_systems(tmp_path):
    package = tmp_path / "pixazo"
    shutil.copytree(BINDINGS / "pixazo", package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "_lib").mkdir()
    os.symlink(os.environ.get("PIXAZO_LIBRARY") or _load.library_name, package / "_lib" / "libpixazo.so.0")
    result = run_python(SHOW, PYTHONPATH=str(tmp_path), PIXAZO_LIBRARY="")
    assert result.returncode == 0, result.stderr
    assert result.stdout.split()[1] == str(package / "_lib" / "libpixazo.so.0")


def test_another_version_is_refused(tmp_path):
    text = "unsigned pixazo_version_number(void) { return 2000; }"
    result = run_python(SHOW, PIXAZO_LIBRARY=build(tmp_path, text))
    assert result.returncode == 1 and "is libpixazo 0.2.0, but these bindings are for 0.1.0" in result.stderr


def test_another_library_is_refused(tmp_path):
    result = run_python(SHOW, PIXAZO_LIBRARY=build(tmp_path, "int unrelated;"))
    assert result.returncode == 1 and "is not libpixazo" in result.stderr


def test_a_function_of_a_newer_library_fails_when_it_is_called(tmp_path):
    text = "unsigned pixazo_version_number(void) { return 1000; } const char *pixazo_version(void) { return \"0.1.0\"; }"
    code = (
        "import pixazo\n"
        "try:\n    pixazo.Cancel()\n"
        "except NotImplementedError as error:\n    print(error)\n"
    )
    result = run_python(code, PIXAZO_LIBRARY=build(tmp_path, text))
    assert result.returncode == 0, result.stderr
    assert "pixazo_cancel_new is not in libpixazo 0.1.0" in result.stdout


@pytest.mark.parametrize("number, good", [(1000, True), (1007, True), (0, False), (2000, False), (1001000, False)])
def test_below_one_a_minor_version_is_an_interface_of_its_own(number, good):
    if good:
        _load.check_version(number, "x")
    else:
        with pytest.raises(ImportError):
            _load.check_version(number, "x")


def test_the_package_is_typed():
    assert (Path(pixazo.__file__).parent / "py.typed").exists()
