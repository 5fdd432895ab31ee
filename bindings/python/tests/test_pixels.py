# SPDX-License-Identifier: MIT
"""Pixels: out of files and of other libraries, into files and other libraries, without copies where that can be."""

from __future__ import annotations

import gc
import re
import sys

import pytest

import pixazo
from conftest import BINDINGS
from pixazo import _pixels

PROFILE = bytes([0, 0, 0, 140]) + bytes(12) + b"RGB " + bytes(16) + b"acsp" + bytes(100)


@pytest.fixture(scope="module")
def exporter():
    with pixazo.Exporter() as made:
        yield made


@pytest.fixture(scope="module")
def pixels(exporter, png):
    return exporter.decode(png)


def test_a_file_gives_its_pixels(exporter, pixels, png, tmp_path):
    assert pixels.shape == (48, 64, 3) and (pixels.width, pixels.height, pixels.channels) == (64, 48, 3)
    assert pixels.nbytes == 64 * 48 * 3 == len(bytes(pixels)) and pixels.stride == 64 * 3 and pixels.icc is None
    assert repr(pixels) == "<pixazo.Pixels 64x48 RGB>"
    (tmp_path / "a.png").write_bytes(png)
    assert bytes(exporter.decode(tmp_path / "a.png")) == bytes(pixels)
    with pytest.raises(pixazo.Corrupt):
        exporter.decode(png[:-40])
    token = pixazo.Cancel()
    token.set()
    with pytest.raises(pixazo.Cancelled):
        exporter.decode(png, cancel=token)


def test_a_view_is_read_only_and_no_copy(pixels):
    view = pixels.view
    assert view.readonly and view.shape == pixels.shape and view.format == "B" and view.c_contiguous
    assert view.tobytes() == pixels.tobytes()
    with pytest.raises(TypeError):
        view[0, 0, 0] = 1


def test_the_memory_lives_as_long_as_a_view_of_it(exporter, png, monkeypatch):
    dropped = []
    unref = _pixels._unref_view
    monkeypatch.setattr(_pixels, "_unref_view", lambda *what: (dropped.append(1), unref(*what)))
    pixels = exporter.decode(png)
    content, view = bytes(pixels), pixels.view
    dropped.clear()
    pixels.close()
    del pixels
    gc.collect()
    assert not dropped and view.tobytes() == content
    del view
    gc.collect()
    assert dropped == [1]


def test_a_rendition_of_pixels_is_that_of_their_file(exporter, pixels, png):
    for recipe in ("fit-256", {"format": "webp", "width": 20}, {"format": "png", "reencode": "always"}):
        wanted = exporter.export(png, recipe, provenance={"prompt": "a fox"})
        for source in (pixels, pixels.view):
            assert exporter.export(source, recipe, provenance={"prompt": "a fox"}).sha256 == wanted.sha256
    assert exporter.export(pixels, pixazo.Recipe()).format == "png"


def test_layers_leave_pixels_as_they_are(exporter, pixels, png):
    before = bytes(pixels)
    [made] = exporter.export_all(pixels, ["web"], layers=[pixazo.Layer(png, mode="multiply", x=3)])
    assert "composited" in made.notes and bytes(pixels) == before


def test_limits_hold_for_pixels(pixels):
    with pixazo.Exporter(max_pixels=100) as small:
        with pytest.raises(pixazo.LimitError):
            small.export(pixels, "web")


def test_samples_may_have_gaps_between_the_rows_and_be_gray():
    assert bytes(pixazo.Pixels(b"abc..def..", 1, 2, stride=5)) == b"abcdef"
    assert bytes(pixazo.Pixels(bytearray(b"ab"), 2, 1, 1)) == b"aaabbb"
    assert bytes(pixazo.Pixels(memoryview(b"abcd"), 1, 2, 2)) == b"aaabcccd"
    assert pixazo.Pixels(b"abcd", 1, 1, 4).shape == (1, 1, 4)
    assert bytes(pixazo.Pixels(b"abc", 1, 1, icc=PROFILE).icc) == PROFILE


@pytest.mark.parametrize("arguments", [(b"", 1, 1), (b"ab", 1, 1), (b"abc", 0, 1), (b"abc", 1, 1, 5), (b"abc", -1, 1),
                                       (b"abc", 1, 1 << 40), (b"abcdef", 2, 1, 4)])
def test_what_cannot_be_a_picture_is_refused(arguments):
    with pytest.raises(pixazo.ArgumentError):
        pixazo.Pixels(*arguments)
    with pytest.raises(pixazo.ArgumentError, match="stride"):
        pixazo.Pixels(b"abcdef", 2, 1, stride=5)
    with pytest.raises(pixazo.ArgumentError, match="RGB"):
        pixazo.Pixels(b"abc", 1, 1, icc=PROFILE.replace(b"RGB ", b"GRAY"))


@pytest.mark.parametrize("source, wanted", [(memoryview(b"abc"), pixazo.ArgumentError), (b"abc", pixazo.ArgumentError),
                                            (3, TypeError), ("a.png", TypeError)])
def test_what_has_no_shape_is_no_pixels(source, wanted):
    with pytest.raises(wanted):
        pixazo.Pixels.from_buffer(source)


def test_pixels_are_a_buffer_where_python_lets_a_class_be_one(pixels):
    if sys.version_info >= (3, 12):
        assert memoryview(pixels).shape == pixels.shape
    else:
        with pytest.raises(TypeError):
            memoryview(pixels)


# ---- numpy ----


def test_numpy_sees_pixels_without_a_copy(exporter, png):
    numpy = pytest.importorskip("numpy")
    pixels = exporter.decode(png)
    array, content = numpy.asarray(pixels), bytes(pixels)
    assert array.shape == (48, 64, 3) and array.dtype == numpy.uint8 and not array.flags.writeable
    again = numpy.asarray(pixels)
    assert array.__array_interface__["data"][0] == again.__array_interface__["data"][0], "both are the same memory"
    pixels.close()
    del pixels, again
    gc.collect()
    assert array.tobytes() == content, "the array holds what it shows"


def test_arrays_of_any_layout_are_taken(exporter, pixels):
    numpy = pytest.importorskip("numpy")
    array = numpy.asarray(pixels)
    many = [array, array.copy(), array[:, ::-1], array[::-1], array[::2, ::3], numpy.asfortranarray(array), array[5:9, 7:30],
            array[:, :, 0], array[:, :, :1], numpy.dstack([array, array[:, :, 0]]), array[:, :, ::-1]]
    for one in many:
        taken = pixazo.Pixels.from_buffer(one)
        wanted = one if one.ndim == 3 else one[:, :, None]
        wanted = numpy.repeat(wanted, 3, 2) if wanted.shape[2] == 1 else wanted
        assert (numpy.asarray(taken) == wanted).all()
        assert exporter.export(one, "fit-256").sha256 == exporter.export(taken, "fit-256").sha256


def test_a_changed_array_does_not_change_pixels():
    numpy = pytest.importorskip("numpy")
    array = numpy.zeros((4, 5, 3), numpy.uint8)
    taken = pixazo.Pixels.from_buffer(array)
    array[:] = 9
    assert not any(bytes(taken))


def test_arrays_that_are_no_pixels_are_refused():
    numpy = pytest.importorskip("numpy")
    for array in (numpy.zeros((4, 5, 3)), numpy.zeros((4, 5), bool), numpy.zeros((4, 5), numpy.int8),
                  numpy.zeros((4, 5, 5), numpy.uint8), numpy.zeros((0, 5, 3), numpy.uint8), numpy.zeros(9, numpy.uint8),
                  numpy.zeros((1, 4, 5, 3), numpy.uint8)):
        with pytest.raises(pixazo.ArgumentError):
            pixazo.Pixels.from_buffer(array)


# ---- Pillow ----


def test_pillow_takes_pixels(exporter, png, pixels):
    image = pytest.importorskip("PIL.Image")
    made = image.fromarray(pixels)
    assert (made.mode, made.size) == ("RGB", (64, 48)) and made.tobytes() == bytes(pixels)
    clear = pixazo.Pixels(bytes(range(16)), 2, 2, 4)
    assert image.fromarray(clear).mode == "RGBA" and image.fromarray(clear).tobytes() == bytes(clear)


def test_images_of_every_mode_are_taken_as_pillow_sees_them(exporter, pixels):
    image = pytest.importorskip("PIL.Image")
    colour = image.fromarray(pixels)
    for mode in ("1", "L", "LA", "RGB", "RGBA", "P", "CMYK", "YCbCr", "HSV", "LAB", "RGBX", "RGBa", "La"):
        source = colour.convert("RGBA" if mode == "RGBa" else "LA" if mode == "La" else "RGB")
        source = source.convert(mode)
        taken = pixazo.Pixels.from_buffer(source)
        wanted = source.convert("LA") if mode == "La" else source
        wanted = wanted.convert("RGBA" if mode in ("LA", "La", "RGBA", "RGBa") else "RGB")
        assert taken.shape[:2] == (48, 64) and bytes(taken) == wanted.tobytes(), mode
    clear = colour.quantize(8)
    clear.info["transparency"] = 0
    assert pixazo.Pixels.from_buffer(clear).channels == 4
    for mode in ("I", "F", "I;16"):
        with pytest.raises(pixazo.ArgumentError, match="convert"):
            pixazo.Pixels.from_buffer(image.new(mode, (3, 4)))


def test_a_profile_comes_along_when_it_is_for_rgb(exporter, pixels):
    image = pytest.importorskip("PIL.Image")
    opened = image.fromarray(pixels)
    opened.info["icc_profile"] = PROFILE
    assert bytes(pixazo.Pixels.from_buffer(opened).icc) == PROFILE
    assert pixazo.Pixels.from_buffer(opened.convert("CMYK")).icc is None
    opened.info["icc_profile"] = PROFILE.replace(b"RGB ", b"CMYK")
    assert pixazo.Pixels.from_buffer(opened).icc is None
    made = exporter.export(pixazo.Pixels(bytes(pixels), 64, 48, icc=PROFILE), {"format": "webp"})
    assert exporter.inspect(made.blob).metadata["icc"]["bytes"] == len(PROFILE)


def test_the_program_of_the_readme_works(exporter, png, tmp_path, monkeypatch):
    numpy, image = pytest.importorskip("numpy"), pytest.importorskip("PIL.Image")
    monkeypatch.chdir(tmp_path)
    exporter.export(png, "web").save("fox.webp")
    names = {}
    exec(re.findall(r"```python\n(.*?)```", (BINDINGS / "README.md").read_text(encoding="utf-8"), re.S)[2], names)
    assert (numpy.asarray(exporter.decode("fox.webp")) == names["array"]).all() and names["image"].size == (64, 48)
    with image.open("mirrored.webp") as mirrored, image.open("tilted.png") as tilted:
        assert mirrored.size == tilted.size == (64, 48)
