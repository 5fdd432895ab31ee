# SPDX-License-Identifier: MIT
"""What other programs read in our files: exiftool and, where it is there, Pillow. Arguments: the program exiftool."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict

import pixazo

try:
    from PIL import Image
except ImportError:
    Image = None

PROMPT = "a heron, \u00e6 & <b>"
FACTS = {"provider": "offline", "model": "noise", "prompt": PROMPT, "negative_prompt": "blur", "steps": 20, "seed": 7,
         "cfg_scale": 7.5, "width": 64, "height": 48, "created_at": "2026-03-01T12:00:00Z"}
PARAMETERS = f"{PROMPT}\nNegative prompt: blur\nSteps: 20, CFG scale: 7.5, Seed: 7, Size: 64x48, Model: noise"
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


def expect(what: str, got: Any, wanted: Any) -> None:
    if got != wanted:
        raise SystemExit(f"{what}: {got!r} instead of {wanted!r}")


def ask_exiftool(program: str, path: Path) -> Dict[str, Any]:
    done = subprocess.run([program, "-j", "-n", "-G1", "-charset", "utf8", str(path)], check=True, capture_output=True)
    return json.loads(done.stdout)[0]


def check_exiftool(program: str, path: Path, policy: str) -> None:
    said = ask_exiftool(program, path)
    for problem in ("ExifTool:Error", "ExifTool:Warning"):
        expect(f"{path.name}: {problem}", said.get(problem), None)
    if policy == "none":
        expect(f"{path.name}: XMP", [key for key in said if key.startswith("XMP")], [])
        return
    expect(f"{path.name}: source type", said["XMP-iptcExt:DigitalSourceType"], SOURCE_TYPE)
    expect(f"{path.name}: tool", said["XMP-xmp:CreatorTool"], f"libpixazo {pixazo.version()}")
    expect(f"{path.name}: date", said["XMP-xmp:CreateDate"], "2026:03:01 12:00:00Z")
    text = said["PNG:Parameters"] if path.suffix == ".png" else said["ExifIFD:UserComment"]
    expect(f"{path.name}: parameters", text, PARAMETERS)


def check_pillow(path: Path, policy: str, size: tuple) -> None:
    with Image.open(path) as picture:
        picture.load()
        expect(f"{path.name}: size", picture.size, size)
        if path.suffix == ".png":
            expect(f"{path.name}: text", picture.info.get("parameters"), None if policy == "none" else PARAMETERS)
        else:
            comment = picture.getexif().get_ifd(0x8769).get(0x9286, b"")
            wanted = b"" if policy == "none" else b"UNICODE\0" + PARAMETERS.encode("utf-16-be")
            expect(f"{path.name}: comment", comment, wanted)


def check_ours(exporter: pixazo.Exporter, path: Path, policy: str) -> None:
    found = exporter.inspect(path).metadata
    if policy == "none":
        expect(f"{path.name}: ours", found, {"c2pa": False})
        return
    expect(f"{path.name}: our source type", found["xmp"]["digital_source_type"], "trainedAlgorithmicMedia")
    said = found["parameters"]
    expect(f"{path.name}: our prompt", (said["prompt"], said["negative_prompt"], said["seed"]), (PROMPT, "blur", "7"))


def main() -> None:
    checked = 0
    with tempfile.TemporaryDirectory() as folder, pixazo.Exporter() as exporter, pixazo.Client(provider="offline") as client:
        drawn = bytes(client.generate("a test card", seed=1, width=64, height=48).image)
        sources = {"png": drawn}
        for kind in ("jpeg", "webp"):
            sources[kind] = bytes(exporter.export(drawn, pixazo.Recipe(format=kind, metadata="none")))
        for policy in ("full", "provenance", "none"):
            for kind, source in sources.items():
                for way, width in (("always", 64), ("auto", 64), ("auto", 32)):
                    recipe = pixazo.Recipe(format=kind, metadata=policy, reencode=way, width=width)
                    made = exporter.export_all(source, [recipe], provenance=FACTS)[0]
                    path = Path(folder) / f"{policy}-{way}-{width}.{made.extension}"
                    path.write_bytes(bytes(made))
                    check_exiftool(sys.argv[1], path, policy)
                    if Image:
                        check_pillow(path, policy, (made.width, made.height))
                    check_ours(exporter, path, policy)
                    checked += 1
    print(f"{checked} files read")


main()
