"""Drawings as short texts that fit into a link, and back; links come from strangers.

A drawing's points are put on a grid, left out where a straight line says the same, and written as
differences, each in as few bytes as it needs; this is compressed and written in the letters that
links may have.
"""

import base64
import zlib
from collections.abc import Iterable, Iterator, Sequence

import cv2
import numpy as np

from mnist_core.config import MAX_LINK, MAX_POINTS, MAX_STROKES
from mnist_core.errors import PictureError
from mnist_core.pictures.strokes import FARTHEST, Stroke

GRIDS = (8, 4, 2, 1)  # steps a pixel; the finest that fits is taken
PEN = 8  # steps a pixel of the pen's width
LONGEST = 5  # bytes of a number
MAX_UNPACKED = 3 * MAX_POINTS  # bytes; a few letters may inflate to a thousand times as many
DAMAGED = (
    "The drawing in this link is damaged: part of the link may be missing. Ask for it again, or "
    "draw one yourself."
)


def pack(strokes: Sequence[Stroke], room: int = MAX_LINK) -> str:
    """Write a drawing as a text for a link, as exactly as there is room.

    Parameters
    ----------
    strokes : at least one; points at most FARTHEST pixels away
    room : the most letters that the text may have

    Returns
    -------
    letters, digits, "-" and "_"

    Raises
    ------
    PictureError : the drawing does not fit

    Examples
    --------
    >>> text = pack([Stroke(np.array([[10, 10], [10, 90.0]]), 18)])
    >>> len(text)
    27
    >>> unpack(text)[0].points.tolist()
    [[10.0, 10.0], [10.0, 90.0]]
    """
    for grid in GRIDS:
        numbers = bytes(_bytes_of(_numbers(strokes, grid)))
        text = base64.urlsafe_b64encode(zlib.compress(numbers, 9)).decode().rstrip("=")
        if len(text) <= room and len(numbers) <= MAX_UNPACKED:
            return text
    raise PictureError(
        f"This drawing is too long for a link, which has at most {MAX_LINK:,} characters. Draw it "
        "with fewer or shorter strokes, or share its picture."
    )


def unpack(text: str) -> list[Stroke]:
    """Read a drawing out of a link's text, which may be anything.

    Returns
    -------
    strokes, at least one; each point at most FARTHEST pixels away

    Raises
    ------
    PictureError : the text is too long, damaged, or no drawing
    """
    try:
        if len(text) > MAX_LINK:
            raise ValueError("longer than any link")
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        return _strokes(_numbers_in(_inflated(base64.b64decode(padded, b"-_", validate=True))))
    except (ValueError, zlib.error, StopIteration) as error:  # base64's and ascii's are ValueError
        raise PictureError(DAMAGED) from error


def _numbers(strokes: Sequence[Stroke], grid: int) -> Iterator[int]:
    """Yield a drawing as numbers: the grid, how many strokes; of each its pen, its points."""
    yield grid
    yield len(strokes)
    before = np.zeros((1, 2), int)
    for stroke in strokes:
        points = np.round(_thinned(stroke.points, 0.5 / grid) * grid).astype(int)
        yield round(stroke.pen * PEN)
        yield len(points)
        steps = np.diff(points, axis=0, prepend=before).ravel()
        yield from np.where(steps < 0, -2 * steps - 1, 2 * steps).tolist()  # the sign comes last
        before = points[-1:]


def _strokes(numbers: Iterator[int]) -> list[Stroke]:
    """Return the strokes that `_numbers` has written.

    Raises
    ------
    ValueError : these numbers are no drawing, or more follow
    StopIteration : there are too few
    """
    grid, count = next(numbers), next(numbers)
    if grid not in GRIDS or not 1 <= count <= MAX_STROKES:
        raise ValueError("not a drawing")
    strokes, left, before = [], MAX_POINTS, np.zeros(2, int)
    for _ in range(count):
        pen, length = next(numbers) / PEN, next(numbers)
        left -= length
        if not length or left < 0 or pen > FARTHEST:
            raise ValueError("no points, too many, or a pen too wide")
        written = np.array([next(numbers) for _ in range(2 * length)]).reshape(-1, 2)
        steps = np.where(written % 2, -(written + 1) // 2, written // 2)
        points = before + steps.cumsum(axis=0)
        if np.abs(points).max() > FARTHEST * grid:
            raise ValueError("a point is far from the canvas")
        strokes.append(Stroke((points / grid).astype(np.float32), pen))
        before = points[-1]
    if next(numbers, None) is not None:
        raise ValueError("more than a drawing")
    return strokes


def _thinned(points: np.ndarray, tolerance: float) -> np.ndarray:
    """Leave out the points of a path that lie within a tolerance of the line without them."""
    kept = cv2.approxPolyDP(np.asarray(points, np.float32)[:, None], tolerance, closed=False)
    kept = kept[:, 0].astype(float)
    # OpenCV drops the last point of a path that ends where it began.
    return kept if (kept[-1] == points[-1]).all() else np.vstack([kept, points[-1:]])


def _bytes_of(numbers: Iterable[int]) -> Iterator[int]:
    """Yield each number in sevens of bits, the lowest first; the top bit says that more follow."""
    for number in numbers:
        rest = number
        while rest > 127:
            yield rest & 127 | 128
            rest >>= 7
        yield rest


def _numbers_in(content: bytes) -> Iterator[int]:
    """Yield the numbers that `_bytes_of` has written.

    Raises
    ------
    ValueError : a number of more than LONGEST bytes, or one that does not end
    """
    number = place = 0
    for byte in content:
        number |= (byte & 127) << 7 * place
        place += 1
        if byte < 128:
            yield number
            number = place = 0
        elif place == LONGEST:
            raise ValueError("a number larger than any")
    if place:
        raise ValueError("the last number does not end")


def _inflated(packed: bytes) -> bytes:
    """Decompress what must not become large.

    Raises
    ------
    zlib.error : damaged
    ValueError : not all there, more than it should be, or larger than MAX_UNPACKED
    """
    inflater = zlib.decompressobj()
    content = inflater.decompress(packed, MAX_UNPACKED)
    if not inflater.eof or inflater.unused_data:
        raise ValueError("cut off, too long, or too large")
    return content
