# SPDX-License-Identifier: MIT
"""Shows that each fault of the gateway really happens on the wire: raw sockets, no HTTP client that could hide one."""
import base64
import json
import os
import re
import resource
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

from wire import PROGRAM, SDXL, QUEUE, KEY, LIMIT, Gateway, post, get, read_all, read_answer, picture_size, png_size, Case

MANY = 2000


class Protocol(Case):
    def test_each_shape(self):
        for path, member in ((SDXL, "imageUrl"), ("/sdxl_lightning/getImage/v1/getSDXLImage", "imageUrl"),
                             ("/sdxlTurbo/v2/getData", "output"), ("/flux-1-schnell/v1/getData", "output")):
            status, _, body = self.answer(post(path))
            self.assertEqual(status, 200)
            self.assertRegex(json.loads(body)[member], r"^http://h/files/[0-9a-f]+\.png$")
        self.assertEqual(self.gateway.counts()["posts"], 4)
        for path in ("/sdxl_lightning/getImage/v1/getSDXLImageStream", "/inpainting/v1/getImageStream"):
            self.assertEqual(picture_size(self.answer(post(path))[2])[0], "JPEG")
        _, _, body = self.answer(post("/pixelforge-image-v2/v1/text-to-image", b'{"text":"red car","size":10,"seed":1}'))
        self.assertEqual(len(json.loads(body)["results"]), 10)
        _, _, body = self.answer(post("/pixelforge-image/v1/qwen_image_gen/serve_image"))
        self.assertIn("url", json.loads(body)["images"][0])
        self.assertEqual(self.gateway.counts()["posts_by_path"][SDXL], 1)

    def test_queue_job_walks_through_its_states(self):
        _, _, body = self.answer(post(QUEUE, b'{"prompt":"p","num_images":3}'))
        job = json.loads(body)
        path = job["polling_url"].replace("http://h", "")
        polls = [json.loads(self.answer(get(path, KEY))[2]) for _ in range(4)]
        self.assertEqual([poll["status"] for poll in polls], ["QUEUED", "PROCESSING", "COMPLETED", "COMPLETED"])
        self.assertEqual(len(set(polls[3]["output"]["media_url"])), 3)
        self.assertEqual(polls[2], polls[3])
        self.assertEqual(self.gateway.counts()["polls"], 4)

    def test_files_are_pictures_that_differ(self):
        first = self.answer(get("/files/1.png"))[2]
        self.assertEqual(first, self.answer(get("/files/1.png"))[2])
        self.assertNotEqual(first, self.answer(get("/files/2.png"))[2])
        self.assertLess(abs(len(first) - 65536), 2000)
        png_size(first)
        self.assertEqual(png_size(self.answer(get("/files/x-640x480.png"))[2]), (640, 480))

    def test_keys(self):
        status, head, _ = self.answer(post().replace(KEY.encode(), b""))
        self.assertEqual(status, 401)
        self.assertIn("WWW-Authenticate: AzureApiManagementKey", head)
        self.answer(get("/files/1.png"))
        self.assertEqual(self.gateway.counts()["keys_on_files"], 0)
        self.answer(get("/files/1.png", KEY))
        self.assertEqual(self.gateway.counts()["keys_on_files"], 1)

    def test_wrong_bodies_and_paths(self):
        self.assertEqual(self.answer(post(body=b"{}"))[0], 400)
        self.assertEqual(self.answer(post(body=b"no json"))[0], 400)
        self.assertEqual(self.answer(post("/nothing"))[0], 404)
        self.assertEqual(self.answer(get(SDXL, KEY))[0], 404)
        self.assertIn(b"400", self.ask(b"nonsense\r\n\r\n")[0].split(b"\r\n")[0])

    def test_chunked_request_and_continue(self):
        with self.gateway.connect() as link:
            link.sendall(f"POST {SDXL} HTTP/1.1\r\n{KEY}Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
            self.assertEqual(link.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
            for piece in (b"5\r\n{\"pro\r\n", b"9\r\nmpt\":\"x\"}\r\n", b"0\r\n\r\n"):
                link.sendall(piece)
            self.assertEqual(read_answer(link)[0], 200)
        self.assertEqual(self.gateway.counts()["last_posts"], ['{"prompt":"x"}'])

    def test_kept_alive_and_pipelined(self):
        with self.gateway.connect() as link:
            link.sendall(get("/files/1-1x1.png"))
            self.assertEqual(read_answer(link)[0], 200)
            link.sendall(get("/files/2-1x1.png") + get("/files/3-1x1.png", "Connection: close\r\n"))
            data, end = read_all(link)
        self.assertEqual((data.count(b"HTTP/1.1 200 OK"), end), (2, "fin"))
        counts = self.gateway.counts()
        self.assertEqual((counts["connections"], counts["downloads"], counts["downloads_whole"]), (1, 3, 3))

    def test_repeated_bodies_are_counted(self):
        for prompt in (b"a", b"b", b"a"):
            self.answer(post(body=b'{"prompt":"%s"}' % prompt))
        self.assertEqual(self.gateway.counts()["posts_repeated"], 1)

    def test_requests_are_kept(self):
        self.answer(post(extra="X-Test: 1\r\n"))
        last = json.loads(self.gateway.control("GET", "requests")[1])["requests"][-1]
        self.assertEqual(last["line"], f"POST {SDXL}")
        self.assertIn("X-Test: 1\r\n", last["head"])


class Rules(Case):
    def test_misspelt_rules_are_refused(self):
        for wrong in (b'[{"cut_afer":1}]', b'[{"cut":"rst"}]', b'[{"answer":"cloudflair"}]', b"{}", b"no", b'[{"nth":"1"}]'):
            status, answer = self.gateway.control("PUT", "script", wrong)
            self.assertEqual(status, 400, answer)

    def test_nth_times_and_body(self):
        self.gateway.script({"path": SDXL, "nth": 2, "status": 418}, {"body_has": "green", "status": 419},
                            {"path": "/getImage/*", "times": 1, "status": 420})
        bodies = [b"red", b"red", b"red", b"green"]
        statuses = [self.answer(post(body=b'{"prompt":"%s"}' % body))[0] for body in bodies]
        self.assertEqual(statuses, [420, 418, 200, 419])
        self.assertEqual(json.loads(self.gateway.control("GET", "rules")[1])["used"], [1, 1, 1])

    def test_every_ready_answer(self):
        expected = {"no-key": 401, "bad-key": 401, "bad-request": 400, "balance": 402, "forbidden": 403, "quota": 403,
                    "cloudflare": 403, "not-found": 404, "timeout": 408, "unprocessable": 422, "rate-limited": 429,
                    "rate-limited-silent": 429, "rate-limited-body": 429, "rate-limited-fraction": 429,
                    "rate-limited-date": 429, "rate-limited-past": 429, "rate-limited-far": 429, "rate-limited-odd": 429,
                    "quota-silent": 403, "own-500": 500, "model-500": 500, "object-500": 500, "foreign-500": 500,
                    "bad-gateway": 502, "overloaded": 503, "unavailable": 503, "gateway-timeout": 504, "cloudflare-522": 522,
                    "overloaded-529": 529, "empty-url": 200, "no-url": 200, "empty": 200, "not-json": 200, "half-json": 200,
                    "foreign-json": 200, "json-list": 200, "json-null": 200, "html": 200, "error-in-200": 200}
        waits = {"quota", "overloaded", "rate-limited"}
        waits |= {f"rate-limited-{form}" for form in ("fraction", "date", "past", "far", "odd")}
        pages = {"cloudflare", "foreign-500", "bad-gateway", "unavailable", "gateway-timeout", "cloudflare-522", "html"}
        for name, wanted in expected.items():
            with self.subTest(name):
                self.gateway.script({"answer": name})
                status, head, body = self.answer(post())
                self.assertEqual(status, wanted)
                self.assertEqual("Retry-After" in head, name in waits)
                self.assertEqual("text/html" in head, name in pages)
                self.assertEqual(body.startswith(b"<"), name in pages)
        self.assertNotIn(b"Content-Length", self.faulty(answer="no-content", close=True)[0])

    def test_pictures_in_answers(self):
        self.gateway.script({"answer": "raw-image", "image_bytes": 5000, "nth": 1},
                            {"answer": "base64", "image_bytes": 2000000, "nth": 1}, {"answer": "data-uri", "nth": 1},
                            {"answer": "images", "images": 3, "nth": 1}, {"answer": "output-list", "images": 0})
        self.assertGreater(png_size(self.answer(post())[2])[0], 30)
        big = base64.b64decode(json.loads(self.answer(post())[2])["image"])
        self.assertLess(abs(len(big) - 2000000), 10000)
        png_size(big)
        self.assertTrue(json.loads(self.answer(post())[2])["image"].startswith("data:image/png;base64,iVBOR"))
        self.assertEqual(len({image["url"] for image in json.loads(self.answer(post())[2])["images"]}), 3)
        self.assertEqual(json.loads(self.answer(post())[2]), {"output": []})

    def test_own_bodies_headers_and_redirects(self):
        self.gateway.script({"body": {"imageUrl": "{{file}}", "odd": "{{x"},
                             "headers": {"X-A": ["1", "2"], "Content-Type": "a/b"}})
        _, head, body = self.answer(post())
        self.assertRegex(json.loads(body)["imageUrl"], r"^http://h/files/")
        self.assertEqual((head.count("X-A: "), head.count("Content-Type")), (2, 1))
        self.gateway.script({"redirect": "{{base}}/other"})
        status, head, _ = self.answer(post())
        self.assertEqual(status, 302)
        self.assertRegex(head, "\r\nLocation: http://h/other$")
        self.gateway.script({"status": 200, "reason": "Fine", "body_hex": "00ff80"})
        self.assertIn(b"200 Fine", self.ask(post(extra="Connection: close\r\n"))[0])
        self.assertEqual(self.answer(post())[2], b"\x00\xff\x80")

    def test_queue_states(self):
        self.gateway.script({"path": QUEUE, "queue": ["IN_QUEUE", "WEIRD", "FAILED"], "queue_error": "no \"gpu\""})
        path = json.loads(self.answer(post(QUEUE))[2])["polling_url"].replace("http://h", "")
        polls = [json.loads(self.answer(get(path, KEY))[2]) for _ in range(4)]
        self.assertEqual([poll["status"] for poll in polls], ["IN_QUEUE", "WEIRD", "FAILED", "FAILED"])
        self.assertEqual(polls[3]["error"], 'no "gpu"')

    def submit(self, **rule):
        self.gateway.script({"path": QUEUE, **rule}, {"path": "/v2/*", **rule}, {"method": "POST", **rule})
        return json.loads(self.answer(post(QUEUE))[2])

    def test_names_of_an_id(self):
        for name in ("request_id", "requestId", "id", "prediction_id", "task_id"):
            job = self.submit(id_field=name, polling_url="none")
            self.assertEqual(set(job), {name, "status"})
            paths = (f"/v2/requests/status/{job[name]}", f"/gpt-image-2/v1/status/{job[name]}", f"/x/v1/result/{job[name]}")
            states = [json.loads(self.answer(get(path, KEY))[2])["status"] for path in paths]
            self.assertEqual(states, ["QUEUED", "PROCESSING", "COMPLETED"])
            for path in ("/nano-banana-pro-770/v1/nano-banana-pro-request-result", "/flux-1-schnell/v1/checkStatus"):
                body = json.dumps({name: job[name]}).encode()
                self.assertEqual(json.loads(self.answer(post(path, body))[2])["status"], "COMPLETED")
        counts = self.gateway.counts()
        self.assertEqual((counts["posts"], counts["polls"], counts["posts_answered"]), (5, 25, 5))

    def test_polling_elsewhere(self):
        job = self.submit(polling_url="https://elsewhere.test/v2/{{id}}/at/{{authority}}")
        self.assertEqual(job["polling_url"], f"https://elsewhere.test/v2/{job['request_id']}/at/h")

    def test_forms_of_a_result(self):
        for form in ("list", "text", "images", "output", "image_url", "output_url", "url"):
            job = self.submit(queue=["completed"], result_form=form)
            done = json.loads(self.answer(get(job["polling_url"].replace("http://h", ""), KEY))[2])
            found = {"list": lambda: done["output"]["media_url"][0], "text": lambda: done["output"]["media_url"],
                     "images": lambda: done["images"][0]["url"]}.get(form, lambda: done[form])()
            self.assertRegex(found, r"^http://h/files/[0-9a-f]+\.png$")

    def test_forms_of_a_failure(self):
        for form, wanted in (("text", {"error": "why"}), ("object", {"error": {"code": "failed", "message": "why"}}),
                             ("message", {"message": "why"}), ("none", {})):
            for state in ("FAILED", "error", "Cancelled"):
                job = self.submit(queue=[state], queue_error="why", error_form=form)
                done = json.loads(self.answer(get(job["polling_url"].replace("http://h", ""), KEY))[2])
                self.assertEqual(done["status"], state)
                self.assertEqual({name: done[name] for name in done if name in ("error", "message")}, wanted)

    def test_queue_jobs_give_as_many_pictures_as_the_rule_says(self):
        for images in (0, 1, 5):
            self.gateway.script({"path": QUEUE, "queue": ["COMPLETED"], "images": images})
            path = json.loads(self.answer(post(QUEUE, b'{"prompt":"p","num_images":3}'))[2])["polling_url"]
            poll = json.loads(self.answer(get(path.replace("http://h", ""), KEY))[2])
            self.assertEqual(len(poll["output"]["media_url"]), images)


class Faults(Case):
    def test_drops(self):
        self.assertEqual(self.faulty(drop=True), (b"", "fin"))
        self.assertEqual(self.faulty(drop=True, cut="reset"), (b"", "reset"))
        self.assertEqual(self.faulty(drop=True, cut="stall", timeout=0.3), (b"", "silence"))
        self.assertEqual(self.faulty(drop=True, cut="stall", stall_ms=50), (b"", "fin"))
        counts = self.gateway.counts()
        self.assertEqual((counts["posts"], counts["posts_answered"], counts["client_gone"]), (4, 0, 1))

    def test_drop_at_head(self):
        self.assertEqual(self.faulty(at="head", drop=True, cut="reset"), (b"", "reset"))
        counts = self.gateway.counts()
        self.assertEqual((counts["posts_begun"], counts["posts"]), (1, 0))
        data, end = self.faulty(at="head", answer="balance")
        self.assertEqual((data[:12], end), (b"HTTP/1.1 402", "fin"))

    def test_drop_at_accept(self):
        self.gateway.script({"at": "accept", "times": 1, "drop": True, "cut": "reset"})
        with self.assertRaises(ConnectionError), self.gateway.connect() as link:
            while True:
                link.sendall(b"x")
        self.assertEqual(self.faulty(at="accept", times=1, raw="SSH-2.0-x\r\n")[0], b"SSH-2.0-x\r\n")

    def test_cuts(self):
        self.assertEqual(self.faulty(cut_head_after=5), (b"HTTP/", "fin"))
        data, end = self.faulty(cut_after=10, cut="reset", request=get("/files/1.png"), path="/files/*")
        self.assertLessEqual(len(data.partition(b"\r\n\r\n")[2]), 10)
        self.assertEqual(end, "reset")
        data, end = self.faulty(cut_after=1000, path="/files/*", request=get("/files/1.png"))
        self.assertEqual((len(data.partition(b"\r\n\r\n")[2]), end), (1000, "fin"))
        self.assertIn(b"Content-Length: 65", data)
        data, end = self.faulty(cut_after=7, cut="stall", timeout=0.3)
        self.assertEqual((len(data.partition(b"\r\n\r\n")[2]), end), (7, "silence"))
        counts = self.gateway.counts()
        self.assertEqual((counts["posts_begun_200"], counts["posts_answered_200"], counts["downloads_whole"]), (2, 0, 0))

    def test_second_request_of_a_connection(self):
        self.gateway.script({"on_connection": 2, "drop": True})
        with self.gateway.connect() as link:
            link.sendall(get("/files/1-1x1.png"))
            read_answer(link)
            link.sendall(post())
            self.assertEqual(read_all(link), (b"", "fin"))
        self.assertEqual(self.gateway.counts()["posts"], 1)

    def test_lengths(self):
        longer, end = self.faulty(body="12345", length_off=10)
        self.assertIn(b"Content-Length: 15\r\n", longer)
        self.assertEqual((longer[-5:], end), (b"12345", "fin"))
        self.assertIn(b"Content-Length: 2\r\n", self.faulty(body="12345", length_off=-3)[0])
        twice = self.faulty(body="12345", content_length=["5", "7"])[0]
        self.assertEqual(re.findall(rb"Content-Length: (\d)", twice), [b"5", b"7"])
        self.assertIn(b"Content-Length: -1\r\n", self.faulty(body="1", content_length="-1")[0])
        self.assertNotIn(b"Content-Length", self.faulty(body="1", content_length="none")[0])

    def test_chunks(self):
        self.assertIn(b"\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n", self.faulty(body="abcdef", chunked="yes", close=True)[0])
        self.assertIn(b"\r\nzz;3\r\n", self.faulty(body="abcdef", chunked="garbage")[0])
        self.assertTrue(self.faulty(body="abcdef", chunked="no-end")[0].endswith(b"def\r\n"))
        self.assertIn(b"ffffffffffffffff\r\n", self.faulty(body="abcdef", chunked="huge")[0])

    def test_delays(self):
        for rule in ({"delay_ms": 150}, {"delay_body_ms": 150}, {"piece": 10, "piece_ms": 30, "body": "x" * 60}):
            start = time.monotonic()
            self.faulty(close=True, **rule)
            self.assertGreater(time.monotonic() - start, 0.14, rule)

    def test_slow_head_comes_byte_by_byte(self):
        self.gateway.script({"piece": 1, "piece_ms": 20, "slow_head": True})
        start = time.monotonic()
        with self.gateway.connect() as link:
            link.sendall(post())
            head = b""
            while len(head) < 20:
                head += link.recv(1)
        self.assertTrue(head.startswith(b"HTTP/1.1 200 OK"), head)
        self.assertGreater(time.monotonic() - start, 0.018 * 19)

    def test_endless_and_huge(self):
        for rule in ({"endless_body": True}, {"endless_headers": True}, {"endless_body": True, "chunked": "yes"}):
            self.gateway.script(rule)
            with self.gateway.connect() as link:
                link.sendall(post())
                size = 0
                while size < 5_000_000:
                    size += len(link.recv(65536))
        data = self.faulty(fill_headers=1000, fill_size=1000, close=True)[0]
        self.assertEqual((data.count(b"X-Filler: "), len(data) > 1_000_000), (1000, True))

    def test_raw(self):
        self.assertEqual(self.faulty(raw="HTTP/1.1 2"), (b"HTTP/1.1 2", "fin"))
        self.assertEqual(self.faulty(raw_hex="0a00ff"), (b"\n\x00\xff", "fin"))

    def test_client_that_leaves_is_counted(self):
        self.gateway.script({"delay_ms": 5000})
        with self.gateway.connect() as link:
            link.sendall(post())
            self.assertEqual(self.gateway.wait_for("posts_open", 1), 1)
        self.assertEqual(self.gateway.wait_for("client_gone", 1), 1)
        self.assertEqual(self.gateway.counts()["posts_open"], 0)


class Program(unittest.TestCase):
    def test_options(self):
        with tempfile.TemporaryDirectory() as directory:
            counts = os.path.join(directory, "counts.json")
            rules = os.path.join(directory, "rules.json")
            with open(rules, "w") as file:
                json.dump([{"nth": 2, "answer": "balance"}], file)
            gateway = Gateway("--counts", counts, "--script", rules, "--key", "right", "--delay-ms", "100", "--polls", "0",
                              "--honour-size", "--base", "http://elsewhere")
            try:
                start = time.monotonic()
                with gateway.connect() as link:
                    link.sendall(post(body=b'{"prompt":"p","width":3,"height":2}').replace(b"fake-key", b"right"))
                    body = read_answer(link)[2]
                    self.assertRegex(body, rb'"http://elsewhere/files/.*-3x2.png"')
                    self.assertGreater(time.monotonic() - start, 0.09)
                    link.sendall(post().replace(b"fake-key", b"wrong"))
                    self.assertEqual(read_answer(link)[0], 401)
                end = time.monotonic() + LIMIT
                posts = 0
                while posts != 2 and time.monotonic() < end:
                    with open(counts) as file:
                        posts = json.load(file)["posts"]
                self.assertEqual(posts, 2)
            finally:
                self.assertEqual(gateway.stop(), 0)
            with open(counts) as file:
                self.assertEqual(json.load(file)["connections_open"], 0)

    def test_bad_options_are_refused(self):
        for arguments in (["--nothing"], ["--port", "x"], ["--script", "/does/not/exist"], ["extra"]):
            self.assertNotEqual(subprocess.run([PROGRAM, *arguments], capture_output=True, timeout=LIMIT).returncode, 0)

    def test_ends_by_itself_and_with_its_parent(self):
        start = time.monotonic()
        subprocess.run([PROGRAM, "--lifetime", "1"], capture_output=True, timeout=LIMIT, check=True)
        self.assertGreater(time.monotonic() - start, 0.9)
        starter = ("import subprocess, sys\n"
                   "child = subprocess.Popen([sys.argv[1], '--exit-with-parent'], stdout=subprocess.PIPE)\n"
                   "child.stdout.readline()\n"
                   "print(child.pid)")
        parent = subprocess.run([sys.executable, "-c", starter, PROGRAM], capture_output=True, text=True, timeout=LIMIT)
        end = time.monotonic() + LIMIT
        while os.path.exists(f"/proc/{int(parent.stdout)}/cmdline") and time.monotonic() < end:
            with open(f"/proc/{int(parent.stdout)}/stat") as file:
                if ") Z " in file.read():
                    break
            time.sleep(0.02)
        self.assertLess(time.monotonic(), end)

    def test_tls(self):
        with tempfile.TemporaryDirectory() as directory:
            gateway = Gateway("--make-tls", directory)
            try:
                trust = ssl.create_default_context(cafile=os.path.join(directory, "bundle.pem"))
                for name in ("127.0.0.1", "localhost"):
                    with trust.wrap_socket(gateway.connect(), server_hostname=name) as link:
                        link.sendall(post())
                        self.assertIn(b"https://h/files/", read_answer(link)[2])
                with self.assertRaises(ssl.SSLCertVerificationError):
                    ssl.create_default_context().wrap_socket(gateway.connect(), server_hostname="127.0.0.1")
                with gateway.connect() as plain:
                    plain.sendall(post())
                    self.assertEqual(read_all(plain)[0][:12], b"HTTP/1.1 400")
                gateway.script({"cut_after": 3})
                trust.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
                with trust.wrap_socket(gateway.connect(), server_hostname="localhost", suppress_ragged_eofs=False) as link:
                    link.sendall(post())
                    with self.assertRaisesRegex(ssl.SSLError, "EOF"):
                        while link.recv(1000):
                            pass
                counts = gateway.counts()
                self.assertEqual((counts["posts"], counts["handshakes"], counts["handshakes_failed"]), (3, 3, 1))
            finally:
                self.assertEqual(gateway.stop(), 0)

    def test_bad_certificates(self):
        with tempfile.TemporaryDirectory() as directory:
            subprocess.run([PROGRAM, "--certificates", directory], timeout=LIMIT, check=True)
            trust = ssl.create_default_context(cafile=os.path.join(directory, "ca.pem"))
            for name, reason in (("expired", "expired"), ("other-host", "mismatch"), ("self-signed", "self.signed")):
                gateway = Gateway("--tls", os.path.join(directory, f"{name}.pem"), os.path.join(directory, f"{name}.key"))
                try:
                    with self.assertRaisesRegex(ssl.SSLCertVerificationError, reason):
                        trust.wrap_socket(gateway.connect(), server_hostname="127.0.0.1")
                finally:
                    gateway.stop()

    def test_many_connections_at_once(self):
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(MANY * 2, most), most))
        gateway = Gateway("--picture-bytes", "1000")
        try:
            gateway.script({"drop": True, "cut": "stall", "times": MANY})
            for answered in (False, True):
                links = [gateway.connect() for _ in range(MANY)]
                for link in links:
                    link.sendall(post())
                if answered:
                    self.assertEqual([read_answer(link)[0] for link in links], [200] * MANY)
                else:
                    self.assertEqual(gateway.wait_for("posts_open", MANY), MANY)
                for link in links:
                    link.close()
            counts = gateway.counts()
            self.assertEqual((counts["posts_open_peak"], counts["posts"], counts["posts_answered"]), (MANY, 2 * MANY, MANY))
        finally:
            self.assertEqual(gateway.stop(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=1)
