# SPDX-License-Identifier: MIT
"""The gateway as OpenAI's image service and as those that imitate it."""
import base64
import datetime
import email.utils
import hashlib
import http.client
import io
import json
import re
import unittest

import PIL.Image

from wire import Case, Gateway, events, form, picture_size

KEY = {"Authorization": "Bearer fake-key"}
MAKE = "/v1/images/generations"
EDIT = "/v1/images/edits"


def png(width=8, height=8, mode="RGB"):
    out = io.BytesIO()
    PIL.Image.new(mode, (width, height)).save(out, "PNG")
    return out.getvalue()


class OpenAi(Case):
    def make(self, *, path=MAKE, headers=KEY, **body):
        return self.gateway.call_json("POST", path, body, headers)

    def error(self, status, code, param=None, **body):
        got, answer = self.make(**body)
        self.assertEqual((got, answer["error"]["code"]), (status, code), answer)
        if param:
            self.assertEqual(answer["error"]["param"], param)
        self.assertEqual(set(answer["error"]), {"message", "type", "param", "code"})

    def edit(self, *fields, boundary=None, path=EDIT):
        body, kind = form(fields)
        return self.gateway.call_json("POST", path, body, {**KEY, "Content-Type": boundary or kind})

    def refused_edit(self, code, *fields, **options):
        status, answer = self.edit(*fields, **options)
        self.assertEqual((status, answer["error"]["code"]), (400, code), answer)

    def stream(self, **rule):
        self.gateway.script(rule)
        status, headers, body = self.gateway.call("POST", MAKE, json.dumps(
            {"prompt": "p", "model": "gpt-image-2", "stream": True, "partial_images": 2}),
            {**KEY, "Content-Type": "application/json"})
        self.assertEqual(status, 200)
        self.assertTrue(headers["content-type"].startswith("text/event-stream"))
        self.assertEqual(headers["transfer-encoding"], "chunked")
        return events(body), body


class Generations(OpenAi):
    def test_pictures_come_as_base64_with_their_usage(self):
        status, answer = self.make(prompt="a red fox", model="gpt-image-2", n=2, size="1536x1024", quality="high")
        self.assertEqual(status, 200)
        self.assertEqual((answer["size"], answer["quality"], answer["output_format"]), ("1536x1024", "high", "png"))
        files = [base64.b64decode(datum["b64_json"], validate=True) for datum in answer["data"]]
        self.assertEqual([picture_size(file)[0] for file in files], ["PNG", "PNG"])
        self.assertNotEqual(files[0], files[1])
        usage = answer["usage"]
        self.assertEqual(usage["output_tokens_details"]["image_tokens"], usage["output_tokens"])
        self.assertEqual(usage["input_tokens"] + usage["output_tokens"], usage["total_tokens"])
        _, one = self.make(prompt="p", model="gpt-image-2", size="1024x1024", quality="high")
        self.assertEqual(one["usage"]["output_tokens"], 7024)
        for size, tokens in (("1024x1024", 1056), ("1024x1536", 1584), ("1536x1024", 1568)):
            _, one = self.make(prompt="p", model="gpt-image-1-mini", size=size, quality="medium")
            self.assertEqual(one["usage"]["output_tokens"], tokens)

    def test_every_format_is_what_it_says(self):
        for name, kind in (("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP")):
            self.gateway.script({"honour_size": True})
            _, answer = self.make(prompt="p", model="gpt-image-1.5", size="1536x1024", output_format=name)
            file = base64.b64decode(answer["data"][0]["b64_json"], validate=True)
            self.assertEqual(picture_size(file), (kind, 1536, 1024))
            self.assertEqual(answer["output_format"], name)
            for size in (3000, 200000):
                self.gateway.script({"image_bytes": size})
                _, answer = self.make(prompt="p", model="gpt-image-1.5", output_format=name)
                file = base64.b64decode(answer["data"][0]["b64_json"])
                self.assertEqual(picture_size(file)[0], kind)
                self.assertLess(abs(len(file) - size), size / 10)

    def test_the_older_models_give_addresses(self):
        _, answer = self.make(prompt="p", model="dall-e-3")
        self.assertEqual(set(answer), {"created", "data"})
        self.assertIn("p", answer["data"][0]["revised_prompt"])
        path = re.sub(r"^http://[^/]+", "", answer["data"][0]["url"])
        self.assertEqual(picture_size(self.gateway.call("GET", path)[2])[0], "PNG")
        _, answer = self.make(prompt="p", model="dall-e-2", response_format="b64_json", n=3)
        self.assertEqual([set(datum) for datum in answer["data"]], [{"b64_json"}] * 3)

    def test_members_are_checked(self):
        self.error(400, "unknown_parameter", "response_format", prompt="p", model="gpt-image-2", response_format="url")
        self.error(400, "unknown_parameter", "negative_prompt", prompt="p", model="gpt-image-2", negative_prompt="x")
        self.error(400, "unknown_parameter", "output_format", prompt="p", model="dall-e-2", output_format="png")
        self.error(400, "missing_required_parameter", "prompt", model="gpt-image-2")
        self.error(400, "string_above_max_length", "prompt", prompt="p" * 32001, model="gpt-image-2")
        self.error(404, "model_not_found", prompt="p", model="gpt-image-9")
        self.error(404, "model_not_found", prompt="p", model="gpt-image-1")
        for name, value in (("n", 0), ("n", 11), ("n", 1.5), ("n", "2"), ("quality", "best"), ("output_format", "bmp"),
                            ("background", "red"), ("moderation", "off"), ("partial_images", 4), ("partial_images", 1),
                            ("stream", "yes"), ("size", "1024X1024"), ("size", "1000x1000"), ("size", "512x512"),
                            ("size", "3856x2160"), ("size", "3072x1008"), ("output_compression", 50)):
            self.error(400, "invalid_value", name, prompt="p", model="gpt-image-2", **{name: value})
        self.error(400, "invalid_value", "background", prompt="p", model="gpt-image-2", background="transparent",
                   output_format="jpeg")
        self.error(400, "invalid_value", "size", prompt="p", model="gpt-image-1.5", size="2048x2048")
        self.error(400, "invalid_value", "n", prompt="p", model="dall-e-3", n=2)
        for size in ("2048x2048", "3840x2160", "auto"):
            self.assertEqual(self.make(prompt="p", model="gpt-image-2-2026-04-21", size=size)[0], 200)
        for body, kind in ((b"{", "application/json"), (b"[]", "application/json"), (b'{"prompt":"p"}', "text/plain")):
            self.assertEqual(self.gateway.call("POST", MAKE, body, {**KEY, "Content-Type": kind})[0], 400)

    def test_keys_and_paths(self):
        for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Basic eDp5"}):
            self.assertEqual(self.make(prompt="p", headers=headers)[0], 401)
        self.assertEqual(self.gateway.call("GET", MAKE, headers=KEY)[0], 404)
        self.assertEqual(self.gateway.call("POST", "/v1/images/variations", b"", KEY)[0], 404)
        names = [model["id"] for model in self.gateway.call_json("GET", "/v1/models", headers=KEY)[1]["data"]]
        self.assertIn("gpt-image-2", names)
        self.assertNotIn("gpt-image-1", names)

    def test_headers_tell_the_request_and_its_limits(self):
        self.gateway.script({"nth": 2, "answer": "slow-down"}, {"nth": 2, "answer": "cloudflare"})
        ids = set()
        for status in (200, 429, 403):
            got, headers, _ = self.gateway.call("POST", MAKE, b'{"prompt":"p"}', {**KEY, "Content-Type": "application/json"})
            self.assertEqual(got, status)
            ids.add(headers.get("x-request-id"))
            self.assertEqual("x-ratelimit-remaining-requests" in headers, status != 403)
        self.assertEqual(len(ids), 3)
        self.assertIn(None, ids)

    def peak(self):
        with open(f"/proc/{self.gateway.process.pid}/status") as lines:
            return int(re.search(r"VmHWM:\s+(\d+) kB", lines.read()).group(1))

    def test_eighty_megabytes_are_made_while_they_are_sent(self):
        self.make(prompt="p")
        before = self.peak()
        self.gateway.script({"image_bytes": 60_000_000})
        status, answer = self.make(prompt="p")
        text = answer["data"][0]["b64_json"]
        self.assertEqual(status, 200)
        self.assertGreater(len(text), 79_900_000)
        self.assertEqual(picture_size(base64.b64decode(text, validate=True))[0], "PNG")
        self.assertLess(self.peak() - before, 20_000)


class Ready(OpenAi):
    def test_each_error_has_its_status_and_code(self):
        wanted = {"bad-request": (400, "invalid_value"), "unknown-parameter": (400, "unknown_parameter"),
                  "moderation-input": (400, "moderation_blocked"), "moderation-output": (400, "moderation_blocked"),
                  "content-policy": (400, "content_policy_violation"), "billing-limit": (400, "billing_hard_limit_reached"),
                  "no-key": (401, None), "bad-key": (401, "invalid_api_key"), "forbidden": (403, None),
                  "country": (403, "unsupported_country_region_territory"), "model-gone": (404, "model_not_found"),
                  "not-found": (404, None), "timeout": (408, None), "conflict": (409, None), "unprocessable": (422, None),
                  "rate-limited": (429, "rate_limit_exceeded"), "rate-limited-silent": (429, "rate_limit_exceeded"),
                  "rate-limited-fraction": (429, "rate_limit_exceeded"), "rate-limited-date": (429, "rate_limit_exceeded"),
                  "rate-limited-ms": (429, "rate_limit_exceeded"), "rate-limited-far": (429, "rate_limit_exceeded"),
                  "slow-down": (429, "slow_down"), "quota": (429, "insufficient_quota"),
                  "balance": (429, "credit_balance_exhausted"), "own-500": (500, None), "never-retry-500": (500, None),
                  "do-retry-400": (400, None), "overloaded": (503, "server_is_overloaded"),
                  "overloaded-slow-down": (503, "slow_down"), "error-number": (400, 400), "error-in-200": (200, None)}
        for name, (status, code) in wanted.items():
            with self.subTest(name):
                self.gateway.script({"answer": name})
                got, answer = self.make(prompt="p")
                self.assertEqual((got, answer["error"]["code"]), (status, code))
        for name in ("empty-data", "no-data", "empty-base64", "null-base64", "odd-base64", "text-base64", "empty-url"):
            self.gateway.script({"answer": name})
            self.assertEqual(self.make(prompt="p")[0], 200)
        self.gateway.script({"answer": "moderation-output"})
        details = self.make(prompt="p")[1]["error"]["moderation_details"]
        self.assertEqual(details, {"moderation_stage": "output", "categories": ["sexual"]})
        self.gateway.script({"answer": "error-text"})
        self.assertEqual(self.make(prompt="p"), (500, {"error": "text alone"}))

    def test_every_form_of_a_wait(self):
        for name, header, form_of in (("rate-limited", "retry-after", "^1$"),
                                      ("rate-limited-fraction", "retry-after", r"^0\.05$"),
                                      ("rate-limited-ms", "retry-after-ms", "^50$"),
                                      ("never-retry-500", "x-should-retry", "^false$"),
                                      ("do-retry-400", "x-should-retry", "^true$")):
            self.gateway.script({"answer": name})
            headers = self.gateway.call("POST", MAKE, b'{"prompt":"p"}', KEY)[1]
            self.assertRegex(headers[header], form_of)
        self.gateway.script({"answer": "rate-limited-silent", "headers": {"Retry-After": "{{date+90}}"}})
        headers = self.gateway.call("POST", MAKE, b'{"prompt":"p"}', KEY)[1]
        until = email.utils.parsedate_to_datetime(headers["retry-after"])
        self.assertLess(abs((until - datetime.datetime.now(datetime.timezone.utc)).total_seconds() - 90), 30)


class Streams(OpenAi):
    def test_partial_pictures_and_the_last(self):
        got, _ = self.stream()
        names = [name for name, _ in got]
        self.assertEqual(names, ["image_generation.partial_image"] * 2 + ["image_generation.completed"])
        data = [json.loads(text) for _, text in got]
        self.assertEqual([datum.get("partial_image_index") for datum in data], [0, 1, None])
        self.assertEqual([datum["type"] for datum in data], names)
        for datum in data:
            self.assertEqual(picture_size(base64.b64decode(datum["b64_json"]))[0], "PNG")
        self.assertIn("usage", data[2])

    def test_forms_of_the_same_stream(self):
        for rule, mark in (({"newline": "crlf"}, b"\r\n\r\n"), ({"newline": "cr"}, b"\r\r"),
                           ({"comments": True}, b": keep-alive\n"),
                           ({"split_data": True}, b",\ndata: "), ({"done": True}, b"data: [DONE]\n\n")):
            got, body = self.stream(**rule)
            self.assertIn(mark, body)
            self.assertEqual(json.loads(got[2][1])["type"], "image_generation.completed")
            self.assertEqual(got[-1][1] == "[DONE]", "done" in rule)

    def test_fewer_partial_pictures_than_asked(self):
        self.assertEqual([name for name, _ in self.stream(partials=0)[0]], ["image_generation.completed"])

    def test_an_error_after_the_beginning(self):
        error = {"error": {"message": "late", "type": "server_error", "code": None}}
        for after, pictures in ((0, 0), (1, 1), (2, 2), (3, 3)):
            got, _ = self.stream(stream_error=error, error_after=after)
            self.assertEqual(([name for name, _ in got][-1], len(got)), ("error", pictures + 1))
            self.assertEqual(json.loads(got[-1][1]), error)

    def test_events_come_one_by_one(self):
        self.gateway.script({"event_ms": 600000})
        with self.gateway.connect() as link:
            body = b'{"prompt":"p","stream":true,"partial_images":1}'
            link.sendall(b"POST %s HTTP/1.1\r\nAuthorization: Bearer k\r\nContent-Type: application/json\r\n"
                         b"Content-Length: %d\r\n\r\n" % (MAKE.encode(), len(body)) + body)
            data = b""
            while not data.endswith(b"}\n\n\r\n"):
                data += link.recv(65536)
        self.assertEqual(data.count(b"event: "), 1)

    def test_cut_within_an_event(self):
        self.gateway.script({"cut_after": 100000, "cut": "reset"})
        with self.assertRaises((ConnectionError, http.client.IncompleteRead)):
            self.gateway.call("POST", MAKE, b'{"prompt":"p","stream":true,"partial_images":2}',
                              {**KEY, "Content-Type": "application/json"})
        self.assertEqual(self.gateway.counts()["posts_begun_200"], 1)
        self.assertEqual(self.gateway.counts()["posts_answered_200"], 0)


class Edits(OpenAi):
    fields = (("model", None, None, b"gpt-image-1.5"), ("prompt", None, None, b"a hat"))

    def test_pictures_and_a_mask(self):
        image, mask = png(), png(mode="RGBA")
        status, answer = self.edit(*self.fields, ("image[]", "a.png", "image/png", image),
                                   ("image[]", "b.png", "image/png", png(4, 4)), ("mask", "m.png", "image/png", mask),
                                   ("n", None, None, b"2"), ("input_fidelity", None, None, b"high"))
        self.assertEqual((status, len(answer["data"])), (200, 2))
        self.assertGreater(answer["usage"]["input_tokens_details"]["image_tokens"], 0)
        seen = json.loads(self.gateway.control("GET", "requests")[1])["requests"][-1]["parts"]
        self.assertEqual([part["name"] for part in seen],
                         ["model", "prompt", "image[]", "image[]", "mask", "n", "input_fidelity"])
        self.assertEqual(seen[2], {"name": "image[]", "filename": "a.png", "type": "image/png", "size": len(image),
                                   "sha256": hashlib.sha256(image).hexdigest()})
        self.assertIn(mask, self.gateway.control("GET", "body/0")[1])
        self.assertEqual(self.gateway.control("GET", "body/1")[0], 404)

    def test_a_stream(self):
        body, kind = form((*self.fields, ("image", "a.png", "image/png", png()), ("stream", None, None, b"true"),
                           ("partial_images", None, None, b"1")))
        data = self.gateway.call("POST", EDIT, body, {**KEY, "Content-Type": kind})[2]
        self.assertEqual([name for name, _ in events(data)], ["image_edit.partial_image", "image_edit.completed"])

    def test_wrong_pictures(self):
        image = ("image", "a.png", "image/png", png())
        self.refused_edit("missing_required_parameter", *self.fields)
        self.refused_edit("missing_required_parameter", self.fields[0], image)
        self.refused_edit("invalid_image_file", *self.fields, ("image", "a.png", "image/png", b"no picture"))
        self.refused_edit("unsupported_file_mimetype", *self.fields, ("image", "a.png", "image/webp", png()))
        self.refused_edit("invalid_value", *self.fields, ("image", None, None, png()))
        self.refused_edit("duplicate_parameter", *self.fields, image, image)
        self.refused_edit("invalid_value", *self.fields, *[("image[]", "a.png", "image/png", png())] * 17)
        self.refused_edit("invalid_image_format", *self.fields, image, ("mask", "m.png", "image/png", png()))
        self.refused_edit("invalid_image_size", *self.fields, image, ("mask", "m.png", "image/png", png(9, 8, "RGBA")))
        self.refused_edit("unknown_parameter", *self.fields, image, ("strength", None, None, b"1"))
        self.refused_edit("invalid_value", *self.fields, image, ("n", None, None, b"2x"))
        newer = (("model", None, None, b"gpt-image-2"), self.fields[1])
        self.refused_edit("unknown_parameter", *newer, image, ("input_fidelity", None, None, b"high"))

    def test_wrong_forms(self):
        image = ("image", "a.png", "image/png", png())
        for kind in ("application/json", "multipart/form-data", "multipart/form-data; boundary=other"):
            self.refused_edit(None, *self.fields, image, boundary=kind)
        body, kind = form((*self.fields, image))
        for wrong in (body[:-4], body + b"more", body[2:], body.replace(b"name=", b"nam="), b""):
            status, _ = self.gateway.call_json("POST", EDIT, wrong, {**KEY, "Content-Type": kind})
            self.assertEqual(status, 400)


class Dialects(OpenAi):
    def test_localai(self):
        path = "/as/localai/v1/images/generations"
        self.assertEqual(self.make(path=path, prompt="p")[0], 400)
        status, answer = self.make(path=path, prompt="p", model="stablediffusion", size="odd", step=5, headers={})
        self.assertEqual(status, 200)
        self.assertEqual(set(answer["data"][0]), {"index", "url"})
        address = re.sub(r"^http://[^/]+", "", answer["data"][0]["url"])
        self.assertRegex(address, r"/generated-images/.*\.png$")
        self.assertEqual(picture_size(self.gateway.call("GET", address)[2])[0], "PNG")
        _, answer = self.make(path=path, prompt="p", model="any", response_format="b64_json")
        self.assertIn("b64_json", answer["data"][0])

    def test_together(self):
        path = "/as/together/v1/images/generations"
        wish = {"prompt": "p", "model": "black-forest-labs/FLUX.1-schnell", "width": 640, "height": 480, "steps": 4}
        _, answer = self.make(path=path, n=4, **wish)
        self.assertEqual([set(datum) for datum in answer["data"]], [{"index", "url"}] * 4)
        self.assertTrue(answer["id"] and answer["model"])
        _, answer = self.make(path=path, response_format="base64", **wish)
        self.assertIn("b64_json", answer["data"][0])
        self.assertEqual(self.make(path=path, response_format="b64_json", **wish)[0], 400)
        self.assertEqual(self.make(path=path, n=5, **wish)[0], 400)
        self.assertEqual(self.make(path=path, headers={}, **wish)[0], 401)

    def test_stable_diffusion_cpp(self):
        path = "/as/stable-diffusion.cpp/v1/images/generations"
        _, answer = self.make(path=path, headers={}, prompt="p", size="256x384", output_format="jpeg", n=2)
        self.assertEqual(answer["output_format"], "jpeg")
        self.assertEqual(picture_size(base64.b64decode(answer["data"][1]["b64_json"]))[0], "JPEG")
        status, answer = self.make(path=path, headers={})
        self.assertEqual((status, type(answer["error"])), (400, str))
        self.assertEqual(self.edit(("prompt", None, None, b"p"), ("image", "a.png", "image/png", png()),
                                   path="/as/stable-diffusion.cpp/v1/images/edits")[0], 200)

    def test_others(self):
        for name, root in (("vllm", "v1"), ("ovms", "v3"), ("azure", "openai/v1")):
            status, answer = self.make(path=f"/as/{name}/{root}/images/generations", prompt="p", model="gpt-image-2")
            self.assertEqual((status, set(answer["data"][0])), (200, {"b64_json"}))
        self.assertEqual(self.make(path="/as/azure/openai/v1/images/generations", prompt="p", model="gpt-image-2",
                                   headers={"api-key": "k"})[0], 200)
        self.assertEqual(self.make(path="/as/other/v1/images/generations", prompt="p")[0], 401)

    def test_keys_by_name(self):
        gateway = Gateway("--key", "openai=right", "--key", "vllm=local")
        try:
            for path, key, status in ((MAKE, "right", 200), (MAKE, "wrong", 401),
                                      ("/as/vllm/v1/images/generations", "local", 200),
                                      ("/as/vllm/v1/images/generations", "right", 401)):
                got, _ = gateway.call_json("POST", path, {"prompt": "p"}, {"Authorization": f"Bearer {key}"})
                self.assertEqual(got, status)
        finally:
            self.assertEqual(gateway.stop(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=1)
