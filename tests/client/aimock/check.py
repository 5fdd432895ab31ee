# SPDX-License-Identifier: MIT
"""Usage: check.py PIXAZO LLMOCK. Success, refusal, throttling and a block, as the command line sees them."""

import base64
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path


def picture():
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + bytes((x * 3 + y * 5) & 255 for x in range(3 * 48)) for y in range(32))
    head = struct.pack(">IIBBBBB", 48, 32, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def failure(words, status, **error):
    return {"match": {"endpoint": "image", "userMessage": words}, "response": {"error": error, "status": status}}


FIXTURES = [
    failure("limited", 429, message="Rate limit", type="rate_limit_error", code="rate_limit_exceeded"),
    failure("spent", 429, message="You exceeded your quota", type="insufficient_quota", code="insufficient_quota"),
    failure("blocked", 400, message="rejected", type="image_generation_user_error", code="moderation_blocked"),
    failure("wrong", 400, message="Invalid value", type="invalid_request_error", code="invalid_value"),
    failure("broken", 500, message="The server had an error", type="server_error", code="server_error"),
    {"match": {"endpoint": "image"}, "response": {"image": {"b64Json": base64.b64encode(picture()).decode()}}},
]

# what is asked, and words of the error; None: a picture
CASES = [("a cat", None), ("limited", "429"), ("spent", "429"), ("blocked", "content policy"), ("wrong", "Invalid value"),
         ("broken", "outcome is unknown")]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, server):
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def main():
    program, mock = (os.path.abspath(path) for path in sys.argv[1:3])
    port = free_port()
    failed = 0
    with tempfile.TemporaryDirectory() as directory:
        fixtures = Path(directory, "fixtures.json")
        fixtures.write_text(json.dumps({"fixtures": FIXTURES}))
        server = subprocess.Popen([mock, "-p", str(port), "-f", str(fixtures)], stdout=subprocess.DEVNULL)
        try:
            wait_for(port, server)
            environment = {"PATH": os.environ["PATH"], "HOME": directory, "OPENAI_API_KEY": "not-a-real-key",
                           "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1", "PIXAZO_ALLOW_HOSTS": "127.0.0.1",
                           "PIXAZO_MODEL": "openai/gpt-image-2", "PIXAZO_MAX_RETRIES": "0", "PIXAZO_RENDITIONS": "none"}
            for prompt, words in CASES:
                done = subprocess.run([program, "generate", prompt], cwd=directory, env=environment, timeout=60,
                                      capture_output=True, text=True)
                good = done.returncode == 0 if words is None else done.returncode != 0 and words in done.stderr
                if words is None and good:
                    good = Path(done.stdout.strip()).read_bytes() == picture()
                if not good:
                    failed += 1
                    print(f"{prompt}: exit code {done.returncode}: {done.stdout}{done.stderr}")
        finally:
            server.terminate()
            server.wait()
    print(f"{len(CASES) - failed} of {len(CASES)} cases as expected")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
