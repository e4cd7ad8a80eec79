"""PDFs: made by Pillow and by PDFium, and byte by byte where they are to do harm."""

import contextlib
import io
import subprocess
import sys
import time
import zlib

import numpy as np
import psutil
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from mnist_core.config import MAX_PAGES
from mnist_core.errors import PictureError
from mnist_core.pictures.imaging import LONGEST_SIDE, count_pages, open_pages, open_picture
from mnist_core.pictures.pdf import document, renderer

CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
LOCK = (
    b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O(" + b"o" * 32 + b")/U(" + b"u" * 32 + b")>>"
    b"/ID[(0123456789abcdef)(0123456789abcdef)]"
)


def pdf(content, filters=b"", *, page=b"", pages=1, trailer=b""):
    """A PDF byte by byte: one page of 200 x 200 points.

    Parameters
    ----------
    content : what is drawn
    page : more entries of the page
    pages : how many the document says it has
    """
    objects = (
        CATALOG,
        b"<</Type/Pages/Kids[3 0 R]/Count %d>>" % pages,
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R%s>>" % page,
        b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(content), filters, content),
    )
    file, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(b"%010d 00000 n \n" % len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    return file + (
        b"xref\n0 5\n0000000000 65535 f \n%strailer\n<</Size 5/Root 1 0 R%s>>\nstartxref\n%d\n"
        b"%%%%EOF\n" % (b"".join(places), trailer, len(file))
    )


def bomb(unit, megabytes):
    packer = zlib.compressobj(9)
    part = unit * (1_000_000 // len(unit))
    return b"".join(packer.compress(part) for _ in range(megabytes)) + packer.flush()


def saved(made):
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def of_images(*images, **options):
    content = io.BytesIO()
    images[0].save(content, "PDF", save_all=True, append_images=images[1:], **options)
    return content.getvalue()


def scan(corner):
    """A white page with a red corner."""
    image = Image.new("RGB", (120, 80), "white")
    ImageDraw.Draw(image).rectangle([*corner, corner[0] + 40, corner[1] + 30], fill="red")
    return image


GOOD = [of_images(scan((0, 0))), pdf(b"0 0 100 100 re f")]


def centre(picture):
    """Where on a page what is red lies, as shares of the width and height."""
    rows, columns = np.nonzero(picture.pixels[..., 1] < 128)
    return columns.mean() / picture.pixels.shape[1], rows.mean() / picture.pixels.shape[0]


def test_every_page_opens_upright_in_its_colours(tmp_path):
    path = tmp_path / "scans.pdf"
    path.write_bytes(of_images(scan((0, 0)), scan((80, 50)), scan((80, 0)).resize((60, 40))))
    assert count_pages(path) == 3
    pages = list(open_pages(path))
    assert [centre(page) for page in pages] == [
        pytest.approx(place, abs=0.01)
        for place in [(1 / 6, 3 / 16), (5 / 6, 13 / 16), (5 / 6, 3 / 16)]
    ]
    first = pages[0]
    assert (first.width, first.height) == first.pixels.shape[1::-1]
    assert (first.width, first.height) == pytest.approx((500, 333), abs=1)
    assert (first.pixels.dtype, first.scale, first.remark) == (np.uint8, 1, "")
    assert first.pixels[5, 5].tolist() == pytest.approx([254, 0, 0], abs=6)
    assert centre(open_picture(path, page=2)) == centre(pages[1])


def test_a_page_that_is_rotated_is_shown_upright():
    made = pypdfium2.PdfDocument(of_images(scan((0, 0))))
    made[0].set_rotation(90)
    picture = open_picture(saved(made))
    assert (picture.width, picture.height) == pytest.approx((333, 500), abs=1)
    assert centre(picture) == pytest.approx((13 / 16, 1 / 6), abs=0.01)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((595, 842), (1131, 1600)),  # A4
        ((72, 36), (300, 150)),  # a stamp, at 300 pixels an inch
        ((14_400, 14_400), (1600, 1600)),  # 200 x 200 inches
        ((14_400, 1), (1600, 1)),
    ],
)
def test_pages_get_a_resolution_that_suits_reading(size, expected):
    made = pypdfium2.PdfDocument.new()
    made.new_page(*size)
    picture = open_picture(saved(made))
    assert (picture.width, picture.height) == pytest.approx(expected, abs=1)
    assert max(picture.pixels.shape) <= LONGEST_SIDE
    assert (picture.pixels == 255).all()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"%PDF-1.7\n\xff", "is damaged, cut off or has no pages"),
        (pdf(b"")[:300], "is damaged, cut off or has no pages"),
        (pdf(b"").replace(b"/Kids[3 0 R]/Count 1", b"/Kids[]/Count 0"), "has no pages"),
        (pdf(b"", trailer=LOCK), "is protected with a password"),
        (of_images(scan((0, 0)))[:-400], "is damaged"),
    ],
    ids=["start", "cut off", "empty", "locked", "no table"],
)
def test_what_cannot_be_opened_gets_a_sentence(content, expected):
    for use in (open_picture, count_pages, lambda file: list(open_pages(file))):
        with pytest.raises(PictureError, match=expected):
            use(content)


def test_what_comes_after_the_limit_is_told():
    made = pypdfium2.PdfDocument.new()
    for _ in range(MAX_PAGES + 3):
        made.new_page(9, 9)
    content = saved(made)
    assert count_pages(content) == MAX_PAGES + 1
    *pages, last = open_pages(content)
    assert (len(pages), str(last)[:32]) == (MAX_PAGES, "Stopped here, after 200 pages: n")


def test_a_document_that_claims_a_billion_pages_has_those_that_are_there():
    assert count_pages(pdf(b"0 0 9 9 re f", pages=10**9)) == 1


@pytest.mark.parametrize("unit", [b"0 0 m 9 9 l S \n", b"0 0 100 100 re f\n"])
def test_what_unpacks_to_too_much_ends_early(unit):
    content = pdf(bomb(unit, 300), b"/Filter/FlateDecode")
    began = time.monotonic()
    with pytest.raises(PictureError, match="too much time or memory"):
        open_picture(content)
    assert time.monotonic() - began < document.SECONDS + 5


def test_a_page_that_takes_too_long_is_given_up_with_those_after_it(monkeypatch):
    made = pypdfium2.PdfDocument(of_images(scan((0, 0)), scan((0, 0))))
    content = saved(made)
    monkeypatch.setattr(document, "SECONDS", 0)
    with pytest.raises(PictureError, match="too much time or memory"):
        open_picture(content)


def test_no_process_stays(monkeypatch):
    content = of_images(scan((0, 0)), scan((0, 0)))
    before = set(psutil.Process().children())
    pages = open_pages(content)
    next(pages)
    assert set(psutil.Process().children()) - before
    pages.close()
    assert set(psutil.Process().children()) == before
    with pytest.raises(PictureError):
        open_picture(pdf(b"", trailer=LOCK))
    assert set(psutil.Process().children()) == before


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_flipped_bits_do_no_harm(data):
    content = bytearray(data.draw(st.sampled_from(GOOD)))
    for place in data.draw(st.lists(st.integers(5, len(content) - 1), min_size=1, max_size=8)):
        content[place] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(PictureError):
        for opened in open_pages(bytes(content)):
            if not isinstance(opened, PictureError):
                assert max(opened.pixels.shape) <= LONGEST_SIDE


def test_a_missing_package_is_reported(monkeypatch, tmp_path):
    (tmp_path / "pypdfium2.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(PictureError, match="need the package pypdfium2"):
        open_picture(of_images(scan((0, 0))))


def test_who_opens_a_pdf_does_not_load_the_renderer():
    code = (
        "import sys, mnist_core.pictures.imaging as imaging\n"
        "imaging.open_picture(sys.stdin.buffer.read())\n"
        "sys.exit('pypdfium2' in sys.modules)"
    )
    content = of_images(scan((0, 0)))
    assert subprocess.run([sys.executable, "-c", code], input=content, check=False).returncode == 0


def test_the_renderer_answers_until_there_is_no_more(monkeypatch):
    """In this process, where its lines are measured."""
    content = of_images(scan((0, 0)), scan((80, 50)))
    requests = b"".join(renderer.REQUEST.pack(page, 60, 300) for page in (1, 7))
    source = io.BytesIO(renderer.LENGTH.pack(len(content)) + content + requests)
    target = io.BytesIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(source))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(target))
    monkeypatch.setattr(renderer, "limit_itself", lambda: None)
    renderer.main()
    answers = target.getvalue()
    size = renderer.ANSWER.size
    assert renderer.ANSWER.unpack(answers[:size]) == (renderer.GOOD, 2, 0, 0)
    assert renderer.ANSWER.unpack(answers[size : 2 * size]) == (renderer.GOOD, 60, 40, 180)
    assert len(answers) == 3 * size + 40 * 180
    assert renderer.ANSWER.unpack(answers[-size:])[0] == renderer.DAMAGED
