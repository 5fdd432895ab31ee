// SPDX-License-Identifier: MIT
// @modelcontextprotocol/client 2.x in each of its ways to agree on a revision: node v2.mjs SERVER PROJECT MODE
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { accept, parameters } from "./acceptance.mjs";

const mode = process.argv[4];
const client = new Client({ name: "acceptance", version: "1.0.0" },
  { capabilities: {}, versionNegotiation: { mode: mode === "pin" ? { pin: "2026-07-28" } : mode } });
await client.connect(new StdioClientTransport(parameters()));
assert.equal(client.getNegotiatedProtocolVersion(), mode === "legacy" ? "2025-11-25" : "2026-07-28");
await accept(client, (call, options) => client.callTool(call, options));
