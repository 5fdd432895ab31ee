#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""pillow.py WORKLOAD INPUT OUTPUT_DIR REPEATS THREADS: what pixazo-bench does, done with Pillow."""
import io
import json
import os
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, ImageOps

WORKLOAD, INPUT, OUTPUT, REPEATS, THREADS = sys.argv[1:6]
FLIGHT = 1 if THREADS[0] == "i" else int(THREADS)
SET = {"W6": 9, "W6b": 6}


def flat(picture):
    if picture.mode != "RGBA":
        return picture.convert("RGB")
    below = Image.new("RGB", picture.size, (255, 255, 255))
    below.paste(picture, mask=picture.getchannel("A"))
    return below


def read(data, side=0):
    picture = Image.open(io.BytesIO(data))
    if side:
        picture.draft("RGB", (side, side))
    picture.load()
    return flat(picture)


def layered(data, below):
    base = read(below)
    layer = Image.open(io.BytesIO(data))
    base.paste(layer, mask=layer.getchannel("A"))
    return base


def fit(picture, side):
    scale = side / max(picture.size)
    size = tuple(max(1, round(edge * scale)) for edge in picture.size)
    return picture.resize(size, Image.LANCZOS)


def thumbnail(data, side):
    return fit(read(data, 2 * side), side)


def smart(data, side):  # it has no smart crop: the middle
    return ImageOps.fit(read(data), (side, side), Image.LANCZOS)


def write(picture, form, **options):
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def png(picture, level):
    return write(picture, "PNG", compress_level=level)


def jpeg(picture, quality):
    return write(picture, "JPEG", quality=quality)


def webp(picture):
    return write(picture, "WEBP", quality=80)


def work(data, below):
    if WORKLOAD in ("W4", "W7"):
        return {"thumb.jpg": jpeg(thumbnail(data, 256 if WORKLOAD == "W4" else 300), 70)}
    if WORKLOAD == "W5":
        return {"thumb.jpg": jpeg(smart(data, 300), 70)}
    if WORKLOAD == "W8":
        return {"out.jpg": jpeg(layered(data, below), 85)}
    picture = read(data)
    if WORKLOAD in ("W3", "W3b"):
        return {"out.png": png(picture, 9 if WORKLOAD == "W3" else 6)}
    if WORKLOAD == "W1":
        return {"out.jpg": jpeg(picture, 85)}
    if WORKLOAD == "W2":
        return {"out.webp": webp(picture)}
    return {"out.png": png(picture, SET[WORKLOAD]), "out.jpg": jpeg(picture, 85), "out.webp": webp(picture),
            "thumb.jpg": jpeg(fit(picture, 256), 70)}


def main():
    data = open(INPUT, "rb").read()
    below = open(os.environ["BENCH_BASE"], "rb").read() if WORKLOAD == "W8" else b""
    files = work(data, below)
    for name, content in files.items():
        with open(os.path.join(OUTPUT, name), "wb") as out:
            out.write(content)
    repeats = int(REPEATS)
    cpu, wall = time.process_time(), time.monotonic()
    with ThreadPoolExecutor(FLIGHT) as pool:
        list(pool.map(lambda _: len(work(data, below)), range(repeats)))
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    print(json.dumps({"ms_cpu": cpu * 1e3 / repeats, "ms_wall": wall * 1e3 / repeats,
                      "bytes": sum(map(len, files.values())),
                      "peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


main()
