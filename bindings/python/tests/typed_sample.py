# SPDX-License-Identifier: MIT
"""What a typed program of a user looks like: mypy --strict has nothing to say about it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Dict, Iterable, List, Optional, Tuple, Union

import pixazo


class Shelf(pixazo.StoreBackend):
    def __init__(self) -> None:
        self.kept: Dict[str, bytes] = {}

    def put(self, job: pixazo.PutJob) -> None:
        self.kept[job.key] = job.read()

    def get(self, key: str, offset: int, length: Optional[int]) -> Union[bytes, Iterable[bytes]]:
        return self.kept[key][offset:]

    def list(self, prefix: str, cursor: str, limit: int) -> Tuple[Iterable[pixazo.StoreEntry], Optional[str]]:
        return [pixazo.StoreEntry(key, len(data)) for key, data in self.kept.items()], None


def watch(progress: pixazo.Progress) -> Optional[bool]:
    return progress.bytes_done <= progress.bytes_total


def again(retry: pixazo.Retry) -> float:
    return min(retry.delay, 1.0)


def facts(made: pixazo.Generation) -> Tuple[str, datetime, Optional[Decimal], Optional[Path], List[int]]:
    return made.uuid, made.created, made.cost.amount, made.path, [image.width for image in made]


def main(directory: Path) -> int:
    try:
        with pixazo.Studio(directory, config={"provider": "offline"}, on_progress=watch, on_retry=again) as studio:
            made = studio.generate("a red fox", seed=7, width=64, height=48, metadata={"theme": "dusk"})
            saved: Path = made.save(directory / "fox.webp")
            view: memoryview = made.image.blob().view
            identity: str = studio.pipeline.add("an owl", width=64, height=48)
            for event in studio.pipeline.events():
                if event.kind is pixazo.EventKind.ENDED and event.error is not None:
                    raise event.error
            found: pixazo.Generation = studio.repository.find(identity)
            store = pixazo.Store.custom(Shelf())
            store.put("a", view)
            picture: pixazo.Picture = studio.exporter.inspect(saved)
            pixels: pixazo.Pixels = studio.exporter.decode(saved)
            small: pixazo.Rendition = studio.exporter.export(pixels, "fit-256")
            again_small: pixazo.Rendition = studio.exporter.export(pixels.view, pixazo.Recipe("fit-256"))
            height, width, channels = pixels.shape
            print(small.width == width, again_small.sha256 == small.sha256, height, channels)
            print(facts(made), facts(found), picture.width, store.stat if store.any_thread else None)
        return 0
    except pixazo.ThrottledError as error:
        wait: Optional[float] = error.retry_after
        return 2 if wait else 3
    except pixazo.PixazoError as error:
        return 1 if error.charge is pixazo.Charge.UNKNOWN else 4
