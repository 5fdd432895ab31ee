# SPDX-License-Identifier: MIT
"""Files in, files out: export, thumb, composite and inspect."""

import json
import os
import shutil
import struct
import zlib

import support


def png(width, height, color):
    """A picture of one colour, with alpha when it has four values."""
    chunk = lambda name, data: struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    kind = 6 if len(color) == 4 else 2
    rows = (b"\0" + bytes(color) * width) * height
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Pictures(support.Case):
    def picture(self, name, width=64, height=48, color=(200, 30, 40)):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(width, height, color))
        return path

    def facts(self, path):
        return self.run_program("inspect", path, "--json").json["picture"]

    def test_a_folder_is_converted_with_all_below_it(self):
        for name in ("in/a.png", "in/deep/b.PNG", "in/deep/er/c.png"):
            self.picture(name)
        self.write("in/notes.txt", "no picture")
        self.picture("in/.hidden.png")
        done = self.run_program("export", "in", "-o", "out", "--format", "webp")
        self.assertEqual(sorted(done.lines), ["out/a.webp", "out/deep/b.webp", "out/deep/er/c.webp"])
        for line in done.lines:
            self.assertEqual(self.facts(self.home / line)["format"], "webp")
        self.assertIn("3 converted, 0 failed", done.errors)
        self.assertEqual(self.run_program("export", "in", "-o", "out", "--format", "webp", "-q").errors, "")

    def test_several_recipes_make_several_files(self):
        source = self.picture("fox.png", 600, 400)
        done = self.run_program("export", source, "-o", "out/", "--recipe", "jpeg,fit-256,smart-300")
        self.assertEqual(done.lines, ["out/fox.jpg", "out/fox-fit-256.jpg", "out/fox-smart-300.jpg"])
        sizes = [(facts["width"], facts["height"]) for facts in (self.facts(self.home / line) for line in done.lines)]
        self.assertEqual(sizes, [(600, 400), (256, 171), (300, 300)])
        self.run_program("export", source, "-o", "one.jpg", "--recipe", "jpeg,webp", code=2)

    def test_any_key_of_a_recipe_may_be_set(self):
        source = self.picture("fox.png", 100, 50)
        done = self.run_program("export", source, "-o", "out.png", "--with", "rotate=90", "--with", "format=png", "--json")
        self.assertEqual((done.json["width"], done.json["height"]), (50, 100))
        wrong = self.run_program("export", source, "-o", "out.png", "--with", "rotate=45", code=2)
        self.assertIn("rotate", wrong.errors)
        self.run_program("export", source, "-o", "out.png", "--with", "rotate", code=2)
        self.run_program("export", source, "-o", "out.png", "--with", "colour=blue", code=2)

    def test_a_name_that_is_no_text_is_told_in_json_all_the_same(self):
        (self.home / "in").mkdir()
        for name in (b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xf0\x9f\xa6", b"\xc0\xaf", b"\xf4\x90\x80\x80", "\u00e9\u20ac\U0001f98a".encode()):
            with open(os.fsencode(self.home) + b"/in/" + name + b".png", "wb") as file:
                file.write(png(8, 8, (1, 2, 3)))
        done = self.run_program("export", "in", "-o", "out", "--format", "webp", "--jsonl")
        told = sorted(json.loads(line)["output"] for line in done.lines)
        self.assertEqual(told, sorted(f"out/{name}.webp" for name in ("\ufffd", "\ufffd(", "\ufffd" * 3, "\ufffd" * 3, "\ufffd" * 2,
                                                                      "\ufffd" * 4, "\u00e9\u20ac\U0001f98a")))

    def test_one_bad_file_does_not_stop_the_others(self):
        good, bad = self.picture("in/good.png"), self.picture("in/bad.png")
        bad.write_bytes(bad.read_bytes()[:-20])
        done = self.run_program("export", "in", "-o", "out", "--format", "jpeg", "--jsonl", code=1)
        lines = {line["input"]: line for line in map(json.loads, done.lines)}
        self.assertEqual(lines["in/good.png"]["output"], "out/good.jpg")
        self.assertEqual(lines["in/good.png"]["rendition"]["format"], "jpeg")
        self.assertTrue(lines["in/bad.png"]["error"])
        self.assertIn("in/bad.png: ", done.errors)
        self.assertFalse((self.home / "out/bad.jpg").exists())
        self.assertEqual(good.read_bytes(), png(64, 48, (200, 30, 40)))
        self.assertEqual(self.run_program("export", bad, "-o", "x.jpg", code=9).out, "")

    def test_a_source_is_never_replaced(self):
        source = self.picture("in/fox.png")
        before = source.read_bytes()
        self.assertIn("replace its source", self.run_program("export", source, "-o", source, "--size", "8x8", code=2).errors)
        self.run_program("export", "in", "-o", "in", code=2)
        self.run_program("composite", source, source, "-o", source, code=2)
        self.assertEqual(source.read_bytes(), before)

    def test_progress_is_for_programs_too(self):
        for i in range(3):
            self.picture(f"in/{i}.png")
        done = self.run_program("export", "in", "-o", "out", "--progress-json", "--jobs", "2")
        told = [json.loads(line) for line in done.errors.splitlines()]
        self.assertEqual([line["done"] for line in told], [1, 2, 3])
        self.assertEqual({line["total"] for line in told}, {3})

    def test_files_are_the_same_with_any_number_of_jobs(self):
        for i in range(4):
            self.picture(f"in/{i}.png", 200 + i, 100, (i * 50, 90, 30))
        made = []
        for jobs in (1, 3):
            self.run_program("export", "in", "-o", f"out{jobs}", "--recipe", "webp,fit-256", "--jobs", jobs)
            made.append({path.name: path.read_bytes() for path in (self.home / f"out{jobs}").iterdir()})
        self.assertEqual(made[0], made[1])
        self.assertEqual(len(made[0]), 8)

    def test_thumb_makes_small_pictures(self):
        source = self.picture("fox.png", 600, 400)
        self.run_program("thumb", source, "-o", "t.jpg")
        self.assertEqual(self.facts(self.home / "t.jpg")["width"], 256)
        self.run_program("thumb", source, "-o", "s.jpg", "--smart")
        self.assertEqual((self.facts(self.home / "s.jpg")["width"], self.facts(self.home / "s.jpg")["height"]), (300, 300))
        self.run_program("thumb", source, "-o", "w.webp", "--size", "100x100")
        facts = self.facts(self.home / "w.webp")
        self.assertEqual((facts["format"], facts["width"]), ("webp", 100))

    def test_composite_lays_a_picture_over_another(self):
        self.picture("base.png", 40, 30, (0, 0, 0))
        self.picture("layer.png", 10, 10, (255, 255, 255, 255))
        done = self.run_program("composite", "base.png", "layer.png", "-o", "out.png", "--gravity", "northwest", "--opacity",
                                "50", "--offset", "2,1", "--json")
        self.assertEqual((done.json["width"], done.json["height"]), (40, 30))
        pixels = self.pixels(self.home / "out.png", 40, 30)
        self.assertEqual(pixels[1][2], (128, 128, 128))
        self.assertEqual(pixels[0][2], (0, 0, 0))
        self.assertEqual(pixels[10][11], (128, 128, 128))
        self.assertEqual(pixels[11][11], (0, 0, 0))
        self.run_program("composite", "base.png", "layer.png", "-o", "m.png", "--mode", "multiply")
        self.assertEqual(self.pixels(self.home / "m.png", 40, 30)[15][20], (0, 0, 0))

    def pixels(self, path, width, height):
        """Of a PNG, by way of a picture without filters: level 0 has none."""
        self.run_program("export", path, "-o", "plain.png", "--level", "0", "--with", "reencode=always",
                         "--with", "metadata=none")
        data, found, at = (self.home / "plain.png").read_bytes(), b"", 8
        while at < len(data):
            size, = struct.unpack(">I", data[at:at + 4])
            found += data[at + 8:at + 8 + size] if data[at + 4:at + 8] == b"IDAT" else b""
            at += size + 12
        rows, stride = zlib.decompress(found), 1 + 3 * width
        self.assertEqual(len(rows), stride * height)
        self.assertEqual({rows[y * stride] for y in range(height)}, {0})
        return [[tuple(rows[y * stride + 1 + 3 * x:][:3]) for x in range(width)] for y in range(height)]

    def test_what_is_wrong_is_said(self):
        self.picture("a.png")
        (self.home / "empty").mkdir()
        for arguments, said in ((("export", "a.png"), "where to"), (("export", "-o", "x.png"), "where to"),
                                (("export", "empty", "-o", "x"), "no PNG, JPEG or WebP"),
                                (("export", "a.png", "a.png", "-o", "-"), "must name a folder"),
                                (("export", "a.png", "-o", "x.png", "--recipe", "huge"), "huge"),
                                (("export", "nowhere.png", "-o", "x.png"), "no such file"),
                                (("thumb", "a.png"), "where to"), (("composite", "a.png", "-o", "x.png"), "1 to 16 layers"),
                                (("composite", "a.png", "a.png", "-o", "x.png", "--offset", "3"), "X,Y"),
                                (("composite", "a.png", "a.png", "-o", "x.png", "--mode", "burn"), "burn")):
            done = self.run_program(*arguments, code=2)
            self.assertIn(said, done.errors, arguments)
            self.assertEqual(done.out, "")

    def test_inspect_tells_what_made_a_picture(self):
        self.run_program("generate", "a red fox", "--size", "64x64", "--seed", "7", "--renditions", "jpeg")
        path = next((self.dir / "renditions").rglob("*.jpg"))
        told = self.run_program("inspect", path).out
        self.assertIn("prompt a red fox", told)
        self.assertIn("seed 7", told)
        self.assertIn("digital_source_type trainedAlgorithmicMedia", told)

    def test_inspect_takes_several_files(self):
        self.picture("a.png")
        shutil.copy(self.home / "a.png", self.home / "b.png")
        self.assertEqual(len(self.run_program("inspect", "a.png", "b.png").lines), 2)
        self.assertEqual(len(self.run_program("inspect", "a.png", "b.png", "--jsonl").lines), 2)


if __name__ == "__main__":
    support.main()
