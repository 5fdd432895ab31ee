# SPDX-License-Identifier: MIT
"""The clients others use: npm's @modelcontextprotocol/sdk 1.x and @modelcontextprotocol/client 2.x, in both kinds of revisions.
They are installed once into $PIXAZO_MCP_CLIENTS (default: ~/.cache/pixazo-mcp-clients). Ends with 77 where there is no npm."""

import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

import support

HERE = Path(__file__).resolve().parent / "clients"
SKIPPED = 77


def install():
    """The directory of the clients, with their packages. A directory of its own for each set of versions."""
    cache = Path(os.environ.get("PIXAZO_MCP_CLIENTS") or Path.home() / ".cache/pixazo-mcp-clients")
    cache.mkdir(parents=True, exist_ok=True)
    for path in HERE.iterdir():
        target = cache / path.name
        if not target.exists() or target.read_bytes() != path.read_bytes():
            shutil.copy(path, target)
            if path.name == "package.json":
                shutil.rmtree(cache / "node_modules", ignore_errors=True)
    if not (cache / "node_modules/.complete").exists():
        subprocess.run(["npm", "install", "--no-fund", "--no-audit", "--no-package-lock", "--ignore-scripts", "--silent"], cwd=cache, check=True,
                       timeout=240)
        (cache / "node_modules/.complete").touch()
    return cache


class Clients(support.GatewayCase):
    def accept(self, script, *arguments):
        self.script({"method": "POST", "body_has": "slow", "delay_ms": 3000}, {"method": "POST", "delay_ms": 100})
        environment = {**self.environment, "NODE_OPTIONS": "--disable-proto=delete", "PIXAZO_API_KEY": support.KEY}
        done = subprocess.run(["node", str(CLIENTS / script), support.PROGRAM, str(self.project), *arguments], env=environment,
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, "accepted\n"), done.stderr[-4000:])
        self.assertEqual(self.counts()["posts"], 7)  # one; two that were asked for twice; four

    def test_sdk_1(self):
        self.accept("v1.mjs")

    def test_client_2_in_sessions(self):
        self.accept("v2.mjs", "legacy")

    def test_client_2_finds_out(self):
        self.accept("v2.mjs", "auto")

    def test_client_2_without_sessions(self):
        self.accept("v2.mjs", "pin")


def all_at_once():
    """They wait most of the time."""
    names = unittest.defaultTestLoader.getTestCaseNames(Clients)
    running = [subprocess.Popen([sys.executable, __file__, f"Clients.{name}"]) for name in names]
    return max([process.wait() for process in running], default=1)


if __name__ == "__main__":
    if not shutil.which("npm") or not shutil.which("node"):
        print("npm is not installed")
        sys.exit(SKIPPED)
    CLIENTS = install()
    if len(sys.argv) == 1:
        sys.exit(all_at_once())
    support.main()
