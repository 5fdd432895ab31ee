// SPDX-License-Identifier: MIT
// What any client must be able to do. `call(params, options)` hides how a client spells it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

async function everyTool(client, call) {
  const { tools } = await client.listTools(); // the client keeps the schemas and compares every answer with them
  assert.equal(tools.length, 9);
  let heard = 0;
  const made = await call({ name: "pix_generate", arguments: { prompt: "a red fox", width: 128, height: 64, THEME: "x" } },
    { onprogress: (progress) => { heard = Math.max(heard, progress.progress); } });
  assert.ok(!made.isError);
  assert.ok(heard >= 1, "no progress");
  assert.deepEqual(made.content.map((block) => block.type), ["text", "resource_link", "image"]);
  const image = made.structuredContent.generation.images[0];
  assert.equal(readFileSync(image.path).length, image.bytes);
  for (const [name, args] of [["hallo_pixazo", {}], ["pix_history", { text: "fox" }], ["pix_get", { id: image.id }],
    ["pix_budget", {}], ["pix_pending", {}], ["pix_resume", {}], ["pix_estimate", { prompt: "x" }],
    ["pix_export", { id: image.id, format: "webp", width: 32 }]]) {
    const answer = await call({ name, arguments: args });
    assert.ok(!answer.isError, `${name}: ${answer.content[0].text}`);
    assert.ok(answer.structuredContent, name);
  }
  return image;
}

async function resources(client, image) {
  const listed = await client.listResources();
  assert.deepEqual(listed.resources.map((resource) => resource.uri), [image.uri]);
  const read = await client.readResource({ uri: image.uri });
  assert.deepEqual(Buffer.from(read.contents[0].blob, "base64"), readFileSync(image.path));
  assert.equal((await client.listResourceTemplates()).resourceTemplates.length, 2);
  await assert.rejects(client.readResource({ uri: "file:///etc/passwd" }), /not found/i);
}

async function errors(call) {
  const refused = await call({ name: "pix_generate", arguments: { prompt: "x", width: "wide" } });
  assert.equal(refused.isError, true);
  assert.match(refused.content[0].text, /width/);
  await assert.rejects(call({ name: "no_such_tool", arguments: {} }), /Unknown tool/);
}

// The gateway takes a while for these: the client gives up, asks again, and it is paid once.
async function patience(call) {
  const cancelled = { name: "pix_generate", arguments: { prompt: "slow one", width: 64, height: 64 } };
  const stop = new AbortController();
  await assert.rejects(call(cancelled, { signal: stop.signal,
    onprogress: (progress) => { if (progress.message.startsWith("generating")) stop.abort("enough"); } }));
  assert.equal((await call(cancelled)).structuredContent.repeated, true);
  const late = { name: "pix_generate", arguments: { prompt: "slow two", width: 64, height: 64 } };
  await assert.rejects(call(late, { timeout: 300 }), /timed out/i);
  assert.ok(!(await call(late)).isError); // the POSTs are counted in the end
}

async function together(call) {
  const numbers = [1, 2, 3, 4];
  const made = await Promise.all(numbers.map((i) =>
    call({ name: "pix_generate", arguments: { prompt: `many ${i}`, width: 64, height: 64 } })));
  assert.deepEqual(made.map((answer) => answer.structuredContent.generation.prompt), numbers.map((i) => `many ${i}`));
}

export async function accept(client, call) {
  assert.equal(client.getServerVersion().name, "pixazo-mcp");
  assert.ok(client.getInstructions().includes("pix_generate"));
  const image = await everyTool(client, call);
  await resources(client, image);
  await errors(call);
  await patience(call);
  await together(call);
  await client.close();
  console.log("accepted");
}

export function parameters() {
  const [server, project] = process.argv.slice(2);
  return { command: server, args: ["--project-dir", project, "--progress-ms", "100", "--set", "concurrency=4"],
    env: process.env, stderr: "inherit" };
}
