# SPDX-License-Identifier: MIT
"""From a prompt to finished, recorded picture files.

    import pixazo
    pixazo.Studio("art").generate("a red fox", seed=7, width=640, height=480).save("fox.webp")
"""

from __future__ import annotations

from ._basics import Blob, Cancel, Log, Metrics
from ._builders import Query, Recipe, Request
from ._client import Account, Client, Gate, providers
from ._config import Config
from ._enums import (AlertKind, AttemptClass, CancelMode, Can, Charge, Confidence, EventKind, GenerationState, ImageState,
                     OnAmbiguous, Stage, Status)
from ._errors import (AbiError, Again, Ambiguous, ArgumentError, AuthError, BudgetExceeded, Busy, Cancelled, Conflict,
                      ContentBlocked, Corrupt, Exists, InternalError, LimitError, NetworkError, NotFound, OutOfMemory,
                      PixazoError, ProviderError, QuotaError, StateError, StorageError, ThrottledError, Timeout,
                      UnsupportedError, decode as _decode)
from ._exporter import Exporter, Layer, Picture, Rendition
from ._hooks import Alert, Progress, Retry
from ._load import library as _library
from ._pipeline import Event, Pipeline
from ._pixels import Pixels
from ._provider import Provider
from ._records import Cost, Generation, Image, RenditionRecord
from ._repository import Page, Repository
from ._review import PictureFacts, PromptFacts, Review
from ._store import PutJob, Store, StoreBackend, StoreEntry, StoreInfo, check_key, expand_key
from ._studio import Studio, doctor

__version__ = "0.1.0"


def version() -> str:
    """Version of the library that is loaded."""
    return _decode(_library.pixazo_version())


def supports(feature: str) -> bool:
    """Whether the library has a feature: "webp", "sqlite", "fts5", ..."""
    return bool(_library.pixazo_supports(feature.encode()))


__all__ = [
    "AbiError", "Account", "Again", "Alert", "AlertKind", "Ambiguous", "ArgumentError", "AttemptClass", "AuthError", "Blob",
    "BudgetExceeded", "Busy", "Can", "Cancel", "CancelMode", "Cancelled", "Charge", "Client", "Confidence", "Config",
    "Conflict", "ContentBlocked", "Corrupt", "Cost", "Event", "EventKind", "Exists", "Exporter", "Gate", "Generation",
    "GenerationState", "Image", "ImageState", "InternalError", "Layer", "LimitError", "Log", "Metrics",
    "NetworkError", "NotFound", "OnAmbiguous", "OutOfMemory", "Page", "Picture", "PictureFacts", "Pipeline", "PixazoError", "Pixels",
    "Progress", "PromptFacts", "Provider", "ProviderError", "PutJob", "Query", "QuotaError", "Recipe", "Rendition",
    "RenditionRecord", "Repository", "Request", "Retry", "Review", "Stage", "StateError", "Status", "StorageError", "Store",
    "StoreBackend", "StoreEntry", "StoreInfo", "Studio", "ThrottledError", "Timeout", "UnsupportedError",
    "__version__", "check_key", "doctor", "expand_key", "providers", "supports", "version",
]
