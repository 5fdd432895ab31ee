# SPDX-License-Identifier: MIT
"""What a program says about prompts before they are sent and about pictures before they are recorded."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Optional, Sequence, Union

from ._errors import attempt, decode
from ._load import library
from ._text import encode


@dataclass(frozen=True)
class PromptFacts:
    """Told to a prompt hook, before anything is sent or reserved."""

    generation: str
    prompt: str
    negative_prompt: str
    provider: str
    """That is asked first; others may follow (fallback) and get the same prompt."""
    model: str
    principal: str
    pictures: int
    """Pictures and masks that go along."""


@dataclass(frozen=True)
class PictureFacts:
    """Told to a picture hook: a picture that is here and whole, before it is stored and recorded."""

    generation: str
    image: str
    path: Path
    """Its file, to be read during the call."""
    content_type: str
    sha256: str
    prompt: str
    alt_text: str
    """What it will have: made of the prompt."""
    principal: str
    nbytes: int
    width: int
    height: int


@dataclass(frozen=True)
class Review:
    """The answer of a hook. A blocked prompt is not sent; a blocked picture is withheld: paid for, and kept in quarantine."""

    blocked: bool = False
    reason: str = ""
    categories: Sequence[str] = ()
    alt_text: Optional[str] = None
    """Of a picture: takes the place of the one made of its prompt; at most 1000 bytes of UTF-8."""


PromptHook = Callable[[PromptFacts], Union[Review, bool, None]]
PictureHook = Callable[[PictureFacts], Union[Review, str, bool, None]]


def prompt_facts(it: Any) -> PromptFacts:
    return PromptFacts(decode(it.generation), decode(it.prompt), decode(it.negative_prompt), decode(it.provider),
                       decode(it.model), decode(it.principal), it.pictures)


def picture_facts(it: Any) -> PictureFacts:
    return PictureFacts(decode(it.generation), decode(it.image), Path(os.fsdecode(it.path)), decode(it.content_type),
                        decode(it.sha256), decode(it.prompt), decode(it.alt_text), decode(it.principal), it.bytes,
                        it.width, it.height)


def review_of(answer: Union[Review, str, bool, None]) -> Review:
    """None and True allow, False blocks, text is an alternative text."""
    if isinstance(answer, Review):
        return answer
    if isinstance(answer, str):
        return Review(alt_text=answer)
    if answer is None or isinstance(answer, bool):
        return Review(blocked=answer is False)
    raise TypeError(f"a hook answers with Review, text, a bool or None, got {type(answer).__name__}")


def _words(text: str) -> bytes:
    """Whatever they are: to block must not fail."""
    return text.encode("utf-8", "replace").replace(b"\0", b"?")


def write_review(handle: Any, review: Review) -> None:
    if review.blocked:
        library.pixazo_review_set_blocked(handle, _words(review.reason))
        for category in review.categories:
            library.pixazo_review_add_category(handle, _words(category))
    elif review.alt_text is not None:
        attempt(library.pixazo_review_set_alt_text, handle, encode(review.alt_text))
