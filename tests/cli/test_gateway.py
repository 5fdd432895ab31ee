# SPDX-License-Identifier: MIT
"""Against the loopback gateway: exit codes, POSTs, records, and the key that stays away."""

import json
import signal
import socket
import time
from pathlib import Path

import support


class Calls(support.GatewayCase):
    def test_a_picture_is_paid_once_and_brought_home(self):
        done = self.run_program("generate", "a red fox")
        self.assertTrue(Path(done.lines[0]).is_file())
        self.assertIn("pixazo/sdxl", done.errors)
        self.assertNotIn("offline", done.errors)
        counts = self.counts()
        self.assertEqual((counts["posts"], counts["keys_on_files"]), (1, 0))
        self.assert_secret_stays_away(done.out, done.errors)

    def test_a_wrong_key_is_one_line_and_exit_3(self):
        done = self.run_program("generate", "a red fox", code=3, PIXAZO_API_KEY="fake-and-wrong-key")
        self.assert_one_line(done.errors)
        self.assertIn("401", done.errors)
        self.assertEqual(done.out, "")
        self.assertEqual(list(self.dir.rglob("*.png")), [])
        self.assertEqual(self.run_program("list", "--state", "done").out, "")
        self.assertEqual(self.counts()["posts"], 1)

    def test_an_unknown_outcome_is_exit_8_and_never_paid_twice(self):
        self.script([{"method": "POST", "drop": True, "cut": "reset"}])
        done = self.run_program("generate", "a red fox", "--model", "sdxl-turbo", code=8)
        self.assertIn("price not known", done.errors)
        self.assertEqual(self.counts()["posts"], 1)
        self.script([])
        self.assertIn("ambiguous", self.run_program("pending").out)
        self.run_program("resume", code=0)
        self.assertEqual(self.counts()["posts"], 1)

    def test_a_picture_at_a_forbidden_address_waits_with_its_reason(self):
        self.script([{"path": "/files/*", "redirect": "http://169.254.169.254/latest/"}])
        done = self.run_program("generate", "a red fox", code=7)
        self.assertIn("allow_hosts", done.errors)
        [line] = self.run_program("pending").lines
        self.assertIn("active", line)
        self.assertIn("redirect refused", line)
        self.assertIn("allow_hosts", line)
        found = self.run_program("show", line.split()[0], "--json").json
        [image] = found["images"]
        self.assertEqual(image["state"], "expected")
        self.assertIn("allow_hosts", image["reason"])
        self.run_program("resume", code=None)
        self.assertEqual(len(self.run_program("pending").lines), 1, "still, and nothing is lost by trying")
        self.script([])  # as if the host were allowed
        self.run_program("resume")
        found = self.run_program("show", line.split()[0], "--json").json
        self.assertEqual((found["state"], found["message"], found["images"][0]["reason"]), ("done", "", ""))
        self.assertEqual(self.run_program("pending").out, "")
        self.assertEqual(self.counts()["posts"], 1)

    def test_what_a_picture_was_made_of_is_recorded(self):
        self.environment.update(OPENAI_API_KEY=support.KEY, OPENAI_BASE_URL=self.url + "/v1")
        first = self.run_program("generate", "a red fox", "--json").json
        self.assertEqual((first["parent"], first["relation"]), ("", ""))
        path = first["images"][0]["path"]
        lines = [{"prompt": "by night", "model": "openai/gpt-image-2", "images": [path], "parent": first["uuid"]},
                 {"prompt": "another one", "parent": first["uuid"]}]
        self.run_program("batch", self.write("edits.jsonl", "\n".join(map(json.dumps, lines)) + "\n"))
        made = {}
        for line in self.run_program("list").lines:
            record = self.run_program("show", line.split()[0], "--json").json
            made[record["prompt"]] = record
        edit, variation = made["by night"], made["another one"]
        self.assertEqual((edit["parent"], edit["relation"]), (first["uuid"], "edit_of"))
        self.assertEqual((variation["parent"], variation["relation"]), (first["uuid"], "variation_of"))
        self.assertEqual(edit["effective_json"]["images"][0]["sha256"], first["images"][0]["sha256"])

    def test_the_worked_example_of_the_definitions_page_works(self):
        page = (Path(__file__).parents[2] / "docs/definitions.md").read_text()
        example = page.split("## A worked example")[1].split("In C:")[0]
        document = "\n".join(line[4:] for line in example.splitlines() if line.startswith("    "))
        self.write("draw.json", document.replace("X-Draw-Key", "Ocp-Apim-Subscription-Key"))  # what the gateway asks for
        self.write("art/config.json", json.dumps({"provider_files": ["../draw.json"], "draw.base_url": self.url}))
        job = {"job": {"id": "7", "phase": "waiting"}}
        ready = {"job": {"id": "7", "phase": "ready", "results": [{"link": "{{file}}"}]}}
        self.script([{"path": "/v2/draw", "body": job}, {"path": "/v2/jobs/7", "nth": 1, "body": job},
                     {"path": "/v2/jobs/7", "body": ready}])
        done = self.run_program("generate", "a red fox", "--provider", "draw", "--size", "1000x600", "--seed", "9", "--set",
                                "poll_interval_ms=20", "--json", PIXAZO_KEY_DRAW=support.KEY)
        self.assertTrue(Path(done.json["images"][0]["path"]).is_file())
        self.assertEqual((done.json["cost_micros"], done.json["confidence"]), (3000, "upper_bound"))
        counts = self.counts()
        self.assertEqual(json.loads(counts["last_posts"][0]), {"text": "a red fox", "w": 1024, "h": 576, "seed": 9})
        for answer, code in (({"problem": {"kind": "unsafe_text", "text": "no"}}, 5), ({"problem": {"kind": "too_busy"}}, 4)):
            self.script([{"path": "/v2/draw", "status": 400, "body": answer}])
            self.run_program("generate", "x", "--provider", "draw", "--set", "max_retries=0", code=code,
                             PIXAZO_KEY_DRAW=support.KEY)
        for kind, code in (("too_busy", 4), ("unsafe_text", 5), ("a new one", 4)):  # the same, about a job that was taken on
            broken = {"job": {"phase": "broken"}, "problem": {"kind": kind, "text": "no"}}
            self.script([{"path": "/v2/draw", "body": job}, {"path": "/v2/jobs/7", "body": broken}])
            self.run_program("generate", "x", "--provider", "draw", "--set", "max_retries=0", "--set", "poll_interval_ms=20",
                             code=code, PIXAZO_KEY_DRAW=support.KEY)
        self.assertEqual(self.run_program("pending").out, "")

    def test_an_empty_account_is_exit_4(self):
        self.script([{"method": "POST", "answer": "balance"}])
        done = self.run_program("generate", "a red fox", code=4)
        self.assert_one_line(done.errors)
        self.assertEqual(self.counts()["posts"], 1)

    def test_a_gateway_that_is_not_there_is_exit_7(self):
        with socket.socket() as deaf:  # holds the port, so that no other test's server gets it
            deaf.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{deaf.getsockname()[1]}"
            done = self.run_program("generate", "a red fox", "--set", "max_retries=0", code=7,
                                    PIXAZO_GATEWAY_URL=f"http://{address}", PIXAZO_ALLOW_HOSTS=address)
        self.assertIn("not charged", done.errors)

    def test_a_dry_run_sends_nothing_and_names_the_price(self):
        done = self.run_program("generate", "a red fox", "--model", "sdxl-turbo", "--dry-run")
        self.assertFalse(done.json["cost"]["known"])
        self.assertIn("price not known", done.errors)
        self.assertEqual(self.counts()["posts"], 0)

    def test_nobody_dearer_than_max_cost_stands_in(self):
        """The first one is free; the next one is not."""
        self.script([{"path": "/getImage/v1/getSDXLImage", "answer": "bad-key"}])
        self.environment.update(PIXAZO_KEY_GOOGLE=support.KEY, PIXAZO_URL_GOOGLE=self.url)
        chain = ["--set", "fallback=google/gemini-3-pro-image", "--size", "1024x1024"]
        done = self.run_program("generate", "a red fox", *chain, "--max-cost", "0.10", code=6)
        self.assertIn("the worst case is above --max-cost; nothing was sent", done.errors)
        self.assertEqual(self.counts()["posts"], 0)
        done = self.run_program("generate", "a red fox", *chain, "--max-cost", "0.14")
        self.assertIn("google/gemini-3-pro-image: at most 0.134 USD", done.errors)
        self.assertEqual(self.counts()["posts"], 2)

    def test_a_damaged_picture_is_exit_9_and_kept(self):
        self.script([{"path": "/files/*", "status": 200, "type": "image/png", "body": "this is no picture"}])
        done = self.run_program("generate", "a red fox", code=9)
        self.assertEqual(done.out, "")
        self.assertEqual(self.counts()["posts"], 1)
        kept = [path for path in self.dir.rglob("*") if path.is_file() and b"this is no picture" in path.read_bytes()]
        self.assertTrue(kept, "what was paid for is gone")

    def test_nothing_a_provider_says_turns_the_text_of_the_terminal(self):
        self.script([{"method": "POST", "status": 400, "body": json.dumps({"error": "bad \u202efdp\u2069 thing"})}])
        done = self.run_program("generate", "a red fox", code=None)
        self.assertIn("bad", done.errors)
        for text in (done.errors, self.run_program("list").out):
            self.assertNotIn("\u202e", text)
            self.assertNotIn("\u2069", text)

    def test_what_is_paid_and_cut_short_is_pending_as_lost(self):
        self.script([{"method": "POST", "answer": "base64", "image_bytes": 200000, "cut_after": 100000}])
        self.run_program("generate", "a red fox", "--model", "sdxl-turbo", code=4)
        pending = self.run_program("pending")
        self.assertEqual(len(pending.lines), 1)
        self.assertIn("  lost  ", pending.out)
        self.assertEqual(self.run_program("show", pending.out.split()[0], "--json").json["class"], "lost")
        self.assertEqual(self.counts()["posts"], 1)

    def test_without_a_key_the_named_gateway_is_exit_3(self):
        done = self.run_program("generate", "a red fox", code=3, PIXAZO_API_KEY="")
        self.assertNotIn("offline", done.errors)
        self.assertEqual(self.counts()["posts"], 0)

    def start_slowly(self, model, delay_ms):
        """A call that is sent, whose answer takes a while, and that was interrupted once."""
        self.script([{"method": "POST", "delay_ms": delay_ms}])
        running = self.start("generate", "a red fox", "--model", model)
        end = time.monotonic() + 60
        while self.counts()["posts"] == 0:
            self.assertLess(time.monotonic(), end, "nothing was sent")
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        while b"finishing what is paid" not in (line := running.stderr.readline()):
            self.assertTrue(line, "the interrupt was not answered")
        return running

    def test_one_interrupt_waits_for_what_is_paid(self):
        running = self.start_slowly("sdxl", 3000)
        out, errors = running.communicate(timeout=60)
        self.assertEqual(running.returncode, 130, errors)
        self.assertTrue(Path(out.decode().strip()).is_file())
        self.assertEqual(self.counts()["posts"], 1)

    def test_two_interrupts_stop_now_and_say_that_the_outcome_is_unknown(self):
        running = self.start_slowly("sdxl-turbo", 30000)
        running.send_signal(signal.SIGINT)
        began = time.monotonic()
        _, errors = running.communicate(timeout=60)
        self.assertLess(time.monotonic() - began, 15)
        self.assertEqual(running.returncode, 8, errors)
        self.assertIn("ambiguous", self.run_program("pending").out)


if __name__ == "__main__":
    support.main()
