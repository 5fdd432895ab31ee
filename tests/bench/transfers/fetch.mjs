// SPDX-License-Identifier: MIT
// The same transfers by Node's fetch. Usage: as in measure.h.
import process from 'node:process';

const [mode, base, count, inFlight] = [process.argv[2], process.argv[3], Number(process.argv[4]), Number(process.argv[5])];
const body = JSON.stringify({prompt: 'a harbour in weather', num_steps: 20, guidance_scale: 7, seed: 1, height: 1024, width: 1024});
const headers = {'Ocp-Apim-Subscription-Key': 'fake-key-of-the-benchmark', 'Content-Type': 'application/json'};
let begun = 0;
let bytes = 0;

async function generate() {
  const answer = await (await fetch(base + '/getImage/v1/getSDXLImage', {method: 'POST', headers, body})).json();
  if (mode === 'inline')
    return Buffer.from(answer.image, 'base64').length;
  return (await (await fetch(answer.imageUrl)).arrayBuffer()).byteLength;
}

async function work() {
  while (begun < count) {
    begun++;
    bytes += await generate();
  }
}

const wall = process.hrtime.bigint();
const cpu = process.cpuUsage();
await Promise.all(Array.from({length: Math.min(inFlight, count)}, work));
const used = process.cpuUsage(cpu);
console.log(JSON.stringify({
  cpu_us: (used.user + used.system) / count,
  wall_ms: Number(process.hrtime.bigint() - wall) / 1e6,
  peak_mb: process.resourceUsage().maxRSS / 1024,
  bytes,
}));
