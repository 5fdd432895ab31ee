# SPDX-License-Identifier: MIT
"""The gateway as Google's generateContent."""
import base64
import json
import unittest

from wire import Case, Gateway, events, picture_size

KEY = {"x-goog-api-key": "fake-key"}
MODEL = "/v1beta/models/gemini-3.1-flash-image"
ASK = MODEL + ":generateContent"
STREAM = MODEL + ":streamGenerateContent"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\nrest").decode()


def wish(*parts, **config):
    return {"contents": [{"role": "user", "parts": list(parts) or [{"text": "a red fox"}]}],
            **({"generationConfig": config} if config else {})}


class Google(Case):
    def ask_google(self, body=None, path=ASK, headers=KEY):
        return self.gateway.call_json("POST", path, wish() if body is None else body, headers)

    def refused(self, body, text, path=ASK, status=400, code="INVALID_ARGUMENT"):
        got, answer = self.ask_google(body, path)
        self.assertEqual((got, answer["error"]["code"], answer["error"]["status"]), (status, status, code), answer)
        self.assertIn(text, answer["error"]["message"])

    def parts(self, *names, **body):
        self.gateway.script({"parts": list(names)})
        return self.ask_google(**body)[1]["candidates"][0]["content"]["parts"]


class Answers(Google):
    def test_text_and_a_picture(self):
        status, answer = self.ask_google()
        candidate = answer["candidates"][0]
        text, picture = candidate["content"]["parts"]
        self.assertEqual((status, candidate["finishReason"], set(text)), (200, "STOP", {"text"}))
        self.assertEqual(picture["inlineData"]["mimeType"], "image/png")
        self.assertEqual(picture_size(base64.b64decode(picture["inlineData"]["data"], validate=True))[0], "PNG")
        self.assertEqual(answer["usageMetadata"]["candidatesTokenCount"], 1120)
        self.assertEqual(answer["modelVersion"], "gemini-3.1-flash-image")
        _, answer = self.ask_google(wish(responseModalities=["IMAGE"], imageConfig={"imageSize": "4K"}))
        self.assertEqual([set(part) for part in answer["candidates"][0]["content"]["parts"]], [{"inlineData"}])
        self.assertEqual(answer["usageMetadata"]["candidatesTokenCount"], 2520)

    def test_parts_in_any_order_and_form(self):
        got = self.parts("thought-text", "thought-image", "text", "jpeg", "text", "webp", "snake", "file")
        self.assertEqual([part.get("thought") for part in got[:3]], [True, True, None])
        self.assertEqual(picture_size(base64.b64decode(got[3]["inlineData"]["data"]))[0], "JPEG")
        self.assertEqual(picture_size(base64.b64decode(got[5]["inlineData"]["data"]))[0], "WEBP")
        self.assertEqual(got[6]["inline_data"]["mime_type"], "image/png")
        self.assertIn("/files/", got[7]["fileData"]["fileUri"])
        self.assertEqual([set(part) for part in self.parts("no")], [{"text"}])
        self.gateway.script({"images": 3})
        self.assertEqual(len(self.ask_google()[1]["candidates"][0]["content"]["parts"]), 4)
        self.assertEqual(self.gateway.control("PUT", "script", b'[{"parts":["imge"]}]')[0], 400)

    def test_size_follows_ratio_and_size(self):
        self.gateway.script({"honour_size": True})
        for config, size in (({"aspectRatio": "16:9"}, (1360, 768)), ({"imageSize": "512"}, (512, 512)), ({}, (1024, 1024)),
                             ({"aspect_ratio": "1:8", "image_size": "1K"}, (368, 2896))):
            _, answer = self.ask_google(wish(responseModalities=["IMAGE"], imageConfig=config))
            data = answer["candidates"][0]["content"]["parts"][0]["inlineData"]["data"]
            self.assertEqual(picture_size(base64.b64decode(data))[1:], size)

    def test_pictures_are_taken(self):
        picture = {"inlineData": {"mimeType": "image/png", "data": PNG}}
        _, answer = self.ask_google(wish({"text": "p"}, picture, {"inline_data": {"mime_type": "image/jpeg", "data": PNG}}))
        self.assertGreater(answer["usageMetadata"]["promptTokenCount"], 2 * 258)


class Checks(Google):
    def test_names_are_checked(self):
        self.refused({**wish(), "prompt": "p"}, 'Unknown name "prompt"')
        self.refused(wish({"txt": "p"}), 'Unknown name "txt"')
        self.refused(wish(n=2), 'Unknown name "n" at \'generation_config\'')
        self.refused(wish(imageConfig={"personGeneration": "x"}), "generation_config.image_config")
        self.assertEqual(self.ask_google({**wish(), "generation_config": {"image_config": {"aspect_ratio": "1:1"}}})[0], 200)

    def test_values_are_checked(self):
        for body in ({}, {"contents": []}, {"contents": [{"parts": []}]}, wish({}), wish(candidateCount=2),
                     wish(responseModalities=["SOUND"]), wish(imageConfig={"aspectRatio": "7:5"}),
                     wish(imageConfig={"imageSize": "1k"}), wish({"inlineData": {"mimeType": "image/gif", "data": PNG}}),
                     wish({"inlineData": {"mimeType": "image/png", "data": "***"}}),
                     {**wish(), "safetySettings": [{"category": "HARM_CATEGORY_X", "threshold": "BLOCK_NONE"}]}):
            self.refused(body, "")
        self.assertEqual(self.gateway.call("POST", ASK, b"{", KEY)[0], 400)
        self.refused(wish({"inlineData": {"mimeType": "image/png", "data": "QUFB" * 6_000_000}}), "payload size")
        body = {**wish(), "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_ONLY_HIGH"}]}
        self.assertEqual(self.ask_google(body)[0], 200)

    def test_limits_differ_between_models(self):
        old = "/v1beta/models/gemini-2.5-flash-image:generateContent"
        self.refused(wish(imageConfig={"imageSize": "1K"}), "not supported", old)
        self.refused(wish(imageConfig={"aspectRatio": "1:8"}), "aspect ratio", old)
        self.refused(wish(imageConfig={"imageSize": "512"}), "size", "/v1beta/models/gemini-3-pro-image:generateContent")
        for gone in ("gemini-3-pro-image-preview", "gemini-2.0-flash-preview-image-generation", "other"):
            self.refused(wish(), gone, f"/v1beta/models/{gone}:generateContent", 404, "NOT_FOUND")
        self.refused(wish(), "", MODEL + ":predict", 404, "NOT_FOUND")
        names = [model["name"] for model in self.gateway.call_json("GET", "/v1beta/models", headers=KEY)[1]["models"]]
        self.assertIn("models/gemini-3-pro-image", names)

    def test_keys(self):
        self.assertEqual(self.ask_google(headers={})[0], 403)
        self.assertEqual(self.ask_google(path=ASK + "?key=k", headers={})[0], 200)
        gateway = Gateway("--key", "google=right")
        try:
            status, answer = gateway.call_json("POST", ASK, wish(), KEY)
            self.assertEqual((status, answer["error"]["details"][0]["reason"]), (400, "API_KEY_INVALID"))
            self.assertEqual(gateway.call_json("POST", ASK, wish(), {"x-goog-api-key": "right"})[0], 200)
        finally:
            self.assertEqual(gateway.stop(), 0)


class Refusals(Google):
    def test_every_refusal_is_status_200_without_a_picture(self):
        finish = ("STOP MAX_TOKENS SAFETY RECITATION LANGUAGE OTHER BLOCKLIST PROHIBITED_CONTENT SPII "
                  "MALFORMED_FUNCTION_CALL IMAGE_SAFETY UNEXPECTED_TOOL_CALL TOO_MANY_TOOL_CALLS IMAGE_PROHIBITED_CONTENT "
                  "NO_IMAGE IMAGE_RECITATION IMAGE_OTHER CONTINUATION MALFORMED_RESPONSE "
                  "FINISH_REASON_UNSPECIFIED NEW_REASON").split()
        block = ("BLOCKED_REASON_UNSPECIFIED SAFETY OTHER BLOCKLIST PROHIBITED_CONTENT IMAGE_SAFETY MODEL_ARMOR JAILBREAK "
                 "NEW_REASON").split()
        plain = "text-only no-parts empty-parts no-content no-candidates empty-candidates empty-data".split()
        finish = [f"finish:{reason}" for reason in finish] + [f"finish-text:{reason}" for reason in finish]
        for name in finish + [f"block:{reason}" for reason in block] + plain:
            with self.subTest(name):
                self.gateway.script({"answer": name})
                status, answer = self.ask_google()
                self.assertEqual(status, 200)
                self.assertNotIn("inlineData", json.dumps(answer))
                kind, _, reason = name.partition(":")
                if kind == "block":
                    self.assertEqual(answer["promptFeedback"]["blockReason"], reason)
                    self.assertNotIn("candidates", answer)
                elif reason:
                    self.assertEqual(answer["candidates"][0]["finishReason"], reason)
        for wrong in ("finish:OOPS", "finish", "block:STOP", "text-only:X"):
            self.assertEqual(self.gateway.control("PUT", "script", json.dumps([{"answer": wrong}]).encode())[0], 400)

    def test_errors_carry_their_details(self):
        wanted = {"bad-request": (400, "INVALID_ARGUMENT"), "bad-key": (400, "INVALID_ARGUMENT"),
                  "balance": (400, "FAILED_PRECONDITION"), "country": (400, "FAILED_PRECONDITION"),
                  "no-key": (403, "PERMISSION_DENIED"), "forbidden": (403, "PERMISSION_DENIED"),
                  "model-gone": (404, "NOT_FOUND"),
                  "not-found": (404, "NOT_FOUND"), "timeout": (408, "DEADLINE_EXCEEDED"), "cancelled": (499, "CANCELLED"),
                  "own-500": (500, "INTERNAL"), "overloaded": (503, "UNAVAILABLE"), "deadline": (504, "DEADLINE_EXCEEDED")}
        for name, (status, code) in wanted.items():
            self.gateway.script({"answer": name})
            got, answer = self.ask_google()
            self.assertEqual((got, answer["error"]["code"], answer["error"]["status"]), (status, status, code))
        delays = {"rate-limited": "1s", "rate-limited-fraction": "0.05s", "rate-limited-long": "37.4s",
                  "rate-limited-far": "86400.000000001s", "rate-limited-odd": "soon", "rate-limited-silent": None,
                  "quota": "0.05s", "quota-silent": None}
        for name, delay in delays.items():
            self.gateway.script({"answer": name})
            status, answer = self.ask_google()
            kinds = {detail["@type"].rpartition(".")[2]: detail for detail in answer["error"]["details"]}
            self.assertEqual((status, kinds.get("RetryInfo", {}).get("retryDelay")), (429, delay))
            self.assertEqual("PerDay" in json.dumps(answer), name.startswith("quota"))


class Streams(Google):
    def test_events(self):
        self.gateway.script({"parts": ["text", "image", "text", "jpeg"], "newline": "crlf"})
        status, headers, body = self.gateway.call("POST", STREAM + "?alt=sse", json.dumps(wish()), KEY)
        self.assertEqual((status, headers["transfer-encoding"]), (200, "chunked"))
        got = [json.loads(data) for _, data in events(body)]
        self.assertEqual([list(chunk["candidates"][0]["content"]["parts"][0]) for chunk in got],
                         [["text"], ["inlineData"], ["text"], ["inlineData"]])
        self.assertEqual([chunk["candidates"][0].get("finishReason") for chunk in got], [None, None, None, "STOP"])
        self.assertIn("usageMetadata", got[3])

    def test_a_list_without_alt_sse(self):
        _, answer = self.ask_google(path=STREAM)
        self.assertEqual([len(chunk["candidates"]) for chunk in answer], [1, 1])

    def test_errors(self):
        self.gateway.script({"answer": "quota"})
        for path in (STREAM, STREAM + "?alt=sse"):
            status, answer = self.ask_google(path=path)
            self.assertEqual((status, len(answer), answer[0]["error"]["code"]), (429, 1, 429))
        self.gateway.script({"answer": "block:SAFETY"})
        self.assertEqual(self.ask_google(path=STREAM)[1][0]["promptFeedback"]["blockReason"], "SAFETY")
        body = self.gateway.call("POST", STREAM + "?alt=sse", json.dumps(wish()), KEY)[2]
        self.assertEqual(json.loads(events(body)[0][1])["promptFeedback"]["blockReason"], "SAFETY")
        self.gateway.script({"stream_error": {"error": {"code": 500}}, "error_after": 1})
        body = self.gateway.call("POST", STREAM + "?alt=sse", json.dumps(wish()), KEY)[2]
        self.assertEqual((events(body)[-1], len(events(body))), ((None, '{"error":{"code":500}}'), 2))


if __name__ == "__main__":
    unittest.main(verbosity=1)
