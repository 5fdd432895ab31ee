// SPDX-License-Identifier: MIT
// OpenAI's own client against the gateway: what it reads out of answers, streams and errors.
import assert from "node:assert/strict";

import { isPng, load, refused, run } from "./kit.mjs";

const { default: OpenAI, toFile } = load("openai");
const model = "gpt-image-2";
const prompt = "a red fox";
const client = (gateway, options = {}) =>
  new OpenAI({ apiKey: "right", baseURL: `${gateway.base}/v1`, maxRetries: 0, ...options });

async function picture(gateway) {
  return Buffer.from(await (await fetch(`${gateway.base}/files/input-8x8.png`)).arrayBuffer());
}

async function collect(stream) {
  const events = [];
  for await (const event of stream) events.push(event);
  return events;
}

await run(
  {
    async "pictures come with their usage"(gateway) {
      const answer = await client(gateway).images.generate({ model, prompt, n: 2, size: "1536x1024", quality: "low" });
      assert.equal(answer.data.length, 2);
      assert.ok(answer.data.every((datum) => isPng(datum.b64_json)));
      assert.equal(answer.size, "1536x1024");
      assert.equal(answer.usage.total_tokens, answer.usage.input_tokens + answer.usage.output_tokens);
      assert.match(answer._request_id, /^req_[0-9a-f]{16}$/);
      const page = await client(gateway).models.list();
      assert.ok(page.data.some((entry) => entry.id === model));
    },

    async "an older model gives addresses"(gateway) {
      const answer = await client(gateway).images.generate({ model: "dall-e-3", prompt, response_format: "url" });
      assert.equal((await fetch(answer.data[0].url)).headers.get("content-type"), "image/png");
    },

    async "an edit sends files"(gateway) {
      const file = await picture(gateway);
      const type = "image/png";
      const images = [await toFile(file, "a.png", { type }), await toFile(file, "b.png", { type })];
      const answer = await client(gateway).images.edit({ model: "gpt-image-1.5", prompt, image: images });
      assert.ok(isPng(answer.data[0].b64_json));
      const seen = (await gateway.control("GET", "requests")).requests.findLast((entry) => entry.parts);
      assert.deepEqual(seen.parts.map((part) => part.name).sort(), ["image[]", "image[]", "model", "prompt"]);
      assert.ok((await client(gateway).images.edit({ model, prompt, image: images[0], n: 2 })).data.length === 2);
    },

    async "a stream of partial pictures"(gateway) {
      const forms = [{}, { newline: "crlf", comments: true }, { newline: "cr" }, { done: true }, { split_data: true }];
      const partial = "image_generation.partial_image";
      for (const rule of forms) {
        await gateway.script(rule);
        const stream = await client(gateway).images.generate({ model, prompt, stream: true, partial_images: 2 });
        const events = await collect(stream);
        assert.deepEqual(events.map((event) => event.type), [partial, partial, "image_generation.completed"]);
        assert.ok(events.every((event) => isPng(event.b64_json)));
      }
      const image = await toFile(await picture(gateway), "a.png", { type: "image/png" });
      const stream = await client(gateway).images.edit({ model, prompt, image, stream: true, partial_images: 1 });
      const events = await collect(stream);
      assert.deepEqual(events.map((event) => event.type), ["image_edit.partial_image", "image_edit.completed"]);
    },

    async "an error after the beginning of a stream"(gateway) {
      const stream_error = { type: "error", error: { message: "late", type: "server_error", code: "late_failure" } };
      await gateway.script({ stream_error, error_after: 1 });
      const stream = await client(gateway).images.generate({ model, prompt, stream: true, partial_images: 3 });
      const error = await refused(() => collect(stream));
      assert.ok(error instanceof OpenAI.APIError);
    },

    async "a refused parameter"(gateway) {
      const error = await refused(() => client(gateway).images.generate({ model, prompt, response_format: "b64_json" }));
      assert.ok(error instanceof OpenAI.BadRequestError);
      assert.deepEqual([error.code, error.param, error.type],
        ["unknown_parameter", "response_format", "invalid_request_error"]);
      assert.match(error.requestID, /^req_/);
    },

    async "each error has its class"(gateway) {
      const classes = {
        "moderation-output": OpenAI.BadRequestError, forbidden: OpenAI.PermissionDeniedError,
        "model-gone": OpenAI.NotFoundError, conflict: OpenAI.ConflictError,
        unprocessable: OpenAI.UnprocessableEntityError, quota: OpenAI.RateLimitError,
        "own-500": OpenAI.InternalServerError, overloaded: OpenAI.InternalServerError,
      };
      for (const [answer, kind] of Object.entries(classes)) {
        await gateway.script({ answer });
        const error = await refused(() => client(gateway).images.generate({ model, prompt }));
        assert.ok(error instanceof kind, `${answer}: ${error}`);
      }
      await gateway.script({ answer: "moderation-input" });
      const error = await refused(() => client(gateway).images.generate({ model, prompt }));
      assert.equal(error.code, "moderation_blocked");
      assert.deepEqual(error.error.moderation_details, { moderation_stage: "input", categories: ["violence"] });
      const wrong = await refused(() => client(gateway, { apiKey: "wrong" }).images.generate({ model, prompt }));
      assert.ok(wrong instanceof OpenAI.AuthenticationError);
    },

    async "what is tried again, and how soon"(gateway) {
      const tries = { "rate-limited-ms": 2, "rate-limited-fraction": 2, "do-retry-400": 2, "never-retry-500": 1,
        "bad-request": 1 };
      for (const [answer, posts] of Object.entries(tries)) {
        await gateway.script({ answer, times: 1 });
        const call = () => client(gateway, { maxRetries: 1 }).images.generate({ model, prompt });
        if (posts === 2) assert.equal((await call()).data.length, 1);
        else await refused(call);
        assert.equal(await gateway.posts(), posts, answer);
      }
    },

    async "a connection that breaks"(gateway) {
      await gateway.script({ cut_after: 1000, cut: "reset" });
      await refused(() => client(gateway).images.generate({ model, prompt }));
      await gateway.script({ drop: true, cut: "reset" });
      const error = await refused(() => client(gateway).images.generate({ model, prompt }));
      assert.ok(error instanceof OpenAI.APIConnectionError);
    },

    async "imitators"(gateway) {
      const local = new OpenAI({ apiKey: "none", baseURL: `${gateway.base}/as/localai/v1` });
      assert.match((await local.images.generate({ model: "any", prompt })).data[0].url, /\/generated-images\//);
      const cpp = new OpenAI({ apiKey: "none", baseURL: `${gateway.base}/as/stable-diffusion.cpp/v1`, maxRetries: 0 });
      assert.ok(isPng((await cpp.images.generate({ prompt })).data[0].b64_json));
      assert.equal((await refused(() => cpp.images.generate({ prompt: "" }))).status, 400);
    },
  },
  "--key",
  "openai=right",
);
