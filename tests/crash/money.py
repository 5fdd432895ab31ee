#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Four processes race for the last cent: money.py MONEY_WORKER [CALLS [KILL_EVERY [SEED]]]

They make CALLS calls through gates and journals of one database until its budgets are used up, and one of them is killed each
KILL_EVERY calls. Triggers add up the ledger by themselves at every statement, so no commit escapes them: no budget is ever
passed, and every reservation is settled, released or left open exactly once, also those of the dead. A reader compares the
budgets' own totals with the ledger meanwhile.
"""
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

sys.dont_write_bytecode = True
from audit import AUDIT

WORKER = sys.argv[1]
CALLS = int(sys.argv[2]) if len(sys.argv) > 2 else 400
KILL_EVERY = int(sys.argv[3]) if len(sys.argv) > 3 else 50
SEED = int(sys.argv[4]) if len(sys.argv) > 4 else int(time.time())
PROCESSES = 4
MEAN_COST = 260  # of one call, in micro-units: what its bound and its ends make of it
KINDS = ["gate", "journal", "journal", "gate"]

directory = tempfile.mkdtemp(prefix="pixazo-money-")
database = os.path.join(directory, "pixazo.db")
chance = random.Random(SEED)
failures = []


def check(condition, text):
    if not condition:
        failures.append(text)


def connect():
    return sqlite3.connect(database, timeout=60, isolation_level=None)


def one(sql, *values):
    with_link = connect()
    try:
        return with_link.execute(sql, values).fetchone()[0]
    finally:
        with_link.close()


def finish():
    done = subprocess.run([WORKER, directory, "finish", "0"], capture_output=True, text=True)
    check(done.returncode == 0, f"finish: {done.stdout}{done.stderr}")


def start(kind):
    return subprocess.Popen([WORKER, directory, kind, str(chance.randrange(1 << 40))])


def set_budgets():
    link = connect()
    link.executescript(AUDIT)
    whole = int(CALLS * MEAN_COST * chance.uniform(0.2, 0.6))
    rows = [("all", "", "total", whole), ("provider", "one", "month", int(whole * chance.uniform(0.4, 0.7))),
            ("principal", "ann", "day", int(whole * chance.uniform(0.2, 0.4)))]
    for scope, name, period, cap in rows:
        link.execute("INSERT INTO budget (scope, name, period, cap_micros) VALUES (?, ?, ?, ?)", (scope, name, period, cap))
        link.execute("INSERT INTO audit (scope, name, cap) VALUES (?, ?, ?)", (scope, name, cap))
    link.close()
    return rows


def look(link):
    """One snapshot: the budgets' totals are those of the ledger, and below their caps."""
    link.execute("BEGIN")
    for scope, name, cap, used, counted in link.execute(
            "SELECT b.scope, b.name, b.cap_micros, b.used_micros, a.total FROM budget b "
            "JOIN audit a ON a.scope = b.scope AND a.name = b.name WHERE b.period_id IS NOT NULL").fetchall():
        check(used == counted, f"budget {scope} {name} says {used}, its ledger {counted}")
        check(used <= cap, f"budget {scope} {name} is passed: {used} of {cap}")
    link.execute("COMMIT")


def race(counts):
    workers = [start(kind) for kind in KINDS]
    link, kills, looks, next_kill = connect(), 0, 0, KILL_EVERY
    until = time.monotonic() + 600
    while time.monotonic() < until:
        asked = struct.unpack_from("<Q", counts, 0)[0]
        if asked >= CALLS:
            break
        if asked >= next_kill:
            index = chance.randrange(PROCESSES)
            workers[index].send_signal(signal.SIGKILL)
            workers[index].wait()
            workers[index] = start(KINDS[(index + kills) % PROCESSES])
            kills, next_kill = kills + 1, next_kill + KILL_EVERY
        for worker in workers:
            check(worker.poll() is None, f"a worker ended with {worker.poll()}")
        if failures:
            break
        look(link)
        looks += 1
        time.sleep(0.002)
    struct.pack_into("<Q", counts, 24, 1)
    for worker in workers:
        check(worker.wait(timeout=120) == 0, "a worker failed")
    look(link)
    link.close()
    return kills, looks


def judge(rows):
    check(one("SELECT count(*) FROM audit_wrong") == 0, f"wrong: {one('SELECT group_concat(what) FROM audit_wrong')}")
    check(one("SELECT count(*) FROM ledger WHERE state = 1") == 0, "a reservation is left")
    check(one("SELECT count(*) FROM ledger") == one("SELECT count(*) FROM attempt"), "not one ledger row for each attempt")
    check(one("SELECT count(*) FROM audit_left WHERE times = 1") == one("SELECT count(*) FROM ledger"),
          "a reservation was not left exactly once")
    check(one("SELECT count(*) FROM ledger WHERE over = 1") == 0, "a call cost more than its bound")
    for scope, name, _, cap in rows:
        most = one("SELECT most FROM audit WHERE scope = ? AND name = ?", scope, name)
        check(most <= cap, f"{scope} {name}: {most} of {cap}")
        print(f"  {scope} {name}: at most {most} of {cap} micro-units")
    check(one("SELECT most FROM audit WHERE scope = 'all'") > one("SELECT cap FROM audit WHERE scope = 'all'") - 1000,
          "the cap was never reached: nothing was raced for")


def main():
    with open(os.path.join(directory, "counts"), "wb+") as file:
        file.write(bytes(32))
        file.flush()
        counts = mmap.mmap(file.fileno(), 32)
        finish()  # makes the database
        rows = set_budgets()
        began = time.monotonic()
        kills, looks = race(counts)
        finish()
        asked, allowed, denied = struct.unpack_from("<QQQ", counts, 0)
        print(f"seed {SEED}: {asked} calls asked for, {allowed} told to go, {denied} denied, {kills} kills, {looks} looks, "
              f"{time.monotonic() - began:.1f} s")
        judge(rows)


try:
    main()
finally:
    shutil.rmtree(directory, ignore_errors=True)
for text in failures[:20]:
    print("FAILED:", text)
sys.exit(1 if failures else 0)
