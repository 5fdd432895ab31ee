#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The soak: soak.py SOAK_WORKER GATEWAY [GENERATIONS [SEED]]

Four processes make GENERATIONS generations through three providers, each a gateway of its own, in one directory with one
database. A fifth of the requests meets a fault, some a second one with the next provider; budgets end before the work does; one
process is killed each 50 generations. Then what is left is finished, and the books are compared request by request: every prompt
is unique, so the rules of the gateways count which POST arrived for which generation and what it was told.
"""
import hashlib
import json
import mmap
import os
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.dont_write_bytecode = True
from audit import AUDIT

WORKER, GATEWAY = sys.argv[1:3]
COUNT = int(sys.argv[3]) if len(sys.argv) > 3 else 10000
SEED = int(sys.argv[4]) if len(sys.argv) > 4 else int(time.time())
KINDS = ["chain", "plain", "chain", "plain"]  # the first process is never killed: it shows what a long life holds
KILL_EVERY, IN_FLIGHT, FAULTS = 50, 8, 0.2
LONG = COUNT >= 3000
FDS_MOST = 100  # of one process, with IN_FLIGHT calls, their files and kept connections
GROWTH_KIB, GROWTH_FDS = 8192, 8  # of a long life

PROVIDERS = ["pixazo", "openai", "google"]
MODELS = {"pixazo": ["pixazo/sdxl-turbo", "pixazo/sdxl-turbo", "pixazo/gpt-image-2"], "openai": ["openai/gpt-image-2"],
          "google": ["google/gemini-2.5-flash-image"]}
# Of all, and of one provider; micro-units for each generation asked for.
BUDGETS = [("all", "", "total", 24000), ("provider", "openai", "month", 14000)]

GENERATION = dict(planned=1, active=2, done=3, partial=4, failed=5, blocked=6, ambiguous=7)
ATTEMPT = dict(sending=1, accepted=2, not_sent=3, refused=4, blocked=5, failed=6, empty=7, lost=8, ambiguous=9)
IMAGE = dict(expected=1, recorded=2, quarantined=3, lost=4)
# Of a generation by its picture: what is expected can still be resumed.
END_OF = {"recorded": GENERATION["done"], "lost": GENERATION["failed"], "quarantined": GENERATION["failed"],
          "expected": GENERATION["active"]}

# Refused: certainly not charged, so it may be sent again.
REFUSED = [dict(answer="rate-limited-silent"), dict(answer="rate-limited-silent", times=2), dict(answer="rate-limited"),
           dict(answer="rate-limited-fraction"), dict(answer="rate-limited-date"), dict(answer="cloudflare"),
           dict(answer="overloaded"), dict(answer="bad-request"), dict(answer="bad-key"), dict(answer="not-found"),
           dict(answer="forbidden"), dict(status=503, headers={"Retry-After": "1"}, type="text/html", body="<p>busy</p>"),
           dict(status=529, body={"message": "overloaded"}), dict(status=402, body={"message": "no balance"}),
           dict(status=307, redirect="http://169.254.169.254/")]
# It arrived, and may have been charged: it is never sent again, to nobody.
DOUBTFUL = [dict(drop=True, cut="reset"), dict(drop=True), dict(drop=True, cut="stall", stall_ms=300),
            dict(cut_head_after=0), dict(cut_head_after=5), dict(cut_head_after=60, cut="reset"),
            dict(cut_after=0), dict(cut_after=1), dict(cut_after=20, cut="reset"), dict(cut_after=25, cut="stall", stall_ms=300),
            dict(length_off=10), dict(chunked="garbage"), dict(chunked="no-end"), dict(chunked="huge"), dict(raw="nonsense\r\n\r\n"),
            dict(answer="own-500"), dict(answer="foreign-500"), dict(answer="bad-gateway"), dict(answer="unavailable"),
            dict(answer="gateway-timeout"), dict(answer="cloudflare-522"), dict(answer="timeout"),
            dict(answer="html"), dict(answer="empty"), dict(answer="no-content"), dict(answer="not-json"), dict(answer="foreign-json"),
            dict(answer="json-list"), dict(answer="json-null"), dict(answer="half-json"), dict(answer="error-in-200"),
            dict(status=200, body={"output": 17, "data": "x", "candidates": {"a": []}, "imageUrl": None}),
            dict(status=200, body={"output": {"media_url": 1}, "data": [[]], "candidates": [[1]]})]
if LONG:
    DOUBTFUL.append(dict(drop=True, cut="stall"))  # until the deadline
ONLY = {
    "pixazo": ([dict(answer="balance"), dict(answer="quota"), dict(status=400, body={"message": "content policy violation"})],
               [dict(answer="empty-url"), dict(answer="no-url")]),
    "openai": ([dict(answer="quota"), dict(answer="billing-limit"), dict(answer="moderation-input"), dict(answer="content-policy")],
               [dict(answer="empty-data"), dict(answer="null-base64"), dict(answer="odd-base64"), dict(answer="text-base64")]),
    "google": ([dict(answer="quota"), dict(answer="balance")],
               [dict(answer="block:SAFETY"), dict(answer="finish:IMAGE_SAFETY"), dict(answer="text-only"), dict(answer="no-candidates"),
                dict(answer="odd-base64"), dict(answer="text-base64")]),
}
# A whole answer, but slowly.
SLOW = [dict(delay_ms=400), dict(piece=200, piece_ms=2), dict(delay_body_ms=200)]
# What the file does that a good answer names, and how the picture ends. `expected`: not brought home, its link is in the record.
FILES = [(dict(times=2, cut_after=1000), "recorded"), (dict(times=1, cut_after=100, cut="reset"), "recorded"),
         (dict(times=1, drop=True), "recorded"), (dict(times=1, answer="unavailable"), "recorded"),
         (dict(status=404, body="gone"), "lost"), (dict(answer="html"), "quarantined"),
         (dict(type="image/png", body="no picture"), "quarantined"), (dict(redirect="http://169.254.169.254/latest/"), "expected")]

chance = random.Random(SEED)
directory = tempfile.mkdtemp(prefix="pixazo-soak-")
database = os.path.join(directory, "pixazo.db")
failures = []


def check(condition, text):
    if not condition:
        failures.append(text)


class Gateway:
    def __init__(self, name):
        self.name = name
        self.rules, self.meaning = [], []  # what a use of each rule says: (generation, charged) or None
        self.process = None

    def add(self, rule, meaning=None):
        self.rules.append(rule)
        self.meaning.append(meaning)

    def start(self):
        path = os.path.join(directory, self.name + ".json")
        with open(path, "w") as file:
            json.dump(self.rules, file)
        self.process = subprocess.Popen([GATEWAY, "--exit-with-parent", "--script", path, "--picture-bytes", "4096", "--polls", "1",
                                         "--delay-ms", "5", "--lifetime", "7200"], stdout=subprocess.PIPE, text=True)
        self.base = self.process.stdout.readline().strip()

    def ask(self, page):
        with urllib.request.urlopen(f"{self.base}/control/{page}", timeout=60) as answer:
            return json.load(answer)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(10)


def fault_rules(gateway, index, mark):
    """One fault for this generation at this gateway; what comes after it is the usual answer."""
    refused, doubtful = ONLY[gateway.name]
    lot = chance.random()
    if lot < 0.3:
        gateway.add({"method": "POST", "body_has": mark, **{"times": 1, **chance.choice(REFUSED + refused)}}, (index, "refused"))
    elif lot < 0.7:
        gateway.add({"method": "POST", "body_has": mark, "times": 1, **chance.choice(DOUBTFUL + doubtful)}, (index, "doubtful"))
    elif lot < 0.76 and gateway.name == "pixazo":  # taken by the queue, and nobody says whether a job that fails is billed
        gateway.add({"method": "POST", "body_has": mark, "times": 1, "path": "/gpt-image-2/*",
                     "queue": chance.choice([["FAILED"], ["PROCESSING", "ERROR"], ["QUEUED", "CANCELLED"]])}, (index, "doubtful"))
    elif lot < 0.82 or gateway.name != "pixazo":
        gateway.add({"method": "POST", "body_has": mark, "times": 1, **chance.choice(SLOW)}, (index, "recorded"))
    else:
        rule, end = chance.choice(FILES)
        name = f"/files/soak-{index}.png"
        gateway.add({"method": "GET", "path": name, **rule})
        gateway.add({"method": "POST", "body_has": mark, "times": 1, "path": "/sdxlTurbo/v2/getData", "status": 200,
                     "body": {"output": "{{base}}" + name}}, (index, end))


def plan(gateways):
    """The requests, and what each gateway does to them. Returns which generations meet no fault anywhere."""
    lines, clean = [], set()
    for gateway in gateways.values():
        for _ in range(max(1, COUNT // 300)):  # the connection ends before the body of a POST was read: nobody can say whose it was
            gateway.add({"at": "head", "method": "POST", "nth": chance.randrange(2, max(4, COUNT // 4)), "drop": True, "cut": "reset"})
        for _ in range(max(1, COUNT // 100)):
            gateway.add({"path": "/v2/requests/status/*", "nth": chance.randrange(1, max(4, COUNT // 5)),
                         "answer": chance.choice(["cloudflare", "unavailable", "foreign-500"])})
            gateway.add({"path": "/files/*", "nth": chance.randrange(1, max(4, COUNT // 4)), "cut_after": chance.randrange(4000)})
    for index in range(COUNT):
        first = chance.choice(PROVIDERS)
        mark = f"soak {index:06d}"
        request = {"prompt": f"{mark}: a red fox", "model": chance.choice(MODELS[first]), "idempotency_key": mark,
                   "principal": chance.choice(["", "ann"]),
                   "quality": "medium"}
        clean.add(index)
        for name, gateway in gateways.items():
            if chance.random() < (FAULTS if name == first else FAULTS / 4):
                fault_rules(gateway, index, mark)
                clean.discard(index)
            gateway.add({"method": "POST", "body_has": mark, "answer": "default"}, (index, "recorded"))
        lines.append(json.dumps(request))
    return lines, clean


class Crew:
    """The processes, and what they share."""

    def __init__(self, gateways, lines):
        self.lines = os.path.join(directory, "lines")
        with open(self.lines, "w") as file:
            file.write("\n".join(lines) + "\n")
        self.file = open(os.path.join(directory, "next"), "wb+")
        self.file.write(bytes(8))
        self.file.flush()
        self.next = mmap.mmap(self.file.fileno(), 8)
        self.bases = [gateways[name].base for name in PROVIDERS]
        self.kills = 0

    def start(self, kind, lines=None, budgets=()):
        return subprocess.Popen([WORKER, directory, lines or self.lines, str(IN_FLIGHT), kind, *self.bases, *budgets],
                                stdout=subprocess.DEVNULL)

    def taken(self):
        return struct.unpack_from("<Q", self.next, 0)[0]

    def alone(self, kind, lines=None, budgets=()):
        struct.pack_into("<Q", self.next, 0, 0)
        check(self.start(kind, lines, budgets).wait() == 0, f"the {kind} process that works alone failed")

    def race(self):
        struct.pack_into("<Q", self.next, 0, 0)
        workers = [self.start(kind) for kind in KINDS]
        first, due = workers[0].pid, KILL_EVERY
        while any(worker.poll() is None for worker in workers):
            for worker in workers:
                check(worker.poll() in (None, 0), f"a process ended with {worker.poll()}")
            if failures:
                break
            if self.taken() >= due and due <= COUNT:
                time.sleep(chance.random() * 0.05)  # any moment of what was just begun
                victim = 1 + self.kills % (len(KINDS) - 1)
                workers[victim].send_signal(signal.SIGKILL)
                workers[victim].wait()
                self.kills, due = self.kills + 1, due + KILL_EVERY
                workers[victim] = self.start(KINDS[victim])
            time.sleep(0.002)
        for worker in workers:
            if failures:
                worker.kill()
            worker.wait()
        return first


def set_budgets(crew):
    """Written through the library by a process without requests; the triggers watch them from then on."""
    rows = [(scope, name, period, COUNT * each) for scope, name, period, each in BUDGETS]
    empty = os.path.join(directory, "none")
    open(empty, "w").close()
    texts = [json.dumps(dict(scope=scope, name=name, period=period, cap_micros=cap, allow_unknown_price=True))
             for scope, name, period, cap in rows]
    crew.alone("look", empty, texts)
    link = sqlite3.connect(database, timeout=60, isolation_level=None)
    link.executescript(AUDIT)
    link.executemany("INSERT INTO audit (scope, name, cap) VALUES (?, ?, ?)", [(scope, name, cap) for scope, name, _, cap in rows])
    link.close()


class Books:
    def __init__(self):
        link = sqlite3.connect(database, timeout=60)
        link.row_factory = sqlite3.Row
        rows = lambda sql: [dict(row) for row in link.execute(sql)]
        self.generations = rows("SELECT id, idempotency_key, state, images, message, provider FROM generation ORDER BY id")
        self.attempts = rows("SELECT id, generation, provider, state, n FROM attempt ORDER BY id")
        self.images = rows("SELECT generation, attempt, state, store_key, sha256 FROM image ORDER BY id")
        self.ledger = rows("SELECT attempt, state, amount_micros, over FROM ledger ORDER BY attempt")
        self.audit = rows("SELECT * FROM audit")
        self.wrong = rows("SELECT what FROM audit_wrong")
        self.left = rows("SELECT count(*) AS count FROM audit_left WHERE times = 1")[0]["count"]
        self.quick_check = link.execute("PRAGMA quick_check").fetchone()[0]
        link.close()

    def same_as(self, other):
        return all(getattr(self, part) == getattr(other, part) for part in ("generations", "attempts", "images", "ledger"))


def finish(crew, gateways):
    """Goes on until nothing that has room is left; then asking for all of it again changes nothing and sends nothing."""
    left = None
    for _ in range(6):
        crew.alone("plain")
        books = Books()
        before, left = left, sum(row["state"] == GENERATION["planned"] for row in books.generations)
        if left == before or left == 0:
            break
    posts = {name: gateway.ask("counts")["posts"] for name, gateway in gateways.items()}
    crew.alone("look")
    again = Books()
    check(books.same_as(again), "asking for everything again changed the books")
    check(posts == {name: gateway.ask("counts")["posts"] for name, gateway in gateways.items()}, "asking for everything again sent something")
    return again


def posts_of(gateways):
    """For each generation: how many POSTs each gateway had for it, by what it told them."""
    found = {}
    for name, gateway in gateways.items():
        used = gateway.ask("rules")["used"]
        counts = gateway.ask("counts")
        attributed = 0
        for meaning, uses in zip(gateway.meaning, used):
            if meaning and uses:
                found.setdefault(meaning[0], []).append((name, meaning[1], uses))
                attributed += uses
        check(attributed == counts["posts"], f"{name}: {counts['posts']} POSTs, {attributed} of them of a known generation")
        check(counts["keys_on_files"] == 0, f"{name}: the key went to the host of the files")
        check(counts["bad_requests"] == 0, f"{name}: {counts['bad_requests']} requests could not be read")
        gateway.used, gateway.counts = used, counts
    return found


def judge_generation(row, index, posts, attempts, images, totals):
    charged = sum(uses for _, told, uses in posts if told != "refused")
    ends = [told for _, told, uses in posts for _ in range(uses) if told in IMAGE]  # of what was answered with a picture
    totals["double"] += max(0, charged - 1)
    check(charged <= 1, f"{index}: {charged} POSTs that may have been charged: {posts}")
    for name in PROVIDERS:
        arrived = sum(uses for provider, _, uses in posts if provider == name)
        recorded = [a for a in attempts if a["provider"] == name]
        check(arrived <= len(recorded), f"{index}: {arrived} POSTs at {name}, {len(recorded)} recorded")
    unseen = len(attempts) - sum(uses for _, _, uses in posts)
    unsure = [a for a in attempts if a["state"] in (ATTEMPT["ambiguous"], ATTEMPT["not_sent"])]
    check(unseen <= len(unsure), f"{index}: {unseen} attempts never arrived, but only {len(unsure)} are said to be unsure")
    accepted = [a for a in attempts if a["state"] == ATTEMPT["accepted"]]
    explicit = [a for a in attempts if a["state"] in (ATTEMPT["ambiguous"], ATTEMPT["lost"])]
    check(len(accepted) <= charged, f"{index}: {len(accepted)} accepted calls, {charged} answered")
    if ends and not (accepted and len(images) == row["images"]) and not explicit:
        totals["lost"] += 1
        check(False, f"{index}: a paid answer is nowhere: state {row['state']}, {len(images)} pictures, {posts}")
    if accepted and ends:
        check([i["state"] for i in images] == [IMAGE[ends[0]]], f"{index}: its picture should be {ends[0]}: {images}")
        check(row["state"] == END_OF[ends[0]], f"{index}: its picture is {ends[0]}, its state is {row['state']}")
    else:
        check(row["state"] != GENERATION["active"], f"{index}: is still being worked on")
    if row["state"] == GENERATION["planned"]:
        check(charged == 0 and row["provider"] != "pixazo",
              f"{index}: planned at {row['provider']} with {charged} charged POSTs: {row['message']}")
    totals["answered"] += len(ends)
    totals["named"] += len(ends) if explicit and not accepted else 0
    return bool(explicit)


def judge_generations(books, found, clean, crew, gateways):
    attempts, images = group(books.attempts), group(books.images)
    totals = dict(double=0, lost=0, answered=0, named=0, clean_doubt=0)
    seen = set()
    for row in books.generations:
        index = int((row["idempotency_key"] or "soak -1").split()[1])
        check(index >= 0 and index not in seen, f"{index}: is there twice")
        seen.add(index)
        doubt = judge_generation(row, index, found.get(index, []), attempts.get(row["id"], []), images.get(row["id"], []), totals)
        totals["clean_doubt"] += doubt and index in clean
    check(len(seen) == COUNT, f"{COUNT - len(seen)} generations are not recorded")
    heads = sum(uses for gateway in gateways.values() for rule, uses in zip(gateway.rules, gateway.used) if rule.get("at") == "head")
    check(totals["clean_doubt"] <= crew.kills * IN_FLIGHT + heads,
          f"{totals['clean_doubt']} generations without a fault are in doubt, with {crew.kills} kills and {heads} cut heads")
    return totals


def group(rows):
    groups = {}
    for row in rows:
        groups.setdefault(row["generation"], []).append(row)
    return groups


def judge_files(books):
    whole = [row for row in books.images if row["state"] == IMAGE["recorded"]]
    for row in whole:
        path = os.path.join(directory, row["store_key"])
        data = open(path, "rb").read() if os.path.exists(path) else b""
        check(hashlib.sha256(data).hexdigest() == row["sha256"], f"{row['store_key']} is not what was recorded")
    files = sum(len(names) for _, _, names in os.walk(os.path.join(directory, "originals")))
    check(files == len(whole), f"{files} files for {len(whole)} recorded pictures")
    return files


def judge_money(books):
    check(books.quick_check == "ok", f"quick_check: {books.quick_check}")
    check(not books.wrong, f"ledger: {books.wrong[:5]}")
    check(len(books.ledger) == len(books.attempts), f"{len(books.ledger)} ledger rows for {len(books.attempts)} attempts")
    check(books.left == len(books.ledger), f"{len(books.ledger) - books.left} reservations were not left exactly once")
    check(not any(row["over"] for row in books.ledger), "a call cost more than its bound")
    passed = 0
    for row in books.audit:
        passed += row["most"] > row["cap"]
        check(row["most"] <= row["cap"], f"budget {row['scope']} {row['name']}: {row['most']} of {row['cap']}")
        check(row["most"] > row["cap"] * 0.9, f"budget {row['scope']} {row['name']} was never near: {row['most']} of {row['cap']}")
        print(f"  budget {row['scope']} {row['name']}: at most {row['most']} of {row['cap']} micro-units")
    return passed


def judge_held(first):
    """The process that lived all the time: after half of its life it holds what it will hold."""
    with open(os.path.join(directory, f"held-{first}")) as file:
        samples = [tuple(int(word) for word in line.split()) for line in file]
    samples = [sample for sample in samples if sample[0] >= samples[-1][0] / 2]
    x, y = [s[0] for s in samples], [s[1] for s in samples]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    spread = sum((a - mean_x) ** 2 for a in x) or 1
    slope = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y)) / spread
    fds = [s[2] for s in samples]
    quarter = len(fds) // 4 + 1
    print(f"  process of {x[-1]} generations, second half: {y[0]} to {y[-1]} KiB resident, {slope * 1000:.0f} KiB for 1,000 generations; "
          f"{sum(fds[:quarter]) / quarter:.1f} to {sum(fds[-quarter:]) / quarter:.1f} descriptors, at most {max(fds)}")
    check(max(fds) <= FDS_MOST, f"{max(fds)} descriptors are open")
    if LONG:  # a short life says nothing: what is kept for use again is still being made
        check(slope * (x[-1] - x[0]) < GROWTH_KIB, f"memory grows: {slope:.1f} KiB for each generation")
        check(sum(fds[-quarter:]) - sum(fds[:quarter]) < GROWTH_FDS * quarter, f"descriptors grow: {fds}")


def tell(books, totals, passed, files, crew, gateways, seconds):
    names = {value: name for name, value in GENERATION.items()}
    states = {}
    for row in books.generations:
        states[names.get(row["state"], row["state"])] = states.get(names.get(row["state"], row["state"]), 0) + 1
    for name, gateway in gateways.items():
        print(f"  {name}: {gateway.counts['posts']} POSTs, {gateway.counts['posts_answered_200']} answered with 200, "
              f"{gateway.counts['posts_repeated']} repeated, {gateway.counts['downloads_whole']} files")
    pictures = {name: sum(row["state"] == value for row in books.images) for name, value in IMAGE.items()}
    print(f"  generations {states}; pictures {pictures}; {files} files; {totals['answered']} paid answers were given, {totals['named']} of "
          f"them to nobody alive and named so; {totals['clean_doubt']} in doubt without a fault of the provider")
    print(f"soak: {COUNT} generations, seed {SEED}, {crew.kills} kills, {len(books.attempts)} attempts; lost {totals['lost']}, double paid "
          f"{totals['double']}, budgets exceeded {passed}, {len(failures)} failures, {seconds:.1f} s")


def main(gateways):
    lines, clean = plan(gateways)
    for gateway in gateways.values():
        gateway.start()
    crew = Crew(gateways, lines)
    set_budgets(crew)
    began = time.monotonic()
    first = crew.race()
    if failures:
        return
    books = finish(crew, gateways)
    seconds = time.monotonic() - began
    found = posts_of(gateways)
    totals = judge_generations(books, found, clean, crew, gateways)
    files = judge_files(books)
    passed = judge_money(books)
    judge_held(first)
    tell(books, totals, passed, files, crew, gateways, seconds)


three = {name: Gateway(name) for name in PROVIDERS}
try:
    main(three)
finally:
    for each in three.values():
        each.stop()
    if not os.environ.get("PIXAZO_KEEP_TEST_FILES"):
        shutil.rmtree(directory, ignore_errors=True)
for text in failures[:20]:
    print("FAILED:", text)
sys.exit(1 if failures else 0)
