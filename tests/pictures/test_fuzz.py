"""A few files of every format after accidents; `benchmarks.fuzz` reads thousands."""

import contextlib
import json
import time

import pytest

from mnist_core.errors import PictureError
from mnist_core.pictures import archives, drawing, imaging, strokes
from mnist_core.pictures.record import Picture
from support import fuzz

FILES = 12  # of each format; what is read is reading's business, so they are only opened
FEW = 4  # PDFs: each is rendered by a process of its own
SECONDS = 5.0  # of a processor, for one


@pytest.fixture(scope="module")
def broken():
    """Files by the ending of their names."""
    found = {ending: [] for ending in fuzz.originals()}
    for seed in range(20 * len(found) * FILES):
        ending, content = fuzz.make(seed)
        if len(found[ending]) < FILES:
            found[ending].append(content)
        if all(len(files) == FILES for files in found.values()):
            return found
    raise AssertionError("a format is hardly ever made")


def opened(content):
    try:
        return list(imaging.open_pages(content))
    except PictureError as error:
        return [error]


def unpacked(content):
    try:
        for _, member in archives.unpack(content):
            yield from [member] if isinstance(member, PictureError) else opened(member)
    except PictureError as error:
        yield error


def strokes_of(content):
    text = content.decode("utf-8", "replace")
    if drawing.refusal_of(text):
        return
    with contextlib.suppress(PictureError, json.JSONDecodeError):
        strokes.from_canvas(json.loads(text))


@pytest.mark.parametrize("ending", sorted(fuzz.originals()))
def test_broken_files_are_opened_or_refused_with_a_sentence(broken, ending):
    for content in broken[ending][: FEW if ending == "pdf" else FILES]:
        began = time.process_time()
        if ending == "json":
            strokes_of(content)
            continue
        for page in unpacked(content) if ending == "zip" else opened(content):
            assert isinstance(page, Picture) or str(page).endswith(".")
        assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("ending", sorted(set(fuzz.originals()) - {"json"}))
def test_the_files_are_real_before_the_accidents(ending):
    for content in fuzz.originals()[ending]:
        pages = list(unpacked(content)) if ending == "zip" else opened(content)
        assert pages
        assert all(isinstance(page, Picture) for page in pages)
