# SPDX-License-Identifier: MIT
"""Settings: where they come from, what is said when they are wrong, what is never shown."""

import json

import support
from support import SMALL


class Settings(support.Case):
    def test_all_bad_variables_are_named_at_once(self):
        done = self.run_program("generate", "x", code=3, PIXAZO_DEFAULT_WIDTH="wide", PIXAZO_DEFAULT_SEED="x",
                                PIXAZO_API_KEY="fake\x01key")
        self.assertIn("PIXAZO_DEFAULT_WIDTH=\"wide\": want a whole number from 1 to 65535", done.errors)
        self.assertIn("PIXAZO_DEFAULT_SEED=\"x\"", done.errors)
        self.assertIn("PIXAZO_API_KEY (not shown)", done.errors)
        self.assertNotIn("fake", done.errors)
        self.assertFalse(self.dir.exists())

    def test_precedence_argument_variable_file_preset(self):
        self.write("art/config.json", '{"preset": "dev", "width": 100, "height": 100}')
        self.environment["PIXAZO_DEFAULT_WIDTH"] = "200"
        self.environment["PIXAZO_RENDITIONS"] = "none"
        self.assertEqual(self.run_program("config", "width").out, "200\n")
        self.assertEqual(self.run_program("config", "height").out, "100\n")
        self.assertEqual(self.run_program("config", "steps").out, "15\n")
        self.assertEqual(self.run_program("config", "steps", "--preset", "prod").out, "25\n")
        self.assertEqual(self.run_program("config", "width", "--set", "width=300").out, "300\n")
        self.assertIn("200x100", self.run_program("generate", "x").errors)
        self.assertIn("64x32", self.run_program("generate", "x", "--size", "64x32").errors)

    def test_the_mcp_tool_preset_has_its_numbers(self):
        expected = {"width": "1024", "height": "1024", "steps": "20", "guidance": "7", "guidance_floor": "7", "seed": "-1"}
        for key, value in expected.items():
            self.assertEqual(self.run_program("config", key, "--preset", "pixazo-mcp").out, value + "\n")

    def test_a_guidance_below_the_floor_is_raised(self):
        done = self.run_program("generate", "x", *SMALL, "--guidance", "2", "--preset", "pixazo-mcp", "--dry-run")
        self.assertEqual(done.json["calls"][0]["effective"]["guidance"], 7)

    def test_secrets_are_never_shown(self):
        self.environment["PIXAZO_API_KEY"] = "fake-key-of-a-test"
        for arguments in (("config",), ("config", "api_key"), ("config", "--json"), ("doctor",), ("doctor", "--json")):
            done = self.run_program(*arguments)
            self.assertNotIn("fake-key", done.out + done.errors)

    def test_a_key_file_that_others_can_read_is_refused(self):
        self.write(".pixazo/api-key", "fake-key-of-a-test\n", 0o644)
        done = self.run_program("generate", "x", code=3)
        self.assertIn("chmod 600", done.errors)
        self.assertNotIn("fake-key", done.errors)
        self.assert_one_line(done.errors)

    def test_a_named_provider_without_a_key_never_makes_test_pictures(self):
        for arguments in (("--provider", "pixazo"), ("--model", "pixazo/sdxl"), ("--model", "sdxl")):
            done = self.run_program("generate", "x", *arguments, code=3)
            self.assertIn("PIXAZO_API_KEY", done.errors)
            self.assertEqual(list(self.dir.rglob("*.png")), [])

    def test_doctor_names_each_part(self):
        report = self.run_program("doctor", "--json").json
        names = [check["name"] for check in report["checks"]]
        for name in ("version", "libraries", "key", "provider", "store", "database", "spool", "descriptors", "ca_file"):
            self.assertIn(name, names)
        done = self.run_program("doctor", code=3, PIXAZO_CA_FILE="/nowhere/ca.pem", PIXAZO_DEFAULT_SEED="")
        self.assertRegex(done.out, r"problem +ca_file")
        done = self.run_program("doctor", code=3, PIXAZO_DEFAULT_SEED="x")
        self.assertRegex(done.out, r"problem +settings +.*PIXAZO_DEFAULT_SEED")

    def test_the_catalogue_lists_providers_and_models(self):
        self.assertIn("pixazo", self.run_program("providers").out)
        self.assertIn("pixazo/sdxl", self.run_program("models").out)
        listed = {p["name"] for p in self.run_program("models", "--json").json["providers"]}
        self.assertLessEqual({"pixazo", "offline", "openai", "localai", "inference", "a1111"}, listed)

    def test_a_definition_is_checked_before_it_is_used(self):
        good = self.write("good.json", '{"schema":1,"name":"mine","base_url":"https://images.example","models":'
                          '[{"name":"one","path":"/v1","parameters":{"prompt":"text"}}]}')
        self.assertIn("mine/one", self.run_program("providers", "--check", good).out)
        self.assertEqual(self.run_program("providers", "--check", good, "--json").json["providers"][0]["name"], "mine")
        wrong = self.write("wrong.json", '{"schema":1,"name":"mine","base_url":"https://images.example","models":[{"name":"one"}]}')
        done = self.run_program("providers", "--check", wrong, code=2)
        self.assertIn("models[0].parameters.prompt: missing", done.errors)
        self.run_program("providers", "--check", self.home / "none.json", code=3)

    def definition(self, name, **more):
        document = {"schema": 1, "name": name, "base_url": "https://images.example",
                    "models": [{"name": "one", "path": "/v1", "parameters": {"prompt": "text"}}], **more}
        return self.write(f"{name}.json", json.dumps(document), mode=0o644)

    def test_a_definition_named_in_the_settings_is_a_provider_like_any_other(self):
        self.definition("my-sd", auth={"header": "X-Pass", "required": True})
        self.write("art/config.json", json.dumps({"provider_files": ["../my-sd.json"]}), mode=0o644)
        self.assertIn("my-sd/one", self.run_program("models").out)
        self.assertRegex(self.run_program("providers").out, r"my-sd +my-sd, 1 model, needs a key")
        self.assertRegex(self.run_program("providers", PIXAZO_KEY_MY_SD="fake-key").out, r"my-sd +my-sd, 1 model, key set")
        done = self.run_program("generate", "x", "--model", "my-sd/one", "--dry-run", code=3)
        self.assertIn("PIXAZO_KEY_NAME", done.errors)
        plan = self.run_program("generate", "x", "--model", "my-sd/one", "--dry-run", "--json", PIXAZO_KEY_MY_SD="fake-key").json
        self.assertEqual(plan["provider"], "my-sd")
        doctor = self.run_program("doctor", PIXAZO_KEY_MY_SD="fake-key", PIXAZO_PROVIDER="my-sd")
        self.assertIn("my-sd (key set)", doctor.out)
        self.assertIn("from: env (PIXAZO_KEY_MY_SD)", doctor.out)
        self.assertNotIn("fake-key", doctor.out)

    def test_a_wrong_definition_in_the_settings_is_told_with_its_place(self):
        self.definition("bad", models=[{"name": "one"}])
        self.write("art/config.json", json.dumps({"provider_files": ["../bad.json"]}), mode=0o644)
        for arguments in (("generate", "x"), ("models",)):
            done = self.run_program(*arguments, code=3)
            self.assertRegex(done.errors, r"provider_files \(file\): .*bad\.json: models\[0\]\.")
        self.assertRegex(self.run_program("doctor", code=3).out, r"problem +settings +provider_files")

    def test_settings_by_a_providers_name_are_shown_and_their_keys_are_not(self):
        done = self.run_program("config", "--set", "sdcpp-queue.base_url=https://q.example", PIXAZO_KEY_MY_SD="fake-key")
        self.assertRegex(done.out, r"my_sd\.api_key +env +\(set\)")
        self.assertRegex(done.out, r"sdcpp_queue\.base_url +set +https://q\.example")
        self.assertNotIn("fake-key", done.out)
        done = self.run_program("config", "--set", "mine.api_key=fake-key", code=2)
        self.assertNotIn("fake-key", done.out + done.errors)
        done = self.run_program("models", "--set", "nobody.model=x", code=3)
        self.assertIn('there is no provider "nobody"', done.errors)

    def test_alerts_and_replay_are_settings(self):
        self.write("art/config.json", json.dumps({"replay": "seeded", "alert_slow_ms": 5000, "alert_failure_percent": 0}), mode=0o644)
        self.assertEqual(self.run_program("config", "replay").out.strip(), "seeded")
        self.assertEqual(self.run_program("config", "alert_slow_ms").out.strip(), "5000")
        first = self.run_program("generate", "a fox", "--provider", "offline", "--seed", "7", *support.SMALL, "--json").json
        again = self.run_program("generate", "a fox", "--provider", "offline", "--seed", "7", *support.SMALL, "--json").json
        self.assertEqual(again["replayed_from"], first["uuid"])
        done = self.run_program("config", PIXAZO_REPLAY="always", code=3)
        self.assertIn('PIXAZO_REPLAY="always": want one of asked, seeded', done.errors)


if __name__ == "__main__":
    support.main()
