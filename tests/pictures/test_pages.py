"""Files of several pages and frames."""

import io
import struct
import tracemalloc

import numpy as np
import pillow_heif
import pytest
from PIL import Image, TiffImagePlugin

from mnist_core.config import MAX_PAGES
from mnist_core.errors import PictureError
from mnist_core.pictures import tiff
from mnist_core.pictures.decoding import FIRST_FRAME
from mnist_core.pictures.imaging import count_pages, open_pages, open_picture

pillow_heif.register_heif_opener()
LEVELS = (10, 120, 240)


def grey(level, size=(40, 30)):
    return Image.new("L", size, level)


def encode(image, *more, kind="TIFF", **options):
    content = io.BytesIO()
    image.save(content, kind, save_all=True, append_images=more, **options)
    return content.getvalue()


def directories(order, count, *entries, following=None):
    """A TIFF file byte by byte: one directory after the other, the last pointing nowhere."""
    content = bytearray({"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}HI", 42, 8))
    for place in range(count):
        content += struct.pack(f"{order}H", len(entries))
        for entry in entries:
            content += struct.pack(f"{order}HHII", *entry)
        after = len(content) + 4 if place < count - 1 else following or 0
        content += struct.pack(f"{order}I", after)
    return bytes(content)


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "group4", "jpeg"])
def test_every_page_of_a_tiff_opens(compression, tmp_path):
    images = [grey(level) for level in (0, 255, 0)]
    if compression == "group4":
        images = [image.convert("1") for image in images]
    path = tmp_path / "pages.tif"
    path.write_bytes(encode(*images, compression=compression))
    assert count_pages(path) == 3
    found = [round(page.pixels.mean()) for page in open_pages(path)]
    assert found == [0, 255, 0]
    assert [round(open_picture(path, page=n).pixels.mean()) for n in (1, 2, 3)] == found


def test_pages_have_their_own_sizes_and_no_remark():
    sizes = [(40, 30), (30, 40), (2000, 10)]
    pages = list(open_pages(encode(*[grey(9, size) for size in sizes]), longest=1000))
    assert [(page.width, page.height, page.remark) for page in pages] == [(*s, "") for s in sizes]
    assert pages[2].pixels.shape == (5, 1000, 3)


def test_thumbnails_and_masks_are_no_pages():
    pages = []
    for level, kind in zip((10, 50, 90, 120), (0, 1, 4, 2), strict=True):  # 2: one of several
        image = grey(level)
        image.encoderinfo = {"tiffinfo": TiffImagePlugin.ImageFileDirectory_v2()}
        image.encoderinfo["tiffinfo"][tiff.NEW_SUBFILE_TYPE] = kind
        pages.append(image)
    content = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(content) as writer:
        for page in pages:
            page.save(writer, "TIFF", tiffinfo=page.encoderinfo["tiffinfo"])
            writer.newFrame()
    found = [int(page.pixels[0, 0, 0]) for page in open_pages(content.getvalue())]
    assert found == [10, 120]


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_first_page_counts_whatever_it_is(order):
    two = {"<": 2, ">": 2 << 16}[order]  # a short in the place of a long
    assert len(tiff.find_pages(directories(order, 1, (254, 4, 1, 1)))) == 1
    assert len(tiff.find_pages(directories(order, 3, (255, 3, 1, two)))) == 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_only_so_many_pages_are_looked_for(order):
    assert len(tiff.find_pages(directories(order, 10_000))) == MAX_PAGES + 1
    assert len(tiff.find_pages(directories(order, 10_000, (254, 4, 1, -1 % 2**32)))) == 1


def test_a_chain_that_bites_its_tail_ends():
    assert tiff.find_pages(directories("<", 2, following=8)) == (8, 14)


def test_what_comes_after_the_limit_is_told():
    content = encode(*[grey(level % 256, (4, 4)) for level in range(MAX_PAGES + 3)])
    assert count_pages(content) == MAX_PAGES + 1
    *pages, last = open_pages(content)
    assert len(pages) == MAX_PAGES
    assert int(pages[-1].pixels[0, 0, 0]) == MAX_PAGES - 1
    assert isinstance(last, PictureError)
    assert str(last).startswith("Stopped here, after 200 pages")
    with pytest.raises(PictureError, match="Stopped here"):
        open_picture(content, page=MAX_PAGES + 1)


@pytest.mark.parametrize("page", [0, 4, -1])
def test_a_page_that_is_not_there_is_refused(page):
    content = encode(*map(grey, LEVELS))
    with pytest.raises(PictureError, match=f"There is no page {page}: the file has 3"):
        open_picture(content, page=page)


def test_a_damaged_page_does_not_hide_the_others():
    content = bytearray(encode(*map(grey, LEVELS)))
    _, second, _ = tiff.find_pages(content)
    content[second + 2 : second + 14] = struct.pack("<HHII", 273, 4, 2**31, 8)
    first, wrong, third = open_pages(bytes(content))
    assert (first.pixels[0, 0, 0], third.pixels[0, 0, 0]) == (LEVELS[0], LEVELS[2])
    assert "damaged" in str(wrong)
    assert "values in one tag" in str(wrong.__cause__)


def test_a_file_cut_off_after_its_first_page_gives_that_page():
    content = encode(*map(grey, LEVELS))
    _, second, _ = tiff.find_pages(content)
    first, wrong = open_pages(content[: second + 9])
    assert first.pixels[0, 0, 0] == LEVELS[0]
    assert "damaged" in str(wrong)
    with pytest.raises(PictureError, match="damaged"):
        list(open_pages(content[:9]))


def test_a_page_too_large_does_not_hide_the_others():
    large = Image.new("1", (8000, 6251))
    content = encode(grey(0).convert("1"), large, compression="group4")
    first, wrong = open_pages(content)
    assert first.width == 40
    assert "at most 50 megapixels" in str(wrong)


def test_one_page_is_in_memory_at_a_time():
    pages = [Image.new("RGB", (1200, 1200), "navy")] * 6
    content = encode(*pages, compression="tiff_lzw")
    tracemalloc.start()
    for page in open_pages(content):
        assert page.pixels[0, 0].tolist() == [0, 0, 128]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 1200 * 1200 * 3


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF", "HEIF"])
def test_of_several_frames_the_first_is_opened_and_that_is_told(kind):
    content = encode(*map(grey, LEVELS), kind=kind)
    (picture,) = open_pages(content)
    assert abs(int(picture.pixels[0, 0, 0]) - LEVELS[0]) <= 2
    assert picture.remark == FIRST_FRAME
    assert open_picture(encode(grey(10), kind=kind)).remark == ""


def test_a_second_frame_that_is_damaged_does_no_harm():
    content = encode(*map(grey, LEVELS), kind="GIF")
    picture = open_picture(content[: len(content) // 2])
    assert picture.pixels[0, 0, 0] == LEVELS[0]


def strokes(ink, alpha=255, share=0.2):
    """Ink that covers so much of a transparent picture."""
    image = np.zeros((60, 100, 4), np.uint8)
    image[:, : round(100 * share)] = (*ink, alpha)
    return Image.fromarray(image)


@pytest.mark.parametrize(
    ("ink", "share", "ground"),
    [
        ((255, 255, 255), 0.2, 0),
        ((250, 220, 60), 0.2, 0),  # yellow
        ((0, 0, 0), 0.2, 255),
        ((200, 30, 30), 0.2, 255),
        ((255, 255, 255), 0.7, 255),  # paper
        ((255, 255, 255), 0.0, 255),
    ],
)
def test_light_ink_that_is_all_there_is_stands_on_black(ink, share, ground):
    for kind in ("PNG", "WEBP", "TIFF"):
        content = io.BytesIO()
        strokes(ink, share=share).save(content, kind, lossless=True)
        assert open_picture(content.getvalue()).pixels[0, -1].tolist() == [ground] * 3, kind


def test_paper_that_is_cut_out_and_written_on_stays_on_white():
    image = strokes((240, 240, 230), share=0.4)
    image.paste((20, 20, 60, 255), (5, 5, 12, 20))
    content = io.BytesIO()
    image.save(content, "PNG")
    assert open_picture(content.getvalue()).pixels[0, -1].tolist() == [255] * 3


@pytest.mark.parametrize("mode", ["LA", "P"])
def test_light_ink_is_seen_in_every_mode(mode):
    image = strokes((255, 255, 255)).convert(mode)
    content = io.BytesIO()
    image.save(content, "PNG")
    pixels = open_picture(content.getvalue()).pixels
    assert pixels[0, 0].tolist() == [255] * 3
    assert pixels[0, -1].tolist() == [0] * 3


@pytest.mark.parametrize("size", [(8, 8), (8, 1600), (1, 1)])
def test_the_smallest_pictures_open(size):
    assert open_picture(encode(grey(7, size), kind="PNG")).pixels.shape == (*size[::-1], 3)


def test_fifty_megapixels_open():
    content = encode(Image.new("1", (10_000, 5000), 1), compression="group4")
    picture = open_picture(content)
    assert (picture.width, picture.height) == (10_000, 5000)
    assert picture.pixels.shape == (800, 1600, 3)
