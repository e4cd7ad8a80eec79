"""Real files of every format that the app opens, and what is left of them after an accident.

A seed gives the same files on every machine that has the same codecs.
"""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pillow_heif
from PIL import Image

from mnist_core.synthesis import handwriting

HEIGHT = 40  # pixels of a digit
NUMBERS = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)

Rng = np.random.Generator


def draw(number: str, rng: Rng) -> Image.Image:
    """Write a number with a pen on white paper."""
    paper = np.full((3 * HEIGHT, HEIGHT * (len(number) + 2)), 255, np.uint8)
    for column, digit in enumerate(number):
        for stroke in handwriting.write_digit(int(digit), rng):
            points = np.round((stroke * 0.8 + (column + 1, 1)) * HEIGHT).astype(np.int32)
            cv2.polylines(paper, [points], False, 20, 4, cv2.LINE_AA)
    return Image.fromarray(paper)


@cache
def originals() -> dict[str, tuple[bytes, ...]]:
    """Return undamaged files, by the ending of their names."""
    rng = np.random.default_rng(0)
    first, second = draw("407", rng), draw("120", rng)
    heic = io.BytesIO()
    pillow_heif.from_pillow(first.convert("RGB")).save(heic)

    def saved(format: str, picture: Image.Image = first, **options: object) -> bytes:
        file = io.BytesIO()
        picture.save(file, format, **options)
        return file.getvalue()

    both = {"save_all": True, "append_images": [second]}
    color = first.convert("RGB")
    found = {
        "png": (
            saved("PNG"),
            saved("PNG", first.convert("P")),
            saved("PNG", first.convert("I;16")),
        ),
        "jpg": (
            saved("JPEG"),
            saved("JPEG", color, progressive=True),
            saved("JPEG", color, quality=40),
        ),
        "webp": (
            saved("WEBP", color),
            saved("WEBP", color, lossless=True),
            saved("WEBP", color, **both),
        ),
        "tif": (
            saved("TIFF", compression="tiff_lzw", **both),
            saved("TIFF", compression="tiff_adobe_deflate"),
            saved("TIFF", first.convert("1"), compression="group4"),
            saved("TIFF", color, compression="jpeg"),
        ),
        "gif": (saved("GIF"), saved("GIF", **both)),
        "bmp": (saved("BMP"), saved("BMP", color)),
        "heic": (heic.getvalue(),),
        "avif": (saved("AVIF", color),),
        "pdf": (saved("PDF", **both), saved("PDF", first.convert("1"))),
    }
    drawing = {
        "objects": [{"type": "path", "path": [["M", 9, 9], ["Q", 9, 9, 40, 90], ["L", 9, 50]]}]
    }
    found["zip"] = (
        zipped(found["png"][0], zipfile.ZIP_DEFLATED),
        zipped(found["jpg"][0], zipfile.ZIP_STORED),
    )
    found["json"] = (json.dumps(drawing).encode(),)
    return found


def zipped(picture: bytes, method: int) -> bytes:
    """Return an archive of a picture and a text."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("scans/1.png", picture)
        archive.writestr("notes.txt", "no picture")
    return file.getvalue()


def make(seed: int) -> tuple[str, bytes]:
    """Return how a file's name ends, and the file: a real one after one to four accidents."""
    rng = np.random.default_rng([19, seed])
    files = originals()
    ending = str(rng.choice(list(files)))
    content = bytearray(_any(files[ending], rng))
    for _ in range(int(rng.integers(1, 5))):
        change = CHANGES[int(rng.integers(len(CHANGES)))]
        content = change(content, rng)
    if ending == "png" and rng.random() < 0.7:
        content = with_checksums(content)
    return ending, bytes(content)


def truncate(content: bytearray, rng: Rng) -> bytearray:
    """Drop the end."""
    return content[: int(rng.integers(len(content) + 1))]


def flip(content: bytearray, rng: Rng) -> bytearray:
    """Turn up to 20 bits over."""
    for _ in range(int(rng.integers(1, 21))):
        if content:
            content[_place(content, rng)] ^= 1 << int(rng.integers(8))
    return content


def set_number(content: bytearray, rng: Rng) -> bytearray:
    """Write an extreme number over one to four bytes, mostly near the start, where sizes stand."""
    number, order = int(rng.choice(NUMBERS)), rng.choice(["<", ">"])
    whole = struct.pack(f"{order}I", number)
    part = whole[: int(rng.integers(1, 5))]
    start = _place(content, rng)
    content[start : start + len(part)] = part
    return content


def splice(content: bytearray, rng: Rng) -> bytearray:
    """Put a piece of any file in the place of a piece of this one."""
    files = originals()
    other = _any(files[str(rng.choice(list(files)))], rng)
    begin, start = int(rng.integers(len(other))), int(rng.integers(len(content) + 1))
    length = int(rng.integers(1, 400))
    content[start : start + length] = other[begin : begin + length]
    return content


def repeat(content: bytearray, rng: Rng) -> bytearray:
    """Write a piece several times."""
    start = int(rng.integers(len(content) + 1))
    piece = content[start : start + int(rng.integers(1, 200))]
    return content[:start] + piece * int(rng.integers(2, 20)) + content[start:]


def with_checksums(content: bytearray) -> bytearray:
    """Correct the checksums of a PNG's chunks, which would hide what is behind them."""
    place = 8
    while place + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, place)
        end = place + 8 + length
        if end + 4 > len(content):
            break
        struct.pack_into(">I", content, end, zlib.crc32(content[place + 4 : end]))
        place = end + 4
    return content


def _any(files: tuple[bytes, ...], rng: Rng) -> bytes:
    return files[int(rng.integers(len(files)))]


def _place(content: bytearray, rng: Rng) -> int:
    """Return a place in the content: every other time in the first 200 bytes."""
    end = min(len(content), 200) if rng.random() < 0.5 else len(content)
    return int(rng.integers(max(end, 1)))


CHANGES: tuple[Callable[[bytearray, Rng], bytearray], ...] = (
    truncate,
    flip,
    set_number,
    set_number,
    splice,
    repeat,
)
