# SPDX-License-Identifier: MIT
"""The numbered examples run, without a key, and say what they should."""

import os
import subprocess
from pathlib import Path

import support

EXAMPLES = Path(os.environ["PIXAZO_EXAMPLES"])


class Examples(support.Case):
    def example(self, name, *arguments):
        self.environment["PIXAZO_RENDITIONS"] = "none"
        done = subprocess.run([EXAMPLES / f"example_{name}", *map(str, arguments)], env=self.environment, cwd=self.home,
                              capture_output=True, timeout=120, check=False, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def test_every_example_has_its_program(self):
        sources = sorted(path.stem for path in (Path(__file__).resolve().parents[2] / "examples").glob("[0-9]*.c"))
        self.assertEqual(len(sources), 9)
        for name in sources:
            self.assertTrue((EXAMPLES / f"example_{name}").is_file(), name)

    def test_01_generate(self):
        lines = self.example("01_generate")
        self.assertEqual(len(lines), 1)
        self.assertTrue(Path(lines[0]).is_file())

    def test_02_and_05_many_pictures_are_found_again(self):
        lines = self.example("02_many_pictures", self.dir)
        self.assertEqual([line.split()[1] for line in lines], ["done"] * 4)
        found = self.example("05_search", self.dir / "pixazo.db", "harbour")
        self.assertEqual(len(found), 4)
        self.assertEqual(len(self.example("05_search", self.dir / "pixazo.db", "dusk")), 1)

    def test_03_event_loop(self):
        self.assertTrue(self.example("03_event_loop", self.dir)[0].startswith("picture "))

    def test_04_export(self):
        picture = self.run_program("generate", "x", "--size", "300x200", "--renditions", "none").lines[0]
        lines = self.example("04_export", picture, "page.webp", "small.jpg")
        self.assertIn("page.webp: 300x200", lines[0])
        self.assertIn("small.jpg: 256x171", lines[1])

    def test_06_custom_store(self):
        self.dir.mkdir()
        lines = self.example("06_custom_store", self.dir)
        self.assertRegex(lines[0], r"^put originals/\d{4}/\d{2}/[0-9a-f-]{36}\.png, \d+ bytes$")
        self.assertIn("done: originals/", lines[-1])

    def test_07_variations(self):
        paths = [self.run_program("generate", "x", "--size", size, "--renditions", "none").lines[0]
                 for size in ("640x480", "64x64")]
        self.dir.joinpath("out").mkdir()
        lines = self.example("07_variations", *paths, self.dir / "out")
        names = [line.split(":")[0].rsplit("/", 1)[1] for line in lines]
        self.assertEqual(names, ["hero-480-webp.webp", "hero-480-jpeg.jpg", "hero-320x180-webp.webp", "hero-320x180-jpeg.jpg"])
        self.assertIn("480x360", lines[0])
        self.assertIn("320x180", lines[3])

    def test_08_provider(self):
        self.dir.mkdir()
        path = self.dir / "fox.png"
        self.assertEqual(self.example("08_provider", path), [f"{path}: by gradient/soft, seed 7"])
        self.assertIn("320x240", self.run_program("inspect", path).out)

    def test_09_review(self):
        lines = self.example("09_review", self.dir, "an owl", "a dragon with a WEAPON")
        self.assertRegex(lines[0], r"\.png: Made by a machine, \d+x\d+: an owl$")
        self.assertIn("PIXAZO_E_REJECTED: the program blocked the prompt: the prompt has a word", lines[1])
        self.assertIn('"source":"program","stage":"input","categories":["violence"]', lines[2])
        self.assertEqual(len(lines), 3)
        found = self.example("05_search", self.dir / "pixazo.db", "machine")
        self.assertEqual(len(found), 1)


if __name__ == "__main__":
    support.main()
