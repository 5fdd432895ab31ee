# SPDX-License-Identifier: MIT
"""The test lists of the tool that this server replaces, one by one, against the gateway; its table read by plain SQL."""

import json
import socket
import sqlite3
from pathlib import Path

import support
from support import text_of

SDXL = "/getImage/v1/getSDXLImage"
ALL_SET = {"PIXAZO_DEFAULT_WIDTH": "512", "PIXAZO_DEFAULT_HEIGHT": "640", "PIXAZO_DEFAULT_NUM_STEPS": "15",
           "PIXAZO_DEFAULT_GUIDANCE": "9", "PIXAZO_DEFAULT_SEED": "123"}
OLD_TABLE = """CREATE TABLE generations (id INTEGER PRIMARY KEY, timestamp TEXT NOT NULL, prompt TEXT NOT NULL,
               parameters_json TEXT, image_url TEXT, status TEXT NOT NULL)"""
OLD_ROWS = [(1, "2026-01-28T10:00:00", "a fox", '{"prompt": "a fox", "THEME": "wood"}', "/old/pixazo_1.png", "SUCCESS"),
            (2, "2026-01-28T10:01:00.5", "a cat", '{"prompt": "a cat"}', "https://example.com/2.png", "DOWNLOAD_FAILED"),
            (5, "2026-01-28T10:02:00", "a dog", '{"prompt": "a dog"}', None, "HTTP_401"),
            (9, "2026-01-28T10:03:00", "\u00e9t\u00e9 \U0001f98a", None, None, "EXCEPTION")]


class Documents(support.GatewayCase):
    def rows(self):
        """Newest last: prompt, parameters as an object, url, status."""
        with sqlite3.connect(f"file:{self.project}/data/metadata.db?mode=ro", uri=True) as database:
            found = database.execute("SELECT prompt, parameters_json, image_url, status, timestamp FROM generations ORDER BY id")
            return [(prompt, json.loads(parameters or "null"), url or "", status) for prompt, parameters, url, status, _ in found]

    def posted(self, server, fails=False, **arguments):
        result = server.call("pix_generate", {"prompt": "a red fox", **arguments}, fails)
        return result, self.last_post()

    # environment

    def test_environment_all_set(self):
        _, body = self.posted(self.start(**ALL_SET))
        self.assertEqual(body, {"prompt": "a red fox", "width": 512, "height": 640, "num_steps": 15, "guidance_scale": 9, "seed": 123})

    def test_environment_missing(self):
        _, body = self.posted(self.start())
        self.assertGreaterEqual(body.pop("seed"), 0)
        self.assertEqual(body, {"prompt": "a red fox", "width": 1024, "height": 1024, "num_steps": 20, "guidance_scale": 7})

    def test_environment_invalid(self):
        for name in ALL_SET:
            server = self.start(**{name: "many"})
            self.assertIn(name, text_of(server.call("pix_generate", {"prompt": "x"}, fails=True)))
            server.close()
        self.assertEqual(self.counts()["posts"], 0)

    def test_environment_guidance_floor(self):
        for variables, arguments in (({"PIXAZO_DEFAULT_GUIDANCE": "3"}, {}), ({}, {"guidance_scale": 5})):
            server = self.start(**variables)
            result, body = self.posted(server, **arguments)
            self.assertEqual(body["guidance_scale"], 7)
            self.assertEqual(result["structuredContent"]["generation"]["parameters"]["guidance"], 7)
            self.assertIn("sent as 7", text_of(result))
            server.close()

    def test_arguments_win_over_the_environment(self):
        _, body = self.posted(self.start(**ALL_SET), width=768, height=256, num_steps=10, guidance_scale=8.5, seed=4,
                              negative_prompt="blur")
        self.assertEqual(body, {"prompt": "a red fox", "negative_prompt": "blur", "width": 768, "height": 256, "num_steps": 10,
                                "guidance_scale": 8.5, "seed": 4})

    def test_the_earlier_version_has_its_own_defaults(self):
        server = self.start("--preset", "pixazo-mcp-s2")
        _, body = self.posted(server)
        self.assertEqual(body, {"prompt": "a red fox", "width": 1024, "height": 1024, "num_steps": 20, "guidance_scale": 5, "seed": 42})
        self.assertEqual(self.posted(server, guidance_scale=2)[1]["guidance_scale"], 2)

    # the call

    def test_endpoint_and_headers(self):
        import urllib.request
        self.posted(self.start())
        with urllib.request.urlopen(self.url + "/control/requests", timeout=10) as answer:
            sent = [each for each in json.load(answer)["requests"] if each["line"].startswith("POST")]
        self.assertEqual([each["line"] for each in sent], [f"POST {SDXL}"])
        for header in ("Content-Type: application/json", "Cache-Control: no-cache", f"Ocp-Apim-Subscription-Key: {support.KEY}"):
            self.assertIn(header.lower(), sent[0]["head"].lower())
        self.assertEqual(self.counts()["keys_on_files"], 0)

    def test_invalid_key(self):
        server = self.start(PIXAZO_API_KEY="fake-and-wrong-key")
        told = text_of(self.posted(server, fails=True)[0])
        self.assertIn("401", told)
        self.assertIn("Nothing was charged", told)
        self.assertNotIn("fake-and-wrong-key", told)
        self.assertEqual(self.rows()[0][2:], ("", "HTTP_401"))

    def test_answers_that_are_none(self):
        for answer in ("not-json", "half-json", "empty-url", "no-url", "empty", "html"):
            self.script({"method": "POST", "answer": answer})
            server = self.start("--set", "max_retries=0")
            self.assertTrue(text_of(self.posted(server, fails=True)[0]))
            server.close()
        self.assertEqual({row[3] for row in self.rows()}, {"EXCEPTION"})

    def test_api_failures_have_their_code_and_their_words(self):
        for answer, code, words in (("bad-request", 400, ""), ("balance", 402, "balance"), ("not-found", 404, ""), ("own-500", 500, "")):
            self.script({"method": "POST", "answer": answer})
            server = self.start("--set", "max_retries=0")
            told = text_of(self.posted(server, fails=True)[0])
            self.assertIn(str(code), told)
            self.assertIn(words, told.lower())
            server.close()
        self.assertEqual([row[3] for row in self.rows()], ["HTTP_400", "HTTP_402", "HTTP_404", "HTTP_500"])

    def test_network(self):
        with socket.socket() as deaf:  # holds the port, so that no other server gets it
            deaf.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{deaf.getsockname()[1]}"
            server = self.start("--set", "max_retries=0", PIXAZO_GATEWAY_URL=f"http://{address}", PIXAZO_ALLOW_HOSTS=address)
            told = text_of(server.call("pix_generate", {"prompt": "x"}, fails=True))
        self.assertIn("Nothing was charged", told)
        self.assertEqual([row[3] for row in self.rows()], ["EXCEPTION"])

    # the download

    def test_download_ok(self):
        result, _ = self.posted(self.start())
        path = Path(result["structuredContent"]["generation"]["images"][0]["path"])
        self.assertEqual(path.parent, self.project / "data/generated/default")
        self.assertTrue(path.is_absolute() and path.read_bytes().startswith(b"\x89PNG"))
        self.assertEqual(self.rows(), [("a red fox", {"prompt": "a red fox"}, str(path), "SUCCESS")])

    def test_download_fails(self):
        self.script({"path": "/files/*", "status": 404})
        server = self.start("--set", "max_fetch_retries=0")
        result, _ = self.posted(server, fails=True)
        row = self.rows()[0]
        self.assertEqual(row[3], "DOWNLOAD_FAILED")
        self.assertTrue(row[2].startswith(self.url + "/files/"), row)
        self.assertIn(f"Image generated but download failed. Remote URL: {row[2]}", text_of(result))
        self.assertEqual(self.counts()["posts"], 1)

    def test_download_of_something_else(self):
        self.script({"path": "/files/*", "status": 200, "type": "image/png", "body": "this is no picture"})
        result, _ = self.posted(self.start(), fails=True)
        self.assertIn("picture", text_of(result))
        self.assertEqual(self.rows()[0][3], "DOWNLOAD_FAILED")
        self.assertEqual(list((self.project / "data/generated").rglob("*.png")), [])

    # the record

    def test_originals_are_preserved_with_fields_that_are_not_sent(self):
        arguments = {"prompt": "a red fox", "num_steps": 12, "THEME": "autumn", "tags": ["a", {"b": 1}], "note": "\u00e9\n\"x\"",
                     "guidance_scale": 3}
        server = self.start()
        server.call("pix_generate", arguments)
        body = self.last_post()
        self.assertEqual(self.rows()[0][1], arguments)
        self.assertEqual(set(body), {"prompt", "width", "height", "num_steps", "guidance_scale", "seed"})
        asked = server.call("pix_history")["structuredContent"]["generations"][0]["asked"]
        self.assertEqual(asked, arguments)

    def test_every_status_and_the_kind_of_its_path(self):
        server = self.start("--set", "max_fetch_retries=0", "--set", "max_retries=0")
        self.posted(server)
        self.script({"path": "/files/*", "status": 404})
        self.posted(server, fails=True)
        self.script({"method": "POST", "answer": "bad-key"})
        self.posted(server, fails=True)
        self.script({"method": "POST", "answer": "not-json"})
        self.posted(server, fails=True)
        rows = self.rows()
        self.assertEqual([row[3] for row in rows], ["SUCCESS", "DOWNLOAD_FAILED", "HTTP_401", "EXCEPTION"])
        self.assertTrue(rows[0][2].startswith("/") and rows[1][2].startswith("http"))
        self.assertEqual([row[2] for row in rows[2:]], ["", ""])

    # the database of before

    def old_database(self):
        path = self.project / "data/metadata.db"
        path.parent.mkdir(parents=True)
        with sqlite3.connect(path) as database:
            database.execute(OLD_TABLE)
            database.executemany("INSERT INTO generations VALUES (?, ?, ?, ?, ?, ?)", OLD_ROWS)
        database.close()
        return path

    def test_a_database_of_before_is_taken_over_with_every_row(self):
        path = self.old_database()
        before = path.read_bytes()
        server = self.start()
        self.assertEqual(path.read_bytes(), before)  # nothing happens before it is needed
        records = server.call("pix_history")["structuredContent"]["generations"]
        self.assertEqual([record["prompt"] for record in records], [row[2] for row in reversed(OLD_ROWS)])
        self.posted(server)
        server.close()
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        kept = database.execute("SELECT * FROM generations WHERE id < 10 ORDER BY id").fetchall()
        database.close()
        self.assertEqual(kept, OLD_ROWS)
        copies = list(path.parent.glob("metadata.db.before-pixazo-*"))
        self.assertEqual(len(copies), 1)
        with sqlite3.connect(copies[0]) as copy:
            self.assertEqual(copy.execute("SELECT * FROM generations ORDER BY id").fetchall(), OLD_ROWS)
        copy.close()
        self.assertEqual(self.rows()[-1][3], "SUCCESS")

    def test_the_old_tool_may_go_on_writing(self):
        self.posted(self.start())
        with sqlite3.connect(self.project / "data/metadata.db") as database:
            database.execute("INSERT INTO generations (timestamp, prompt, parameters_json, image_url, status) VALUES "
                             "('2026-02-01T00:00:00', 'by the old tool', '{}', '/x.png', 'SUCCESS')")
        database.close()
        self.assertEqual([row[0] for row in self.rows()], ["a red fox", "by the old tool"])


if __name__ == "__main__":
    support.main()
