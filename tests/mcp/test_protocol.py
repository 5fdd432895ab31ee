# SPDX-License-Identifier: MIT
"""Raw bytes in, messages out: both kinds of revisions, and everything a client can get wrong."""

import json
import select
import signal
import time

import support
from support import SESSION, STATELESS, modern, of_type, text_of


class Sessions(support.Case):
    def test_every_revision_that_is_known_is_echoed_and_others_get_the_latest(self):
        server = self.start(session=False)
        for version in ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"):
            result = server.start_session(version)
            self.assertEqual(result["protocolVersion"], version)
            self.assertEqual(result["serverInfo"]["name"], "pixazo-mcp")
            self.assertEqual(set(result["capabilities"]), {"tools", "resources", "logging"})
        for version in ("1999-01-01", "", "2026-07-28"):
            self.assertEqual(server.start_session(version)["protocolVersion"], SESSION)
        server.close()

    def test_tools_are_listed_before_initialize_too(self):
        server = self.start(session=False)
        tools = {tool["name"]: tool for tool in server.result("tools/list")["tools"]}
        self.assertEqual(set(tools), {"pix_generate", "hallo_pixazo", "pix_history", "pix_get", "pix_resume", "pix_pending",
                                      "pix_estimate", "pix_budget", "pix_export"})
        self.assertEqual(tools["pix_generate"]["inputSchema"]["required"], ["prompt"])
        for name in ("negative_prompt", "width", "height", "num_steps", "guidance_scale", "seed"):
            entry = tools["pix_generate"]["inputSchema"]["properties"][name]
            self.assertTrue(entry["type"] and entry["description"], name)
        for tool in tools.values():
            self.assertEqual(tool["inputSchema"]["type"], "object")
            self.assertEqual(tool["outputSchema"]["type"], "object")
            self.assertIn("readOnlyHint", tool["annotations"])
            self.assertTrue(tool["title"] and tool["description"])
        hints = {name: [tool["annotations"].get(hint) for hint in ("readOnlyHint", "destructiveHint", "openWorldHint")]
                 for name, tool in tools.items()}
        self.assertEqual(hints.pop("pix_generate"), [False, False, True])
        self.assertEqual(hints.pop("pix_export"), [False, False, False])
        self.assertEqual(hints.pop("pix_resume"), [False, True, True])
        self.assertEqual({tuple(each) for each in hints.values()}, {(True, None, False)})

    def test_ids_come_back_exactly_as_they_were(self):
        server = self.start(session=False)
        for number in (b"7", b'"7"', b"9007199254740993", b"-1", b"1.5", b'"a\\"\\u00e9 b"', b'"\xc3\xa9"', b"0"):
            server.send(b'{"jsonrpc":"2.0","id":' + number + b',"method":"ping"}\n')
            message = server.find(lambda m: True)
            self.assertEqual(message["result"], {})
            self.assertIn(b'"id":' + number + b",", server.raw.splitlines()[-1])

    def test_errors_have_the_codes_of_the_protocol(self):
        server = self.start()
        self.assertEqual(server.ask("no/such")["error"]["code"], -32601)
        self.assertEqual(server.ask("prompts/list")["error"]["code"], -32601)
        self.assertEqual(server.ask("server/discover")["error"]["code"], -32601)
        self.assertEqual(server.ask("tools/call", {"name": "no_such"})["error"], {"code": -32602, "message": "Unknown tool: no_such"})
        self.assertEqual(server.ask("tools/call", {})["error"]["code"], -32602)
        self.assertEqual(server.ask("tools/call")["error"]["code"], -32602)
        self.assertEqual(server.ask("tools/call", [1])["error"]["code"], -32602)
        self.assertEqual(server.ask("tools/call", {"name": "pix_get", "arguments": 5})["error"]["code"], -32602)
        self.assertEqual(server.ask("tools/list", {"cursor": "x"})["error"]["code"], -32602)
        self.assertEqual(server.ask("logging/setLevel", {"level": "loud"})["error"]["code"], -32602)
        self.assertEqual(server.ask("resources/read", {"uri": "pixazo://image/x"})["error"]["code"], -32002)
        self.assertEqual(server.ask("resources/read", {})["error"]["code"], -32602)
        self.assertEqual(server.ask("resources/list", {"cursor": "x"})["error"]["code"], -32602)

    def test_a_long_name_is_cut_between_characters(self):
        server = self.start()
        for name in ("\u00e9" * 200, "x" + "\u20ac" * 200, "xx" + "\U0001f98a" * 100):
            self.assertEqual(server.ask("tools/call", {"name": name})["error"]["code"], -32602)

    def test_what_nobody_can_answer_is_answered_by_nobody(self):
        server = self.start()
        for line in (b"", b"   ", b"{", b"no json", b"[]", b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]', b"null", b"5", b'"x"',
                     b'{"jsonrpc":"2.0","id":null,"method":"ping"}', b'{"id":1,"method":"ping"}', b'{"jsonrpc":"1.0","id":1,"method":"ping"}',
                     b'{"jsonrpc":"2.0","id":{},"method":"ping"}', b'{"jsonrpc":"2.0","id":true,"method":"ping"}',
                     b'{"jsonrpc":"2.0","id":1,"method":5}', b'{"jsonrpc":"2.0","id":99,"result":{}}', b'{"jsonrpc":"2.0"}',
                     b'{"jsonrpc":"2.0","method":"notifications/unknown"}', b'{"jsonrpc":"2.0","method":"ping"}',
                     b'{"jsonrpc":"2.0","id":1,"method":"ping"} trailing', b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}',
                     b'\xef\xbb\xbf{"jsonrpc":"2.0","id":1,"method":"ping"}', b'{"jsonrpc":"2.0","id":"\xff","method":"ping"}',
                     b'{"jsonrpc":"2.0","id":"\\u0000","method":"ping"}', b'{"jsonrpc":"2.0","id":1,"method":"ping"\x00}',
                     b'{"jsonrpc":"2.0","id":"a\x00b","method":"ping"}', b'{"jsonrpc":"2.0","id":' + b"[" * 200 + b"]" * 200 + b"}"):
            server.send(line + b"\n")
        server.send(b'{"jsonrpc":"2.0","id":"end","method":"ping"}\r\n')
        self.assertEqual(server.find(lambda m: True)["id"], "end")

    def test_a_line_of_a_hundred_megabytes_is_passed_over(self):
        server = self.start()
        server.send(b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pix_generate","arguments":{"prompt":"')
        piece = b"x" * 1000000
        for _ in range(100):
            server.send(piece)
        server.send(b'"}}}\n')
        self.assertEqual(server.ask("ping")["result"], {})
        with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
            peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        self.assertLess(peak, 250000, "kB")
        self.assertEqual(server.waiting, [])
        server.close()
        self.assertIn("not read", "".join(server.errors))

    def test_floods_of_notifications_and_of_requests_are_served_in_order(self):
        server = self.start()
        server.send(b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}\n' * 5000)
        for number in range(500):
            server.send({"jsonrpc": "2.0", "id": f"p{number}", "method": "ping"})
        for number in range(500):
            self.assertEqual(server.find(lambda m: True)["id"], f"p{number}")

    def test_batches_are_taken_in_the_one_revision_that_has_them(self):
        server = self.start(session=False)
        server.start_session("2025-03-26")
        server.send([{"jsonrpc": "2.0", "id": 70, "method": "ping"}, {"jsonrpc": "2.0", "method": "notifications/x"}, 5,
                     {"jsonrpc": "2.0", "id": 71, "method": "tools/list"}])
        self.assertEqual(server.answer(70)["result"], {})
        self.assertIn("tools", server.answer(71)["result"])

    def test_old_clients_get_no_links_and_find_the_data_as_text(self):
        server = self.start(session=False)
        server.start_session("2024-11-05")
        result = server.generate()
        self.assertEqual(of_type(result, "resource_link"), [])
        self.assertNotIn("structuredContent", result)
        self.assertEqual(json.loads(of_type(result, "text")[1]["text"])["generation"]["state"], "done")

    def test_log_lines_are_sent_only_to_those_who_ask(self):
        server = self.start()
        server.call("hallo_pixazo")
        self.assertEqual([m for m in server.waiting if m.get("method") == "notifications/message"], [])
        self.assertEqual(server.result("logging/setLevel", {"level": "warning"}), {})
        server.send(b"no json\n")
        message = server.find(lambda m: m.get("method") == "notifications/message")
        self.assertEqual(message["params"]["level"], "warning")

    def test_the_last_line_needs_no_end_and_the_end_of_input_is_the_end(self):
        server = self.start()
        server.send(b'{"jsonrpc":"2.0","id":"last","method":"tools/call","params":{"name":"pix_generate","arguments":{"prompt":"x"}}}')
        server.close()
        self.assertEqual(json.loads(server.raw.splitlines()[-1])["id"], "last")
        self.assertFalse(json.loads(server.raw.splitlines()[-1])["result"]["isError"])

    def test_a_client_that_reads_nothing_is_not_waited_for_at_the_end(self):
        server = self.start(session=False, deaf=True)
        server.send(b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}\n' * 50)
        self.assertTrue(select.select([server.process.stdout], [], [], support.PATIENCE)[0])
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(support.PATIENCE), 0)

    def test_sigterm_ends_an_idle_server_at_once(self):
        server = self.start()
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(support.PATIENCE), 0)
        self.assertLess(time.monotonic() - began, 10)


class Stateless(support.Case):
    def ask(self, server, method, params=None, **meta):
        return server.ask(method, {**(params or {}), "_meta": modern(**meta)})

    def test_discovery_names_every_revision(self):
        server = self.start(session=False)
        result = self.ask(server, "server/discover")["result"]
        self.assertEqual(result["supportedVersions"], [STATELESS, "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"])
        self.assertEqual(result["resultType"], "complete")
        self.assertEqual(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "pixazo-mcp")
        self.assertNotIn("logging", result["capabilities"])
        self.assertGreaterEqual(result["ttlMs"], 0)
        self.assertIn(result["cacheScope"], ("public", "private"))

    def test_lists_say_how_long_they_are_fresh(self):
        server = self.start(session=False)
        for method in ("tools/list", "resources/list", "resources/templates/list"):
            result = self.ask(server, method)["result"]
            self.assertEqual(result["resultType"], "complete")
            self.assertIn("ttlMs", result)
            self.assertIn("cacheScope", result)

    def test_what_the_revision_took_away_is_not_found(self):
        server = self.start(session=False)
        for method in ("initialize", "ping", "logging/setLevel"):
            self.assertEqual(self.ask(server, method)["error"]["code"], -32601, method)

    def test_metadata_is_required_whole_and_in_a_revision_that_is_known(self):
        server = self.start(session=False)
        answer = self.ask(server, "tools/list", version="2031-01-01")
        self.assertEqual(answer["error"]["code"], -32022)
        self.assertEqual(answer["error"]["data"]["requested"], "2031-01-01")
        self.assertIn(STATELESS, answer["error"]["data"]["supported"])
        self.assertEqual(self.ask(server, "tools/list", version="\u00e9" * 40)["error"]["code"], -32022)
        for meta in ({"io.modelcontextprotocol/protocolVersion": STATELESS},
                     {"io.modelcontextprotocol/protocolVersion": 5, "io.modelcontextprotocol/clientCapabilities": {}}):
            self.assertEqual(server.ask("tools/list", {"_meta": meta})["error"]["code"], -32602)
        answer = self.ask(server, "resources/read", {"uri": "pixazo://image/01a1fcd9-09cb-73e3-9694-cea206c3d986"})
        self.assertEqual(answer["error"]["code"], -32602)

    def test_a_picture_is_made_with_progress_and_without_a_session(self):
        server = self.start("--progress-ms", "100", session=False)
        answer = self.ask(server, "tools/call", {"name": "pix_generate", "arguments": {"prompt": "x", "width": 64, "height": 64}},
                          progressToken="p1")
        result = answer["result"]
        self.assertEqual(result["resultType"], "complete")
        self.assertEqual(result["structuredContent"]["generation"]["state"], "done")
        self.assertEqual(len(of_type(result, "resource_link")), 1)
        self.assertIn("offline test pictures", text_of(result))

    def test_both_kinds_live_in_one_server(self):
        server = self.start()
        self.assertIn("resultType", self.ask(server, "tools/list")["result"])
        self.assertNotIn("resultType", server.result("tools/list"))
        self.assertEqual(server.result("ping"), {})


if __name__ == "__main__":
    support.main()
