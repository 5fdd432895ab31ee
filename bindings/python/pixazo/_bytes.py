# SPDX-License-Identifier: MIT
"""Bytes that C lends for the time of a call."""

from __future__ import annotations

import ctypes
from typing import Any, Optional

from ._load import library


def bytes_of(blob: Any) -> Optional[bytes]:
    """A copy of a borrowed blob; None for none."""
    if not blob:
        return None
    return ctypes.string_at(library.pixazo_blob_data(blob), library.pixazo_blob_size(blob))
