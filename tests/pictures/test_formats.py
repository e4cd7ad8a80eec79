"""The table of picture formats, and what follows from it."""

import io
from pathlib import Path

import pytest
from PIL import Image

from mnist_core.cli.inputs import Given, find
from mnist_core.config import PROJECT_DIR
from mnist_core.pictures import archives, formats
from mnist_core.pictures.decoding import open_image
from mnist_core.pictures.imaging import open_picture
from mnist_core.pictures.record import PictureFormat
from tests.pictures.test_archives import pack
from ui.upload.choice import accepted_types

NEW = PictureFormat(
    decoder="PPM",
    title="PPM",
    signature=rb"P[56]\s",
    extensions=(".ppm", ".pgm"),
    open=open_image,
)


@pytest.fixture
def one_more(monkeypatch):
    """Add a format to the table, as a person who edits that one file would."""
    monkeypatch.setitem(formats.FORMATS, "PPM", NEW)
    content = io.BytesIO()
    Image.new("RGB", (30, 20), "navy").save(content, "PPM")
    return content.getvalue()


def test_a_format_added_to_the_table_is_known_everywhere(one_more, tmp_path):
    assert formats.recognise(one_more)[0] == "a PPM picture"
    assert open_picture(one_more).pixels.shape == (20, 30, 3)
    assert [name for name, _ in archives.unpack(pack({"a.PPM": one_more}))] == ["a.PPM"]
    (tmp_path / "a.pgm").write_bytes(one_more)
    assert find(str(tmp_path)) == [Given(str(tmp_path / "a.pgm"))]
    assert {"ppm", "pgm", "zip"} <= set(accepted_types())
    assert formats.titles().endswith("PDF or PPM")


def test_formats_have_their_own_names_and_signatures():
    for name, known in formats.FORMATS.items():
        assert known.decoder == name
        assert known.signature
        assert all(ending.startswith(".") and ending.islower() for ending in known.extensions)
    assert len(set(formats.extensions())) == len(formats.extensions())


def test_the_readme_names_every_format():
    readme = (PROJECT_DIR / "README.md").read_text("utf-8")
    assert formats.titles().replace(" or ", " and ") in " ".join(readme.split())


@pytest.mark.parametrize("name", ["a.png", "A.JPEG", "b.c.HeIc", ".tif"])
def test_names_of_pictures(name):
    assert formats.has_picture_name(name)
    assert not formats.has_picture_name(f"{name}.txt")
    assert not formats.has_picture_name(Path(name).suffix[1:])
