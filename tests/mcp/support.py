# SPDX-License-Identifier: MIT
"""A client of pixazo-mcp that sees every byte of its output, in a directory of its own and with no variable of the tester."""

import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request
from pathlib import Path

PROGRAM = os.environ["PIXAZO_MCP_PROGRAM"]
GATEWAY = os.environ.get("PIXAZO_GATEWAY_PROGRAM", "")
KEY = "fake-key-for-the-gateway-1234"
KEPT = ("PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "TMPDIR", "LANG", "LC_ALL", "LOCPATH", "TZ")
SESSION = "2025-11-25"
STATELESS = "2026-07-28"
PATIENCE = 60


class Server:
    """One process. Every line it writes must be a JSON object; what comes is kept in the order it came."""

    def __init__(self, case, *arguments, project="project", cwd=None, deaf=False, mute=False, **variables):
        directory = [] if project is None else ["--project-dir", str(case.home / project)]
        self.process = subprocess.Popen([PROGRAM, *directory, *map(str, arguments)], cwd=cwd or case.home,
                                        env={**case.environment, **variables}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.case = case
        self.lines = queue.Queue()
        self.waiting = []  # taken from the queue, not yet asked for
        self.errors = []
        self.last_id = 0
        self.raw = b""
        readers = [*([] if deaf else [self._read]), *([] if mute else [self._read_errors])]
        self.threads = [threading.Thread(target=reader, daemon=True) for reader in readers]
        for thread in self.threads:
            thread.start()

    def _read(self):
        for line in self.process.stdout:
            self.raw += line
            self.lines.put(line)
        self.lines.put(None)

    def _read_errors(self):
        for line in self.process.stderr:
            self.errors.append(line.decode(errors="replace"))

    def send(self, *messages):
        text = b"".join(m if isinstance(m, bytes) else json.dumps(m).encode() + b"\n" for m in messages)
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def _next(self, until):
        try:
            line = self.lines.get(timeout=max(0.01, until - time.monotonic()))
        except queue.Empty:
            return None
        if line is None:
            self.lines.put(None)
            raise AssertionError(f"the server ended: {''.join(self.errors)[-3000:]}")
        message = json.loads(line)  # every byte of stdout parses
        self.case.assertIsInstance(message, dict)
        self.case.assertEqual(message["jsonrpc"], "2.0")
        self.case.assertTrue(line.endswith(b"\n") and b"\r" not in line)
        return message

    def find(self, wanted, patience=PATIENCE):
        """The first message that `wanted` likes; others wait for those who ask for them."""
        for message in self.waiting:
            if wanted(message):
                self.waiting.remove(message)
                return message
        until = time.monotonic() + patience
        while time.monotonic() < until:
            message = self._next(until)
            if message is not None and wanted(message):
                return message
            if message is not None:
                self.waiting.append(message)
        return None

    def answer(self, request_id):
        message = self.find(lambda m: "id" in m and m["id"] == request_id and "method" not in m)
        self.case.assertIsNotNone(message, f"no answer to {request_id}: {''.join(self.errors)[-3000:]}")
        return message

    def request(self, method, params=None, request_id=None):
        self.last_id += 1
        request_id = self.last_id if request_id is None else request_id
        self.send({"jsonrpc": "2.0", "id": request_id, "method": method, **({} if params is None else {"params": params})})
        return request_id

    def ask(self, method, params=None):
        return self.answer(self.request(method, params))

    def result(self, method, params=None):
        answer = self.ask(method, params)
        self.case.assertIn("result", answer, answer)
        return answer["result"]

    def start_session(self, version=SESSION):
        result = self.result("initialize", {"protocolVersion": version, "capabilities": {},
                                            "clientInfo": {"name": "test", "version": "1"}})
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return result

    def call(self, tool, arguments=None, fails=False, **meta):
        params = {"name": tool, "arguments": arguments or {}}
        if meta:
            params["_meta"] = meta
        result = self.result("tools/call", params)
        self.case.assertEqual(result["isError"], fails, result["content"][0])
        return result

    def generate(self, prompt="a red fox", fails=False, **arguments):
        return self.call("pix_generate", {"prompt": prompt, "width": 64, "height": 64, **arguments}, fails)

    def progress(self, token):
        seen = [m["params"] for m in self.waiting if m.get("method") == "notifications/progress"]
        return [p for p in seen if p["progressToken"] == token]

    def silence(self, wanted, seconds=0.3):
        """Nothing that `wanted` likes comes for a while, and a ping is answered."""
        self.case.assertIsNone(self.find(wanted, seconds))
        self.result("ping")
        self.case.assertIsNone(self.find(wanted, 0.05))

    def close(self, code=0):
        if not self.process.stdin.closed:
            self.process.stdin.close()
        self.case.assertEqual(self.process.wait(PATIENCE), code, "".join(self.errors)[-3000:])
        for thread in self.threads:
            thread.join(10)
        for line in self.raw.splitlines():
            json.loads(line)

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)

    def stop(self):
        """At the end of a test, whatever state it is in."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)
        for thread in self.threads:
            thread.join(10)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                stream.close()
            except BrokenPipeError:
                pass


def text_of(result):
    return result["content"][0]["text"]


def of_type(result, kind):
    return [block for block in result["content"] if block["type"] == kind]


def modern(version=STATELESS, **more):
    return {"io.modelcontextprotocol/protocolVersion": version, "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"}, **more}


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.home = Path(tempfile.mkdtemp(prefix="pixazo-mcp-test-")).resolve()
        self.project = self.home / "project"
        self.environment = {name: value for name, value in os.environ.items()
                            if name in KEPT or name.startswith(("ASAN_", "UBSAN_", "LSAN_", "TSAN_"))}
        self.environment["HOME"] = str(self.home)
        self.servers = []

    def tearDown(self):
        for server in self.servers:
            server.stop()
        if not os.environ.get("PIXAZO_KEEP_TEST_FILES"):
            shutil.rmtree(self.home, ignore_errors=True)

    def start(self, *arguments, session=True, **more):
        server = Server(self, *arguments, **more)
        self.servers.append(server)
        if session:
            server.start_session()
        return server

    def write(self, name, text, mode=0o600):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path


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

    def tearDown(self):
        super().tearDown()
        self.gateway.send_signal(signal.SIGTERM)
        self.gateway.wait(10)
        self.gateway.stdout.close()

    def script(self, *rules):
        request = urllib.request.Request(self.url + "/control/script", data=json.dumps(rules).encode(), method="PUT")
        urllib.request.urlopen(request, timeout=10).close()

    def counts(self):
        with urllib.request.urlopen(self.url + "/control/counts", timeout=10) as answer:
            return json.load(answer)

    def wait_for_posts(self, count):
        until = time.monotonic() + PATIENCE
        while self.counts()["posts"] < count:
            self.assertLess(time.monotonic(), until, "nothing was sent")
            time.sleep(0.02)

    def wait_for_state(self, server, state):
        """Until the newest generation is in it."""
        until = time.monotonic() + PATIENCE
        while not [r for r in server.call("pix_history", {"limit": 1})["structuredContent"]["generations"] if r["state"] == state]:
            self.assertLess(time.monotonic(), until, f"nothing is {state}")
            time.sleep(0.05)

    def last_post(self):
        return json.loads(self.counts()["last_posts"][-1])


def main():
    unittest.main(verbosity=1)
