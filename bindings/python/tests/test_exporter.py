# SPDX-License-Identifier: MIT
"""Renditions, and what a picture file is."""

from __future__ import annotations

import pytest

import pixazo


@pytest.fixture(scope="module")
def exporter():
    with pixazo.Exporter() as made:
        yield made


def test_inspect_says_what_a_file_is(exporter, png, tmp_path):
    (tmp_path / "a.png").write_bytes(png)
    for source in (png, bytearray(png), memoryview(png), pixazo.Blob(png), tmp_path / "a.png", str(tmp_path / "a.png")):
        picture = exporter.inspect(source)
        assert (picture.format, picture.width, picture.height, picture.nbytes) == ("png", 64, 48, len(png))
        assert (picture.content_type, picture.extension, picture.bit_depth) == ("image/png", "png", 8)
    assert picture.orientation == 1 and not picture.is_animated and not picture.has_c2pa and not picture.has_alpha
    assert len(picture.sha256) == 64 and picture.parameters == ""
    assert picture.metadata == picture.to_dict()["metadata"] and picture.metadata["c2pa"] is False
    assert picture.to_dict()["sha256"] == picture.sha256 and "64x48" in repr(picture)


def test_renditions_come_in_the_order_of_the_recipes(exporter, png, tmp_path):
    made = exporter.export_all(png, [pixazo.Recipe(format="jpeg", quality=70, name="j"), "fit-256", {"format": "webp"}],
                               provenance={"prompt": "a test card"})
    assert [(one.name, one.format, one.extension) for one in made] == [
        ("j", "jpeg", "jpg"), ("fit-256", "jpeg", "jpg"), ("", "webp", "webp")]
    for one in made:
        assert (one.width, one.height) == (64, 48) and one.nbytes == len(bytes(one)) == one.view.nbytes
        assert one.quality == one.to_dict()["quality"] > 0
        assert one.way == one.to_dict()["way"] and one.way in ("encoded", "passed_through")
        assert exporter.inspect(one.blob).sha256 == one.sha256 == one.to_dict()["sha256"]
        assert exporter.inspect(one.blob).metadata["parameters"]["prompt"] == "a test card"
        assert "a test card" in exporter.inspect(one.blob).parameters
        assert one.duration.total_seconds() >= 0 and isinstance(one.notes, list)
        one.save(tmp_path / f"{one.sha256}.{one.extension}")
    assert made[2]._repr_webp_() == bytes(made[2]) and made[0]._repr_jpeg_() == bytes(made[0])


def test_the_same_job_gives_the_same_bytes(exporter, png):
    recipe = pixazo.Recipe(format="webp", width=20, fit="cover", height=20)
    one, two = exporter.export(png, recipe), exporter.export(png, recipe)
    assert bytes(one) == bytes(two) and (one.width, one.height) == (20, 20)


@pytest.mark.parametrize("source, wanted", [(b"", pixazo.PixazoError), (b"no picture at all", pixazo.UnsupportedError)])
def test_what_is_no_picture_is_refused(exporter, source, wanted):
    with pytest.raises(wanted):
        exporter.inspect(source)


def test_a_cut_picture_is_corrupt(exporter, png):
    for work in (exporter.inspect, lambda source: exporter.export(source, "web")):
        with pytest.raises(pixazo.Corrupt):
            work(png[:-40])


def test_limits_are_those_that_were_given(png):
    with pixazo.Exporter(max_pixels=100) as small:
        with pytest.raises(pixazo.LimitError):
            small.inspect(png)
    with pytest.raises(pixazo.ArgumentError):
        pixazo.Exporter(max_scans=-1)


def test_a_token_that_is_set_stops_the_work(exporter, png):
    token = pixazo.Cancel()
    token.set(pixazo.CancelMode.NOW)
    with pytest.raises(pixazo.Cancelled):
        exporter.export(png, "web", cancel=token)


def test_files_that_are_not_there_are_not_found(exporter, tmp_path):
    for work in (exporter.inspect, lambda source: exporter.export(source, "web")):
        with pytest.raises(FileNotFoundError):
            work(tmp_path / "none.png")


def test_no_recipe_is_refused(exporter, png):
    with pytest.raises(pixazo.ArgumentError):
        exporter.export_all(png, [])


def test_numpy_sees_the_bytes_without_a_copy(png):
    numpy = pytest.importorskip("numpy")
    blob = pixazo.Blob(png)
    array = numpy.frombuffer(blob.view, dtype=numpy.uint8)
    blob.close()
    assert array.tobytes() == png and not array.flags.writeable


def test_pillow_reads_what_was_made(exporter, png):
    image = pytest.importorskip("PIL.Image")
    import io

    for name in ("png", "jpeg", "webp"):
        with image.open(io.BytesIO(exporter.export(png, pixazo.Recipe(format=name)).view)) as opened:
            assert (opened.format.lower(), opened.size) == (name, (64, 48))


def test_layers_lie_on_the_source_and_a_base_below_it(exporter, png):
    [made] = exporter.export_all(png, [{"format": "png"}], layers=[pixazo.Layer(png, mode="multiply", opacity=50, x=3)])
    assert "composited" in made.notes and (made.width, made.height) == (64, 48)
    base = bytes(exporter.export(png, {"format": "png", "width": 128}))
    [made] = exporter.export_all(png, ["smart-300"], base=base, layers=[pixazo.Layer(gravity="southeast", fit="none")])
    assert "composited" in made.notes and (made.width, made.height) == (300, 300)
    [made] = exporter.export_all(png, [{"format": "png"}], base=b"no picture")
    assert "base_not_loaded" in made.notes and "composited" not in made.notes
    with pytest.raises(pixazo.ArgumentError, match="burn"):
        exporter.export_all(png, [{}], layers=[pixazo.Layer(png, mode="burn")])


def test_a_matrix_is_every_size_in_every_format(exporter, png):
    recipes = pixazo.Recipe.matrix({"name": "m", "sizes": [{"width": 8}, {"width": 16}], "formats": ["png", "webp"]})
    made = exporter.export_all(png, recipes)
    assert [(one.name, one.width) for one in made] == [("m-8-png", 8), ("m-8-webp", 8), ("m-16-png", 16), ("m-16-webp", 16)]
    with pytest.raises(pixazo.ArgumentError, match="sizes"):
        pixazo.Recipe.matrix({"formats": ["png"]})
