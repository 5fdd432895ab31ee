# SPDX-License-Identifier: MIT
"""What may be spent, what was, and what is decided about calls in doubt."""

import json
import re
import sqlite3
from pathlib import Path

import exposition
import support
from support import SMALL

PRICED = json.dumps({"price_micros": 1_500_000, "calls": []})
DOUBT = json.dumps({"price_micros": 1_500_000, "calls": [{"class": "ambiguous"}]})


def offline(script):
    return ["--provider", "offline", "--set", f"offline_script={script}"]


class Money(support.Case):
    def generate(self, *more, script=PRICED, code=0):
        return self.run_program("generate", "a fox", *SMALL, *offline(script), *more, code=code)

    def doubt(self):
        self.generate(script=DOUBT, code=8)
        [line] = self.run_program("pending").lines
        return line.split()[0]

    def test_a_budget_is_set_before_the_first_picture_kept_and_removed(self):
        done = self.run_program("budget", "set", "2.50", "--period", "day")
        self.assertIn("day    all calls: 0.00 USD of 2.50 USD used, 2.50 USD left; until ", done.out)
        self.generate()
        self.assertIn("1.50 USD in 1 call\n", self.run_program("cost").out)
        done = self.generate(code=6)
        self.assertIn("the day budget allows 2.50 USD until ", done.errors)
        self.assertIn("1.50 are used and one call to offline/", done.errors)
        self.assertIn("nothing was sent", done.errors)
        [line] = self.run_program("pending").lines
        self.assertIn("planned", line)
        self.assertIn("(the day budget allows 2.50 USD until ", line)
        self.assertIn("the day budget", self.run_program("show", line.split()[0], "--json").json["message"])
        self.assertIn("1.50 USD of 2.50 USD used, 1.00 USD left", self.run_program("budget").out)
        self.assertEqual(self.run_program("budget", "--json").json["budgets"][0]["left_micros"], 1_000_000)
        self.run_program("budget", "remove", "--period", "month", code=2)
        self.run_program("budget", "remove", "--period", "day")
        self.generate()

    def test_budgets_of_a_provider_and_of_a_principal_are_told_apart(self):
        self.run_program("budget", "set", "1", "--period", "month", "--provider", "pixazo")
        done = self.run_program("budget", "set", "0", "--period", "total", "--principal", "bob", "--allow-unknown")
        self.assertIn("month  provider pixazo: 0.00 USD of 1.00 USD used", done.out)
        self.assertIn("total  principal bob: 0.00 USD of 0.00 USD used", done.out)
        self.generate()

    def test_wrong_budgets_are_explained(self):
        for arguments, word in [(["set"], "want: pixazo budget"), (["set", "1,50", "--period", "day"], "want an amount"),
                                (["set", "5"], "--period is needed"), (["remove"], "--period is needed"),
                                (["set", "5", "--period", "week"], "day month total"), (["lift"], "want: pixazo budget"),
                                (["set", "5", "--period", "day", "--currency", "usd"], "currency"),
                                (["set", "5", "--period", "day", "--provider", "a", "--principal", "b"], "not of both")]:
            self.assertIn(word, self.run_program("budget", *arguments, code=2).errors)

    def test_a_run_keeps_to_its_own_budget(self):
        prompts = self.prompts(4)
        done = self.run_program("batch", prompts, "--renditions", "none", *offline(PRICED), "--budget", "3", "--jsonl", code=1)
        self.assertIn("budget of this run", done.errors)
        self.assertIn("2 done", done.errors)
        self.assertIn("3.00 USD in 2 calls", self.run_program("cost").out)

    def test_pictures_that_came_before_the_budget_was_full_are_told(self):
        self.run_program("budget", "set", "3", "--period", "day")
        done = self.generate("-n", "3", code=1)
        self.assertEqual(len(done.lines), 2)
        self.assertIn("this is not all: the day budget allows 3.00 USD", done.errors)
        self.assertEqual(len(self.run_program("pending").lines), 1)
        self.run_program("budget", "set", "5", "--period", "day")
        self.run_program("resume", "--continue", *offline(PRICED))
        self.assertIn("4.50 USD in 3 calls", self.run_program("cost").out)

    def test_nothing_above_max_cost_is_sent(self):
        done = self.generate("--max-cost", "1.49", code=6)
        self.assertIn("above --max-cost", done.errors)
        self.generate("--max-cost", "1.49", "--dry-run", code=6)
        self.generate("--max-cost", "1.50", "--dry-run")
        self.assertEqual(self.run_program("list").out, "")
        self.generate("--max-cost", "1.50")
        self.generate("--max-cost", "a lot", code=2)

    def test_costs_are_shown_by_what_is_asked_for(self):
        self.generate()
        self.doubt()
        self.assertIn("1.50 USD in 2 calls, 1.50 USD in doubt", self.run_program("cost").out)
        self.assertTrue(self.run_program("cost", "--by", "provider").out.startswith("offline  1.50 USD"))
        self.assertTrue(self.run_program("cost", "--by", "principal").out.startswith("(default)  1.50 USD"))
        self.assertEqual(self.run_program("cost", "--by", "model", "--json").json["costs"][0]["open_micros"], 1_500_000)
        self.assertIn("by must be day", self.run_program("cost", "--by", "week", code=2).errors)

    def test_what_is_in_doubt_is_tried_again_and_counts_on(self):
        one = self.doubt()
        self.run_program("budget", "set", "2.99", "--period", "total")
        done = self.run_program("retry", one, *offline(PRICED), "--renditions", "none", code=6)
        self.assertIn("1.50 are used", done.errors)
        again = done.errors.split(" is tried again as ")[1].split()[0]
        self.run_program("budget", "set", "3", "--period", "total")
        done = self.run_program("retry", again, *offline(PRICED), "--renditions", "none")
        self.assertEqual(len(done.lines), 1)
        self.assertEqual(self.run_program("pending").out, "")
        self.assertIn("abandoned", self.run_program("show", one).out)
        self.assertIn("3.00 USD of 3.00 USD used, 0.00 USD left, 1.50 USD of it in doubt", self.run_program("budget").out)
        self.run_program("retry", one, *offline(PRICED), code=2)
        self.run_program("retry", "nonsense", *offline(PRICED), code=2)
        self.run_program("retry", code=2)

    def test_what_is_in_doubt_is_given_up(self):
        one = self.doubt()
        self.run_program("abandon", one, *offline(PRICED))
        self.assertEqual(self.run_program("pending").out, "")
        self.assertIn("in doubt", self.run_program("cost").out)
        self.run_program("abandon", "01980000-0000-7000-8000-000000000000", *offline(PRICED), code=2)

    def test_the_playground_gives_fifty_an_hour(self):
        done = self.generate("--preset", "playground", "--set", "quota_requests=1", "--set", "quota_wait_ms=0")
        self.assertIn("/generated_images/", done.lines[0])
        done = self.generate("--preset", "playground", "--set", "quota_requests=1", "--set", "quota_wait_ms=0", code=4)
        self.assertIn("the quota of each provider of each principal is used up", done.errors)


class Numbers(support.Case):
    def test_without_pictures_there_is_nothing_to_count(self):
        self.assertIn("no such directory", self.run_program("stats", "--prometheus", code=2).errors)
        self.run_program("stats", "--prometheus", "--json", code=2)
        self.run_program("budget", "set", "5", "--period", "day")
        self.assertEqual(self.run_program("stats").out, "")
        found = exposition.read(self.run_program("stats", "--prometheus").out)
        self.assertEqual(exposition.value(found, "pixazo_budget_limit", scope="all", name="", period="day", currency="USD"), 5)

    def test_samples_say_what_the_reports_say(self):
        self.run_program("budget", "set", "5", "--period", "day")
        self.run_program("budget", "set", "2.5", "--period", "month", "--principal", "bob")
        with sqlite3.connect(self.dir / "pixazo.db") as database:  # names that the command line does not take
            self.assertEqual(database.execute("UPDATE budget SET name = ? WHERE name = 'bob'", ('a \\ "b"',)).rowcount, 1)
        database.close()
        for script, code in ((PRICED, 0), (PRICED, 0), (DOUBT, 8)):
            self.run_program("generate", "a fox", *SMALL, *offline(script), code=code)
        found = exposition.read(self.run_program("stats", "--prometheus").out)
        kinds = {name: kind for name, (kind, _) in found.items()}
        self.assertEqual(kinds["pixazo_repository_attempts_total"], "counter")
        self.assertEqual(kinds["pixazo_repository_cost"], "gauge")
        [row] = self.run_program("stats", "--json").json["models"]
        whose = {"provider": row["provider"], "model": row["model"]}
        for state, count in row["generations"].items():
            self.assertEqual(exposition.value(found, "pixazo_repository_generations", state=state, **whose), count)
        self.assertEqual(row["generations"]["done"], 2)
        self.assertEqual(row["generations"]["ambiguous"], 1)
        self.assertEqual(exposition.value(found, "pixazo_repository_attempts_total", **whose), 3)
        self.assertEqual(exposition.value(found, "pixazo_repository_pictures_total", **whose), 2)
        self.assertEqual(exposition.value(found, "pixazo_repository_picture_bytes_total", **whose), row["bytes"])
        costs = {state: exposition.value(found, "pixazo_repository_cost", provider="offline", currency="USD", state=state)
                 for state in ("settled", "open", "reserved")}
        self.assertEqual(costs, {"settled": 3, "open": 1.5, "reserved": 0})
        every = {"scope": "all", "name": "", "period": "day", "currency": "USD"}
        self.assertEqual([exposition.value(found, f"pixazo_budget_{name}", **every) for name in ("limit", "used", "open", "reserved")],
                         [5, 4.5, 1.5, 0])
        bob = {"scope": "principal", "name": 'a \\ "b"', "period": "month", "currency": "USD"}
        self.assertEqual(exposition.value(found, "pixazo_budget_limit", **bob), 2.5)
        self.assertRegex(self.run_program("stats").out, r"offline/\S+  2 pictures, .*, 3.00 USD; 2 done 1 ambiguous")

    def test_a_model_that_was_paid_in_two_currencies_is_counted_once(self):
        self.run_program("generate", "a fox", *SMALL, *offline(PRICED))
        with sqlite3.connect(self.dir / "pixazo.db") as database:
            database.execute("INSERT INTO stat_day (day, provider, model, shard, currency, done, attempts) "
                             "SELECT day, provider, model, shard, 'EUR', 2, 4 FROM stat_day")
        database.close()
        found = exposition.read(self.run_program("stats", "--prometheus").out)
        [attempts] = found["pixazo_repository_attempts_total"][1].values()
        self.assertEqual(attempts, 5)
        self.assertEqual(sum(found["pixazo_repository_generations"][1].values()), 3)

    def test_the_names_are_no_names_of_a_process(self):
        """A process counts from its own start; one name must not mean two things."""
        page = (Path(__file__).parents[2] / "docs/observability.md").read_text()
        process = set(re.findall(r"`(pixazo_\w+)`", page.split("### Programs that do not live long")[0]))
        self.run_program("budget", "set", "5", "--period", "day")
        mine = set(exposition.read(self.run_program("stats", "--prometheus").out))
        self.assertGreater(len(process), 10)
        self.assertEqual(mine & process, set())
        self.assertLessEqual(mine, set(re.findall(r"`(pixazo_\w+)`", page)), "all are in the docs")


if __name__ == "__main__":
    support.main()
