import contextlib
import io
import os
import struct
import subprocess
import sys
import warnings
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageChops, ImageDraw, ImageFile

from mnist_core.errors import PictureError
from mnist_core.pictures import decoding, formats, imaging, jpeg
from mnist_core.pictures.imaging import open_pages, open_picture

pillow_heif.register_heif_opener()
FORMATS = [kind for kind in formats.FORMATS if kind != "PDF"]  # see test_pdf.py
WITH_EXIF = ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"]
wild = settings(max_examples=60, deadline=None)


def page(size=(120, 80), scale=1):
    """A loop of dark ink on light paper, in the same place whatever the size."""
    image = Image.new("RGB", size, (240, 235, 230))
    box = [side * scale * share for share in (0.25, 0.75) for side in (120, 80)]
    ImageDraw.Draw(image).ellipse(box, outline=(20, 20, 90), width=round(8 * scale))
    return image


def encode(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def exif_of(orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif


def chunk(name, content):
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checksum


def png(width, height, *, extra=b"", data=b""):
    """A PNG file, byte by byte: 8-bit grey."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def grey(content):
    """The one brightness of a picture that is grey all over."""
    pixels = open_picture(content).pixels
    assert (pixels == pixels[0, 0, 0]).all()
    return int(pixels[0, 0, 0])


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_opens(kind, tmp_path):
    content = encode(page(), kind)
    path = tmp_path / "wrong.txt"
    path.write_bytes(content)
    for source in (content, bytearray(content), path, str(path)):
        picture = open_picture(source)
        assert picture.pixels.dtype == np.uint8
        assert picture.pixels.shape == (80, 120, 3)
        assert (picture.width, picture.height, picture.scale) == (120, 80, 1)
        difference = ImageChops.difference(page(), Image.fromarray(picture.pixels))
        assert np.mean(difference) < (6 if kind == "GIF" else 3)


def test_every_suffix_belongs_to_a_format_that_opens():
    known = Image.registered_extensions()
    assert {known[suffix] for suffix in formats.extensions()} == {*FORMATS, "PDF"}


@pytest.mark.parametrize("brand", [b"heic", b"mif1"])
def test_heic_opens_under_its_brands(brand):
    content = encode(page(), "HEIF")
    assert open_picture(content[:8] + brand + content[12:]).width == 120


# Where the first row and the first column of the file belong in the upright picture: the
# EXIF standard (JEITA CP-3451), tag 0x112.
SIDES = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}


def as_the_camera_stores(upright, orientation):
    row, column = SIDES[orientation]
    stored = np.swapaxes(upright, 0, 1) if row in {"left", "right"} else upright
    flipped = [axis for axis, side in enumerate((row, column)) if side in {"bottom", "right"}]
    return Image.fromarray(np.flip(stored, flipped))


def test_pictures_stand_upright():
    for kind in WITH_EXIF:
        for orientation in SIDES:
            case = kind, orientation
            upright = np.zeros((64, 96, 3), np.uint8)
            upright[:32, :48] = (255, 0, 0)
            upright[:32, 48:] = (0, 255, 0)
            upright[32:, :48] = (0, 0, 255)
            stored = as_the_camera_stores(upright, orientation)
            content = encode(stored, kind, exif=exif_of(orientation).tobytes())
            picture = open_picture(content, longest=48)
            assert (picture.width, picture.height, picture.scale) == (96, 64, 2), case
            assert (
                np.abs(picture.pixels[8::16, 12::24] - upright[16::32, 24::48].astype(float)).max()
                < 30
            ), case


def test_heic_turns_by_its_container_not_by_its_exif():
    # ISO/IEC 23008-12 has EXIF's orientation ignored. pillow-heif turns the container only if
    # it gets the EXIF data as bytes.
    stored = Image.new("RGB", (96, 64))
    assert open_picture(encode(stored, "HEIF", exif=exif_of(6))).width == 96
    assert open_picture(encode(stored, "HEIF", exif=exif_of(6).tobytes())).width == 64


def transparent(mode, *, alpha):
    black = Image.new("RGBA", (20, 20), (0, 0, 0, alpha))
    return black.convert(mode)


def test_transparency_is_shown_on_white():
    for kind in ["PNG", "WEBP", "TIFF", "AVIF", "HEIF"]:
        for alpha, expected in [(0, 255), (128, 127), (255, 0)]:
            case = kind, alpha
            pixels = open_picture(encode(transparent("RGBA", alpha=alpha), kind)).pixels
            assert np.abs(pixels.astype(int) - expected).max() <= 2, case


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_grey_with_transparency_is_shown_on_white(kind):
    assert grey(encode(transparent("LA", alpha=51), kind)) == 204


def test_a_colour_that_stands_for_transparency_is_white():
    for kind in ["PNG", "GIF"]:
        for mode, clear in [("P", 0), ("L", 0), ("1", 0), ("RGB", (0, 0, 0))]:
            case = kind, mode, clear
            if kind == "GIF" and mode == "RGB":
                clear = 0
            assert grey(encode(Image.new(mode, (9, 9)), kind, transparency=clear)) == 255, case


def test_palettes_may_be_half_transparent():
    image = Image.new("P", (9, 9))
    image.putpalette([0, 0, 0])
    assert grey(encode(image, "PNG", transparency=bytes([102]))) == 153


def tiff(values, **options):
    return encode(Image.fromarray(np.asarray(values)), "TIFF", **options)


def test_sixteen_bits_become_eight():
    for dtype in ["<u2", ">u2"]:
        for kind in ["PNG", "TIFF"]:
            for value, expected in [(0, 0), (257, 1), (32_768, 128), (65_535, 255)]:
                case = dtype, kind, value
                image = Image.fromarray(np.full((5, 7), value, dtype))
                assert grey(encode(image, kind)) == expected, case


def test_numbers_become_bytes():
    for dtype, values, expected in [
        (np.float32, [0, 0.5, 1], [0, 128, 255]),
        (np.float32, [0, 51, 255], [0, 51, 255]),
        (np.float32, [0, np.nan, np.inf, -np.inf, 1], [0, 0, 255, 0, 255]),
        (np.float32, [np.nan, np.nan], [0, 0]),
        (np.float32, [-0.1, 0, 0.1], [0, 128, 255]),
        (np.float32, [-3e38, 0, 3e38], [0, 128, 255]),
        (np.int32, [0, 257, 65_535], [0, 1, 255]),
        (np.int32, [0, 1_000_000], [0, 255]),
        (np.int32, [-7, -7], [0, 0]),
    ]:
        case = dtype, values
        pixels = open_picture(tiff(np.array([values], dtype))).pixels
        assert pixels[0, :, 0] == pytest.approx(expected, abs=1), case


def test_every_kind_of_pixel_becomes_rgb():
    for kind, mode in (
        [("PNG", mode) for mode in ("1", "L", "P", "LA", "RGBA", "I;16")]
        + [("JPEG", mode) for mode in ("L", "CMYK")]
        + [("BMP", mode) for mode in ("1", "L", "P")]
        + [("TIFF", mode) for mode in ("1", "L", "P", "LA", "CMYK", "YCbCr", "LAB")]
        + [("GIF", mode) for mode in ("1", "L", "P")]
    ):
        case = kind, mode
        source = page().convert("L")
        if mode == "I;16":
            source = Image.fromarray(np.asarray(source).astype(np.uint16) * 257)
        elif mode == "LAB":
            source = Image.merge("LAB", [source, *[Image.new("L", source.size, 128)] * 2])
        elif mode not in {"1", "L", "P"}:
            source = source.convert("RGB").convert(mode)
        else:
            source = source.convert(mode, dither=Image.Dither.NONE)
        pixels = open_picture(encode(source, kind)).pixels
        difference = ImageChops.difference(
            page().convert("L").convert("RGB"), Image.fromarray(pixels)
        )
        assert np.mean(difference) < (25 if mode == "1" else 4), case


def test_large_pictures_are_averaged():
    for mode in ["1", "L", "P", "RGB", "I;16", "F"]:
        board = (np.indices((64, 96)).sum(0) % 2 * 255).astype(np.uint8)
        if mode == "I;16":
            image = Image.fromarray(board.astype(np.uint16) * 257)
        else:
            image = Image.fromarray(board).convert(mode)
        picture = open_picture(encode(image, "TIFF"), longest=48)
        assert picture.pixels.shape == (32, 48, 3), mode
        assert (np.abs(picture.pixels.astype(int) - 127.5) < 1).all(), mode
        assert (picture.width, picture.height, picture.scale) == (96, 64, 2), mode


def middle_of_ink(pixels):
    """Where the ink's centre of mass lies, as shares of the width and height."""
    ink = 240 - pixels[..., 0].astype(float)
    ink[abs(ink) < 8] = 0  # what JPEG adds around edges
    places = [(np.arange(side) + 0.5) / side for side in ink.shape]
    return [(ink.sum(1 - axis) * places[axis]).sum() / ink.sum() for axis in (1, 0)]


def test_things_stay_where_they_are_when_pictures_shrink():
    for kind in ["PNG", "JPEG"]:
        for scale in [1, 2.6, 7.03, 16.7]:
            case = kind, scale
            size = round(120 * scale) + 1, round(80 * scale) + 1
            image = page(size, scale)
            picture = open_picture(encode(image, kind, quality=95), longest=100)
            assert (picture.width, picture.height) == size, case
            assert max(picture.pixels.shape) == 100, case
            assert middle_of_ink(picture.pixels) == pytest.approx(
                middle_of_ink(np.asarray(image)), abs=0.03 / 100
            ), case


def test_small_pictures_stay_as_they_are():
    for size in [(1, 1), (8, 8), (3, 1), (1, 1599), (1600, 1)]:
        picture = open_picture(encode(Image.new("RGB", size, "navy"), "PNG"))
        assert picture.pixels.shape == (*size[::-1], 3), size
        assert picture.scale == 1, size
        assert (picture.pixels == (0, 0, 128)).all(), size


def test_the_thinnest_pictures_open():
    for kind in ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF"]:
        for size in [(1, 5000), (5000, 1), (9000, 3)]:
            case = kind, size
            picture = open_picture(encode(Image.new("L", size, 200), kind))
            assert (picture.width, picture.height) == size, case
            assert max(picture.pixels.shape) == 1600, case
            assert min(picture.pixels.shape) == 1, case
            assert np.abs(picture.pixels.astype(int) - 200).max() <= 2, case


def test_pictures_of_several_strips_have_no_seams(monkeypatch):
    content = encode(page((120, 83)), "PNG")
    whole = open_picture(content, longest=40).pixels
    monkeypatch.setattr(decoding, "STRIP_PIXELS", 500)
    assert (open_picture(content, longest=40).pixels == whole).all()


def test_only_the_first_frame_counts():
    frames = [Image.new("L", (9, 9), value) for value in (10, 200)]
    for kind in ("GIF", "TIFF", "WEBP", "AVIF", "HEIF"):
        content = encode(frames[0], kind, save_all=True, append_images=frames[1:])
        assert abs(grey(content) - 10) <= 2


def test_files_above_the_limit_are_not_even_read(monkeypatch, tmp_path):
    path = tmp_path / "large.png"
    path.write_bytes(encode(page(), "PNG"))
    monkeypatch.setattr(imaging, "MAX_BYTES", 100)
    with pytest.raises(PictureError, match=r"has 0\.0 MB; at most 0\.0001 MB"):
        open_picture(path.read_bytes())
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("was opened"))
    with pytest.raises(PictureError, match="at most"):
        open_picture(path)


@pytest.mark.parametrize("size", [(8000, 6251), (9500, 9500), (60_000, 60_000), (2**31 - 1, 1)])
def test_too_many_pixels_are_refused_before_they_are_decoded(size, monkeypatch):
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("was decoded"))
    with pytest.raises(PictureError, match="at most 50 megapixels") as refused:
        open_picture(png(*size))
    if size[0] < 10_000:
        assert f"{size[0]:,} x {size[1]:,}" in str(refused.value)


def test_what_a_decoder_would_take_too_much_memory_for_is_refused_before(monkeypatch):
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("was decoded"))
    with pytest.raises(PictureError, match="1 x 70,000 pixels; at most 65,535 a side"):
        open_picture(png(1, 70_000))
    monkeypatch.setattr(decoding, "MAX_DECODING", 4.9 * 120 * 80)
    for kind in FORMATS:
        options = {"progressive": True, "subsampling": 0} if kind == "JPEG" else {}
        with pytest.raises(PictureError, match="MB of memory; at most 0 MB are taken") as refused:
            open_picture(encode(page(), kind, **options))
        assert f" {formats.FORMATS[kind].kind} of 0 megapixels" in str(refused.value)


def test_what_decoders_take_is_known_from_how_a_picture_was_made():
    pixels = 120 * 80

    def each(kind, image=page(), **options):  # noqa: B008 - never changed
        return formats.FORMATS[kind].memory(encode(image, kind, **options), pixels) / pixels

    assert each("JPEG", subsampling=0) == jpeg.SHRUNK
    assert each("JPEG", subsampling=0, progressive=True) == 6 + jpeg.SHRUNK
    assert each("JPEG", subsampling=2, progressive=True) == 3 + jpeg.SHRUNK
    assert each("JPEG", page().convert("CMYK"), progressive=True) == 8 + jpeg.SHRUNK
    assert jpeg.memory(b"\xff\xd8 odd", 1) == 8 + jpeg.SHRUNK
    strips = {"tiffinfo": {278: 8}}
    assert each("TIFF", **strips) == pytest.approx(5 + 3 * 8 / 80)
    assert each("TIFF", compression="tiff_lzw", tiffinfo={278: 80}) == 5 + 3
    assert each("TIFF", Image.new("L", (120, 80)), tiffinfo={278: 80}) == 5 + 1
    tile = {322: 120, 323: 80}
    assert each("TIFF", tiffinfo=tile) == 5 + 3


def test_jpeg_files_of_many_scans_have_to_be_small():
    content = encode(page(), "JPEG", progressive=True)
    start = content.index(b"\xff\xc2")
    large = content[: start + 5] + struct.pack(">HH", 9000, 9000) + content[start + 9 :]
    jpeg.check_scans(content)
    with pytest.raises(ValueError, match="scans"):
        jpeg.check_scans(large)


def test_too_little_memory_is_reported(monkeypatch):
    monkeypatch.setattr(decoding, "average", lambda *_: bytearray(2**62))
    with pytest.raises(PictureError, match="too many pixels"):
        open_picture(encode(page(), "PNG"))


def test_a_missing_package_is_reported(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(PictureError, match="pillow-heif"):
        open_picture(encode(page(), "HEIF"))


def test_files_of_endlessly_many_pieces_end():
    pieces = chunk(b"prIv", b"") * 100_000
    with pytest.raises(PictureError, match="damaged"):
        open_picture(png(1, 1, extra=pieces, data=zlib.compress(b"\0\0")))


def test_jpeg_files_that_draw_endlessly_often_are_refused():
    content = encode(page(), "JPEG", progressive=True)
    scan = content[content.rindex(b"\xff\xda") : -2]
    with pytest.raises(PictureError, match="damaged") as refused:
        open_picture(content[:-2] + scan * jpeg.MAX_SCANS + content[-2:])
    assert "scans" in str(refused.value.__cause__)


@pytest.mark.parametrize("order", ["<", ">"])
def test_tiff_files_with_endless_tables_are_refused(order):
    start = {"<": b"II*\0", ">": b"MM\0*"}[order]
    entry = struct.pack(f"{order}IHHHII4x", 8, 1, 273, 3, 300_000, 8)
    with pytest.raises(PictureError, match="damaged") as refused:
        open_picture(start + entry)
    assert "300000 values" in str(refused.value.__cause__)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", r"empty \(0 bytes\)"),
        (b"Dear diary,\n7 eggs", "is a text"),
        (b"BMW sells cars", "is a text"),
        ("Grüße, 你好".encode(), "is a text"),
        (b"PK\3\4\0\0", "is a zip archive"),
        (b"\0\0\0\x18ftypmp42", "is a video"),
        (b" <!DOCTYPE HTML><p>", "is a web page"),
        (b'<?xml version="1.0"?><svg>', "is an SVG drawing"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "is a text"),
        (bytes(1000), "something unknown"),
        (b"\x89PNG", "begins like a PNG picture but is damaged"),
        (b"II*\0", "begins like a TIFF picture but is damaged"),
    ],
)
def test_what_is_no_picture_gets_a_sentence(content, expected, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    for source in (content, path):
        with pytest.raises(PictureError, match=expected) as refused:
            open_picture(source)
        assert 1 <= str(refused.value).count(". ") + 1 <= 2


def test_what_cannot_be_read_gets_a_sentence(tmp_path, monkeypatch):
    with pytest.raises(PictureError, match="is a folder"):
        open_picture(tmp_path)
    for missing in (tmp_path / "no.png", "", "a\0b.png", "\ud800"):
        with pytest.raises(PictureError, match=r"There is no file|is a folder|cannot be read"):
            open_picture(missing)
    with pytest.raises(PictureError, match="cannot be read"):
        open_picture("x" * 5000)

    def forbid(*_):
        raise PermissionError

    path = tmp_path / "locked.png"
    path.write_bytes(b"x")
    monkeypatch.setattr(Path, "open", forbid)
    with pytest.raises(PictureError, match="change its permissions"):
        open_picture(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_pipes_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(PictureError, match="a device"):
        open_picture(tmp_path / "pipe.png")


ABSURD_EXIF = [
    b"",
    b"Exif\0\0",
    b"Exif\0\0II*\0\xff\xff\xff\xff",
    b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + bytes(range(256)),
    b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\xff\xff\xff\x7f\0\0\0\0",
    b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x05\0\1\0\0\0\x1a\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0",
]


def test_absurd_metadata_is_passed_over_in_silence():
    for kind in ["JPEG", "PNG", "WEBP"]:
        for exif in ABSURD_EXIF:
            case = kind, exif
            content = encode(page(), kind, exif=exif, icc_profile=b"no profile " * 99)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                assert open_picture(content).width == 120, case


def test_texts_that_unpack_to_too_much_are_refused():
    text = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(5_000_000)))
    with pytest.raises(PictureError, match="damaged"):
        open_picture(png(1, 1, extra=text, data=zlib.compress(b"\0\0")))


GOOD = [
    encode(image, kind, **options)
    for kind in FORMATS
    for image, options in [
        (page((48, 32), 0.4), {}),
        (
            page((48, 32), 0.4).convert("L"),
            {"exif": exif_of(6).tobytes()} if kind in WITH_EXIF else {},
        ),
        *([(page((48, 32), 0.4), {"progressive": True})] if kind == "JPEG" else []),
        *([(page((48, 32), 0.4).convert("F"), {})] if kind == "TIFF" else []),
        *([(page((48, 32), 0.4), {"compression": "tiff_lzw"})] if kind == "TIFF" else []),
        *(
            [(page((48, 32), 0.4), {"save_all": True, "append_images": [page((32, 48), 0.3)] * 2})]
            if kind == "TIFF"
            else []
        ),
    ]
]


def opens_or_tells(content):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with contextlib.suppress(PictureError):
            for opened in open_pages(content):
                if not isinstance(opened, PictureError):
                    assert max(opened.pixels.shape) <= imaging.LONGEST_SIDE


@given(st.sampled_from(GOOD), st.floats(0, 1))
@wild
def test_files_cut_off_anywhere_do_no_harm(content, share):
    opens_or_tells(content[: int(len(content) * share)])


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "BMP"])
def test_half_a_file_is_no_picture(kind):
    content = encode(Image.effect_noise((64, 64), 99).convert("RGB"), kind)
    with pytest.raises(PictureError, match=r"damaged, cut off"):
        open_picture(content[: len(content) // 2])


@given(st.data())
@wild
def test_flipped_bits_do_no_harm(data):
    content = bytearray(data.draw(st.sampled_from(GOOD)))
    places = st.one_of(st.integers(0, 63), st.integers(0, len(content) - 1))
    for place in data.draw(st.lists(places, min_size=1, max_size=8)):
        content[place] ^= data.draw(st.integers(1, 255))
    opens_or_tells(content)


@given(st.sampled_from(GOOD), st.integers(0, 40), st.binary(max_size=400))
@example(b"", 0, b"\xff\xd8\xff")
@wild
def test_random_bytes_do_no_harm(content, kept, noise):
    opens_or_tells(content[:kept] + noise)


def test_values_that_are_no_numbers_at_all_make_no_noise():
    signalling = np.array([[0x7F800001, 0x3F800000]], np.uint32).view(np.float32)
    opens_or_tells(tiff(signalling))


def test_nothing_is_written(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("builtins.open", lambda *_, **__: pytest.fail("opened a file"))
    monkeypatch.setattr(os, "open", lambda *_, **__: pytest.fail("opened a file"))
    for content in GOOD:
        open_picture(content)
        opens_or_tells(content[:-9])
    assert not list(tmp_path.iterdir())


def test_heic_is_loaded_only_when_such_a_file_comes():
    code = "import sys, mnist_core.pictures.imaging; sys.exit('pillow_heif' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
