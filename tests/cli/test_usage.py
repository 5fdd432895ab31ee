# SPDX-License-Identifier: MIT
"""What is wrong with a command line is said before anything is done."""

import support

VERBS = ("generate", "batch", "resume", "pending", "list", "show", "export", "thumb", "composite", "inspect", "providers",
         "models", "config", "doctor")


class Usage(support.Case):
    def test_the_version_is_a_result(self):
        self.assertRegex(self.run_program("--version").out, r"^pixazo \d+\.\d+\.\d+\n$")

    def test_every_command_has_its_help_on_stdout(self):
        usage = self.run_program("--help").out
        for verb in VERBS:
            self.assertIn(f"  {verb} ", usage)
            done = self.run_program(verb, "--help")
            self.assertIn(f"usage: pixazo {verb}", done.out)
            self.assertEqual(done.errors, "")

    def test_no_command_is_a_usage_error(self):
        done = self.run_program(code=2)
        self.assertEqual(done.out, "")
        self.assertIn("usage: pixazo", done.errors)

    def test_a_slip_gets_a_suggestion(self):
        self.assertIn("did you mean generate?", self.run_program("genrate", code=2).errors)
        self.assertIn("did you mean --seed?", self.run_program("generate", "x", "--sed", "4", code=2).errors)
        self.assertIn("did you mean --steps?", self.run_program("generate", "x", "--stesp=4", code=2).errors)
        self.assertIn("did you mean \"width\"?", self.run_program("generate", "x", "--set", "widht=4", code=3).errors)

    def test_numbers_are_checked_against_their_range(self):
        for option, value, allowed in (("--seed", "abc", "-1 to 4294967295"), ("--seed", "-2", "-1 to 4294967295"),
                                       ("--n", "0", "1 to 1000"), ("--steps", "1.5", "1 to 1000"),
                                       ("--concurrency", "99999", "1 to 10000"), ("--size", "64", "WIDTHxHEIGHT"),
                                       ("--size", "0x64", "1 to 65535"), ("--guidance", "seven", "0 to 100")):
            done = self.run_program("generate", "x", option, value, code=2)
            self.assertIn(allowed, done.errors, option)
            self.assert_one_line(done.errors)
        self.assertFalse(self.dir.exists())

    def test_an_empty_prompt_is_complained_about_and_no_more(self):
        for more in ((), ("--dry-run",)):
            done = self.run_program("generate", "", *more, code=2)
            self.assertIn("a prompt is required", done.errors)
            self.assert_one_line(done.errors)

    def test_a_missing_value_is_named(self):
        self.assertIn("--seed wants a value", self.run_program("generate", "x", "--seed", code=2).errors)

    def test_a_prompt_without_quotes_is_explained(self):
        self.assertIn("in quotes", self.run_program("generate", "a", "red", "fox", code=2).errors)

    def test_a_key_on_the_command_line_is_refused_and_not_repeated(self):
        for arguments in (("--api-key", "fake-key-1"), ("--api-key=fake-key-1",), ("--set", "api_key=fake-key-1"),
                          ("--set", "openai_api_key=fake-key-1"), ("--set", "mine.api_key=fake-key-1")):
            done = self.run_program("generate", "x", *arguments, code=2)
            self.assertIn("PIXAZO_API_KEY", done.errors)
            self.assertNotIn("fake-key-1", done.out + done.errors)

    def test_a_directory_without_pictures_is_said_in_one_line(self):
        done = self.run_program("list", code=2)
        self.assertIn("--dir", done.errors)
        self.assert_one_line(done.errors)


if __name__ == "__main__":
    support.main()
