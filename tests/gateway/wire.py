# SPDX-License-Identifier: MIT
"""The gateway as a program, raw requests to it and raw answers of it."""
import http.client
import io
import json
import re
import signal
import socket
import struct
import subprocess
import sys
import time
import unittest
import zlib

import PIL.Image

PROGRAM = sys.argv.pop(1)
SDXL = "/getImage/v1/getSDXLImage"
QUEUE = "/gpt-image-2/v1/text-to-image"
KEY = "Ocp-Apim-Subscription-Key: fake-key\r\n"
LIMIT = 10


class Gateway:
    def __init__(self, *arguments):
        self.process = subprocess.Popen([PROGRAM, "--exit-with-parent", "--lifetime", "120", *arguments],
                                        stdout=subprocess.PIPE, text=True)
        self.base = self.process.stdout.readline().strip()
        self.port = int(self.base.rsplit(":", 1)[1])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(LIMIT)
        self.process.stdout.close()
        return status

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), LIMIT)

    def control(self, method, page, body=b""):
        with self.connect() as plain:
            plain.sendall(b"%s /control/%s HTTP/1.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
                          % (method.encode(), page.encode(), len(body)) + body)
            head, _, answer = read_all(plain)[0].partition(b"\r\n\r\n")
        return int(head.split()[1]), answer

    def call(self, method, path, body=None, headers=None):
        """By an HTTP client: status, headers with names in small letters, body without chunks."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
        try:
            link.request(method, path, body, headers or {})
            answer = link.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            link.close()

    def call_json(self, method, path, body=None, headers=None):
        """Status and the JSON value of the answer; a body that is no bytes is sent as JSON."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        status, _, answer = self.call(method, path, body, headers)
        return status, json.loads(answer)

    def script(self, *rules):
        status, answer = self.control("PUT", "script", json.dumps(rules).encode())
        assert status == 200, answer

    def counts(self):
        return json.loads(self.control("GET", "counts")[1])

    def wait_for(self, name, wanted):
        end = time.monotonic() + LIMIT
        while self.counts()[name] < wanted and time.monotonic() < end:
            time.sleep(0.01)
        return self.counts()[name]


def post(path=SDXL, body=b'{"prompt":"a red fox"}', extra=""):
    return f"POST {path} HTTP/1.1\r\nHost: h\r\n{KEY}{extra}Content-Length: {len(body)}\r\n\r\n".encode() + body


def get(path, extra=""):
    return f"GET {path} HTTP/1.1\r\nHost: h\r\n{extra}\r\n".encode()


def read_all(link):
    """Everything until the end, and how it ended: "fin", "reset" or "silence"."""
    data = b""
    while True:
        try:
            block = link.recv(65536)
        except ConnectionResetError:
            return data, "reset"
        except (TimeoutError, socket.timeout):
            return data, "silence"
        if not block:
            return data, "fin"
        data += block


def read_answer(link):
    """One answer with a right Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        block = link.recv(65536)
        if not block:
            raise EOFError(data)
        data += block
    head, _, body = data.partition(b"\r\n\r\n")
    size = int(re.search(rb"Content-Length: (\d+)", head).group(1))
    while len(body) < size:
        block = link.recv(65536)
        if not block:
            raise EOFError(body)
        body += block
    return int(head.split()[1]), head.decode(), body


def png_size(data):
    """Width and height of a PNG after checking every chunk's sum and unpacking all rows."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, size = 8, b"", None
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        chunk = data[at + 8:at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0] == zlib.crc32(kind + chunk)
        if kind == b"IHDR":
            size = struct.unpack(">II", chunk[:8])
        if kind == b"IDAT":
            packed += chunk
        at += 12 + length
    assert kind == b"IEND" and len(zlib.decompress(packed)) == size[1] * (size[0] * 3 + 1)
    return size


def picture_size(data):
    """Kind, width and height of a picture as an independent reader sees it, all pixels read."""
    with PIL.Image.open(io.BytesIO(data)) as picture:
        picture.load()
        return picture.format, *picture.size


def form(fields, boundary="xYzZy"):
    """A multipart/form-data body of (name, filename or None, type or None, bytes), and its Content-Type."""
    body = b""
    for name, filename, kind, data in fields:
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        body += f'; filename="{filename}"'.encode() if filename else b""
        body += f"\r\nContent-Type: {kind}".encode() if kind else b""
        body += b"\r\n\r\n" + data + b"\r\n"
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def events(data):
    """(event, data) of a stream of server-sent events, by the rules of its standard."""
    out, name, lines = [], None, []
    for line in re.split(r"\r\n|\r|\n", data.decode()):
        field, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if line == "" and lines:
            out.append((name, "\n".join(lines)))
        if line == "":
            name, lines = None, []
        elif field == "event":
            name = value
        elif field == "data":
            lines.append(value)
    return out


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()

    @classmethod
    def tearDownClass(cls):
        assert cls.gateway.stop() == 0

    def setUp(self):
        self.gateway.script()
        self.gateway.control("POST", "reset")

    def ask(self, request, timeout=LIMIT):
        with self.gateway.connect() as link:
            link.settimeout(timeout)
            link.sendall(request)
            return read_all(link)

    def answer(self, request):
        with self.gateway.connect() as link:
            link.sendall(request)
            return read_answer(link)

    def faulty(self, *, request=None, timeout=LIMIT, **rule):
        self.gateway.script(rule)
        return self.ask(request or post(), timeout)
