# SPDX-License-Identifier: MIT
"""Named numbers. A newer library may give values that are not named here: they stay numbers with a name of their own."""

from __future__ import annotations

from enum import IntEnum
from typing import Type, TypeVar

from . import _ffi

T = TypeVar("T", bound="OpenEnum")


class OpenEnum(IntEnum):
    """An enumeration that accepts numbers it does not know."""

    @classmethod
    def _missing_(cls: Type[T], value: object) -> "T":
        if not isinstance(value, int):
            raise ValueError(f"{value!r} is not a number")
        member = int.__new__(cls, value)
        member._name_ = f"UNKNOWN_{value}"
        member._value_ = value
        return member

    @property
    def text(self) -> str:
        """The name in lower case, as in JSON: "done", "upper_bound"."""
        return self.name.lower()


class Status(OpenEnum):
    """What a call returned."""

    OK = _ffi.PIXAZO_OK
    ARGUMENT = _ffi.PIXAZO_E_ARGUMENT
    ABI = _ffi.PIXAZO_E_ABI
    STATE = _ffi.PIXAZO_E_STATE
    UNSUPPORTED = _ffi.PIXAZO_E_UNSUPPORTED
    LIMIT = _ffi.PIXAZO_E_LIMIT
    NOMEM = _ffi.PIXAZO_E_NOMEM
    IO = _ffi.PIXAZO_E_IO
    CORRUPT = _ffi.PIXAZO_E_CORRUPT
    BUSY = _ffi.PIXAZO_E_BUSY
    INTERNAL = _ffi.PIXAZO_E_INTERNAL
    CANCELLED = _ffi.PIXAZO_E_CANCELLED
    TIMEOUT = _ffi.PIXAZO_E_TIMEOUT
    AGAIN = _ffi.PIXAZO_E_AGAIN
    NETWORK = _ffi.PIXAZO_E_NETWORK
    AUTH = _ffi.PIXAZO_E_AUTH
    THROTTLED = _ffi.PIXAZO_E_THROTTLED
    QUOTA = _ffi.PIXAZO_E_QUOTA
    REJECTED = _ffi.PIXAZO_E_REJECTED
    PROVIDER = _ffi.PIXAZO_E_PROVIDER
    NOT_FOUND = _ffi.PIXAZO_E_NOT_FOUND
    EXISTS = _ffi.PIXAZO_E_EXISTS
    CONFLICT = _ffi.PIXAZO_E_CONFLICT
    BUDGET = _ffi.PIXAZO_E_BUDGET
    AMBIGUOUS = _ffi.PIXAZO_E_AMBIGUOUS


class AttemptClass(OpenEnum):
    """How a paid attempt ended."""

    NONE = _ffi.PIXAZO_CLASS_NONE
    NOT_SENT = _ffi.PIXAZO_CLASS_NOT_SENT
    REFUSED = _ffi.PIXAZO_CLASS_REFUSED
    BLOCKED = _ffi.PIXAZO_CLASS_BLOCKED
    FAILED = _ffi.PIXAZO_CLASS_FAILED
    EMPTY = _ffi.PIXAZO_CLASS_EMPTY
    AMBIGUOUS = _ffi.PIXAZO_CLASS_AMBIGUOUS
    LOST = _ffi.PIXAZO_CLASS_LOST
    ACCEPTED = _ffi.PIXAZO_CLASS_ACCEPTED


class Charge(OpenEnum):
    """Whether money was spent."""

    NONE = _ffi.PIXAZO_CHARGE_NONE
    NOT_CHARGED = _ffi.PIXAZO_CHARGE_NOT_CHARGED
    CHARGED = _ffi.PIXAZO_CHARGE_CHARGED
    UNKNOWN = _ffi.PIXAZO_CHARGE_UNKNOWN


class GenerationState(OpenEnum):
    """Where a generation stands. From DONE on it has ended."""

    PLANNED = _ffi.PIXAZO_GENERATION_PLANNED
    ACTIVE = _ffi.PIXAZO_GENERATION_ACTIVE
    DONE = _ffi.PIXAZO_GENERATION_DONE
    PARTIAL = _ffi.PIXAZO_GENERATION_PARTIAL
    FAILED = _ffi.PIXAZO_GENERATION_FAILED
    BLOCKED = _ffi.PIXAZO_GENERATION_BLOCKED
    AMBIGUOUS = _ffi.PIXAZO_GENERATION_AMBIGUOUS
    CANCELLED = _ffi.PIXAZO_GENERATION_CANCELLED
    ABANDONED = _ffi.PIXAZO_GENERATION_ABANDONED

    @property
    def ended(self) -> bool:
        return self >= _ffi.PIXAZO_GENERATION_DONE


class ImageState(OpenEnum):
    """Where one picture of an accepted call stands."""

    EXPECTED = _ffi.PIXAZO_IMAGE_EXPECTED
    RECORDED = _ffi.PIXAZO_IMAGE_RECORDED
    QUARANTINED = _ffi.PIXAZO_IMAGE_QUARANTINED
    LOST = _ffi.PIXAZO_IMAGE_LOST


class Confidence(OpenEnum):
    """How much a cost can be trusted. With UNKNOWN the amount means nothing."""

    UNKNOWN = _ffi.PIXAZO_CONFIDENCE_UNKNOWN
    UPPER_BOUND = _ffi.PIXAZO_CONFIDENCE_UPPER_BOUND
    ESTIMATED = _ffi.PIXAZO_CONFIDENCE_ESTIMATED
    METERED = _ffi.PIXAZO_CONFIDENCE_METERED
    BILLED = _ffi.PIXAZO_CONFIDENCE_BILLED


class EventKind(OpenEnum):
    """What happened to a generation, or, of ALERT, as a whole."""

    PLANNED = _ffi.PIXAZO_EVENT_PLANNED
    STARTED = _ffi.PIXAZO_EVENT_STARTED
    PROGRESS = _ffi.PIXAZO_EVENT_PROGRESS
    ANSWERED = _ffi.PIXAZO_EVENT_ANSWERED
    RETRY = _ffi.PIXAZO_EVENT_RETRY
    IMAGE = _ffi.PIXAZO_EVENT_IMAGE
    ENDED = _ffi.PIXAZO_EVENT_ENDED
    ALERT = _ffi.PIXAZO_EVENT_ALERT
    PARTIAL = _ffi.PIXAZO_EVENT_PARTIAL


class AlertKind(OpenEnum):
    """What is going wrong as a whole. NONE: the event is no alert."""

    NONE = 0
    FAILURES = _ffi.PIXAZO_ALERT_FAILURES
    SLOW = _ffi.PIXAZO_ALERT_SLOW
    BUDGET = _ffi.PIXAZO_ALERT_BUDGET
    JOURNAL = _ffi.PIXAZO_ALERT_JOURNAL
    SPACE = _ffi.PIXAZO_ALERT_SPACE


class Stage(OpenEnum):
    """What a progress hook is told about. NONE: the event is not about progress."""

    NONE = 0
    QUEUED = _ffi.PIXAZO_STAGE_QUEUED
    GENERATING = _ffi.PIXAZO_STAGE_GENERATING
    DOWNLOADING = _ffi.PIXAZO_STAGE_DOWNLOADING
    PROCESSING = _ffi.PIXAZO_STAGE_PROCESSING
    PARTIAL = _ffi.PIXAZO_STAGE_PARTIAL


class CancelMode(OpenEnum):
    """NOT_SET, or how to stop: SOFT sends nothing new, NOW cuts what was sent (it ends ambiguous)."""

    NOT_SET = 0
    SOFT = _ffi.PIXAZO_CANCEL_SOFT
    NOW = _ffi.PIXAZO_CANCEL_NOW


class OnAmbiguous(OpenEnum):
    """After a paid call was sent and its outcome is unknown. RETRY and FALLBACK may pay twice."""

    STOP = _ffi.PIXAZO_AMBIGUOUS_STOP
    RETRY = _ffi.PIXAZO_AMBIGUOUS_RETRY
    FALLBACK = _ffi.PIXAZO_AMBIGUOUS_FALLBACK


class Can(OpenEnum):
    """What a store can do."""

    GET = _ffi.PIXAZO_STORE_CAN_GET
    STAT = _ffi.PIXAZO_STORE_CAN_STAT
    REMOVE = _ffi.PIXAZO_STORE_CAN_REMOVE
    LIST = _ffi.PIXAZO_STORE_CAN_LIST
    URL = _ffi.PIXAZO_STORE_CAN_URL
    PATH = _ffi.PIXAZO_STORE_CAN_PATH
    FLUSH = _ffi.PIXAZO_STORE_CAN_FLUSH
