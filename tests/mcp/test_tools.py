# SPDX-License-Identifier: MIT
"""What each tool says and does, as an assistant sees it."""

import base64
import json
import os
import random
import stat
import struct
import zlib
from pathlib import Path

import support
from support import of_type, text_of


def picture_size(data):
    """Of a JPEG or PNG."""
    if data.startswith(b"\x89PNG"):
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    at = 2
    while data[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + int.from_bytes(data[at + 2:at + 4], "big")
    return int.from_bytes(data[at + 7:at + 9], "big"), int.from_bytes(data[at + 5:at + 7], "big")


def noise(side):
    """A PNG that no coding makes smaller."""
    chunk = lambda name, data: struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    rows = b"".join(b"\0" + random.Random(y).randbytes(side * 3) for y in range(side))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


class Schema:
    """As much of JSON Schema as the tools use; what is not known is an error."""

    KNOWN = {"type", "required", "properties", "items", "enum", "description", "minimum", "maximum", "minLength", "maxLength",
             "additionalProperties"}
    TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}

    def __init__(self, case):
        self.case = case

    def check(self, schema, value, where="$"):
        self.case.assertLessEqual(set(schema), self.KNOWN, where)
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if kinds:
            self.case.assertTrue(any(isinstance(value, self.TYPES[kind]) for kind in kinds), f"{where}: {value!r} is no {kinds}")
        if "enum" in schema:
            self.case.assertIn(value, schema["enum"], where)
        if isinstance(value, dict):
            self.case.assertLessEqual(set(schema.get("required", [])), set(value), where)
            for name, each in value.items():
                if "properties" in schema and name in schema["properties"]:
                    self.check(schema["properties"][name], each, f"{where}.{name}")
                elif kinds == ["object"] and "properties" in schema:
                    self.case.fail(f"{where}.{name} is not described")
        if isinstance(value, list):
            for i, each in enumerate(value):
                self.check(schema.get("items", {}), each, f"{where}[{i}]")


class Tools(support.Case):
    def start(self, *arguments, **more):
        """Whatever a tool says is compared with its schema."""
        server = super().start(*arguments, **more)
        if "tools" not in self.__dict__ and more.get("session", True):
            self.tools = {tool["name"]: tool for tool in server.result("tools/list")["tools"]}
        plain = server.call

        def checked(tool, *more_arguments, **options):
            result = plain(tool, *more_arguments, **options)
            if not result["isError"]:
                Schema(self).check(self.tools[tool]["outputSchema"], result["structuredContent"])
            return result

        server.call = checked
        return server

    def test_a_picture_is_told_shown_and_linked(self):
        server = self.start()
        result = server.call("pix_generate", {"prompt": "a red fox", "width": 1024, "height": 512, "seed": 7, "num_steps": 9,
                                              "guidance_scale": 7.5, "negative_prompt": "blur", "THEME": "autumn"})
        record = result["structuredContent"]["generation"]
        image = record["images"][0]
        path = Path(image["path"])
        self.assertEqual(path.parent, self.project / "data/generated/default")
        self.assertEqual((record["seed"], record["parameters"]["steps"], record["parameters"]["guidance"]), (7, 9, 7.5))
        self.assertEqual((image["width"], image["height"], image["bytes"]), (1024, 512, path.stat().st_size))
        self.assertEqual(record["asked"]["THEME"], "autumn")
        self.assertNotIn("THEME", json.dumps(record["parameters"]))
        self.assertEqual((record["cost"]["micros"], record["cost"]["confidence"]), (0, "billed"))
        self.assertIn(str(path), text_of(result))
        self.assertIn("seed 7", text_of(result))
        self.assertIn("offline test picture", text_of(result))
        link = of_type(result, "resource_link")[0]
        self.assertEqual((link["uri"], link["mimeType"], link["size"]), (image["uri"], "image/png", image["bytes"]))
        small = of_type(result, "image")[0]
        self.assertEqual((small["mimeType"], picture_size(base64.b64decode(small["data"]))), ("image/jpeg", (512, 256)))
        self.assertLessEqual(len(small["data"]), 100 * 1024)

    def test_the_small_copy_of_noise_is_small_too(self):
        server = self.start()
        image = server.generate(width=512, height=512)["structuredContent"]["generation"]["images"][0]
        Path(image["path"]).write_bytes(noise(512))
        small = of_type(server.call("pix_get", {"id": image["id"]}), "image")[0]
        self.assertEqual(small["mimeType"], "image/jpeg")
        self.assertGreater(len(small["data"]), 10 * 1024)
        self.assertLessEqual(len(small["data"]), 100 * 1024)

    def test_several_pictures_at_once(self):
        server = self.start()
        result = server.generate(count=5)
        self.assertEqual(len(result["structuredContent"]["generation"]["images"]), 5)
        self.assertEqual(len(of_type(result, "resource_link")), 5)
        self.assertEqual(len(of_type(result, "image")), 4)
        seeds = {line for line in text_of(result).split() if line.endswith(".png")}
        self.assertEqual(len(seeds), 5)
        whole = server.call("pix_get", {"id": result["structuredContent"]["generation"]["id"]})
        self.assertEqual(len(whole["structuredContent"]["generation"]["images"]), 5)

    def test_a_dry_run_and_an_estimate_send_nothing(self):
        server = self.start()
        for result in (server.generate(dry_run=True), server.call("pix_estimate", {"prompt": "x", "count": 3})):
            self.assertIn("Nothing was sent", text_of(result))
            self.assertTrue(result["structuredContent"]["estimate"]["free"])
        self.assertEqual(result["structuredContent"]["estimate"]["pictures"], 3)
        self.assertEqual(server.call("pix_history")["structuredContent"]["generations"], [])

    def test_arguments_that_are_wrong_are_told_and_do_not_end_the_session(self):
        server = self.start()
        for arguments, word in (({}, "prompt"), ({"prompt": ""}, "prompt"), ({"prompt": 5}, "prompt"),
                                ({"prompt": "x", "width": "wide"}, "width"), ({"prompt": "x", "width": -1, "seed": "s"}, "seed"),
                                ({"prompt": "x", "count": 0}, "count"), ({"prompt": "x", "count": 1.5}, "count"),
                                ({"prompt": "x", "dry_run": 1}, "dry_run"), ({"prompt": "x", "model": "nothing/at-all"}, "nothing"),
                                ({"prompt": "x", "format": "bmp"}, "format"), ({"prompt": "x", "format": 5}, "format"),
                                ({"prompt": "x", "provider_options": {}}, "provider_options"),
                                ({"prompt": "x", "principal": "me"}, "principal"), ({"prompt": "x" * 40000}, "prompt"),
                                ({"prompt": "x", "base": "/etc/passwd"}, "store"), ({"prompt": "x", "base": "metadata.db"}, "store"),
                                ({"prompt": "x", "base": "../../x.png"}, "base")):
            self.assertIn(word, text_of(server.call("pix_generate", arguments, fails=True)), arguments)
        for tool, arguments, word in (("pix_get", {}, "id"), ("pix_get", {"id": "x"}, "No such picture"), ("pix_get", {"id": 5}, "id"),
                                      ("pix_get", {"id": "01a1fcd9-09cb-73e3-9694-cea206c3d986"}, "No such picture"),
                                      ("pix_get", {"ids": "x"}, "did you mean \"id\""), ("pix_history", {"limit": 0}, "limit"),
                                      ("pix_history", {"limit": "many"}, "limit"), ("pix_history", {"state": "odd"}, "state"),
                                      ("pix_history", {"cursor": "odd"}, "listed"), ("pix_resume", {"abandon": "x"}, "given up"),
                                      ("pix_export", {"id": "x", "format": "gif"}, "format"), ("pix_budget", {"x": 1}, "x"),
                                      ("pix_export", {"id": "01a1fcd9-09cb-73e3-9694-cea206c3d986"}, "No such picture")):
            self.assertIn(word, text_of(server.call(tool, arguments, fails=True)), (tool, arguments))
        server.generate()

    def test_history_finds_by_words_and_state_and_page(self):
        server = self.start()
        for prompt in ("a red fox", "a blue whale", "a red rose"):
            server.generate(prompt)
        prompts = [r["prompt"] for r in server.call("pix_history")["structuredContent"]["generations"]]
        self.assertEqual(prompts, ["a red rose", "a blue whale", "a red fox"])
        found = server.call("pix_history", {"text": "red", "state": "done"})
        self.assertEqual([r["prompt"] for r in found["structuredContent"]["generations"]], ["a red rose", "a red fox"])
        page = server.call("pix_history", {"limit": 2})["structuredContent"]
        rest = server.call("pix_history", {"limit": 2, "cursor": page["next_cursor"]})["structuredContent"]
        self.assertEqual([r["prompt"] for r in rest["generations"]], ["a red fox"])
        self.assertNotIn("next_cursor", rest)
        self.assertEqual(text_of(server.call("pix_history", {"text": "green"})), "Nothing was found.")

    def test_a_long_prompt_is_listed_cut_between_characters(self):
        server = self.start()
        for prompt in ("\u00e9" * 100, "\u20ac" * 60, "xx" + "\U0001f98a" * 50):
            server.generate(prompt)
            for told in (server.call("pix_history", {"limit": 1}), server.call("pix_pending")):
                self.assertNotIn("\ufffd", text_of(told))
            self.assertIn(prompt[:30], text_of(server.call("pix_history", {"limit": 1})))
            self.assertEqual(server.call("pix_history", {"limit": 1})["structuredContent"]["generations"][0]["prompt"], prompt)

    def test_get_shows_the_original_only_when_asked(self):
        server = self.start()
        image = server.generate()["structuredContent"]["generation"]["images"][0]
        for name in (image["id"], image["uri"]):
            self.assertEqual(len(of_type(server.call("pix_get", {"id": name}), "image")), 1)
        full = of_type(server.call("pix_get", {"id": image["id"], "full": True}), "image")
        self.assertEqual(base64.b64decode(full[1]["data"]), Path(image["path"]).read_bytes())
        self.assertEqual(full[1]["mimeType"], "image/png")

    def test_export_makes_copies_beside_originals_that_stay(self):
        server = self.start()
        image = server.generate()["structuredContent"]["generation"]["images"][0]
        original = Path(image["path"]).read_bytes()
        result = server.call("pix_export", {"id": image["id"], "format": "jpeg", "width": 32, "height": 16, "fit": "cover",
                                            "quality": 60})
        copy = result["structuredContent"]["exports"][0]
        self.assertEqual((copy["width"], copy["height"], copy["content_type"]), (32, 16, "image/jpeg"))
        self.assertEqual(picture_size(Path(copy["path"]).read_bytes()), (32, 16))
        self.assertEqual(Path(copy["path"]).parent, self.project / "data/generated/exports")
        self.assertEqual(of_type(result, "resource_link")[0]["uri"], copy["uri"])
        again = server.call("pix_export", {"id": image["id"], "format": "jpeg", "width": 32, "height": 16, "fit": "cover",
                                           "quality": 60})
        self.assertEqual(again["structuredContent"]["exports"], [copy])
        self.assertEqual(Path(image["path"]).read_bytes(), original)
        read = server.result("resources/read", {"uri": copy["uri"]})["contents"][0]
        self.assertEqual((base64.b64decode(read["blob"]), read["mimeType"]), (Path(copy["path"]).read_bytes(), "image/jpeg"))

    def test_a_picture_is_made_in_a_format_and_on_another_picture(self):
        server = self.start()
        base = server.generate(width=128, height=96)["structuredContent"]["generation"]["images"][0]
        for name in (base["id"], base["uri"], base["path"], "generated/default/" + Path(base["path"]).name):
            result = server.generate("on top", format="webp", base=name, seed=3)
            copy = result["structuredContent"]["exports"][0]
            self.assertEqual((copy["width"], copy["height"], copy["content_type"]), (128, 96, "image/webp"))
            self.assertIn("composited", copy["notes"])
        result = server.generate("on nothing", base="generated/default/gone.png")
        self.assertIn("could not be loaded", text_of(result))
        self.assertEqual(result["structuredContent"]["exports"][0]["notes"][-1], "base_not_loaded")

    def test_resources_are_the_pictures_and_nothing_else(self):
        server = self.start()
        images = [server.generate(f"fox {i}")["structuredContent"]["generation"]["images"][0] for i in range(3)]
        listed = server.result("resources/list")
        self.assertEqual({r["uri"] for r in listed["resources"]}, {image["uri"] for image in images})
        self.assertEqual(listed["resources"][0]["title"], "fox 2")
        self.assertNotIn("nextCursor", listed)
        read = server.result("resources/read", {"uri": images[0]["uri"]})["contents"][0]
        self.assertEqual(base64.b64decode(read["blob"]), Path(images[0]["path"]).read_bytes())
        (self.project / "data/secret.png").symlink_to(self.write("outside.png", "outside"))
        for uri in ("file://" + images[0]["path"], images[0]["path"], "pixazo://file/metadata.db", "pixazo://file/../x.png",
                    "pixazo://file//etc/x.png", "pixazo://file/spool/x.png", "pixazo://file/",
                    "pixazo://image/", "pixazo://image/../../etc/passwd", "pixazo://other/x", "http://127.0.0.1/x.png", ""):
            self.assertEqual(server.ask("resources/read", {"uri": uri})["error"]["code"], -32002, uri)
        self.assertIn("error", server.ask("resources/read", {"uri": "pixazo://file/secret.png"}))
        self.assertEqual(len(server.result("resources/templates/list")["resourceTemplates"]), 2)

    def test_long_lists_of_resources_come_in_pages(self):
        server = self.start()
        for i in range(7):
            server.call("pix_generate", {"prompt": f"p{i}", "width": 32, "height": 32, "count": 8})
        seen, cursor = set(), None
        for pages in range(10):
            page = server.result("resources/list", {"cursor": cursor} if cursor else {})
            seen.update(r["uri"] for r in page["resources"])
            cursor = page.get("nextCursor")
            if not cursor:
                break
        self.assertEqual(len(seen), 56)
        self.assertGreater(pages, 0)

    def test_readiness_names_service_directory_and_what_is_wrong(self):
        server = self.start()
        ready = server.call("hallo_pixazo")
        self.assertTrue(text_of(ready).startswith("Pixazo Tool Ready."))
        self.assertEqual(ready["structuredContent"]["provider"], "offline")
        self.assertEqual(ready["structuredContent"]["directory"], str(self.project / "data"))

    def test_a_bad_setting_keeps_nobody_from_starting_and_is_told(self):
        for variables, word in (({"PIXAZO_DEFAULT_WIDTH": "wide"}, "PIXAZO_DEFAULT_WIDTH"), ({"PIXAZO_PROVIDER": "pixazo"}, "key"),
                                ({"PIXAZO_API_KEY": "bad\x01key"}, "PIXAZO_API_KEY")):
            server = self.start(project="bad", **variables)
            for tool, arguments in (("hallo_pixazo", {}), ("pix_generate", {"prompt": "x"}), ("pix_history", {})):
                self.assertIn(word, text_of(server.call(tool, arguments, fails=True)))
            self.assertIn("error", server.ask("resources/list"))
            server.close()

    def test_the_directory_is_absolute_wherever_the_server_starts(self):
        server = self.start("--project-dir", "relative/project", project=None, cwd=self.home)
        path = server.generate()["structuredContent"]["generation"]["images"][0]["path"]
        self.assertTrue(path.startswith(str(self.home / "relative/project/data/generated/default/")))
        server.close()
        server = self.start(project=None, cwd="/")
        path = server.generate()["structuredContent"]["generation"]["images"][0]["path"]
        self.assertTrue(path.startswith(str(self.home / ".local/share/pixazo-mcp/data/")), path)

    def test_the_file_of_variables_is_read_and_the_environment_wins(self):
        env = self.write("project/.env", "# a comment\nPIXAZO_DEFAULT_WIDTH=96\nexport PIXAZO_DEFAULT_HEIGHT=\"80\"\nPATH=/nowhere\n"
                                   "PIXAZO_DEFAULT_NUM_STEPS='11'\n", 0o644)
        server = self.start(PIXAZO_DEFAULT_HEIGHT="48")
        record = server.call("pix_generate", {"prompt": "x"})["structuredContent"]["generation"]
        self.assertEqual([record["parameters"][name] for name in ("width", "height", "steps")], [96, 48, 11])
        server.close()
        env.write_text(env.read_text() + "PIXAZO_API_KEY=fake-key-of-a-test\n")
        server = self.start()
        told = text_of(server.call("pix_generate", {"prompt": "x"}, fails=True))
        self.assertIn("chmod 600", told)
        self.assertNotIn("fake-key", told)
        self.start(PIXAZO_API_KEY="another-fake-key").call("hallo_pixazo")
        env.chmod(0o600)
        self.assertEqual(self.start().call("hallo_pixazo")["structuredContent"]["provider"], "pixazo")

    def test_the_keys_of_all_providers_in_the_file_of_variables_are_kept_private(self):
        env = self.write("project/.env", "PIXAZO_KEY_MY_SD=fake-key-of-a-test\n", 0o644)
        told = text_of(self.start().call("pix_generate", {"prompt": "x"}, fails=True))
        self.assertIn("chmod 600", told)
        self.assertNotIn("fake-key", told)
        env.chmod(0o600)
        self.start().call("pix_generate", {"prompt": "x"})

    def test_a_definition_in_the_settings_is_a_provider(self):
        document = {"schema": 1, "name": "my-sd", "base_url": "https://images.example", "auth": {"header": "X-Pass", "required": True},
                    "models": [{"name": "one", "path": "/v1", "parameters": {"prompt": "text"}}]}
        self.write("project/data/my-sd.json", json.dumps(document), 0o644)
        self.write("project/data/config.json", json.dumps({"provider_files": ["my-sd.json"], "provider": "my-sd"}), 0o644)
        told = text_of(self.start().call("pix_generate", {"prompt": "x"}, fails=True))
        self.assertIn("PIXAZO_KEY_NAME", told)
        hallo = self.start(PIXAZO_KEY_MY_SD="fake-key-of-a-test").call("hallo_pixazo")["structuredContent"]
        self.assertEqual(hallo["provider"], "my-sd")

    def test_the_preset_of_the_command_line_wins_over_that_of_the_environment(self):
        for arguments, guidance in (([], 8), (["--preset", "pixazo-mcp-s2"], 5)):
            server = self.start(*arguments, PIXAZO_PRESET="prod")
            plan = server.generate(dry_run=True)["structuredContent"]["estimate"]
            self.assertEqual(plan["calls"][0]["effective"]["guidance"], guidance)
            server.close()

    def test_a_client_that_does_not_read_stderr_is_served(self):
        server = self.start(session=False, mute=True)
        server.send(b"no json\n" * 5000)
        self.assertEqual(server.ask("ping")["result"], {})

    def test_the_log_goes_to_stderr_and_to_a_file(self):
        log = self.home / "mcp.log"
        server = self.start("--log-file", log)
        server.send(b"no json\n")
        server.result("ping")
        server.close()
        self.assertIn("was not answered", log.read_text())
        self.assertIn("was not answered", "".join(server.errors))

    def test_the_command_line_says_what_is_wrong(self):
        for arguments in (["--budget", "much"], ["--budget", "-1"], ["--max-images", "x"], ["--progress-ms", "5"], ["--set", "x"],
                          ["--nothing"], ["--budget"], ["--help=x"], ["--log-file", "/nowhere/at/all.log"]):
            server = self.start(*arguments, session=False)
            self.assertNotEqual(server.process.wait(support.PATIENCE), 0, arguments)
            self.assertEqual(server.raw, b"")
        server = self.start("--version", session=False)
        self.assertEqual(server.process.wait(support.PATIENCE), 0)

    def test_pictures_are_for_their_user_alone(self):
        server = self.start()
        path = server.generate()["structuredContent"]["generation"]["images"][0]["path"]
        self.assertFalse(stat.S_IMODE(os.stat(path).st_mode) & stat.S_IRWXO)


if __name__ == "__main__":
    support.main()
