# SPDX-License-Identifier: MIT
"""Pixels in memory: what numpy and Pillow see of a picture, and what they give back."""

from __future__ import annotations

import ctypes
import os
import weakref
from ctypes import byref, c_uint8, sizeof
from typing import Any, Dict, Optional, Protocol, Tuple, Union

from . import _ffi
from ._basics import Blob, Maybe
from ._errors import ArgumentError, attempt
from ._life import Owner
from ._load import library
from ._text import in_range

Bytes = Union[bytes, bytearray, memoryview]


class HasArray(Protocol):
    """Numpy arrays, Pillow images, and whatever else speaks numpy's array interface."""

    @property
    def __array_interface__(self) -> Dict[str, Any]: ...


PixelSource = Union["Pixels", HasArray, memoryview]

AS_THEY_ARE = ("L", "LA", "RGB", "RGBA")
CONVERTED = {"1": "L", "La": "LA", "PA": "RGBA", "RGBa": "RGBA", "RGBX": "RGB", "CMYK": "RGB", "YCbCr": "RGB", "HSV": "RGB",
             "LAB": "RGB"}
"""Modes of Pillow whose samples mean something else, and what Pillow makes of them."""


def _unref_view(handle: Any, pid: int) -> None:
    if os.getpid() == pid:
        library.pixazo_pixels_unref(handle)


def _address(data: Bytes) -> Tuple[Optional[int], object]:
    """Where the bytes are, and what keeps them there. Read-only memory that is not `bytes` has to be copied."""
    if not isinstance(data, bytes):
        flat = memoryview(data)
        if not flat.readonly and flat.c_contiguous and flat.nbytes:
            array = (c_uint8 * flat.nbytes).from_buffer(flat)
            return ctypes.addressof(array), array
        data = flat.tobytes()
    return ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value, data


class Pixels(Owner):
    """Pixels that never change: 8 bits a sample, RGB or RGBA, rows from the top, alpha not premultiplied.

    `numpy.asarray(pixels)` is an array of height x width x channels without a copy, `PIL.Image.fromarray(pixels)` an
    image with one. The memory lives as long as anything looks at it, also after close().
    """

    def __init__(
        self,
        data: Bytes,
        width: int,
        height: int,
        channels: int = 3,
        *,
        stride: int = 0,
        icc: Union[Blob, bytes, None] = None,
    ) -> None:
        """Copies samples: 1 channel is gray, 2 gray and alpha, 3 RGB, 4 RGBA. `stride` bytes lie between the beginnings of
        two rows, 0 when nothing is between them. `icc` is a colour profile for RGB."""
        options = _ffi.pixazo_pixels_options()
        library.pixazo_pixels_options_init(byref(options), sizeof(options))
        options.size = memoryview(data).nbytes
        options.data, keep = _address(data) if options.size else (None, None)
        options.width, options.height = in_range("width", width), in_range("height", height)
        options.channels = in_range("channels", channels)
        options.stride = in_range("stride", stride, 64)
        handle = _ffi.pixazo_pixels()
        with Maybe(Blob(icc) if isinstance(icc, bytes) else icc) as options.icc:
            attempt(library.pixazo_pixels_new, byref(options), byref(handle),
                    undo=lambda: library.pixazo_pixels_unref(handle))
        del keep
        self._own(handle, library.pixazo_pixels_unref)

    @classmethod
    def _take(cls, handle: Any) -> "Pixels":
        """Takes over one reference."""
        pixels = cls.__new__(cls)
        pixels._own(handle, library.pixazo_pixels_unref)
        return pixels

    @classmethod
    def from_buffer(cls, source: PixelSource, *, icc: Union[Blob, bytes, None] = None) -> "Pixels":
        """Copies a numpy array (height x width, or height x width x 1 to 4, of uint8; any strides), a Pillow image, or a
        memoryview of such a shape. Neither numpy nor Pillow is imported for it.

        Pillow converts what is no gray or RGB, and its EXIF orientation is not applied. A profile for RGB stays.
        """
        if hasattr(source, "mode") and hasattr(source, "convert"):
            source, profile = _settled(source)
            icc = profile if icc is None else icc
        data, shape = _samples(source)
        if len(shape) not in (2, 3):
            raise ArgumentError(f"pixels have 2 or 3 dimensions, height x width x channels, not the shape {shape}")
        if 0 in shape:
            raise ArgumentError(f"there are no pixels in the shape {shape}")
        return cls(data, shape[1], shape[0], 1 if len(shape) == 2 else shape[2], icc=icc)

    @property
    def width(self) -> int:
        with self._life as handle:
            return int(library.pixazo_pixels_width(handle))

    @property
    def height(self) -> int:
        with self._life as handle:
            return int(library.pixazo_pixels_height(handle))

    @property
    def channels(self) -> int:
        """3: RGB; 4: RGBA."""
        with self._life as handle:
            return int(library.pixazo_pixels_channels(handle))

    @property
    def shape(self) -> Tuple[int, int, int]:
        """Height, width, channels, as numpy has it."""
        with self._life:
            return self.height, self.width, self.channels

    @property
    def stride(self) -> int:
        """Bytes from one row to the next."""
        with self._life as handle:
            return int(library.pixazo_pixels_stride(handle))

    @property
    def nbytes(self) -> int:
        with self._life as handle:
            return int(library.pixazo_pixels_size(handle))

    @property
    def icc(self) -> Optional[Blob]:
        """The colour profile; None: sRGB."""
        with self._life as handle:
            found = library.pixazo_pixels_icc(handle)
            return Blob._take(library.pixazo_blob_ref(found)) if found else None

    @property
    def view(self) -> memoryview:
        """The samples as height x width x channels, read-only and without a copy; they live as long as the view does."""
        with self._life as handle:
            shape = self.shape
            array = (c_uint8 * self.nbytes).from_address(library.pixazo_pixels_data(handle))
            # A view may outlive everything: at exit the memory is left to the operating system.
            weakref.finalize(array, _unref_view, library.pixazo_pixels_ref(handle), os.getpid()).atexit = False
        return memoryview(array).toreadonly().cast("B").cast("B", shape)

    def __buffer__(self, flags: int) -> memoryview:
        """memoryview(pixels), from Python 3.12 on."""
        return self.view

    @property
    def __array_interface__(self) -> Dict[str, Any]:
        """What numpy and Pillow ask for. The memory is named by a view, which holds it, and not by its address."""
        height, width, channels = self.shape
        return {"version": 3, "typestr": "|u1", "shape": (height, width, channels),
                "strides": (self.stride, channels, 1), "data": self.view.cast("B")}

    def tobytes(self) -> bytes:
        """A copy of the samples."""
        return self.view.tobytes()

    def __bytes__(self) -> bytes:
        return self.tobytes()

    def __repr__(self) -> str:
        if self.closed:
            return super().__repr__()
        return f"<pixazo.Pixels {self.width}x{self.height} {'RGBA' if self.channels == 4 else 'RGB'}>"


def _settled(image: Any) -> Tuple[Any, Optional[bytes]]:
    """A Pillow image in a mode whose samples are gray or RGB, and the profile that describes them."""
    mode = str(image.mode)
    if mode in AS_THEY_ARE:
        profile = image.info.get("icc_profile") or b""
        return image, profile if profile[16:20] == b"RGB " and profile[36:40] == b"acsp" else None
    if mode == "P":
        return image.convert("RGBA" if "transparency" in image.info else "RGB"), None
    if mode not in CONVERTED:
        raise ArgumentError(f"an image of mode {mode} has no 8-bit samples: convert it first")
    return image.convert(CONVERTED[mode]), None


def _samples(source: Any) -> Tuple[Bytes, Tuple[int, ...]]:
    """The samples without gaps, and their shape."""
    if isinstance(source, Pixels):
        return source.view, source.shape
    try:
        view = memoryview(source)
    except TypeError:
        return _from_interface(source)
    if view.format not in ("B", "<B", "|B"):
        raise ArgumentError(f"samples are 8-bit numbers without a sign, not of format {view.format!r}")
    return (view if view.c_contiguous else view.tobytes()), tuple(view.shape or ())


def _from_interface(source: Any) -> Tuple[Bytes, Tuple[int, ...]]:
    """What names its memory by the array interface alone; with bytes, as Pillow does."""
    named = getattr(source, "__array_interface__", None)
    if named is None:
        raise TypeError(f"{type(source).__name__} has neither a buffer nor an array interface")
    if named["typestr"] != "|u1":
        raise ArgumentError(f"samples are 8-bit numbers without a sign, not {named['typestr']!r}")
    if named.get("strides") is not None or not isinstance(named.get("data"), (bytes, bytearray, memoryview)):
        raise ArgumentError(f"{type(source).__name__} does not give its samples as plain bytes: make an array of it first")
    return named["data"], tuple(named["shape"])


def pixels_of(source: Any) -> Optional[Pixels]:
    """Pixels when that is what it is; None for files."""
    if isinstance(source, Pixels):
        return source
    if hasattr(source, "__array_interface__") or (isinstance(source, memoryview) and source.ndim > 1):
        return Pixels.from_buffer(source)
    return None
