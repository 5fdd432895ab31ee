# SPDX-License-Identifier: MIT
"""Runs the command line in a directory of its own, with a home of its own and no variable of the tester."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from pathlib import Path

PROGRAM = os.environ["PIXAZO_PROGRAM"]
GATEWAY = os.environ.get("PIXAZO_GATEWAY_PROGRAM", "")
KEY = "fake-key-for-the-gateway-1234"
KEPT = ("PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "TMPDIR", "LANG", "LC_ALL", "LOCPATH", "TZ")
SMALL = ["--size", "64x64", "--renditions", "none"]


class Result:
    def __init__(self, done):
        self.code = done.returncode
        self.raw = done.stdout
        self.errors = done.stderr.decode()

    @property
    def out(self):
        return self.raw.decode()

    @property
    def lines(self):
        return self.out.splitlines()

    @property
    def json(self):
        return json.loads(self.out)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.home = Path(tempfile.mkdtemp(prefix="pixazo-test-"))
        self.dir = self.home / "art"
        self.environment = {name: value for name, value in os.environ.items()
                            if name in KEPT or name.startswith(("ASAN_", "UBSAN_", "LSAN_", "TSAN_"))}
        self.environment["HOME"] = str(self.home)
        self.environment["PIXAZO_DIR"] = str(self.dir)

    def tearDown(self):
        if not os.environ.get("PIXAZO_KEEP_TEST_FILES"):
            shutil.rmtree(self.home, ignore_errors=True)

    def start(self, *arguments, **variables):
        return subprocess.Popen([PROGRAM, *map(str, arguments)], env={**self.environment, **variables}, cwd=self.home,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run_program(self, *arguments, code=0, text=None, **variables):
        done = subprocess.run([PROGRAM, *map(str, arguments)], env={**self.environment, **variables}, cwd=self.home,
                              input=text.encode() if text is not None else b"", capture_output=True, timeout=120, check=False)
        result = Result(done)
        if code is not None and result.code != code:
            self.fail(f"{arguments} ended with {result.code}, not {code}\n{result.raw[:2000]!r}\n{result.errors}")
        return result

    def write(self, name, text, mode=0o600):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def prompts(self, count, name="prompts.jsonl", **more):
        lines = [json.dumps({"prompt": f"picture {i}", "width": 64, "height": 64, **more}) for i in range(1, count + 1)]
        return self.write(name, "\n".join(lines) + "\n")

    def assert_one_line(self, text):
        self.assertEqual(len(text.splitlines()), 1, text)


class GatewayCase(Case):
    """With the loopback gateway of tests/gateway, which accepts KEY only."""

    options = []

    def setUp(self):
        super().setUp()
        self.gateway = subprocess.Popen([GATEWAY, "--key", KEY, "--picture-bytes", "3000", "--exit-with-parent", *self.options],
                                        stdout=subprocess.PIPE, text=True)
        self.url = self.gateway.stdout.readline().strip()
        self.environment["PIXAZO_GATEWAY_URL"] = self.url
        self.environment["PIXAZO_ALLOW_HOSTS"] = self.url.split("//")[1]
        self.environment["PIXAZO_API_KEY"] = KEY
        self.environment["PIXAZO_RENDITIONS"] = "none"

    def tearDown(self):
        self.gateway.send_signal(signal.SIGTERM)
        self.gateway.wait(10)
        self.gateway.stdout.close()
        super().tearDown()

    def script(self, rules):
        request = urllib.request.Request(self.url + "/control/script", data=json.dumps(rules).encode(), method="PUT")
        urllib.request.urlopen(request, timeout=10).close()

    def counts(self):
        with urllib.request.urlopen(self.url + "/control/counts", timeout=10) as answer:
            return json.load(answer)

    def assert_secret_stays_away(self, *texts):
        for text in texts:
            self.assertNotIn(KEY, text)
        for path in self.dir.rglob("*"):
            if path.is_file():
                self.assertNotIn(KEY.encode(), path.read_bytes(), path)


def main():
    unittest.main(verbosity=1)
