#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How often a smart crop keeps the object, ours beside sharp's two strategies.

    smart_crop.py BUILD NODE_MODULES [--by ground|object|crop]

BUILD/tests/bench/smart_scenes makes the pictures: one object at a known place on twelve kinds of ground. Each is cropped
to three shapes without scaling. A crop keeps the object when at least 95 % of the object's box lies in it. NODE_MODULES is
a directory where the node package sharp is installed. Ends with status 1 when ours keeps fewer than the better of the two.
"""
import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

NODE = """
const sharp = require('sharp');
const cases = require('fs').readFileSync(0, 'utf8').trim().split('\\n').map(JSON.parse);
(async () => {
  for (const c of cases) {
    for (const strategy of ['attention', 'entropy']) {
      const made = await sharp(process.argv[1] + '/' + c.file)
        .resize(c.crop[0], c.crop[1], {fit: 'cover', position: sharp.strategy[strategy]})
        .raw().toBuffer({resolveWithObject: true});
      c[strategy] = [-(made.info.cropOffsetLeft || 0), -(made.info.cropOffsetTop || 0)];
    }
    console.log(JSON.stringify(c));
  }
})();
"""
WAYS = ("ours", "attention", "entropy")


def keeps(case, way):
    x, y, width, height = case["place"]
    left, top = case[way]
    right, bottom = left + case["crop"][0], top + case["crop"][1]
    inside = max(0, min(right, x + width) - max(left, x)) * max(0, min(bottom, y + height) - max(top, y))
    return inside >= 0.95 * width * height


def main():
    parser = argparse.ArgumentParser(description="How often a smart crop keeps the object.")
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("node_modules", type=pathlib.Path)
    parser.add_argument("--by", choices=("ground", "object", "crop"), default="ground")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        scenes = subprocess.run([arguments.build / "tests/bench/smart_scenes", directory], check=True, capture_output=True)
        environment = dict(os.environ, NODE_PATH=str(arguments.node_modules.resolve()))
        peers = subprocess.run(["node", "-e", NODE, directory], input=scenes.stdout, env=environment, check=True,
                               capture_output=True)
    cases = [json.loads(line) for line in peers.stdout.splitlines()]
    table = collections.defaultdict(lambda: [0] * (1 + len(WAYS)))
    for case in cases:
        for row in (table[str(case[arguments.by])], table["all"]):
            row[0] += 1
            for i, way in enumerate(WAYS):
                row[1 + i] += keeps(case, way)
    print(f"{arguments.by:16} {'crops':>6} " + " ".join(f"{way:>10}" for way in WAYS))
    for name, row in sorted(table.items(), key=lambda item: item[0] == "all"):
        print(f"{name:16} {row[0]:6} " + " ".join(f"{100 * kept / row[0]:9.1f}%" for kept in row[1:]))
    ours, *others = table["all"][1:]
    return 1 if ours < max(others) else 0


if __name__ == "__main__":
    sys.exit(main())
