// SPDX-License-Identifier: MIT
// sharp.mjs WORKLOAD INPUT OUTPUT_DIR REPEATS THREADS: what pixazo-bench does, done with sharp. PNG with adaptive
// filters: without them sharp writes files a third larger, and nobody would compare with those.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const sharp = createRequire(path.join(process.env.PEERS_NODE, 'peer.js'))('sharp');
const [workload, input, output, repeats, threads] = process.argv.slice(2);
const inside = threads.startsWith('i') ? Number(threads.slice(1)) : 1;
const flight = threads.startsWith('i') ? 1 : Number(threads);
sharp.cache(false);
sharp.concurrency(inside);

const data = fs.readFileSync(input);
const below = workload === 'W8' ? fs.readFileSync(process.env.BENCH_BASE) : null;
const read = () => sharp(data).flatten({ background: '#ffffff' });
const png = (s, level) => s.png({ compressionLevel: level, adaptiveFiltering: true }).toBuffer();
const jpeg = (s, quality) => s.jpeg({ quality }).toBuffer();
const fit = (s, side) => s.resize(side, side, { fit: 'inside', kernel: 'lanczos3' });

async function set(level) {
  const { data: pixels, info: raw } = await read().raw().toBuffer({ resolveWithObject: true });
  const decoded = () => sharp(pixels, { raw: { width: raw.width, height: raw.height, channels: raw.channels } });
  const all = await Promise.all([png(decoded(), level), jpeg(decoded(), 85), decoded().webp({ quality: 80 }).toBuffer(),
    jpeg(fit(decoded(), 256), 70)]);
  return { 'out.png': all[0], 'out.jpg': all[1], 'out.webp': all[2], 'thumb.jpg': all[3] };
}

const workloads = {
  W1: async () => ({ 'out.jpg': await jpeg(read(), 85) }),
  W2: async () => ({ 'out.webp': await read().webp({ quality: 80 }).toBuffer() }),
  W3: async () => ({ 'out.png': await png(read(), 9) }),
  W3b: async () => ({ 'out.png': await png(read(), 6) }),
  W4: async () => ({ 'thumb.jpg': await jpeg(fit(read(), 256), 70) }),
  W5: async () => ({ 'thumb.jpg': await jpeg(read().resize(300, 300, { fit: 'cover', position: 'attention' }), 70) }),
  W6: () => set(9),
  W6b: () => set(6),
  W7: async () => ({ 'thumb.jpg': await jpeg(fit(sharp(data), 300), 70) }),
  W8: async () => {
    const layered = sharp(below).composite([{ input: data }]).flatten({ background: '#ffffff' });
    return { 'out.jpg': await jpeg(layered, 85) };
  },
};

const work = workloads[workload];
const files = await work();
let bytes = 0;
for (const [name, content] of Object.entries(files)) {
  fs.writeFileSync(path.join(output, name), content);
  bytes += content.length;
}
const cpu = process.cpuUsage();
const wall = process.hrtime.bigint();
let left = Number(repeats);
await Promise.all(Array.from({ length: flight }, async () => {
  while (left-- > 0) await work();
}));
const used = process.cpuUsage(cpu);
console.log(JSON.stringify({
  ms_cpu: (used.user + used.system) / 1e3 / Number(repeats),
  ms_wall: Number(process.hrtime.bigint() - wall) / 1e6 / Number(repeats),
  bytes,
  peak_kb: process.resourceUsage().maxRSS,
}));
