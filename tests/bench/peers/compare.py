#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every peer on every workload in rounds that take turns, and one table of it. Called by compare.sh.

Ratios are of CPU time (wall time with i2), sharp's over ours on the same picture: medians over rounds, geometric mean
over pictures. Nobody may win by worse pictures: PNG files must decode to the pixels of the source, PSNR and bytes stand
beside each ratio. The exit status is 1 when a limit is missed."""
import argparse
import json
import math
import os
import random
import statistics
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PHOTOS = ["evening.png", "autumn.png", "landing.png", "path.png", "altai.png", "ladybird.png"]
GUARDS = ["lines.png", "text.png", "palette.png", "gradient.png", "ramps.png", "noise.png"]
SLOWEST = 3  # times the CPU time that a pixel of the photographs takes, for each of the guards
COMMANDS = {
    "pixazo": [os.environ.get("PIXAZO_BENCH", "pixazo-bench")],
    "sharp": ["node", os.path.join(HERE, "sharp.mjs")],
    "pillow": ["/usr/bin/python3", os.path.join(HERE, "pillow.py")],
    "vips": [os.environ.get("VIPS_BENCH", "vips-bench")],
}


class Workload:
    def __init__(self, title, pictures, repeats, least, aim, sizes=1.01, peak=None):
        self.title, self.pictures, self.repeats = title, pictures, repeats
        self.least, self.aim, self.sizes, self.peak = least, aim, sizes, peak


WORKLOADS = {
    "W1": Workload("PNG to JPEG, quality 85", PHOTOS, 8, 2.0, 3.0, peak=24),
    "W2": Workload("PNG to WebP, quality 80", PHOTOS, 3, 1.1, 1.18),
    "W3": Workload("PNG to PNG, level 9", PHOTOS, 2, 3.0, 8.0, sizes=0.985),
    "W3b": Workload("PNG to PNG, level 6", PHOTOS, 4, 4.0, 8.0, sizes=1.0),
    "W3@guards": Workload("the same with lines, text, few colours, gradient, noise", GUARDS, 2, 1.0, 1.0, sizes=1.05),
    "W3b@guards": Workload("the same, level 6", GUARDS, 3, 1.0, 1.0, sizes=1.05),
    "W4": Workload("PNG to a JPEG inside 256", PHOTOS, 8, 2.0, 2.9, sizes=1.05),
    "W5": Workload("PNG to a smart crop of 300x300", PHOTOS + ["wide.png"], 8, 1.8, 2.7, sizes=1.05),
    "W6": Workload("PNG 9, JPEG, WebP and thumbnail", PHOTOS, 1, 2.5, 3.8, peak=40),
    "W6b": Workload("PNG 6, JPEG, WebP and thumbnail", PHOTOS, 2, 1.9, 2.2),
    "W7": Workload("JPEG of 4096 to a JPEG inside 300", ["large.jpg"], 4, 1.1, 1.25, sizes=1.05, peak=20),
    "W8": Workload("RGBA over RGB to JPEG", ["glow.png", "sticker.png"], 8, 2.0, 3.3),
}
WALL_LIMITS = {"W6": (3.0, 4.0)}


def measure(peer, name, picture, threads, output):
    environment = dict(os.environ, BENCH_BASE=os.path.join(ARGUMENTS.pictures, "below.png"), VIPS_WARNING="0",
                       UV_THREADPOOL_SIZE=threads.lstrip("i"))
    command = COMMANDS[peer] + [name.split("@")[0], os.path.join(ARGUMENTS.pictures, picture), output,
                                str(WORKLOADS[name].repeats), threads]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        sys.exit(f"{peer} failed on {name} {picture}: {(done.stderr or done.stdout)[-400:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def judge(name, picture, output):
    """Worst PSNR of the files, or a word: "other" (a PNG has other pixels), "same". In a process of its own: a child
    inherits the peak memory of who starts it, so this one stays small."""
    done = subprocess.run(["/usr/bin/python3", os.path.join(HERE, "judge.py"), name.split("@")[0],
                           os.path.join(ARGUMENTS.pictures, picture), os.path.join(ARGUMENTS.pictures, "below.png"), output],
                          capture_output=True, text=True, check=True, timeout=600)
    return json.loads(done.stdout)


def run_all(names, peers, threads):
    figures = {}
    for turn in range(ARGUMENTS.rounds):
        for name in names:
            for picture in WORKLOADS[name].pictures:
                for peer in random.sample(peers, len(peers)):
                    with tempfile.TemporaryDirectory() as output:
                        figure = measure(peer, name, picture, threads, output)
                        if turn == 0:
                            figure["psnr"] = judge(name, picture, output)
                    figures.setdefault((name, peer, picture), []).append(figure)
    return figures


def geometric(values):
    return math.exp(statistics.fmean(math.log(value) for value in values))


def row(figures, name, peer, clock):
    workload = WORKLOADS[name]
    found = [figures[name, peer, picture] for picture in workload.pictures]
    times = [statistics.median(figure[clock] for figure in each) for each in found]
    made = {"ms": statistics.fmean(times), "kb": statistics.fmean(each[0]["bytes"] for each in found) / 1000,
            "mb": max(figure["peak_kb"] for each in found for figure in each) / 1024}
    psnr = [each[0]["psnr"] for each in found]
    numbers = [value for value in psnr if isinstance(value, float)]
    made["psnr"] = "other" if "other" in psnr else f"{min(numbers):.2f}" if numbers else "same"
    if (name, "sharp", workload.pictures[0]) in figures:
        other = [figures[name, "sharp", picture] for picture in workload.pictures]
        slow = [statistics.median(figure[clock] for figure in each) for each in other]
        made["ratios"] = [theirs / ours for theirs, ours in zip(slow, times)]
        made["sizes"] = [ours[0]["bytes"] / theirs[0]["bytes"] for ours, theirs in zip(found, other)]
    return made


def missed(name, threads, made):
    workload, found = WORKLOADS[name], []
    if made["psnr"] == "other":
        found.append("a PNG has other pixels")
    if "ratios" not in made:
        return found
    guard = "@" in name
    speed = min(made["ratios"]) if guard else geometric(made["ratios"])
    least = WALL_LIMITS.get(name, (0, 0))[0] if threads != "1" else workload.least
    if speed < least:
        found.append(f"speed {speed:.2f} under {least}")
    size = max(made["sizes"]) if guard else geometric(made["sizes"])
    if size > workload.sizes or max(made["sizes"]) > 1.05:
        found.append(f"size {size:.3f} over {workload.sizes} or one over 1.05: {max(made['sizes']):.3f}")
    if threads == "1" and workload.peak and made["mb"] > workload.peak:
        found.append(f"peak {made['mb']:.0f} MB over {workload.peak}")
    return found


def pixels_of(picture):
    with open(os.path.join(ARGUMENTS.pictures, picture), "rb") as file:
        width, height = struct.unpack(">II", file.read(24)[16:])
    return width * height


def per_pixel(figures, name, picture):
    return statistics.median(figure["ms_cpu"] for figure in figures[name, "pixazo", picture]) / pixels_of(picture)


def classes(figures, name):
    """A line for each guard: its CPU time a pixel over the mean of the photographs, and its bytes over sharp's."""
    base, missed_lines = name.split("@")[0], 0
    if "@" not in name or (base, "pixazo", PHOTOS[0]) not in figures or (name, "pixazo", GUARDS[0]) not in figures:
        return 0
    photos = statistics.fmean(per_pixel(figures, base, picture) for picture in PHOTOS)
    for picture in GUARDS:
        share = per_pixel(figures, name, picture) / photos
        line = f"{'':11}{picture[:-4]:12}{share:5.2f} x the photographs' time a pixel"
        if (name, "sharp", picture) in figures:
            size = figures[name, "pixazo", picture][0]["bytes"] / figures[name, "sharp", picture][0]["bytes"]
            line += f", {size:.3f} of sharp's bytes"
        if share > SLOWEST:
            line += f"  MISSED: over {SLOWEST}"
            missed_lines += 1
        print(line)
    return missed_lines


def table(figures, names, peers, threads):
    clock, bad = ("ms_cpu" if threads == "1" else "ms_wall"), 0
    heads = f"{clock:>9}{'x sharp':>9}{'KB':>9}{'/ sharp':>9}{'dB':>7}{'peak MB':>9}"
    print(f"\n{'':19}{heads}  must / aim   (threads {threads})")
    for name in names:
        workload = WORKLOADS[name]
        limits = WALL_LIMITS.get(name, (0, 0)) if threads != "1" else (workload.least, workload.aim)
        print(f"{name}: {workload.title}")
        for peer in peers:
            made = row(figures, name, peer, clock)
            speed = f"{geometric(made['ratios']):9.2f}" if "ratios" in made else f"{'':9}"
            size = f"{geometric(made['sizes']):9.3f}" if "sizes" in made else f"{'':9}"
            line = f"{'':11}{peer:8}{made['ms']:9.1f}{speed}{made['kb']:9.0f}{size}{made['psnr']:>7}{made['mb']:9.0f}"
            faults = missed(name, threads, made) if peer == "pixazo" else []
            line += f"  {limits[0]} / {limits[1]}" if peer == "pixazo" else ""
            print(line + "".join(f"  MISSED: {fault}" for fault in faults))
            bad += len(faults)
        bad += classes(figures, name)
    return bad


parser = argparse.ArgumentParser()
parser.add_argument("--pictures", required=True)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--only", default=",".join(WORKLOADS))
parser.add_argument("--threads", default="1")
parser.add_argument("--peers", default="pixazo,sharp,pillow,vips")
ARGUMENTS = parser.parse_args()
over = 0
for count in ARGUMENTS.threads.split(","):
    chosen = [name for name in ARGUMENTS.only.split(",") if count == "1" or "@" not in name]
    measured = run_all(chosen, ARGUMENTS.peers.split(","), count)
    over += table(measured, chosen, ARGUMENTS.peers.split(","), count)
print(f"\n{over} limits missed")
sys.exit(1 if over else 0)
