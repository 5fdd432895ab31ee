# SPDX-License-Identifier: MIT
"""The gateway as servers at home: AUTOMATIC1111, stable-diffusion.cpp, a plain inference proxy."""
import base64
import io
import json
import threading
import time
import unittest

import PIL.Image

from wire import Case, Gateway, picture_size

CPP = "/as/stable-diffusion.cpp"


def encoded_png():
    out = io.BytesIO()
    PIL.Image.new("RGB", (8, 8)).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


class Automatic1111(Case):
    def make(self, what="txt2img", root="/sdapi/v1/", **body):
        return self.gateway.call_json("POST", root + what, {"prompt": "a red fox", **body})

    def progress(self):
        return self.gateway.call_json("GET", "/sdapi/v1/progress?skip_current_image=true")[1]

    def test_pictures_and_what_is_told_of_them(self):
        self.gateway.script({"honour_size": True})
        status, answer = self.make(seed=7, batch_size=2, n_iter=2, width=64, height=32, steps=9)
        self.assertEqual((status, len(answer["images"])), (200, 4))
        info = json.loads(answer["info"])
        self.assertEqual((info["seed"], info["all_seeds"]), (7, [7, 8, 9, 10]))
        self.assertEqual(answer["parameters"]["steps"], 9)
        file = base64.b64decode(answer["images"][3], validate=True)
        self.assertEqual(picture_size(file), ("PNG", 64, 32))
        with PIL.Image.open(io.BytesIO(file)) as picture:
            self.assertEqual(picture.text["parameters"], info["infotexts"][3])
            self.assertIn("Seed: 10", picture.text["parameters"])
        self.assertGreater(json.loads(self.make(seed=-1)[1]["info"])["seed"], 0)

    def test_forms_of_pictures(self):
        self.gateway.script({"grid": True, "nth": 1}, {"data_uri": True, "nth": 1}, {"images": 0})
        self.assertEqual(len(self.make(batch_size=3)[1]["images"]), 4)
        self.assertTrue(self.make()[1]["images"][0].startswith("data:image/png;base64,iVBOR"))
        self.assertEqual(self.make()[1]["images"], [])
        self.gateway.script()
        _, answer = self.make(override_settings={"samples_format": "jpg", "sd_model_checkpoint": "other"})
        self.assertEqual(picture_size(base64.b64decode(answer["images"][0]))[0], "JPEG")
        self.assertEqual(json.loads(answer["info"])["sd_model_name"], "other")

    def test_wrong_wishes(self):
        for name, value in (("steps", "many"), ("width", 1.5), ("prompt", 5), ("cfg_scale", "x"), ("override_settings", [])):
            status, answer = self.make(**{name: value})
            self.assertEqual((status, answer["detail"][0]["loc"]), (422, ["body", name]))
        self.assertEqual(self.gateway.call_json("POST", "/sdapi/v1/txt2img", b"{")[0], 422)
        status, answer = self.make(sampler_name="Magic")
        self.assertEqual((status, answer["detail"]), (404, "Sampler not found"))
        self.assertEqual(self.make(width=0)[0], 500)
        self.assertEqual(self.gateway.call_json("GET", "/sdapi/v1/other"), (404, {"detail": "Not Found"}))

    def test_from_a_picture(self):
        self.assertEqual(self.make("img2img")[0], 404)
        self.assertEqual(self.make("img2img", init_images=["*"])[0], 500)
        self.assertEqual(self.make("img2img", init_images=[encoded_png()], mask="no picture")[0], 500)
        for picture in (encoded_png(), "data:image/png;base64," + encoded_png()):
            self.assertEqual(self.make("img2img", init_images=[picture], mask=encoded_png())[0], 200)

    def test_progress_moves_and_an_interrupt_ends_the_call(self):
        self.gateway.script({"path": "/sdapi/v1/txt2img", "delay_ms": 100000})
        self.assertEqual(self.progress()["state"]["job"], "")
        results = []
        caller = threading.Thread(target=lambda: results.append(self.make(steps=20)))
        caller.start()
        self.gateway.wait_for("posts", 1)
        seen = []
        while len(set(seen)) < 3:
            seen.append(self.progress()["progress"])
        self.assertEqual(seen, sorted(seen))
        now = self.gateway.call_json("GET", "/sdapi/v1/progress")[1]
        self.assertEqual((now["state"]["sampling_steps"], now["state"]["job_count"]), (20, 1))
        self.assertEqual(picture_size(base64.b64decode(now["current_image"]))[0], "PNG")
        self.assertEqual(self.gateway.call_json("POST", "/sdapi/v1/interrupt", b""), (200, {}))
        caller.join()
        self.assertEqual(results[0][0], 200)
        self.assertEqual(self.progress()["progress"], 0)
        counts = self.gateway.counts()
        self.assertGreater(counts["polls"], 3)
        self.assertEqual(counts["posts"], 1)

    def test_calls_wait_for_each_other(self):
        self.gateway.script({"delay_ms": 150})
        begun = time.monotonic()
        callers = [threading.Thread(target=self.make) for _ in range(4)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join(10)
        self.assertGreater(time.monotonic() - begun, 0.58)

    def test_pages(self):
        names = [sampler["name"] for sampler in self.gateway.call_json("GET", "/sdapi/v1/samplers")[1]]
        self.assertIn("Euler a", names)
        for page in ("options", "sd-models", "schedulers", "upscalers", "loras"):
            for root in ("/sdapi/v1/", CPP + "/sdapi/v1/"):
                self.assertEqual(self.gateway.call_json("GET", root + page)[0], 200)
        self.assertIn("x-process-time", self.gateway.call("GET", "/sdapi/v1/options")[1])

    def test_ready_answers(self):
        for name, status in (("bad-request", 400), ("bad-key", 401), ("no-key", 401), ("not-found", 404),
                             ("model-gone", 404), ("unprocessable", 422), ("own-500", 500), ("out-of-memory", 500),
                             ("error-text", 500), ("no-data", 200), ("empty-data", 200), ("null-base64", 200),
                             ("empty-base64", 200), ("odd-base64", 200), ("text-base64", 200)):
            self.gateway.script({"answer": name})
            self.assertEqual(self.make()[0], status)

    def test_name_and_password(self):
        gateway = Gateway("--key", "a1111=user:secret")
        try:
            for text, status in ((b"user:secret", 200), (b"user:wrong", 401), (None, 401)):
                headers = {"Authorization": "Basic " + base64.b64encode(text).decode()} if text else {}
                self.assertEqual(gateway.call("POST", "/sdapi/v1/txt2img", b'{"prompt":"p"}', headers)[0], status)
        finally:
            self.assertEqual(gateway.stop(), 0)

    def test_as_stable_diffusion_cpp(self):
        root = CPP + "/sdapi/v1/"
        status, answer = self.make(root=root, sampler_name="magic")
        self.assertEqual((status, json.loads(answer["info"])["all_seeds"]), (200, []))
        self.assertEqual(self.make(root=root, prompt=""), (400, {"error": "prompt required"}))
        self.assertEqual(self.gateway.call_json("GET", root + "progress")[0], 404)


class StableDiffusionCpp(Case):
    def submit(self, root="/sdcpp/v1/", **body):
        return self.gateway.call_json("POST", root + "img_gen", {"prompt": "a red fox", **body})

    def poll(self, job):
        return self.gateway.call_json("GET", job["poll_url"])

    def test_a_job_walks_through_its_states(self):
        self.gateway.script({"honour_size": True})
        status, job = self.submit(batch_count=2, width=128, height=64, output_format="jpeg")
        self.assertEqual((status, job["status"]), (202, "queued"))
        states = [self.poll(job)[1] for _ in range(4)]
        self.assertEqual([state["status"] for state in states], ["queued", "generating", "completed", "completed"])
        self.assertEqual(states[2], states[3])
        self.assertEqual([image["index"] for image in states[2]["result"]["images"]], [0, 1])
        file = base64.b64decode(states[2]["result"]["images"][1]["b64_json"])
        self.assertEqual(picture_size(file), ("JPEG", 128, 64))
        self.assertEqual(self.gateway.counts()["polls"], 4)

    def test_failure_and_cancel(self):
        self.gateway.script({"queue": ["generating", "failed"], "queue_error": "no memory", "times": 1})
        _, job = self.submit()
        self.poll(job)
        self.assertEqual(self.poll(job)[1]["error"], {"code": "generation_failed", "message": "no memory"})
        _, job = self.submit(CPP + "/sdcpp/v1/")
        self.assertEqual(self.gateway.call_json("POST", job["poll_url"] + "/cancel", b"")[1]["status"], "cancelled")
        self.assertEqual(self.poll(job)[1]["error"]["code"], "cancelled")
        self.gateway.script({"queue": ["generating"]})
        _, job = self.submit()
        self.assertEqual(self.gateway.call_json("POST", job["poll_url"] + "/cancel", b"")[0], 409)
        self.assertEqual(self.gateway.call_json("GET", "/sdcpp/v1/jobs/none")[0], 404)

    def test_wrong_wishes_and_a_full_queue(self):
        for body in ({"prompt": ""}, {"width": 10}, {"batch_count": 9}, {"output_format": "bmp"}, {"height": "64"}):
            self.assertEqual(self.submit(**body), (400, {"error": "invalid generation parameters"}))
        self.assertEqual(self.gateway.call_json("POST", "/sdcpp/v1/img_gen", b"{")[0], 400)
        gateway = Gateway()
        try:
            got = [gateway.call_json("POST", "/sdcpp/v1/img_gen", {"prompt": "p"}) for _ in range(17)]
            self.assertEqual([status for status, _ in got], [202] * 16 + [429])
            self.assertEqual(got[16][1], {"error": "job queue is full"})
            for _ in range(3):
                gateway.call_json("GET", got[0][1]["poll_url"])
            self.assertEqual(gateway.call_json("POST", "/sdcpp/v1/img_gen", {"prompt": "p"})[0], 202)
            self.assertEqual(gateway.call_json("GET", "/sdcpp/v1/capabilities")[1]["limits"]["max_queue_size"], 16)
        finally:
            self.assertEqual(gateway.stop(), 0)


class Inference(Case):
    path = "/inference/images/generations"

    def make(self, body=None, headers=None, **rule):
        self.gateway.script(rule)
        body = body or {"prompt": "p", "width": 64, "height": 48}
        return self.gateway.call("POST", self.path, json.dumps(body), headers or {})

    def test_bytes_of_a_picture(self):
        for rule, type_, kind in (({"honour_size": True}, "image/png", "PNG"),
                                  ({"answer": "raw-jpeg"}, "image/jpeg", "JPEG"),
                                  ({"answer": "raw-webp"}, "image/webp", "WEBP"),
                                  ({"answer": "octet-stream"}, "application/octet-stream", "PNG")):
            status, headers, data = self.make(**rule)
            self.assertEqual((status, headers["content-type"], picture_size(data)[0]), (200, type_, kind))
        self.assertEqual(picture_size(self.make(honour_size=True)[2])[1:], (64, 48))

    def test_forms_in_json(self):
        for name, member in (("base64", "image"), ("data-uri", "image"), ("url", "image_url")):
            self.assertIn(member, json.loads(self.make(answer=name)[2]))
        for name, member in (("base64-list", "images"), ("base64-data", "data"), ("url-data", "data"), ("images", "images"),
                             ("output-list", "output")):
            answer = json.loads(self.make(answer=name, images=3)[2])
            self.assertEqual(len(answer[member]), 3)
        picture = json.loads(self.make(answer="base64-data")[2])["data"][0]["b64_json"]
        self.assertEqual(picture_size(base64.b64decode(picture, validate=True))[0], "PNG")

    def test_refusals(self):
        self.assertEqual(self.make({"width": 5})[0], 400)
        for name, status in (("error-text", 500), ("error-in-200", 200), ("zip", 200), ("multipart", 200), ("bad-key", 401)):
            self.assertEqual(self.make(answer=name)[0], status)
        self.gateway.script()
        self.assertEqual(self.gateway.call("GET", self.path)[0], 404)
        gateway = Gateway("--key", "inference=right")
        try:
            for key, status in (("right", 200), ("wrong", 401)):
                got = gateway.call("POST", self.path, b'{"prompt":"p"}', {"Authorization": f"Bearer {key}"})[0]
                self.assertEqual(got, status)
        finally:
            self.assertEqual(gateway.stop(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=1)
