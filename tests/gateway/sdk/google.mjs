// SPDX-License-Identifier: MIT
// Google's own client against the gateway: parts, refusals, errors and streams as it reads them.
import assert from "node:assert/strict";

import { isPng, load, refused, run } from "./kit.mjs";

const { ApiError, FinishReason, GoogleGenAI } = load("@google/genai");
const model = "gemini-3.1-flash-image";
const contents = "a red fox";
const client = (gateway, apiKey = "right") => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: gateway.base } });
const ask = (gateway, config, more = {}) => client(gateway).models.generateContent({ model, contents, config, ...more });

await run(
  {
    async "a text and a picture"(gateway) {
      const imageConfig = { aspectRatio: "16:9", imageSize: "2K" };
      const answer = await ask(gateway, { responseModalities: ["TEXT", "IMAGE"], imageConfig });
      const [text, image] = answer.candidates[0].content.parts;
      assert.equal(text.text, answer.text);
      assert.ok(isPng(image.inlineData.data));
      assert.equal(answer.data, image.inlineData.data);
      assert.equal(answer.usageMetadata.candidatesTokenCount, 1680);
      assert.equal(answer.modelVersion, model);
    },

    async "a picture goes in"(gateway) {
      const file = Buffer.from(await (await fetch(`${gateway.base}/files/input-8x8.png`)).arrayBuffer()).toString("base64");
      const parts = [{ text: "a hat" }, { inlineData: { mimeType: "image/png", data: file } }];
      const answer = await ask(gateway, { responseModalities: ["IMAGE"] }, { contents: [{ role: "user", parts }] });
      assert.equal(answer.candidates[0].content.parts.length, 1);
    },

    async "several pictures, and thoughts"(gateway) {
      await gateway.script({ parts: ["thought-text", "thought-image", "text", "image", "jpeg"] });
      const answer = await ask(gateway);
      const thoughts = answer.candidates[0].content.parts.map((part) => part.thought ?? false);
      assert.deepEqual(thoughts, [true, true, false, false, false]);
      assert.equal(answer.text, "Here is a picture.");
    },

    async "refusals with status 200"(gateway) {
      await gateway.script({ answer: "finish:IMAGE_SAFETY" });
      assert.equal((await ask(gateway)).candidates[0].finishReason, FinishReason.IMAGE_SAFETY);
      await gateway.script({ answer: "block:PROHIBITED_CONTENT" });
      const blocked = await ask(gateway);
      assert.deepEqual([blocked.promptFeedback.blockReason, blocked.candidates], ["PROHIBITED_CONTENT", undefined]);
      await gateway.script({ answer: "text-only" });
      assert.match((await ask(gateway)).text, /can't/);
    },

    async "errors"(gateway) {
      const errors = [["quota", 429, "PerDay"], ["rate-limited-long", 429, "37.4s"], ["bad-key", 400, "API_KEY_INVALID"],
        ["overloaded", 503, "UNAVAILABLE"]];
      for (const [answer, status, code] of errors) {
        await gateway.script({ answer });
        const error = await refused(() => ask(gateway));
        assert.ok(error instanceof ApiError);
        assert.equal(error.status, status);
        assert.ok(error.message.includes(code), error.message);
      }
      await gateway.script();
      assert.equal((await refused(() => client(gateway, "wrong").models.generateContent({ model, contents }))).status, 400);
      assert.equal((await refused(() => ask(gateway, {}, { model: "gemini-3-pro-image-preview" }))).status, 404);
      assert.equal((await refused(() => ask(gateway, { imageConfig: { aspectRatio: "7:5" } }))).status, 400);
      assert.equal((await refused(() => ask(gateway, { candidateCount: 2 }))).status, 400);
    },

    async "a stream"(gateway) {
      for (const rule of [{}, { newline: "crlf" }]) {
        await gateway.script({ parts: ["text", "image", "text"], ...rule });
        const chunks = [];
        const stream = await client(gateway).models.generateContentStream({ model, contents });
        for await (const chunk of stream) chunks.push(chunk);
        assert.equal(chunks.length, 3);
        assert.ok(isPng(chunks[1].data));
        assert.equal(chunks[2].candidates[0].finishReason, FinishReason.STOP);
      }
      await gateway.script({ answer: "quota" });
      assert.equal((await refused(() => client(gateway).models.generateContentStream({ model, contents }))).status, 429);
    },
  },
  "--key",
  "google=right",
);
