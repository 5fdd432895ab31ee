#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every system call with which a generation writes fails once: syscalls.py WORKER ERROR...

The worker runs on one thread. A first run lists its calls; then each is made to fail, alone, with each ERROR (ENOSPC,
EIO, EINTR), and afterwards a clean process resumes and the books are checked.
"""
import concurrent.futures
import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

WORKER = sys.argv[1]
ERRORS = sys.argv[2:]
CALLS = ["write", "pwrite64", "fsync", "fdatasync", "rename", "renameat", "renameat2", "openat", "ftruncate", "mkdirat", "mkdir",
         "fallocate", "link", "linkat"]
# What a disk in trouble may be called, and a generation that is left for a later resume.
DOCUMENTED = {"PIXAZO_OK", "PIXAZO_E_IO", "PIXAZO_E_AGAIN", "PIXAZO_E_STATE", "PIXAZO_E_CORRUPT"}

failures = []
outcomes = {}


def check(condition, text):
    if not condition:
        failures.append(text)
        print("FAILED:", text, flush=True)


def run(command):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PIXAZO_")}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def worker(*arguments, strace=()):
    return run([*strace, WORKER, *arguments])


def list_calls(start):
    """(call, its number) of every call that changes something below the directory."""
    directory = tempfile.mkdtemp(prefix="faults-")
    log = directory + ".log"
    shutil.copytree(start, directory, dirs_exist_ok=True)
    traced = worker("generate", directory, "under-test", strace=["strace", "-y", "-qq", "-o", log, "-e", "trace=" + ",".join(CALLS)])
    check(traced.returncode == 0, f"the run without faults: {traced.stdout} {traced.stderr}")
    points, numbers = [], {}
    with open(log, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            match = re.match(r"(\w+)\(", line)
            if not match:
                continue
            call = match[1]
            numbers[call] = numbers.get(call, 0) + 1
            if directory in line and (call != "openat" or "O_CREAT" in line):
                points.append((call, numbers[call]))
    os.unlink(log)
    shutil.rmtree(directory)
    return points


def check_books(name, directory, old):
    path = os.path.join(directory, "pixazo.db")
    with sqlite3.connect(path, timeout=10) as database:
        one = lambda sql: database.execute(sql).fetchone()[0]
        check(one("PRAGMA quick_check") == "ok", f"{name}: quick_check")
        for sql in ["SELECT (SELECT count(*) FROM attempt) - (SELECT count(*) FROM ledger)",
                    "SELECT count(*) FROM attempt WHERE state = 1", "SELECT count(*) FROM ledger WHERE state = 1",
                    "SELECT count(*) FROM image WHERE state <> 2", "SELECT count(*) FROM generation WHERE state IN (1, 2)",
                    "SELECT count(*) FROM attempt WHERE state = 2 AND id NOT IN (SELECT attempt FROM image)"]:
            check(one(sql) == 0, f"{name}: {sql} gives {one(sql)}")
        rows = database.execute("SELECT store_key, sha256 FROM image ORDER BY id").fetchall()
    database.close()
    check(rows[:1] == old, f"{name}: the old picture is {rows[:1]}, not {old}")
    for key, sha256 in rows:
        with open(os.path.join(directory, key), "rb") as file:
            check(hashlib.sha256(file.read()).hexdigest() == sha256, f"{name}: {key} is not what was recorded")
    pictures = sum(len(names) for _, _, names in os.walk(os.path.join(directory, "originals")))
    check(pictures == len(rows), f"{name}: {pictures} files for {len(rows)} recorded pictures")
    left = [n for n in os.listdir(os.path.join(directory, "spool")) if n.endswith((".part", ".answer", ".pic"))]
    check(not left, f"{name}: left in the spool: {left}")


def one_fault(start, old, call, number, error):
    name = f"{call}:{error}:when={number}"
    directory = tempfile.mkdtemp(prefix="faults-")
    shutil.copytree(start, directory, dirs_exist_ok=True)
    inject = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={number}"]
    result = worker("generate", directory, "under-test", strace=inject)
    status = result.stdout.split(" ")[0].strip()
    check(result.returncode in (0, 1), f"{name}: exit {result.returncode}: {result.stdout} {result.stderr}")
    check(status in DOCUMENTED, f"{name}: {result.stdout.strip()}")
    if error == "EINTR" and not call.endswith("sync"):  # a signal is no reason to fail; SQLite does not repeat a sync
        check(status == "PIXAZO_OK", f"{name}: {result.stdout.strip()}")
    outcomes[status] = outcomes.get(status, 0) + 1
    again = worker("resume", directory)
    check(again.returncode == 0, f"{name}: resume: {again.stdout.strip()}")
    if again.returncode == 0:
        check_books(name, directory, old)
        if status == "PIXAZO_OK":
            with sqlite3.connect(os.path.join(directory, "pixazo.db")) as database:
                check(database.execute("SELECT count(*) FROM image").fetchone()[0] == 2, f"{name}: OK, but no picture")
            database.close()
    if not failures or not os.environ.get("PIXAZO_KEEP_TEST_FILES"):
        shutil.rmtree(directory, ignore_errors=True)


def main():
    start = tempfile.mkdtemp(prefix="faults-")
    first = worker("generate", start, "before")
    check(first.returncode == 0, f"before: {first.stdout} {first.stderr}")
    with sqlite3.connect(os.path.join(start, "pixazo.db")) as database:
        old = database.execute("SELECT store_key, sha256 FROM image").fetchall()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    points = list_calls(start)
    check(len(points) >= 40, f"only {len(points)} calls were seen")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda job: one_fault(start, old, *job), [(*point, error) for error in ERRORS for point in points]))
    shutil.rmtree(start, ignore_errors=True)
    kinds = sorted({call for call, _ in points})
    print(f"faults: {len(points) * len(ERRORS)} ({', '.join(ERRORS)}) in {len(points)} calls ({', '.join(kinds)}); "
          f"ended {', '.join(f'{k} {v}' for k, v in sorted(outcomes.items()))}; {len(failures)} failed")
    return 1 if failures else 0


sys.exit(main())
