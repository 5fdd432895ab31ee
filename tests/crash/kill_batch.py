#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kill -9 in the middle of `pixazo batch`: kill_batch.py PIXAZO GATEWAY

A batch is killed again and again, each time when the server has counted so many POSTs, answers or downloads, and
resumed each time. After each step the books are compared: POSTs at the server, attempts and ledger rows in the database,
pictures in the store. At the end the same batch runs through: each prompt was posted at most once, and has its picture, or
is listed by `pixazo pending` as one whose outcome nobody knows, or as failed because the kill cut its answer.
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

PIXAZO, GATEWAY = sys.argv[1:3]
PROMPTS = 120
IN_FLIGHT = 6
MODEL = "pixazo/sdxl-turbo"  # its price is not known to be 0: what is in doubt is never sent again
# A counter of the server, and its value at which the batch is killed.
KILL_AT = [("posts", 1), ("posts_answered", 20), ("downloads", 30), ("posts", 62), ("posts_answered", 80), ("downloads", 85)]
SENDING, ACCEPTED, LOST, AMBIGUOUS = 1, 2, 8, 9  # attempt.state
EXPECTED, RECORDED = 1, 2  # image.state
UNKNOWN = 8  # exit status: something was sent and nobody knows its outcome

failures = []
checks = 0


def check(condition, text):
    global checks
    checks += 1
    if not condition:
        failures.append(text)
        print("FAILED:", text, flush=True)


class Server:
    def __init__(self):
        self.process = subprocess.Popen([GATEWAY, "--exit-with-parent", "--delay-ms", "50", "--picture-bytes", "16384"],
                                        stdout=subprocess.PIPE, text=True)
        self.base = self.process.stdout.readline().strip()

    def ask(self, page):
        with urllib.request.urlopen(f"{self.base}/control/{page}", timeout=10) as answer:
            return json.loads(answer.read())

    def counts(self):
        return self.ask("counts")

    def settle(self):
        """Calls of a killed client go on for a moment: their number is final when none is open."""
        while self.counts()["posts_open"]:
            time.sleep(0.01)
        return self.counts()

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()


def pixazo(*arguments):
    return subprocess.run([PIXAZO, *arguments, "--dir", directory], env=environment, capture_output=True, text=True,
                          timeout=60)


def start_batch():
    command = [PIXAZO, "batch", prompts, "--dir", directory, "--model", MODEL, "--concurrency", str(IN_FLIGHT),
               "--renditions", "none", "--quiet"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def read_books():
    database = sqlite3.connect(os.path.join(directory, "pixazo.db"), timeout=10)
    database.row_factory = sqlite3.Row
    tables = ("generation", "attempt", "image", "ledger")
    books = {name: [dict(row) for row in database.execute(f"SELECT * FROM {name}")] for name in tables}
    check(database.execute("PRAGMA quick_check").fetchone()[0] == "ok", "the database is damaged")
    database.close()
    return books


def stored_files():
    walk = os.walk(os.path.join(directory, "originals"))
    return [os.path.join(folder, name) for folder, _, names in walk for name in names]


def print_line(step, *columns):
    print(f"{step:<20}" + "".join(f"{column:>10}" for column in columns), flush=True)


def recorded_in(books):
    return [row for row in books["image"] if row["state"] == RECORDED]


def check_books(step, counts, before=None):
    """After a resume nothing is under way, so everything can be counted."""
    books = read_books()
    attempts, images = books["attempt"], books["image"]
    accepted = [row for row in attempts if row["state"] == ACCEPTED]
    unknown = [row for row in attempts if row["state"] in (AMBIGUOUS, LOST)]
    lost = [row for row in unknown if row["state"] == LOST]
    recorded = recorded_in(books)
    check(len(books["ledger"]) == len(attempts), f"{step}: {len(books['ledger'])} ledger rows for {len(attempts)} attempts")
    check(not [row for row in attempts if row["state"] == SENDING], f"{step}: an attempt is still 'sending'")
    check(not [row for row in images if row["state"] == EXPECTED], f"{step}: a picture is still expected")
    check(len(accepted) + len(unknown) == len(attempts),
          f"{step}: attempts ended as {sorted(row['state'] for row in attempts)}")
    check(len(accepted) <= counts["posts"] <= len(attempts),
          f"{step}: {counts['posts']} POSTs, {len(accepted)} accepted calls, {len(attempts)} journalled")
    check(len(recorded) == len(accepted), f"{step}: {len(recorded)} pictures of {len(accepted)} accepted calls")
    check(len(stored_files()) == len(recorded), f"{step}: {len(stored_files())} files for {len(recorded)} pictures")
    for row in recorded:
        path = os.path.join(directory, row["store_key"])
        data = open(path, "rb").read() if os.path.exists(path) else b""
        check(hashlib.sha256(data).hexdigest() == row["sha256"], f"{step}: {row['store_key']} is not what was recorded")
    by_resume = "" if before is None else len(recorded) - before
    print_line(step, counts["posts"], len(attempts), len(books["ledger"]), len(accepted), len(recorded), by_resume,
               len(unknown) - len(lost), len(lost))
    return books, recorded, unknown


def kill_at(counter, value):
    """Kills a batch as soon as the server has counted so far; resume brings home what is paid. Returns how many pictures."""
    step = f"{counter} {value}"
    batch = start_batch()
    deadline = time.monotonic() + 20
    while server.counts()[counter] < value and batch.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    check(batch.poll() is None, f"{step}: the batch had ended by itself (exit {batch.poll()})")
    batch.send_signal(signal.SIGKILL)
    batch.wait(10)
    before = server.settle()
    had = len(recorded_in(read_books()))
    resumed = pixazo("resume", "--renditions", "none")
    check(resumed.returncode in (0, UNKNOWN), f"{step}: resume: exit {resumed.returncode}: {resumed.stderr.strip()}")
    counts = server.counts()
    check(counts["posts"] == before["posts"], f"{step}: resume sent {counts['posts'] - before['posts']} paid calls")
    return len(check_books(step, counts, had)[1]) - had


def state_text(books):
    keep = [sorted((row["uuid"], row["state"]) for row in books[name]) for name in ("generation", "attempt", "image")]
    return json.dumps([keep, len(books["ledger"]), sorted(stored_files())])


def check_end():
    batch = start_batch()
    code = batch.wait(60)
    counts = server.settle()
    books, recorded, unknown = check_books("run to its end", counts)
    check(code == (UNKNOWN if unknown else 0), f"the last run: exit {code}")
    check(counts["posts_repeated"] == 0, f"{counts['posts_repeated']} bodies were posted twice")
    check(counts["keys_on_files"] == 0, "the key went to the host of the files")
    prompt_of = {row["id"]: row["prompt"] for row in books["generation"]}
    asked = [prompt_of[row["generation"]] for row in books["attempt"]]
    check(len(asked) == len(set(asked)), f"{len(asked) - len(set(asked))} prompts were sent twice")
    check(set(asked) == {f"a harbour in weather {i}" for i in range(PROMPTS)}, "some prompts were never sent")
    check(len(recorded) + len(unknown) == PROMPTS,
          f"{len(recorded)} pictures and {len(unknown)} in doubt for {PROMPTS} prompts")
    pending = pixazo("pending", "--jsonl", "--limit", "1000").stdout
    failed = pixazo("list", "--state", "failed", "--jsonl", "--limit", "1000").stdout
    uuid_of = {row["id"]: row["uuid"] for row in books["generation"]}
    for row in unknown:
        uuid = uuid_of[row["generation"]]
        where = pending if row["state"] == AMBIGUOUS else failed
        check(uuid in where, f"neither `pending` nor `list --state failed` tells of {uuid}, which has no picture")
    text = state_text(books)
    again = pixazo("resume", "--renditions", "none")
    once_more = start_batch().wait(60)
    check(again.returncode in (0, UNKNOWN), f"another resume: exit {again.returncode}")
    check(once_more == code, f"another run: exit {once_more}, before {code}")
    check(state_text(read_books()) == text, "another resume and another run changed the records")
    check(server.counts()["posts"] == counts["posts"], "another resume or another run sent a paid call")


server = Server()
directory = tempfile.mkdtemp(prefix="kill-batch-")
prompts = os.path.join(directory, "prompts.jsonl")
environment = {name: value for name, value in os.environ.items() if not name.startswith("PIXAZO_")}
environment.update(PIXAZO_API_KEY="fake-key-of-a-test", PIXAZO_GATEWAY_URL=server.base, PIXAZO_ALLOW_HOSTS="127.0.0.1",
                   HOME=directory)
try:
    with open(prompts, "w", encoding="ascii") as lines:
        for number in range(PROMPTS):
            lines.write(json.dumps({"prompt": f"a harbour in weather {number}"}) + "\n")
    print_line("killed at", "POSTs", "attempts", "ledger", "accepted", "pictures", "by resume", "in doubt", "cut")
    brought_home = sum(kill_at(counter, value) for counter, value in KILL_AT)
    check(brought_home > 0, "no kill fell between an answer and its picture: resume had nothing to do")
    check_end()
finally:
    server.stop()
    if not os.environ.get("PIXAZO_KEEP_TEST_FILES"):
        shutil.rmtree(directory, ignore_errors=True)
print(f"{len(KILL_AT)} kills, {checks} checks, {len(failures)} failed")
sys.exit(1 if failures else 0)
