# SPDX-License-Identifier: MIT
"""Partial pictures, shown while the call runs: the server ends its answer only when it is told that one was seen."""

from __future__ import annotations

import base64
import http.server
import json
import struct
import threading
import zlib

import pytest

import pixazo


def png(shade: int) -> bytes:
    """The smallest picture there is."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(bytes([0, shade]))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts)


def event(kind: str, picture: bytes, **members: object) -> bytes:
    document = {"type": kind, "b64_json": base64.b64encode(picture).decode(), **members}
    return f"event: {kind}\ndata: {json.dumps(document)}\n\n".encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(event("image_generation.partial_image", png(1), partial_image_index=0))
        if self.server.seen.wait(20):
            self.wfile.write(event("image_generation.completed", png(2)))

    def log_message(self, *what):
        pass


@pytest.fixture
def server():
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.seen = threading.Event()
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.seen.set()
    made.shutdown()
    made.server_close()
    thread.join()


def client_of(server, **options):
    return pixazo.Client(provider="openai", api_key="test-key-not-real", base_url=f"http://127.0.0.1:{server.server_address[1]}/v1",
                         allow_hosts="127.0.0.1", max_retries=0, **options)


def test_a_partial_picture_reaches_the_hook(server):
    shown = []

    def on_progress(progress):
        if progress.stage is pixazo.Stage.PARTIAL:
            shown.append((progress.partial_index, progress.partial))
            server.seen.set()
        else:
            assert progress.partial is None

    with client_of(server, on_progress=on_progress) as client:
        made = client.generate("fox", partial_images=1)
    assert shown == [(0, png(1))]
    assert bytes(made.image) == png(2)


def test_a_partial_picture_is_an_event(server, tmp_path):
    with pixazo.Pipeline(client_of(server), pixazo.Store(tmp_path / "art"), pixazo.Repository(tmp_path / "r.db"),
                         spool=tmp_path / "spool") as pipeline:
        pipeline.fileno()  # somebody listens
        id = pipeline.add("fox", partial_images=1)
        partials = []
        for one in pipeline.events():
            if one.kind is pixazo.EventKind.PARTIAL:
                partials.append((one.generation, one.partial_index, one.partial, one.to_dict()["partial_bytes"]))
                server.seen.set()
            else:
                assert one.partial is None
        assert partials == [(id, 0, png(1), len(png(1)))]
        assert pipeline.wait(id).state is pixazo.GenerationState.DONE
