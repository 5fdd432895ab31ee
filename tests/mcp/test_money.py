# SPDX-License-Identifier: MIT
"""What is paid, how often, and that nothing paid is lost: POSTs are counted at the gateway."""

import json
import signal
import time
from pathlib import Path

import support
from support import of_type, text_of

ARGUMENTS = {"prompt": "a red fox", "width": 64, "height": 64}


def cancelled(request_id):
    return {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": request_id, "reason": "time-out"}}


class Repeats(support.GatewayCase):
    def ask_for_picture(self, server, **more):
        return server.request("tools/call", {"name": "pix_generate", "arguments": {**ARGUMENTS, **more}})

    def test_a_client_that_gives_up_and_asks_again_pays_once(self):
        self.script({"method": "POST", "delay_ms": 2000})
        server = self.start()
        first = self.ask_for_picture(server)
        self.wait_for_posts(1)
        server.send(cancelled(first))
        result = server.call("pix_generate", ARGUMENTS)
        self.assertTrue(result["structuredContent"]["repeated"])
        self.assertIn("earlier call", text_of(result))
        self.assertTrue(Path(result["structuredContent"]["generation"]["images"][0]["path"]).is_file())
        self.assertEqual(self.counts()["posts"], 1)
        server.silence(lambda m: m.get("id") == first)
        server.close()

    def test_what_was_finished_for_a_client_that_gave_up_waits_for_it(self):
        self.script({"method": "POST", "delay_ms": 300})
        server = self.start()
        first = self.ask_for_picture(server)
        self.wait_for_posts(1)
        server.send(cancelled(first))
        self.wait_for_state(server, "done")
        self.assertTrue(server.call("pix_generate", ARGUMENTS)["structuredContent"]["repeated"])
        self.assertEqual(self.counts()["posts"], 1)

    def test_equal_calls_at_once_are_one_picture(self):
        self.script({"method": "POST", "delay_ms": 1000})
        server = self.start()
        ids = [101, 102, 103, 104]
        server.send(b"".join(json.dumps({"jsonrpc": "2.0", "id": each, "method": "tools/call", "params":
                                         {"name": "pix_generate", "arguments": ARGUMENTS}}).encode() + b"\n" for each in ids))
        results = [server.answer(each)["result"]["structuredContent"] for each in ids]
        self.assertEqual(len({result["generation"]["id"] for result in results}), 1)
        self.assertEqual(sorted(result["repeated"] for result in results), [False, True, True, True])
        self.assertEqual(self.counts()["posts"], 1)

    def test_an_answered_call_said_again_is_another_picture(self):
        server = self.start()
        results = [server.call("pix_generate", ARGUMENTS)["structuredContent"] for _ in range(2)]
        self.assertNotEqual(results[0]["generation"]["id"], results[1]["generation"]["id"])
        self.assertEqual([result["repeated"] for result in results], [False, False])
        self.assertEqual(self.counts()["posts"], 2)

    def test_a_cancel_that_crosses_the_answer_means_that_it_was_not_taken(self):
        server = self.start()
        first = server.answer(self.ask_for_picture(server))
        server.send(cancelled(first["id"]))
        repeated = server.call("pix_generate", ARGUMENTS)["structuredContent"]
        self.assertTrue(repeated["repeated"])
        self.assertEqual(repeated["generation"]["id"], first["result"]["structuredContent"]["generation"]["id"])
        self.assertFalse(server.call("pix_generate", ARGUMENTS)["structuredContent"]["repeated"])
        self.assertEqual(self.counts()["posts"], 2)

    def test_answered_calls_said_again_at_once_are_never_mistaken(self):
        server = self.start("--max-images", "none")
        pictures = {server.call("pix_generate", ARGUMENTS)["structuredContent"]["generation"]["id"] for _ in range(30)}
        self.assertEqual(len(pictures), 30)

    def test_the_same_request_id_and_arguments_are_paid_once(self):
        server = self.start()
        params = {"name": "pix_generate", "arguments": ARGUMENTS}
        first = server.answer(server.request("tools/call", params, "again"))["result"]["structuredContent"]
        second = server.answer(server.request("tools/call", params, "again"))["result"]["structuredContent"]
        self.assertEqual(first["generation"]["id"], second["generation"]["id"])
        self.assertTrue(second["repeated"])
        self.assertEqual(self.counts()["posts"], 1)
        self.assertEqual(server.call("pix_budget")["structuredContent"]["images"], 1)

    def test_a_new_session_with_the_same_ids_gets_pictures_of_its_own(self):
        pictures = set()
        for _ in range(2):
            server = self.start()
            answer = server.answer(server.request("tools/call", {"name": "pix_generate", "arguments": ARGUMENTS}, 1000))
            self.assertFalse(answer["result"]["structuredContent"]["repeated"])
            pictures.add(answer["result"]["structuredContent"]["generation"]["id"])
            server.close()
        self.assertEqual(len(pictures), 2)
        self.assertEqual(self.counts()["posts"], 2)

    def test_a_key_of_the_clients_own_names_one_picture_for_ever(self):
        pictures = set()
        for _ in range(2):
            server = self.start()
            for prompt in ("a red fox", "a blue fox"):
                result = server.generate(prompt, idempotency_key="cover")
                pictures.add(result["structuredContent"]["generation"]["id"])
            self.assertTrue(result["structuredContent"]["repeated"])
            server.close()
        self.assertEqual(len(pictures), 1)
        self.assertEqual(self.counts()["posts"], 1)

    def test_a_call_that_failed_unheard_is_tried_anew(self):
        self.script({"method": "POST", "times": 1, "delay_ms": 300, "answer": "bad-request"})
        server = self.start()
        first = self.ask_for_picture(server)
        self.wait_for_posts(1)
        server.send(cancelled(first))
        self.wait_for_state(server, "failed")
        self.assertFalse(server.call("pix_generate", ARGUMENTS)["structuredContent"]["repeated"])
        self.assertEqual(self.counts()["posts"], 2)


class Cancel(support.GatewayCase):
    def test_nothing_is_said_after_a_cancel_and_what_was_sent_is_recorded(self):
        self.script({"method": "POST", "delay_ms": 2000})
        server = self.start("--progress-ms", "100")
        first = server.request("tools/call", {"name": "pix_generate", "arguments": ARGUMENTS, "_meta": {"progressToken": "t"}})
        self.wait_for_posts(1)
        server.send(cancelled(first))
        server.result("ping")
        server.waiting.clear()
        self.wait_for_state(server, "done")
        server.silence(lambda m: m.get("id") == first or m.get("method") == "notifications/progress")
        self.assertEqual(self.counts()["posts"], 1)

    def test_what_is_not_sent_yet_is_never_sent(self):
        self.script({"method": "POST", "status": 429, "headers": {"Retry-After": "100"}, "body": {"message": "later"}})
        server = self.start()
        first = server.request("tools/call", {"name": "pix_generate", "arguments": ARGUMENTS})
        self.wait_for_posts(1)
        server.send(cancelled(first))
        self.wait_for_state(server, "failed")
        server.close()
        self.assertEqual(self.counts()["posts"], 1)
        self.assertNotIn(f'"id":{first},'.encode(), server.raw)

    def test_cancelling_what_is_not_there_is_nothing(self):
        server = self.start()
        for request_id in (99, "x", None, {}, 1.5):
            server.send(cancelled(request_id))
        self.assertEqual(server.result("ping"), {})


class Progress(support.GatewayCase):
    def test_a_call_with_a_token_is_heard_of_until_it_is_answered(self):
        self.script({"method": "POST", "delay_ms": 1000})
        server = self.start("--progress-ms", "100")
        result = server.call("pix_generate", ARGUMENTS, progressToken=42)
        seen = server.progress(42)
        numbers = [p["progress"] for p in seen]
        self.assertGreaterEqual(len(seen), 3)
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertTrue(any("generating" in p["message"] for p in seen), seen)
        self.assertFalse(result["isError"])
        lines = [json.loads(line) for line in server.raw.splitlines()]
        server.result("ping")
        later = [json.loads(line) for line in server.raw.splitlines()][len(lines):]
        self.assertEqual([m for m in later if m.get("method") == "notifications/progress"], [])

    def test_what_is_sent_is_generating_before_anything_is_answered(self):
        self.script({"method": "POST", "drop": True, "cut": "stall"})
        server = self.start()
        server.request("tools/call", {"name": "pix_generate", "arguments": ARGUMENTS, "_meta": {"progressToken": 1}})
        seen = server.find(lambda m: m.get("method") == "notifications/progress" and "generating" in m["params"]["message"])
        self.assertIsNotNone(seen)
        server.kill()

    def test_without_a_token_there_is_none(self):
        self.script({"method": "POST", "delay_ms": 500})
        server = self.start("--progress-ms", "100")
        server.call("pix_generate", ARGUMENTS)
        self.assertEqual(server.waiting, [])

    def test_several_calls_run_at_once_and_are_told_apart(self):
        self.script({"method": "POST", "delay_ms": 800})
        server = self.start("--progress-ms", "100", "--set", "concurrency=4")
        ids = [server.request("tools/call", {"name": "pix_generate", "arguments": {**ARGUMENTS, "prompt": f"fox {i}"},
                                             "_meta": {"progressToken": f"t{i}"}}) for i in range(4)]
        self.assertFalse(server.call("pix_history")["isError"])
        for i, request_id in enumerate(ids):
            record = server.answer(request_id)["result"]["structuredContent"]["generation"]
            self.assertEqual(record["prompt"], f"fox {i}")
            self.assertGreaterEqual(len(server.progress(f"t{i}")), 2)
        self.assertGreater(self.counts()["posts_open_peak"], 1)


class Limits(support.GatewayCase):
    def test_limits_are_on_by_default(self):
        budget = self.start().call("pix_budget")["structuredContent"]
        self.assertEqual((budget["left_micros"], budget["images_left"]), (5000000, 100))

    def test_the_number_of_pictures_is_limited(self):
        server = self.start("--max-images", "2")
        server.generate("one")
        self.assertIn("at most 2 pictures", text_of(server.generate("many", count=2, fails=True)))
        server.generate("two")
        refused = server.generate("three", fails=True)
        self.assertIn("nothing was sent", text_of(refused))
        self.assertEqual(self.counts()["posts"], 2)
        budget = server.call("pix_budget")["structuredContent"]
        self.assertEqual((budget["images"], budget["images_left"], budget["budget_micros"]), (2, 0, 5000000))

    def test_a_part_that_was_not_made_says_why_beside_the_one_that_was(self):
        self.script({"method": "POST", "nth": 2, "answer": "bad-request"})
        told = text_of(self.start().generate("two foxes", count=2))
        self.assertIn("saved successfully", told)
        self.assertIn("This is not all: the provider refused the call", told)

    def test_pictures_that_were_not_made_do_not_count(self):
        self.script({"method": "POST", "times": 1, "answer": "bad-request"})
        server = self.start("--max-images", "1")
        server.generate("one", fails=True)
        server.generate("two")
        server.generate("three", fails=True)

    def test_a_price_nobody_knows_does_not_pass_a_budget(self):
        server = self.start()
        self.assertIn("price of this model is not known", text_of(server.generate(model="pixazo/sdxl-turbo", fails=True)))
        self.assertEqual(self.counts()["posts"], 0)
        server.close()
        server = self.start("--budget", "none")
        server.generate(model="pixazo/sdxl-turbo")
        self.assertNotIn("budget_micros", server.call("pix_budget")["structuredContent"])
        self.assertEqual(self.counts()["posts"], 1)

    def test_one_call_makes_at_most_eight(self):
        server = self.start()
        for name in ("count", "n", "num_images"):
            server.generate(fails=True, **{name: 9})
        self.assertEqual(self.counts()["posts"], 0)


class Budget(support.Case):
    """The offline provider can be given a price."""

    def test_spending_stops_at_the_budget(self):
        server = self.start("--budget", "0.10", PIXAZO_OFFLINE_SCRIPT='{"price_micros": 40000, "calls": []}')
        for prompt in ("one", "two"):
            server.generate(prompt)
        refused = text_of(server.generate("three", fails=True))
        self.assertIn("0.02 USD of the budget", refused)
        self.assertIn("nothing was sent", refused)
        budget = server.call("pix_budget")["structuredContent"]
        self.assertEqual((budget["spent_micros"], budget["left_micros"], budget["images"]), (80000, 20000, 2))
        self.assertEqual([(row["currency"], row["settled_micros"]) for row in budget["ledger"]], [("USD", 80000)])
        self.assertIn("0.08 USD", text_of(server.call("pix_budget")))


class Crash(support.GatewayCase):
    def test_killed_in_mid_call_resume_brings_the_picture_home_for_one_post(self):
        self.script({"path": "/files/*", "delay_ms": 60000})
        server = self.start()
        server.request("tools/call", {"name": "pix_generate", "arguments": ARGUMENTS})
        until = time.monotonic() + support.PATIENCE
        while self.counts()["downloads"] == 0:
            self.assertLess(time.monotonic(), until)
            time.sleep(0.02)
        server.kill()
        self.script()
        server = self.start()
        pending = server.call("pix_pending")["structuredContent"]["generations"]
        self.assertEqual([record["state"] for record in pending], ["active"])
        self.assertIn("not ended well", text_of(server.call("pix_generate", ARGUMENTS, fails=True)))
        resumed = server.call("pix_resume")["structuredContent"]
        self.assertEqual((resumed["report"]["resumed"], resumed["report"]["done"]), (1, 1))
        self.assertEqual([(record["id"], record["state"]) for record in resumed["generations"]], [(pending[0]["id"], "done")])
        record = server.call("pix_get", {"id": pending[0]["id"]})["structuredContent"]["generation"]
        self.assertTrue(Path(record["images"][0]["path"]).is_file())
        self.assertEqual(self.counts()["posts"], 1)
        self.assertEqual(server.call("pix_pending")["structuredContent"]["generations"], [])
        server.call("pix_generate", ARGUMENTS)
        self.assertEqual(self.counts()["posts"], 2)

    def test_killed_while_the_service_works_nothing_is_sent_again_by_itself(self):
        self.script({"method": "POST", "drop": True, "cut": "stall"})
        server = self.start()
        server.request("tools/call", {"name": "pix_generate", "arguments": ARGUMENTS})
        self.wait_for_posts(1)
        server.kill()
        self.script()
        server = self.start()
        server.call("pix_generate", ARGUMENTS, fails=True)
        server.call("pix_resume")
        self.assertEqual(self.counts()["posts"], 1)
        self.assertEqual(server.call("pix_history")["structuredContent"]["generations"][0]["state"], "failed")  # it is free
        server.call("pix_generate", ARGUMENTS)
        self.assertEqual(self.counts()["posts"], 2)

    def test_killed_while_a_service_works_that_takes_money_nothing_is_sent_again(self):
        self.script({"method": "POST", "times": 1, "delay_ms": 60000})
        turbo = {**ARGUMENTS, "model": "pixazo/sdxl-turbo"}
        server = self.start("--budget", "none")
        server.request("tools/call", {"name": "pix_generate", "arguments": turbo})
        self.wait_for_posts(1)
        server.kill()
        server = self.start("--budget", "none")
        self.assertIn("might pay twice", text_of(server.call("pix_generate", turbo, fails=True)))
        server.call("pix_resume")
        self.assertEqual(server.call("pix_pending")["structuredContent"]["generations"][0]["state"], "ambiguous")
        self.assertIn("might pay twice", text_of(server.call("pix_generate", turbo, fails=True)))
        self.assertEqual(self.counts()["posts"], 1)

    def test_a_call_without_a_known_end_is_not_paid_again_by_repeating_it(self):
        self.script({"method": "POST", "times": 1, "drop": True, "cut": "reset"})
        server = self.start("--budget", "none")
        turbo = {**ARGUMENTS, "model": "pixazo/sdxl-turbo"}
        first = text_of(server.call("pix_generate", turbo, fails=True))
        self.assertIn("may have been charged", first)
        again = text_of(server.call("pix_generate", turbo, fails=True))
        self.assertIn("might pay twice", again)
        self.assertEqual(self.counts()["posts"], 1)
        pending = server.call("pix_pending")["structuredContent"]["generations"][0]
        self.assertEqual(pending["state"], "ambiguous")
        server.call("pix_resume", {"abandon": pending["id"]})
        server.call("pix_generate", turbo)
        self.assertEqual(self.counts()["posts"], 2)

    def test_a_client_that_goes_away_finds_its_picture_in_the_history(self):
        self.script({"method": "POST", "delay_ms": 700})
        server = self.start()
        server.request("tools/call", {"name": "pix_generate", "arguments": ARGUMENTS})
        self.wait_for_posts(1)
        server.close()
        server = self.start()
        record = server.call("pix_history")["structuredContent"]["generations"][0]
        self.assertEqual(record["state"], "done")
        self.assertTrue(Path(record["images"][0]["path"]).is_file())
        self.assertEqual(self.counts()["posts"], 1)

    def test_a_client_that_dies_loses_nothing_either(self):
        self.script({"method": "POST", "delay_ms": 500})
        server = self.start(session=False, deaf=True)
        server.request("tools/call", {"name": "pix_generate", "arguments": ARGUMENTS, "_meta": {"progressToken": 1}})
        self.wait_for_posts(1)
        server.process.stdout.close()
        server.process.stdin.close()
        self.assertEqual(server.process.wait(support.PATIENCE), 0)
        record = self.start().call("pix_history")["structuredContent"]["generations"][0]
        self.assertEqual(record["state"], "done")
        self.assertEqual(self.counts()["posts"], 1)

    def test_sigterm_finishes_what_is_paid_and_sends_nothing_new(self):
        self.script({"method": "POST", "delay_ms": 2000})
        server = self.start("--set", "concurrency=1")
        first = server.request("tools/call", {"name": "pix_generate", "arguments": ARGUMENTS})
        self.wait_for_posts(1)
        server.request("tools/call", {"name": "pix_generate", "arguments": {**ARGUMENTS, "prompt": "second"}})
        server.process.send_signal(signal.SIGTERM)
        self.assertFalse(server.answer(first)["result"]["isError"])
        self.assertEqual(server.process.wait(support.PATIENCE), 0)
        self.assertEqual(self.counts()["posts"], 1)


class Threads(support.Case):
    def test_more_calls_than_threads_wait_their_turn(self):
        server = self.start("--max-images", "none")
        ids = [server.request("tools/call", {"name": "pix_history", "arguments": {}}) for _ in range(120)]
        for request_id in ids:
            self.assertFalse(server.answer(request_id)["result"]["isError"])
        self.assertEqual(of_type(server.call("pix_history"), "image"), [])


if __name__ == "__main__":
    support.main()
