#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a generation costs on the wire: this library beside libcurl alone, Node's fetch and Python's requests, with limits.

    transfers.py BUILD [--tries 5] [--only link,inline,file,journal] [--without node,python] [--json]

BUILD is a build folder (Release, no sanitizer). Exit status 1 when a limit is missed.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

from throughput import Bench, Gateway, PROMPTS

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "transfers")
INLINE = json.dumps([dict(method="POST", answer="base64", image_bytes=1800000)]).encode()  # 2.4 MB of base64
GIVE_UP_S = 300


class Case:
    def __init__(self, name, what, in_flight, count, script=None, delay_ms=0):
        self.name, self.what, self.in_flight, self.count = name, what, in_flight, count
        self.script, self.delay_ms = script, delay_ms


LINK = Case("link", "POST, then GET of 64 KB, 1,000 in flight", 1000, 4000, delay_ms=300)
ONE = Case("inline", "POST with 2.4 MB of base64, 1 in flight", 1, 100, INLINE)
FILE = Case("file", "answer of 2.4 MB in a file to a picture file", 1, 100, INLINE)
WHAT = "1,000 pictures of 64 KB, 200 in flight"
JOURNAL_LINK = Case("link", "POST, then GET of 64 KB, 200 in flight", 200, PROMPTS, delay_ms=200)


class Peers:
    def __init__(self, build, without):
        tests = os.path.join(build, "tests", "bench")
        self.build = build
        self.programs = {"pixazo": [os.path.join(tests, "bench_steps")], "libcurl": [os.path.join(tests, "bench_plain_multi")]}
        if "node" not in without and shutil.which("node"):
            self.programs["node"] = ["node", os.path.join(HERE, "fetch.mjs")]
        if "python" not in without and subprocess.run([sys.executable, "-c", "import requests"], check=False,
                                                      stderr=subprocess.DEVNULL).returncode == 0:
            self.programs["python"] = [sys.executable, os.path.join(HERE, "fetch.py")]

    def once(self, peer, case):
        """One run against a gateway of its own."""
        server = Gateway(self.build, "--delay-ms", str(case.delay_ms))
        count = case.count if peer in ("pixazo", "libcurl") else max(case.count // 4, 20)
        try:
            if case.script:
                server.ask("PUT", "script", case.script)
            done = subprocess.run([*self.programs[peer], case.name, server.base, str(count), str(case.in_flight)],
                                  stdout=subprocess.PIPE, check=True, timeout=GIVE_UP_S)
            posts = server.counts()["posts"]
        finally:
            server.stop()
        if posts != (1 if case.name == "file" else count):
            raise RuntimeError(f"{peer}: {posts} POSTs for {count} generations")
        return json.loads(done.stdout)

    def measure(self, case, tries, names):
        """The peers take turns; what else the machine does only adds to a time, so the least counts."""
        found = {name: [] for name in names if name in self.programs}
        for _ in range(tries):
            for name, runs in found.items():
                if name in ("pixazo", "libcurl") or len(runs) < 2:
                    runs.append(self.once(name, case))
        print(f"{case.what}: " + "; ".join(f"{name} " + ", ".join(f"{run['cpu_us']:.0f}" for run in runs)
                                           for name, runs in found.items()) + " us", file=sys.stderr)
        return {name: min(runs, key=lambda run: run["cpu_us"]) for name, runs in found.items()}


class Table:
    def __init__(self):
        self.rows = []

    def add(self, what, who, value, unit, limit=None):
        self.rows.append(dict(what=what, who=who, value=value, unit=unit, limit=limit, good=limit is None or value <= limit))

    def peers(self, case, found, limit=None):
        for name, run in found.items():
            self.add(case.what, name, run["cpu_us"], "us")
        if "libcurl" in found:
            for name, run in found.items():
                if name != "libcurl":
                    self.add(case.what, f"{name} / libcurl", run["cpu_us"] / found["libcurl"]["cpu_us"], "x",
                             limit if name == "pixazo" else None)

    def show(self, as_json):
        if as_json:
            for row in self.rows:
                print(json.dumps(dict(name=f"{row['what']}: {row['who']}", value=round(row["value"], 3), unit=row["unit"],
                                      limit=row["limit"])))
            return
        print(f"{'CPU of a generation':<50} {'':<18} {'measured':>10} {'limit':>9} {'ratio':>6}")
        for row in self.rows:
            line = f"{row['what']:<50} {row['who']:<18} {row['value']:>7.2f} {row['unit']:<2}"
            if row["limit"] is not None:
                line += f" {'<= %g' % row['limit']:>9} {row['value'] / row['limit']:>6.2f}" + ("" if row["good"] else "  MISSED")
            print(line)


THREADS = ("pixazo", "pixazo-net", "pixazo-journal", "pixazo-files", "pixazo-work")
EVERYBODY = ("pixazo", "libcurl", "node", "python")


def link(peers, table, tries):
    table.peers(LINK, peers.measure(LINK, tries, EVERYBODY), 1.5)


def inline(peers, table, tries):
    table.peers(ONE, peers.measure(ONE, tries, EVERYBODY))


def file(peers, table, tries):
    found = peers.measure(FILE, tries, ("pixazo",))
    table.add(FILE.what, "pixazo", found["pixazo"]["cpu_us"] / 1000, "ms", 2.0)


class Batches:
    """CPU of a generation of `pixazo batch`, its start left out, and of each of its threads."""

    def __init__(self, build, place, tries):
        self.place = place
        self.folder = tempfile.mkdtemp(prefix="pixazo-transfers-", dir=place)
        self.bench = Bench(build, self.folder, tries)
        self.whole, self.threads = [], {name: [] for name in THREADS}

    def once(self):
        more, fewer = (self.bench.batch("journal", prompts=count) for count in (PROMPTS, PROMPTS // 10))
        if self.bench.wrong:
            raise RuntimeError("; ".join(self.bench.wrong))
        self.whole.append((more.cpu_s - fewer.cpu_s) * 1e6 / (PROMPTS - PROMPTS // 10))
        for thread, spent in self.threads.items():
            spent.append(more.watch.of(thread) * 1e3 / PROMPTS)

    def tell(self, table, without, limit):
        print(f"{WHAT}, in {self.place}: " + ", ".join(f"{each:.0f}" for each in self.whole) + " us", file=sys.stderr)
        table.add(WHAT, f"with, {self.place}", min(self.whole), "us")
        for thread, spent in self.threads.items():
            table.add(WHAT, f"  {thread}", min(spent), "us")
        table.add(WHAT, "  the journal", min(self.whole) - without, "us", limit)


def journal(peers, table, tries):
    """`pixazo batch` above the same transfers without a journal, by turns. The limit is for a file system in memory: what a
    disk costs is the kernel's and the machine's, and is told beside it."""
    places = [Batches(peers.build, place, tries) for place in ("/dev/shm", tempfile.gettempdir())]
    without = []
    try:
        for _ in range(tries):
            without.append(peers.once("pixazo", JOURNAL_LINK)["cpu_us"])
            for place in places:
                place.once()
    finally:
        for place in places:
            shutil.rmtree(place.folder, ignore_errors=True)
    print(f"{WHAT}, without a journal: " + ", ".join(f"{each:.0f}" for each in without) + " us", file=sys.stderr)
    table.add(WHAT, "without a journal", min(without), "us")
    for place, limit in zip(places, (300, None)):
        place.tell(table, min(without), limit)


CASES = {"link": link, "inline": inline, "file": file, "journal": journal}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--only", default=",".join(CASES), help="cases with commas between")
    parser.add_argument("--tries", type=int, default=5, help="runs of each peer")
    parser.add_argument("--without", default="", help="peers to leave out: node, python")
    parser.add_argument("--json", action="store_true", help="one object on each line instead of the table")
    options = parser.parse_args()
    peers = Peers(os.path.abspath(options.build), options.without.split(","))
    table = Table()
    for name in options.only.split(","):
        CASES[name](peers, table, options.tries)
    table.show(options.json)
    sys.exit(0 if all(row["good"] for row in table.rows) else 1)


if __name__ == "__main__":
    main()
