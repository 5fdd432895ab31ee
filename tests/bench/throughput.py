#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What one process carries: `pixazo batch` against the loopback gateway, as one table with limits.

    throughput.py BUILD [--only plain,slow-disk,tls,hanging-host,many,few-descriptors] [--tries 3] [--json]

BUILD is a build folder (Release, no sanitizer). Exit status 1 when a limit is missed or the books do not agree.
"""
import argparse
import contextlib
import glob
import json
import os
import resource
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

PROMPTS = 1000
HANGING = 10  # of them, in the case of the hanging host
MODEL = "pixazo/sdxl"
RECORDED = 2  # image.state
SLOW_HOST = "slow.pixazo.test"
KEY = "fake-key-of-the-benchmark"
GIVE_UP_S = 120


class Gateway:
    """The server, one for each run, so that its counts are those of the run."""

    def __init__(self, build, *options):
        program = os.path.join(build, "tests", "gateway", "pixazo-gateway")
        self.process = subprocess.Popen([program, "--exit-with-parent", *options], stdout=subprocess.PIPE, text=True)
        self.base = self.process.stdout.readline().strip()
        self.port = self.base.rsplit(":", 1)[1]

    def ask(self, method, page, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/control/{page}", data=body, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    def counts(self):
        return json.loads(self.ask("GET", "counts"))

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()


class Watch(threading.Thread):
    """CPU time of the threads of a process, by name, looked at while it runs."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid = pid
        self.cpu_ms = {}
        self.ended = threading.Event()

    def look(self):
        for task in glob.glob(f"/proc/{self.pid}/task/*"):
            with contextlib.suppress(OSError):
                with open(f"{task}/comm", "rb") as name, open(f"{task}/schedstat", "rb") as used:
                    self.cpu_ms[name.read().strip().decode(), task] = int(used.read().split()[0]) / 1e6

    def run(self):
        while not self.ended.wait(0.02):
            self.look()

    def of(self, thread):
        return sum(ms for (name, _), ms in self.cpu_ms.items() if name == thread)


def resident_mb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0.0


def shim_numbers(path):
    with open(path, "rb") as counts:
        return struct.unpack("8Q", counts.read(64))


class Run:
    """One `pixazo` process, from its start to its end."""

    def __init__(self, bench, gateway, verb, directory, *options, environment=None, descriptors=None):
        self.line_times = []
        self.resident = {}
        settings = {name: value for name, value in os.environ.items() if not name.startswith("PIXAZO_")}
        settings.update(PIXAZO_API_KEY=KEY, PIXAZO_GATEWAY_URL=gateway.base, PIXAZO_ALLOW_HOSTS=f"127.0.0.1,{SLOW_HOST}")
        settings.update(environment or {})
        limits = (descriptors, descriptors)
        lower = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, limits)) if descriptors else None
        command = [bench.program, verb, *options, "--dir", directory, "--renditions", "none"]
        self.messages = tempfile.TemporaryFile()
        self.started = time.monotonic()
        self.process = subprocess.Popen(command, env=settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=self.messages, preexec_fn=lower)
        self.watch = Watch(self.process.pid)
        self.watch.start()

    def read(self, until=None):
        """Takes results (one line for each picture) until so many are there or the program ends."""
        while until is None or len(self.line_times) < until:
            line = self.process.stdout.readline()
            if not line:
                break
            self.line_times.append(time.monotonic() - self.started)
            if len(self.line_times) in (100, 900):
                self.resident[len(self.line_times)] = resident_mb(self.process.pid)

    def finish(self):
        self.read()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.exit = self.process.wait(GIVE_UP_S)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.wall = time.monotonic() - self.started
        self.watch.ended.set()
        self.watch.join()
        self.process.stdout.close()
        self.messages.seek(0)
        self.text = self.messages.read().decode(errors="replace")
        self.messages.close()
        return self


class Bench:
    def __init__(self, build, folder, tries):
        self.build = build
        self.folder = folder
        self.tries = tries
        self.program = os.path.join(build, "examples", "cli", "pixazo")
        self.rows = []
        self.wrong = []

    def shim(self, name):
        return os.path.join(self.build, "tests", "support", name + ".so")

    def fresh(self):
        return tempfile.mkdtemp(dir=self.folder)

    def prompts(self, count, special=0):
        path = os.path.join(self.folder, f"{count}-{special}.jsonl")
        with open(path, "w", encoding="ascii") as lines:
            for i in range(count):
                lines.write(json.dumps({"prompt": f"a harbour in weather {i}" + (" SLOWLY" if i < special else "")}) + "\n")
        return path

    def row(self, case, what, value, unit, limit=None, least=False):
        """Without a limit it is for information."""
        good = limit is None or (value >= limit if least else value <= limit)
        self.rows.append(dict(case=case, name=what, value=value, unit=unit, limit=limit, least=least, good=good))

    def books(self, case, directory, counts, prompts):
        """Every prompt was posted once and is one recorded picture, one file, one ledger row."""
        database = sqlite3.connect(os.path.join(directory, "pixazo.db"))
        recorded = database.execute("SELECT count(*) FROM image WHERE state = ?", (RECORDED,)).fetchone()[0]
        ledger = database.execute("SELECT count(*) FROM ledger").fetchone()[0]
        database.close()
        files = sum(len(names) for _, _, names in os.walk(os.path.join(directory, "originals")))
        found = dict(posts=counts["posts"], recorded=recorded, ledger=ledger, files=files)
        for what, count in found.items():
            if count != prompts:
                self.wrong.append(f"{case}: {what} {count}, not {prompts}")
        for what in ("posts_repeated", "keys_on_files", "bad_requests"):
            if counts[what]:
                self.wrong.append(f"{case}: {what} {counts[what]}")

    def batch(self, case, prompts=PROMPTS, concurrency=200, gateway=("--delay-ms", "200"), **options):
        """One whole batch, its books checked."""
        server = Gateway(self.build, *gateway)
        directory = self.fresh()
        try:
            run = Run(self, server, "batch", directory, self.prompts(prompts), "--model", MODEL,
                      "--concurrency", str(concurrency), **options).finish()
            run.counts = server.counts()
        finally:
            server.stop()
        if run.exit != 0:
            self.wrong.append(f"{case}: exit status {run.exit}: {run.text[-400:]}")
        self.books(case, directory, run.counts, prompts)
        shutil.rmtree(directory)
        return run

    def repeat(self, case, shim=None, variable=None, **options):
        """Some runs; with a shim, what it counted in each. What else the machine does only adds to a time, so the quickest
        counts, and all are shown."""
        runs = []
        for _ in range(self.tries):
            environment = dict(options.get("environment") or {})
            path = os.path.join(self.fresh(), "counts")
            if shim:
                environment.update({"LD_PRELOAD": self.shim(shim), variable: path})
            run = self.batch(case, **{**options, "environment": environment})
            run.numbers = shim_numbers(path) if shim else ()
            runs.append(run)
        self.tell(case, [run.wall for run in runs])
        return runs

    @staticmethod
    def tell(case, walls):
        print(f"{case}: wall " + ", ".join(f"{wall:.2f}" for wall in walls) + " s", file=sys.stderr)


def plain(bench):
    runs = bench.repeat("plain")
    bench.row("plain", "wall", min(run.wall for run in runs), "s", 2.5)
    grown = max(run.resident[900] - run.resident[100] for run in runs)
    bench.row("plain", "memory after 900 above that after 100", grown, "MB", 4)
    bench.row("plain", "memory after 900", max(run.resident[900] for run in runs), "MB")
    bench.row("plain", "CPU of the I/O thread a generation", min(run.watch.of("pixazo-net") for run in runs) / PROMPTS, "ms")


def slow_disk(bench):
    runs = bench.repeat("slow-disk", "shim_slow_fsync", "PX_SHIM_FLUSH_COUNTS")
    bench.row("slow-disk", "wall", min(run.wall for run in runs), "s", 4)
    journal = max(run.numbers[2] for run in runs)
    bench.row("slow-disk", "transactions (flushes of the journal) a generation", journal / PROMPTS, "", 1.0)
    files = max(run.numbers[4] + run.numbers[5] for run in runs)
    bench.row("slow-disk", "flushes of files and directories a generation", files / PROMPTS, "", 1.5)


def tls(bench):
    folder = bench.fresh()
    runs = bench.repeat("tls", "shim_step", "PX_SHIM_STEP_COUNTS", gateway=("--delay-ms", "200", "--make-tls", folder),
                        environment={"PIXAZO_CA_FILE": os.path.join(folder, "bundle.pem")})
    bench.row("tls", "wall", min(run.wall for run in runs), "s")
    cpu_ms = min(run.watch.of("pixazo-net") for run in runs)
    bench.row("tls", "CPU of the I/O thread a generation", cpu_ms / PROMPTS, "ms", 2.5)
    bench.row("tls", "longest step of the engine", min(run.numbers[1] for run in runs) / 1000, "ms", 50)
    bench.row("tls", "longest step of the engine in CPU time", max(run.numbers[2] for run in runs) / 1000, "ms", 50)
    bench.row("tls", "TLS handshakes a generation", max(run.counts["handshakes"] for run in runs) / PROMPTS, "")
    for run in runs:
        if run.counts["handshakes"] < PROMPTS:
            bench.wrong.append(f"tls: {run.counts['handshakes']} handshakes: paid calls had no connections of their own")


def one_hanging(bench, environment):
    """Returns when the other pictures were there, and how long the end took after the second Ctrl-C."""
    server = Gateway(bench.build, "--delay-ms", "200")
    directory = bench.fresh()
    rules = [dict(method="POST", body_has=f"weather {i} SLOWLY",
                  body=dict(imageUrl=f"http://{SLOW_HOST}:{server.port}/files/slow{i}.png")) for i in range(HANGING)]
    try:
        server.ask("PUT", "script", json.dumps(rules).encode())
        run = Run(bench, server, "batch", directory, bench.prompts(PROMPTS, HANGING), "--model", MODEL,
                  "--concurrency", "200", environment=environment)
        run.read(PROMPTS - HANGING)
        wall = run.line_times[-1] if run.line_times else GIVE_UP_S
        run.process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        pressed = time.monotonic()
        run.process.send_signal(signal.SIGINT)
        run.finish()
        end = time.monotonic() - pressed
        late = Run(bench, server, "resume", directory, environment=dict(environment, PX_SHIM_HANG_MS="0")).finish()
        if late.exit != 0:
            bench.wrong.append(f"hanging-host: resume: exit status {late.exit}: {late.text[-400:]}")
        bench.books("hanging-host", directory, server.counts(), PROMPTS)
    finally:
        server.stop()
    return wall, end


def cancel_unsent(bench, environment):
    """The provider's own host hangs: nothing was sent, so the first Ctrl-C is enough."""
    server = Gateway(bench.build)
    try:
        run = Run(bench, server, "batch", bench.fresh(), bench.prompts(20), "--model", MODEL, "--concurrency", "20",
                  environment=dict(environment, PIXAZO_GATEWAY_URL=f"http://{SLOW_HOST}:{server.port}"))
        time.sleep(1)
        pressed = time.monotonic()
        run.process.send_signal(signal.SIGINT)
        run.finish()
        if server.counts()["posts_begun"] != 0:
            bench.wrong.append("hanging-host: something was sent to a host that has no address")
    finally:
        server.stop()
    return time.monotonic() - pressed


def hanging_host(bench):
    environment = dict(LD_PRELOAD=bench.shim("shim_resolver"), PX_SHIM_HANG_HOST=SLOW_HOST, PX_SHIM_LOOPBACK=".pixazo.test")
    runs = [one_hanging(bench, environment) for _ in range(bench.tries)]
    bench.tell("hanging-host", [wall for wall, _ in runs])
    bench.row("hanging-host", f"wall of the {PROMPTS - HANGING} others", min(wall for wall, _ in runs), "s", 2.5)
    bench.row("hanging-host", "second Ctrl-C until the end", max(end for _, end in runs), "s", 1)
    bench.row("hanging-host", "Ctrl-C before anything was sent until the end", cancel_unsent(bench, environment), "s", 1)


def many(bench):
    run = bench.batch("many", prompts=2500, concurrency=2000, gateway=("--delay-ms", "3000"))
    bench.row("many", "paid calls in flight on one I/O thread", run.counts["posts_open_peak"], "", 2000, least=True)
    bench.row("many", "wall of 2,500", run.wall, "s")
    bench.row("many", "CPU of the I/O thread a generation", run.watch.of("pixazo-net") / 2500, "ms", 2.5)


def few_descriptors(bench):
    run = bench.batch("few-descriptors", prompts=2500, concurrency=2000, descriptors=256)
    bench.row("few-descriptors", "wall of 2,500 with 256 descriptors", run.wall, "s", 60)
    bench.row("few-descriptors", "paid calls in flight", run.counts["posts_open_peak"], "")


CASES = {"plain": plain, "slow-disk": slow_disk, "tls": tls, "hanging-host": hanging_host, "many": many,
         "few-descriptors": few_descriptors}


def show(bench, as_json):
    if as_json:
        for row in bench.rows:
            print(json.dumps(dict(name=f"{row['case']}: {row['name']}", value=round(row["value"], 4), unit=row["unit"],
                                  limit=row["limit"])))
        return
    print(f"{'case':<16} {'what':<50} {'measured':>10} {'limit':>11} {'ratio':>6}")
    for row in bench.rows:
        line = f"{row['case']:<16} {row['name']:<50} {row['value']:>7.2f} {row['unit']:<2}"
        if row["limit"] is not None:
            limit = f"{'>=' if row['least'] else '<='} {row['limit']:g} {row['unit']}"
            line += f" {limit:>11} {row['value'] / row['limit']:>6.2f}" + ("" if row["good"] else "  MISSED")
        print(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--only", default=",".join(CASES), help="cases with commas between")
    parser.add_argument("--tries", type=int, default=3, help="runs of each case whose time counts")
    parser.add_argument("--json", action="store_true", help="one object on each line instead of the table")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="pixazo-throughput-")
    bench = Bench(os.path.abspath(options.build), folder, options.tries)
    try:
        for name in options.only.split(","):
            CASES[name](bench)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show(bench, options.json)
    for line in bench.wrong:
        print("WRONG:", line, file=sys.stderr if options.json else sys.stdout)
    sys.exit(1 if bench.wrong or not all(row["good"] for row in bench.rows) else 0)


if __name__ == "__main__":
    main()
