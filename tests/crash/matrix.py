#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The crash matrix: matrix.py WORKER GATEWAY PART

For every failpoint of a part: a worker is killed there, its work is resumed by another process, and the books are
compared: POSTs counted by the server, attempts and ledger rows in the database, pictures in the store.
"""
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

WORKER, GATEWAY, PART = sys.argv[1:4]

# The order of events in one generation. The second value says whether a paid request has left by then.
POINTS = [
    "t1.before", "t1.after", "t2.before", "t2.after",
    "f1.head", "f1.half", "f1.whole", "f1.before_rename", "f1.after_rename",
    "t3.before", "t3.after",
    "f2.temp.before", "f2.temp.after", "f2.flush.before", "f2.flush.after", "f2.rename.before", "f2.rename.after",
    "f2.directory.before", "f2.directory.after",
    "t4.before", "t4.after", "f3.before", "f3.after",
]
RESUME_POINTS = ["resume.before", "resume.taken", "t3.before", "t3.after", "f2.temp.before", "f2.temp.after",
                 "f2.flush.before", "f2.flush.after", "f2.rename.before", "f2.rename.after", "f2.directory.before",
                 "f2.directory.after", "t4.before", "t4.after", "f3.before"]

# Points that a part must pass. A big answer is sealed in the spool; a small one is copied into its row.
SEALED = {"f1.before_rename", "f1.after_rename"}
PARTS = {
    "url": dict(model="pixazo/sdxl-turbo", count=1, script=[], skips=SEALED),
    "bytes": dict(model="pixazo/sdxl-turbo", count=1, script=[{"method": "POST", "answer": "base64", "image_bytes": 2000000}], skips=set()),
    "queue": dict(model="pixazo/gpt-image-2", count=1, script=[], skips=SEALED),
    "three": dict(model="pixazo/sdxl-turbo", count=1, script=[{"method": "POST", "answer": "images", "images": 3}], skips=SEALED),
    "retry": dict(model="pixazo/sdxl-turbo", count=1, retry=True, skips=SEALED,
                  script=[{"method": "POST", "times": 1, "drop": True, "cut": "reset"}]),
    "hooks": dict(model="pixazo/sdxl-turbo", count=1, script=[], skips=set(), hooks="allow",
                  points=["review.prompt.after", "t2.before", "t3.after", "review.picture.after", "f2.rename.after", "t4.before"],
                  resume_points=["review.picture.after", "f2.rename.after", "t4.before"]),
    "withhold": dict(model="pixazo/sdxl-turbo", count=1, script=[], skips=set(), hooks="withhold",
                     points=["review.picture.after", "quarantine.before", "quarantine.after", "t4.before", "t4.after"],
                     resume_points=["review.picture.after", "quarantine.before", "quarantine.after", "t4.before"]),
}

failures = []
checks = 0


def check(condition, text):
    global checks
    checks += 1
    if not condition:
        failures.append(text)
        print("FAILED:", text, flush=True)


class Gateway:
    def __init__(self):
        self.process = subprocess.Popen([GATEWAY, "--exit-with-parent", "--polls", "1", "--lifetime", "400"],
                                        stdout=subprocess.PIPE, text=True)
        self.base = self.process.stdout.readline().strip()

    def ask(self, method, path, body=None):
        request = urllib.request.Request(self.base + path, data=body, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()

    def begin(self, script):
        self.ask("PUT", "/control/script", json.dumps(script).encode())
        self.ask("POST", "/control/reset", b"")

    def counts(self):
        return json.loads(self.ask("GET", "/control/counts"))

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def worker(mode, directory, case, point=None, nth=1):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PIXAZO_") or k == "PIXAZO_KEEP_TEST_FILES"}
    if point:
        environment["PIXAZO_FAILPOINT"] = f"{point}:{nth}"
    if case.get("retry"):
        environment["CRASH_RETRY"] = "1"
    if case.get("hooks"):
        environment["CRASH_HOOKS"] = case["hooks"]
    arguments = [WORKER, mode, directory, gateway.base]
    if mode != "resume":
        arguments += [case["model"], str(case["count"])]
    return subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=60)


class Books:
    """What the database and the store say."""

    def __init__(self, directory):
        self.directory = directory
        path = os.path.join(directory, "pixazo.db")
        self.rows = {}
        if not os.path.exists(path):
            self.generations = self.attempts = self.images = self.ledger = []
            self.quick_check = "ok"
            return
        with sqlite3.connect(path, timeout=10) as database:
            database.row_factory = sqlite3.Row
            self.generations = [dict(r) for r in database.execute("SELECT * FROM generation ORDER BY id")]
            self.attempts = [dict(r) for r in database.execute("SELECT * FROM attempt ORDER BY id")]
            self.images = [dict(r) for r in database.execute("SELECT * FROM image ORDER BY id")]
            self.ledger = [dict(r) for r in database.execute("SELECT * FROM ledger ORDER BY attempt")]
            self.quick_check = database.execute("PRAGMA quick_check").fetchone()[0]
        database.close()

    def summary(self):
        """Everything that a resume may not change a second time."""
        keep = lambda rows, names: [[r.get(n) for n in names] for r in rows]
        return json.dumps([keep(self.generations, ["uuid", "state", "class"]), keep(self.attempts, ["uuid", "state", "class"]),
                           keep(self.images, ["uuid", "state", "sha256", "store_key"]),
                           keep(self.ledger, ["attempt", "state", "amount_micros"]), sorted(self.files())])

    def files(self):
        found = []
        for root, _, names in os.walk(os.path.join(self.directory, "originals")):
            found += [os.path.join(root, name) for name in names]
        return found


def states(rows):
    return [r["state"] for r in rows]


def check_books(name, books, counts):
    sent = len(books.attempts)
    check(books.quick_check == "ok", f"{name}: quick_check {books.quick_check}")
    check(len(books.ledger) == sent, f"{name}: {len(books.ledger)} ledger rows for {sent} attempts")
    check(counts["posts"] <= sent, f"{name}: {counts['posts']} POSTs, but only {sent} attempts were journalled")
    check(counts["posts_repeated"] <= max(0, sent - 1), f"{name}: a body was posted twice")
    check(counts["keys_on_files"] == 0, f"{name}: the key went to the host of the files")
    for row in books.images:
        if row["state"] == IMAGE["recorded"]:
            path = os.path.join(books.directory, row["store_key"])
            data = open(path, "rb").read() if os.path.exists(path) else b""
            check(hashlib.sha256(data).hexdigest() == row["sha256"], f"{name}: {row['store_key']} is not what was recorded")
    recorded = [r for r in books.images if r["state"] == IMAGE["recorded"]]
    check(len(books.files()) == len(recorded), f"{name}: {len(books.files())} files for {len(recorded)} recorded pictures")


IMAGE = dict(expected=1, recorded=2, quarantined=3, lost=4)
ATTEMPT = dict(sending=1, accepted=2, not_sent=3, refused=4, blocked=5, failed=6, empty=7, lost=8, ambiguous=9)


def check_nothing_lost(name, books, counts, pictures):
    """Every whole paid answer that reached us is a recorded picture; anything else has a state that says so."""
    for row in books.attempts:
        check(row["state"] != ATTEMPT["sending"], f"{name}: attempt {row['n']} is still 'sending' after resume")
    accepted = [r for r in books.attempts if r["state"] == ATTEMPT["accepted"]]
    recorded = [r for r in books.images if r["state"] == IMAGE["recorded"]]
    if PART == "withhold":
        recorded = withheld(name, books)
    check(len(recorded) == len(accepted) * pictures, f"{name}: {len(recorded)} pictures of {len(accepted)} accepted calls")
    for row in recorded if "hooks" in PARTS.get(PART, {}) else []:
        check(row["alt_text"] == "A caption.", f"{name}: the hook's text is not recorded")
    unknown = [r for r in books.attempts if r["state"] in (ATTEMPT["ambiguous"], ATTEMPT["lost"])]
    check(counts["posts_answered_200"] <= len(accepted) + len(unknown),
          f"{name}: {counts['posts_answered_200']} answered calls, {len(accepted)} accepted, {len(unknown)} in doubt")


def withheld(name, books):
    """Pictures the hook withheld: their bytes lie in quarantine, as they came."""
    rows = [r for r in books.images if r["state"] == IMAGE["quarantined"]]
    for row in rows:
        path = os.path.join(books.directory, "spool", "quarantine", row["uuid"])
        data = open(path, "rb").read() if os.path.exists(path) else b""
        check(hashlib.sha256(data).hexdigest() == row["sha256"], f"{name}: {row['uuid']} is not in quarantine as it came")
        check(row["safety"] is not None, f"{name}: the record does not say why it was withheld")
    return rows


AFTER_ANSWER = set(POINTS[POINTS.index("f1.whole"):]) | {"review.picture.after", "quarantine.before", "quarantine.after"}


def one_case(case, point, nth=1, resume_point=None):
    name = f"{PART}/{point}" + (f"/{resume_point}" if resume_point else "")
    directory = tempfile.mkdtemp(prefix="crash-")
    pictures = 3 if PART == "three" else 1
    gateway.begin(case["script"])
    if PART == "retry" and point[:2] in ("t2", "t3"):
        nth = 2  # the first time is the attempt whose connection is reset
    result = worker("run", directory, case, point, nth)
    killed = result.returncode == -signal.SIGKILL
    if point in case["skips"]:
        check(not killed, f"{name}: reached, although this part was said not to pass it")
    else:
        check(killed, f"{name}: not reached (exit {result.returncode}: {result.stderr.strip()})")
    if resume_point:
        broken = worker("resume", directory, case, resume_point)
        check(broken.returncode == -signal.SIGKILL, f"{name}: resume did not reach the point ({broken.stderr.strip()})")
    before = gateway.counts()["posts"]
    again = worker("resume", directory, case)
    check(again.returncode == 0, f"{name}: resume failed: {again.stderr.strip()}")
    counts = gateway.counts()
    check(counts["posts"] == before, f"{name}: resume sent {counts['posts'] - before} paid requests")
    books = Books(directory)
    check_books(name, books, counts)
    check_nothing_lost(name, books, counts, pictures)
    if killed and point in AFTER_ANSWER:
        check(ATTEMPT["accepted"] in states(books.attempts), f"{name}: the answer was whole, but no attempt is accepted")
    summary = books.summary()
    worker("resume", directory, case)
    check(Books(directory).summary() == summary, f"{name}: a second resume changed something")
    check(gateway.counts()["posts"] == counts["posts"], f"{name}: a second resume sent something")
    totals["posts"] += counts["posts"]
    totals["attempts"] += len(books.attempts)
    totals["pictures"] += len([r for r in books.images if r["state"] == IMAGE["recorded"]])
    totals["cases"] += 1
    finish(directory)


def finish(directory):
    if not os.environ.get("PIXAZO_KEEP_TEST_FILES"):
        shutil.rmtree(directory, ignore_errors=True)


def special():
    """Two resumes at once; a stopped worker keeps its work; a worker that slept sends nothing."""
    case = PARTS["url"]
    directory = tempfile.mkdtemp(prefix="crash-")
    gateway.begin([])
    worker("run", directory, case, "t3.after")
    both = [subprocess.Popen([WORKER, "resume", directory, gateway.base], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)]
    for process in both:
        _, complaint = process.communicate(timeout=60)
        check(process.returncode == 0, f"two resumes: {complaint.strip()}")
    books, counts = Books(directory), gateway.counts()
    check_books("two resumes", books, counts)
    check_nothing_lost("two resumes", books, counts, 1)
    finish(directory)

    directory = tempfile.mkdtemp(prefix="crash-")
    gateway.begin([{"method": "POST", "delay_ms": 1500}])
    stopped = subprocess.Popen([WORKER, "hold", directory, gateway.base, case["model"], "1"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    check(stopped.stdout.readline().strip() == "started", "stopped worker: it never started")
    os.kill(stopped.pid, signal.SIGSTOP)
    rescue = worker("resume", directory, case)
    check(rescue.returncode == 0 and json.loads(rescue.stdout)["resumed"] == 0, f"stopped worker: its work was taken over: {rescue.stdout}")
    time.sleep(2)
    os.kill(stopped.pid, signal.SIGCONT)
    _, complaint = stopped.communicate(timeout=60)
    check(stopped.returncode == 0, f"stopped worker: it did not finish: {complaint.strip()}")
    books, counts = Books(directory), gateway.counts()
    check_books("stopped worker", books, counts)
    check_nothing_lost("stopped worker", books, counts, 1)
    check(counts["posts"] == 1, f"stopped worker: {counts['posts']} POSTs")
    finish(directory)


def torn_part():
    """Power fails after T3: the small answer in the spool was never flushed, its copy in the row was."""
    case = PARTS["bytes"]
    directory = tempfile.mkdtemp(prefix="crash-")
    gateway.begin([{"method": "POST", "answer": "base64", "image_bytes": 20000}])
    worker("run", directory, case, "t3.after")
    parts = [os.path.join(directory, "spool", name) for name in os.listdir(os.path.join(directory, "spool")) if name.endswith(".part")]
    check(len(parts) == 1, f"torn part: {len(parts)} parts in the spool")
    for path in parts:
        os.truncate(path, 0)
    again = worker("resume", directory, case)
    check(again.returncode == 0, f"torn part: {again.stderr.strip()}")
    books, counts = Books(directory), gateway.counts()
    check_books("torn part", books, counts)
    check_nothing_lost("torn part", books, counts, 1)
    finish(directory)


gateway = Gateway()
totals = dict(cases=0, posts=0, attempts=0, pictures=0)
try:
    if PART == "special":
        special()
        torn_part()
    else:
        for each in PARTS[PART].get("points", POINTS):
            one_case(PARTS[PART], each)
        for each in PARTS[PART].get("resume_points", RESUME_POINTS):
            start = "f1.whole" if each.startswith(("t3", "resume")) else "t3.after"
            one_case(PARTS[PART], start, resume_point=each)
finally:
    gateway.stop()
print(f"crash matrix {PART}: {totals['cases']} cases, {totals['posts']} POSTs, {totals['attempts']} attempts, "
      f"{totals['pictures']} pictures recorded, {checks} checks, {len(failures)} failed")
sys.exit(1 if failures else 0)
