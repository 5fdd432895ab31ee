# SPDX-License-Identifier: MIT
"""Many lines: a second run pays nothing, an interrupt loses nothing, a kill loses nothing."""

import json
import signal
import sqlite3
import time

import support


class Lines(support.Case):
    def test_each_good_line_gives_a_path_and_each_bad_one_a_reason(self):
        path = self.prompts(3)
        path.write_text(path.read_text() + '\n{"prompt": 5}\nnonsense\n')
        done = self.run_program("batch", path, "--renditions", "none", code=1)
        self.assertEqual(len(done.lines), 3)
        self.assertIn("prompts.jsonl, line 5: request: prompt", done.errors)
        self.assertIn("prompts.jsonl, line 6: request: not valid JSON at byte 1", done.errors)
        self.assertNotIn("quarantine", done.errors)
        self.assertIn("3 done (0 of them earlier), 2 failed", done.errors)

    def test_a_file_that_is_no_json_is_a_usage_error(self):
        done = self.run_program("batch", self.write("notes.txt", "a fox\n"), code=2)
        self.assertIn("notes.txt, line 1: request: not valid JSON", done.errors)
        self.assertIn("(correct the JSON", done.errors)

    def test_jsonl_is_one_object_for_each_line(self):
        path = self.prompts(3)
        path.write_text(path.read_text() + "nonsense\n")
        done = self.run_program("batch", path, "--renditions", "none", "--jsonl", code=1)
        objects = {entry["line"]: entry for entry in map(json.loads, done.lines)}
        self.assertEqual(sorted(objects), [1, 2, 3, 4])
        self.assertEqual(objects[2]["generation"]["prompt"], "picture 2")
        self.assertEqual(objects[4]["error"], "PIXAZO_E_ARGUMENT")

    def test_options_fill_what_a_line_leaves_open(self):
        path = self.write("lines.jsonl", '{"prompt": "a", "width": 32}\n{"prompt": "b"}\n')
        done = self.run_program("batch", path, "--size", "48x40", "--renditions", "none")
        self.assertIn("32x40", done.errors)
        self.assertIn("48x40", done.errors)

    def test_stdin_needs_a_name(self):
        self.run_program("batch", "-", code=2, text='{"prompt": "a"}\n')
        line = '{"prompt": "a", "width": 64, "height": 64}\n'
        first = self.run_program("batch", "-", "--name", "n", "--renditions", "none", text=line)
        second = self.run_program("batch", "-", "--name", "n", "--renditions", "none", text=line)
        self.assertEqual(first.lines, second.lines)

    def test_all_pictures_of_a_line_are_known_again(self):
        path = self.prompts(1, n=2)
        first = self.run_program("batch", path, "--renditions", "none")
        second = self.run_program("batch", path, "--renditions", "none")
        self.assertEqual(len(first.lines), 2)
        self.assertEqual(sorted(first.lines), sorted(second.lines))

    def test_lines_with_a_key_of_their_own_share_its_picture(self):
        line = '{"prompt": "a", "width": 64, "height": 64, "idempotency_key": "mine"}\n'
        path = self.write("lines.jsonl", line * 3)
        first = self.run_program("batch", path, "--renditions", "none")
        second = self.run_program("batch", path, "--renditions", "none")
        self.assertEqual(len(first.lines), 3)
        self.assertEqual(len(set(first.lines + second.lines)), 1)

    def test_a_dry_run_plans_each_line(self):
        done = self.run_program("batch", self.prompts(2), "--dry-run")
        self.assertEqual([json.loads(line)["line"] for line in done.lines], [1, 2])
        self.assertEqual(list(self.dir.rglob("*.png")), [])

    def test_a_missing_file_is_a_usage_error(self):
        self.run_program("batch", "nowhere.jsonl", code=2)


class Paid(support.GatewayCase):
    options = ["--delay-ms", "100"]

    def rows(self, query):
        with sqlite3.connect(f"file:{self.dir}/pixazo.db?mode=ro", uri=True) as database:
            return database.execute(query).fetchone()[0]

    def assert_books_agree(self):
        self.assertEqual(self.rows("SELECT count(*) FROM ledger"), self.rows("SELECT count(*) FROM attempt"))
        self.assertLessEqual(self.counts()["posts"], self.rows("SELECT count(*) FROM attempt"))

    def test_a_second_run_pays_nothing(self):
        path = self.prompts(12)
        first = self.run_program("batch", path, "--concurrency", "6")
        second = self.run_program("batch", path, "--concurrency", "6")
        self.assertEqual(len(first.lines), 12)
        self.assertEqual(sorted(first.lines), sorted(second.lines))
        self.assertEqual(self.counts()["posts"], 12)
        self.assertIn("12 of them earlier", second.errors)
        self.assert_books_agree()

    def test_an_interrupt_finishes_what_is_paid(self):
        path = self.prompts(90)  # three at a time take 3 s: there is time to interrupt
        running = self.start("batch", path)
        for _ in range(4):
            running.stdout.readline()
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=60)
        self.assertEqual(running.returncode, 130, errors)
        self.assertIn(b"finishing what is paid", errors)
        counts = self.counts()
        self.assertLess(counts["posts"], 90)
        self.assertEqual(counts["posts"], counts["downloads"])
        done = self.run_program("batch", path, "--concurrency", "10")
        self.assertEqual(len(done.lines), 90)
        self.assertEqual(self.counts()["posts"], 90)

    def test_a_kill_loses_nothing(self):
        path = self.prompts(24)
        running = self.start("batch", path)
        for _ in range(4):
            running.stdout.readline()
        time.sleep(0.05)
        running.kill()
        running.communicate(timeout=60)
        self.run_program("resume", code=None)
        posts = self.counts()["posts"]
        self.run_program("resume", code=None)
        self.assertEqual(self.counts()["posts"], posts, "resume has sent something")
        self.assert_books_agree()
        done = self.run_program("batch", path, "--concurrency", "10")
        self.assertEqual(len(done.lines), 24)
        self.assertEqual(len(set(done.lines)), 24)
        self.assert_books_agree()


if __name__ == "__main__":
    support.main()
