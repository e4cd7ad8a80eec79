"""The pages of a TIFF file: each is cut out as a file of its own, so that no other is parsed.

Source: Adobe, "TIFF, Revision 6.0" (1992): a file is a chain of directories, one an image.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mnist_core.config import MAX_PAGES
from mnist_core.pictures.decoding import decode
from mnist_core.pictures.record import Picture, PictureFormat

# Files can make a decoder repeat the same work endlessly. Real ones stay far below this.
MAX_VALUES = 200_000
MAX_DIRECTORIES = 4 * MAX_PAGES  # a page and its thumbnail, mask and smaller copies
BYTES_OR_TEXT = {1, 2, 6, 7}  # types of values that may be long
NEW_SUBFILE_TYPE, SUBFILE_TYPE = 254, 255  # tags
SMALLER_OR_MASK = 0b101  # bits of NEW_SUBFILE_TYPE: a smaller copy, a mask
# More tags, and a value of one: the way in which colours are stored.
IMAGE_LENGTH, BITS_PER_SAMPLE, COLOURS, SAMPLES_PER_PIXEL, ROWS_PER_STRIP = 257, 258, 262, 277, 278
TILE_WIDTH, TILE_LENGTH = 322, 323
YCBCR = 6
NUMBERS = {1: "B", 3: "H", 4: "I"}  # types of whole numbers, as `struct` has them
SMALLER = 2  # value of SUBFILE_TYPE: a smaller copy


@dataclass(frozen=True)
class TiffPages:
    """The pages of a TIFF file.

    Attributes
    ----------
    directories : where in the content the directory of each page begins
    """

    content: bytes
    known: PictureFormat
    directories: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many pages there are; one more than MAX_PAGES if there are more."""
        return len(self.directories)

    def render(self, page: int, longest: int) -> Picture:
        """Decode a page; see `record.Pages`."""
        return decode(cut_out(self.content, self.directories[page - 1]), self.known, longest)


@contextmanager
def open_tiff(content: bytes, known: PictureFormat) -> Iterator[TiffPages]:
    """Find the pages of a TIFF file.

    Raises
    ------
    struct.error : cut off before its first page
    """
    yield TiffPages(content, known, find_pages(content))


def find_pages(content: bytes) -> tuple[int, ...]:
    """Find the directories of a file's pages; no thumbnails, masks and smaller copies.

    At most MAX_PAGES + 1 are found. Where the file is cut off, the last page is the one that
    cannot be decoded.

    Raises
    ------
    struct.error : cut off before its first page
    """
    order = _order(content)
    (start,) = struct.unpack_from(f"{order}I", content, 4)
    pages: list[int] = []
    seen: set[int] = set()
    while start and start not in seen and len(seen) < MAX_DIRECTORIES and len(pages) <= MAX_PAGES:
        seen.add(start)
        try:
            is_page = not any(map(_is_extra, _entries(content, start)))
            (following,) = struct.unpack_from(f"{order}I", content, _end(content, start))
        except struct.error:
            if not pages:
                raise
            is_page, following = True, 0
        if is_page or not pages:
            pages.append(start)
        start = following
    return tuple(pages)


def cut_out(content: bytes, directory: int) -> bytes:
    """Return a TIFF file with this page alone.

    Raises
    ------
    struct.error : the page's directory is cut off
    """
    order, alone = _order(content), bytearray(content)
    struct.pack_into(f"{order}I", alone, 4, directory)
    struct.pack_into(f"{order}I", alone, _end(content, directory), 0)
    return bytes(alone)


def check_values(content: bytes) -> None:
    """Refuse a first page with a number for each row or pixel; bytes and texts may be long.

    Raises
    ------
    ValueError : more than MAX_VALUES values in one tag
    struct.error : cut off
    """
    (start,) = struct.unpack_from(f"{_order(content)}I", content, 4)
    for _, kind, count, _ in _entries(content, start):
        if count > MAX_VALUES and kind not in BYTES_OR_TEXT:
            raise ValueError(f"{count} values in one tag")


def memory_of_tiff(content: bytes, pixels: int) -> float:
    """Return how many bytes decoding the first page takes: the picture and one piece of it.

    Raises
    ------
    struct.error : cut off
    """
    order = _order(content)
    (start,) = struct.unpack_from(f"{order}I", content, 4)
    tags = {tag: (kind, value) for tag, kind, _, value in _entries(content, start)}

    def number(tag: int, otherwise: int) -> int:
        kind, value = tags.get(tag, (0, b""))
        return (
            struct.unpack_from(f"{order}{NUMBERS[kind]}", value)[0]
            if kind in NUMBERS
            else otherwise
        )

    height = max(number(IMAGE_LENGTH, 1), 1)
    width = max(pixels // height, 1)
    rows = min(number(ROWS_PER_STRIP, height), height)
    piece = number(TILE_WIDTH, 0) * number(TILE_LENGTH, 0) or width * rows
    # Bits of each of several samples lie elsewhere in the file; 16 are the most that is usual.
    samples = number(SAMPLES_PER_PIXEL, 1)
    bits = number(BITS_PER_SAMPLE, 1) if samples == 1 else _bits(content, start)
    return 5 * pixels + piece * max(samples * bits / 8, 4 if number(COLOURS, 0) == YCBCR else 0)


def _bits(content: bytes, start: int) -> int:
    """Return the bits of a sample, where there are several samples; at least 8."""
    order = _order(content)
    for tag, kind, count, value in _entries(content, start):
        if tag == BITS_PER_SAMPLE and kind in NUMBERS:
            size = struct.calcsize(NUMBERS[kind])
            place = struct.unpack(f"{order}I", value)[0] if size * count > 4 else None
            source, at = (value, 0) if place is None else (content, place)
            return max(8, struct.unpack_from(f"{order}{NUMBERS[kind]}", source, at)[0])
    return 8


def _order(content: bytes) -> str:
    return "<" if content[:1] == b"I" else ">"


def _length(content: bytes, directory: int) -> int:
    return struct.unpack_from(f"{_order(content)}H", content, directory)[0]


def _end(content: bytes, directory: int) -> int:
    """Return where a directory says where the next one begins."""
    return directory + 2 + 12 * _length(content, directory)


def _entries(content: bytes, directory: int) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield the tag, type, number of values and value field of each entry of a directory."""
    entries = content[directory + 2 : _end(content, directory)]
    return struct.iter_unpack(f"{_order(content)}HHI4s", entries)


def _is_extra(entry: tuple[int, int, int, bytes]) -> bool:
    """Return whether an entry says that its image is no page but comes with one."""
    tag, _, _, value = entry
    small = value[0] | value[1] | value[3]  # in either byte order, as a long or a short
    return (tag == NEW_SUBFILE_TYPE and bool(small & SMALLER_OR_MASK)) or (
        tag == SUBFILE_TYPE and small == SMALLER
    )
