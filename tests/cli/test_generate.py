# SPDX-License-Identifier: MIT
"""Pictures without a key: what is on stdout, what on stderr, what on the disk."""

import json
import os
import pty
import sqlite3
import subprocess
from pathlib import Path

import support
from support import SMALL


class Generate(support.Case):
    def test_stdout_is_the_path_and_nothing_else(self):
        done = self.run_program("generate", "a red fox", *SMALL)
        self.assertEqual(len(done.lines), 1)
        self.assertTrue(os.path.isabs(done.lines[0]))
        self.assertEqual(Path(done.lines[0]).read_bytes()[:8], b"\x89PNG\r\n\x1a\n")

    def test_stderr_names_model_path_cost_and_confidence(self):
        done = self.run_program("generate", "a red fox", *SMALL)
        self.assertIn(done.lines[0], done.errors)
        self.assertIn("64x64", done.errors)
        self.assertIn("0.00 USD (billed)", done.errors)
        self.assertIn("offline/", done.errors)

    def test_the_offline_note_comes_once(self):
        done = self.run_program("generate", "a red fox", *SMALL, "--n", "2")
        self.assertEqual(done.errors.count("no provider is configured"), 1)
        self.assertEqual(len(done.lines), 2)

    def test_no_control_character_of_a_prompt_reaches_the_terminal(self):
        turns = "".join(map(chr, (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))))
        self.run_program("generate", "a \x1b]0;owned\x07 fox\x7f \u009b31m red\u00e9" + turns + "\u2014", *SMALL)
        listed = self.run_program("list").out
        shown = self.run_program("show", listed.split()[0]).out
        self.assertIn("red\u00e9" + len(turns) * " " + "\u2014", shown)
        for text in (listed, shown):
            bad = [c for c in text if c in turns or c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160)]
            self.assertEqual(bad, [])

    def test_quiet_leaves_the_result_alone(self):
        done = self.run_program("generate", "a red fox", *SMALL, "--quiet")
        self.assertEqual(done.errors, "")
        self.assertEqual(len(done.lines), 1)

    def test_json_is_one_object(self):
        done = self.run_program("generate", "a red fox", *SMALL, "--seed", "7", "--json")
        self.assertEqual(done.json["state"], "done")
        self.assertEqual(done.json["provider"], "offline")
        self.assertEqual(len(done.lines), 1)

    def test_the_same_seed_gives_the_same_picture(self):
        first = self.run_program("generate", "a red fox", *SMALL, "--seed", "7").lines[0]
        second = self.run_program("generate", "a red fox", *SMALL, "--seed", "7").lines[0]
        third = self.run_program("generate", "a red fox", *SMALL, "--seed", "8").lines[0]
        self.assertNotEqual(first, second)
        self.assertEqual(Path(first).read_bytes(), Path(second).read_bytes())
        self.assertNotEqual(Path(first).read_bytes(), Path(third).read_bytes())

    def test_output_goes_to_a_file_of_the_format_of_its_name(self):
        done = self.run_program("generate", "a red fox", *SMALL, "-o", "fox.webp", "--n", "2")
        self.assertEqual(done.lines, ["fox.webp", "fox-2.webp"])
        for name in done.lines:
            content = (self.home / name).read_bytes()
            self.assertEqual((content[:4], content[8:12]), (b"RIFF", b"WEBP"))

    def test_output_to_stdout_is_bytes_only(self):
        done = self.run_program("generate", "a red fox", *SMALL, "-o", "-")
        self.assertEqual(done.raw[:8], b"\x89PNG\r\n\x1a\n")
        self.assertEqual(done.raw[-8:-4], b"IEND")

    def test_renditions_are_made_as_asked(self):
        done = self.run_program("generate", "a red fox", "--size", "300x200", "--renditions", "webp,fit-256", "--json")
        self.assertEqual(len(list(self.dir.rglob("*-webp.webp"))), 1)
        self.assertEqual(len(list(self.dir.rglob("*-fit-256.jpg"))), 1)
        self.assertEqual(done.json["state"], "done")

    def test_an_idempotency_key_makes_one_picture(self):
        first = self.run_program("generate", "a red fox", *SMALL, "--key", "k").lines
        second = self.run_program("generate", "a red fox", *SMALL, "--key", "k").lines
        self.assertEqual(first, second)

    def test_a_dry_run_makes_nothing(self):
        done = self.run_program("generate", "a red fox", *SMALL, "--dry-run")
        self.assertEqual(done.json["pictures"], 1)
        self.assertIn("nothing was sent", done.errors)
        self.assertEqual(list(self.dir.rglob("*.png")), [])

    def test_progress_json_is_json_on_every_line_of_stderr(self):
        done = self.run_program("generate", "a red fox", *SMALL, "--progress-json")
        events = [json.loads(line)["event"] for line in done.errors.splitlines()]
        self.assertEqual(events[0], "planned")
        self.assertEqual(events[-1], "ended")

    def test_nothing_draws_a_bar_where_nobody_looks(self):
        done = self.run_program("generate", "a red fox", *SMALL)
        self.assertNotIn("\r", done.errors)
        self.assertNotIn("\033", done.errors)

    def on_a_terminal(self, **variables):
        """What is drawn on a terminal."""
        ours, theirs = pty.openpty()
        running = subprocess.Popen([support.PROGRAM, "generate", "a red fox", *SMALL],
                                   env={**self.environment, "TERM": "xterm", **variables}, cwd=self.home,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)
        drawn = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:
                piece = b""
            if not piece:
                break
            drawn += piece
        os.close(ours)
        out, _ = running.communicate(timeout=60)
        self.assertEqual(running.returncode, 0)
        self.assertNotIn(b"\033", out)
        return drawn.decode()

    def test_a_terminal_sees_progress_and_no_color_is_honoured(self):
        drawn = self.on_a_terminal()
        self.assertIn("\r\033[K", drawn)
        self.assertIn("in work", drawn)
        self.assertIn("\033[36m", drawn)
        self.assertNotIn("\033[36m", self.on_a_terminal(NO_COLOR="1"))
        self.assertNotIn("in work", self.on_a_terminal(TERM="dumb"))


class Records(support.Case):
    def setUp(self):
        super().setUp()
        self.path = self.run_program("generate", "a red fox in the snow", *SMALL).lines[0]
        self.record = self.run_program("list", "--json").json["generations"][0]

    def test_list_shows_what_was_made(self):
        done = self.run_program("list")
        self.assertEqual(len(done.lines), 1)
        self.assertIn("a red fox in the snow", done.out)
        self.assertEqual(self.run_program("list", "--text", "owl").out, "")
        self.assertEqual(len(self.run_program("list", "--text", "snow").lines), 1)
        self.assertEqual(self.run_program("list", "--state", "failed").out, "")
        self.assertEqual(len(self.run_program("list", "--jsonl").lines), 1)

    def test_list_goes_on_with_a_cursor(self):
        self.run_program("generate", "an owl", *SMALL)
        first = self.run_program("list", "--limit", "1", "--json").json
        second = self.run_program("list", "--limit", "1", "--cursor", first["cursor"], "--json").json
        prompts = [page["generations"][0]["prompt"] for page in (first, second)]
        self.assertEqual(prompts, ["an owl", "a red fox in the snow"])

    def test_show_tells_everything(self):
        done = self.run_program("show", self.record["uuid"])
        self.assertIn(self.path, done.out)
        self.assertIn("sha256", done.out)
        self.assertEqual(self.run_program("show", self.record["uuid"], "--json").json["uuid"], self.record["uuid"])
        self.run_program("show", "01890000-0000-7000-8000-000000000000", code=2)
        self.run_program("show", "nonsense", code=2)

    def test_pending_is_empty_when_all_is_done(self):
        self.assertEqual(self.run_program("pending").out, "")
        self.assertEqual(self.run_program("resume", "--json").json["resumed"], 0)

    def test_export_takes_a_file_or_an_id(self):
        done = self.run_program("export", self.path, "-o", "small.jpg", "--size", "32x32")
        self.assertEqual(done.lines, ["small.jpg"])
        self.assertEqual((self.home / "small.jpg").read_bytes()[:2], b"\xff\xd8")
        self.run_program("export", self.record["uuid"], "-o", "by-id.webp")
        self.assertEqual((self.home / "by-id.webp").read_bytes()[:4], b"RIFF")
        self.run_program("export", "nowhere.png", "-o", "x.png", code=2)
        self.run_program("export", self.path, code=2)

    def test_inspect_says_what_a_file_is(self):
        self.assertIn("png 64x64", self.run_program("inspect", self.path).out)
        self.assertEqual(self.run_program("inspect", self.path, "--json").json["picture"]["width"], 64)
        cut = self.home / "cut.png"
        cut.write_bytes(Path(self.path).read_bytes()[:-20])
        done = self.run_program("inspect", cut, code=9)
        self.assertIn("cut.png", done.errors)
        self.assertEqual(done.out, "")

class Legacy(support.Case):
    def test_the_database_of_the_mcp_tool_is_taken_over_and_a_copy_kept(self):
        self.dir.mkdir()
        database = self.dir / "pixazo.db"
        with sqlite3.connect(database) as old:
            old.execute("CREATE TABLE generations (id INTEGER PRIMARY KEY, timestamp TEXT NOT NULL, prompt TEXT NOT NULL,"
                        " parameters_json TEXT, image_url TEXT, status TEXT NOT NULL)")
            old.execute("INSERT INTO generations VALUES (41, '2026-01-02T03:04:05', 'an old owl', '{\"THEME\": \"x\"}',"
                        " 'https://example.org/a.png', 'SUCCESS')")
        old.close()
        self.run_program("generate", "a red fox", *SMALL)
        self.assertIn("an old owl", self.run_program("list").out)
        self.assertIn("a red fox", self.run_program("list").out)
        copies = [path for path in self.dir.glob("pixazo.db?*") if path.suffix not in (".db-wal", ".db-shm")]
        self.assertEqual(len(copies), 1, copies)
        with sqlite3.connect(copies[0]) as kept:
            self.assertEqual(kept.execute("SELECT type FROM sqlite_master WHERE name = 'generations'").fetchall(), [("table",)])
            self.assertEqual(kept.execute("SELECT id FROM generations").fetchall(), [(41,)])
        kept.close()
        with sqlite3.connect(database) as now:
            self.assertEqual(now.execute("SELECT id, prompt FROM generations WHERE id = 41").fetchall(), [(41, "an old owl")])
        now.close()


if __name__ == "__main__":
    support.main()
