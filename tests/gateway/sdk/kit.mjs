// SPDX-License-Identifier: MIT
// The gateway as a child of this program, its control pages, and tests one after the other.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { once } from "node:events";
import path from "node:path";

// The packages are installed outside of the tree.
export const load = createRequire(path.join(process.env.PX_SDK_MODULES, "node_modules/"));

export class Gateway {
  static async start(program, ...options) {
    const self = new Gateway();
    self.process = spawn(program, ["--lifetime", "120", ...options], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(self.process.stdout, "data");
    self.base = line.toString().trim();
    return self;
  }

  async stop() {
    this.process.kill("SIGTERM");
    const [code] = await once(this.process, "exit");
    if (code !== 0) throw new Error(`the gateway ended with ${code}`);
  }

  async control(method, page, body) {
    const answer = await fetch(`${this.base}/control/${page}`, { method, body, headers: { connection: "close" } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return JSON.parse(text);
  }

  async script(...rules) {
    await this.control("PUT", "script", JSON.stringify(rules));
    await this.control("POST", "reset", "");
  }

  async posts() {
    return (await this.control("GET", "counts")).posts;
  }
}

// The error that `call` rejects with.
export async function refused(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error("the call was not refused");
}

// True when the base64 text begins with the signature of a PNG file.
export const isPng = (text) => Buffer.from(text, "base64").subarray(0, 8).toString("latin1") === "\x89PNG\r\n\x1a\n";

export async function run(tests, ...options) {
  const gateway = await Gateway.start(process.argv[2], ...options);
  let failed = 0;
  for (const [name, test] of Object.entries(tests)) {
    try {
      await gateway.script();
      await test(gateway);
    } catch (error) {
      failed++;
      console.error(`FAILED: ${name}:`, error);
    }
  }
  await gateway.stop();
  console.log(`${Object.keys(tests).length - failed} passed, ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
}
