# SPDX-License-Identifier: MIT
"""Requests that were damaged on the way: each gets an answer, and the gateway is still whole at the end."""
import collections
import json
import random
import unittest

from wire import Case, form

JSON = "application/json"
KEYS = {"Authorization": "Bearer k", "x-goog-api-key": "k", "Ocp-Apim-Subscription-Key": "k"}
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x08\0\0\0\x08\x08\x06\0\0\0rest"
FORM, FORM_TYPE = form((("model", None, None, b"gpt-image-2"), ("prompt", None, None, b"p"),
                        ("image[]", "a.png", "image/png", PNG),
                        ("mask", "m.png", "image/png", PNG), ("stream", None, None, b"true")))
CONFIG = {"responseModalities": ["IMAGE"], "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"}}
PARTS = [{"text": "a"}, {"inlineData": {"mimeType": "image/png", "data": "QUFB"}}]
GOOD = (
    ("/v1/images/generations", {"prompt": "p", "model": "gpt-image-2", "n": 2, "stream": True, "partial_images": 1}),
    ("/v1/images/edits", FORM),
    ("/as/together/v1/images/generations", {"prompt": "p", "model": "x", "width": 64, "response_format": "base64"}),
    ("/v1beta/models/gemini-3.1-flash-image:streamGenerateContent?alt=sse",
     {"contents": [{"role": "user", "parts": PARTS}], "generationConfig": CONFIG}),
    ("/sdapi/v1/txt2img", {"prompt": "p", "steps": 5, "batch_size": 2, "override_settings": {"samples_format": "jpg"}}),
    ("/sdapi/v1/img2img", {"prompt": "p", "init_images": ["iVBORw0KGgoA"], "mask": "iVBORw0KGgoA"}),
    ("/sdcpp/v1/img_gen", {"prompt": "p", "batch_count": 2, "width": 64}),
    ("/inference/images/generations", {"prompt": "p", "width": 8}),
    ("/gpt-image-2/v1/text-to-image", {"prompt": "p", "num_images": 3}),
    ("/flux-1-schnell/v1/checkStatus", {"id": "gpt-image-2_00000000"}),
)


def damage(chance, body):
    data = bytearray(body)
    for _ in range(chance.randint(0, 4)):
        at, size = chance.randrange(len(data) + 1), chance.randint(1, 12)
        change = chance.randrange(4)
        if change == 0 and at < len(data):
            data[at] = chance.randrange(256)
        elif change == 1:
            del data[at:at + size]
        elif change == 2:
            data[at:at] = data[at:at + size]
        else:
            data[at:at] = bytes(chance.choice(b'"{}[],:0-9e\r\n\0') for _ in range(size))
    return bytes(data)


class Wild(Case):
    def test_damaged_requests_are_answered(self):
        chance = random.Random(7)
        seen = collections.Counter()
        for _ in range(1000):
            path, body = chance.choice(GOOD)
            kind = FORM_TYPE if body is FORM else JSON
            data = damage(chance, body if body is FORM else json.dumps(body).encode())
            seen[self.gateway.call("POST", path, data, {**KEYS, "Content-Type": kind})[0]] += 1
            self.assertEqual(self.gateway.call("GET", "/files/1-1x1.png")[0], 200)
        self.assertGreater(seen[200], 100)
        self.assertGreater(seen[400], 100)
        requests = json.loads(self.gateway.control("GET", "requests")[1])["requests"]
        self.assertEqual(len(requests), 256)
        self.assertEqual(self.gateway.counts()["bad_requests"], 0)


if __name__ == "__main__":
    unittest.main(verbosity=1)
