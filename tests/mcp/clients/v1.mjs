// SPDX-License-Identifier: MIT
// @modelcontextprotocol/sdk 1.x: node v1.mjs SERVER PROJECT
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { accept, parameters } from "./acceptance.mjs";

const client = new Client({ name: "acceptance", version: "1.0.0" }, { capabilities: {} });
await client.connect(new StdioClientTransport(parameters()));
await client.ping();
await client.setLoggingLevel("warning");
await accept(client, (call, options) => client.callTool(call, undefined, options));
