"""Bytes of a known picture format to upright RGB pixels, averaged down strip by strip."""

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PIL import ExifTags, Image

from mnist_core.config import MAX_DECODING, MAX_PIXELS, MAX_SIDE
from mnist_core.errors import PictureError
from mnist_core.pictures.record import Picture, PictureFormat

MAX_READS = 200_000  # files of more pieces keep a decoder busy endlessly; real ones have far fewer
STRIP_PIXELS = 1_000_000
FIRST_FRAME = "The file holds more than one frame: only the first was read."
LEVELS = (1, 255, 65_535)  # the largest values of pixels that are integers or floats
# Of a picture's opaque part: light and dark grey in [0, 1], and shares that are most and little.
LIGHT, DARK, MOST, A_LITTLE = 0.6, 0.4, 0.5, 0.02

# What Pillow and its plugins raise on broken files, and what goes wrong in their Python code
# when a field of the file holds an absurd number.
ABSURD = (TypeError, AttributeError, AssertionError, LookupError, ArithmeticError, RuntimeError)
BROKEN = (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error, *ABSURD)


@dataclass(frozen=True)
class OnePage:
    """A file that holds one picture, or one that counts."""

    content: bytes
    known: PictureFormat
    count: int = 1

    def render(self, page: int, longest: int) -> Picture:  # noqa: ARG002 - it is the only one
        """Decode the picture; see `record.Pages`."""
        return decode(self.content, self.known, longest)


@contextmanager
def open_image(content: bytes, known: PictureFormat) -> Iterator[OnePage]:
    """Take a file as one picture."""
    yield OnePage(content, known)


def decode(content: bytes, known: PictureFormat, longest: int) -> Picture:
    """Decode a picture, turn it upright and average it down.

    Parameters
    ----------
    longest : pixels that the longest side of the result has at most

    Raises
    ------
    PictureError : more than MAX_PIXELS, MAX_SIDE or MAX_DECODING
    BROKEN, MemoryError, Image.DecompressionBombError : from the decoder
    """
    known.check(content)
    with Image.open(_Pieces(content), formats=(known.decoder,)) as image:
        size = image.size
        check_size(size, known.memory(content, size[0] * size[1]), known)
        remark = FIRST_FRAME if known.animates and _is_animated(image) else ""
        # A draft has half, a quarter or an eighth of the size, and says how far it reaches.
        draft = image.draft(None, _goal(size, longest)) if known.shrinks else None
        image.load()
        size = size if draft else image.size
        extent = draft[1][2:] if draft else size
        small = average(image, size, longest, extent)
        turn = _orientation(image)
    upright = small.transpose(TURNS[turn]) if turn in TURNS else small
    width, height = reversed(size) if turn in SIDEWAYS else size
    return Picture(np.array(upright), width, height, remark)


def too_large(what: str) -> str:
    """Return the message about a picture with too many pixels."""
    return (
        f"The picture has {what}; at most {MAX_PIXELS / 1e6:g} megapixels can be read. "
        "Crop it to the part with the digits, or save it smaller."
    )


def check_size(size: tuple[int, int], memory: float, known: PictureFormat) -> None:
    """Refuse a picture that is too large to be decoded.

    Parameters
    ----------
    size : width and height in pixels
    memory : bytes that its decoder takes

    Raises
    ------
    PictureError : more than MAX_PIXELS, MAX_SIDE or MAX_DECODING
    """
    pixels = size[0] * size[1]
    if pixels > MAX_PIXELS:
        raise PictureError(too_large(f"{size[0]:,} x {size[1]:,} pixels"))
    if max(size) > MAX_SIDE:
        raise PictureError(
            f"The picture has {size[0]:,} x {size[1]:,} pixels; at most {MAX_SIDE:,} a side can be "
            "read. Crop it to the part with the digits."
        )
    if memory > MAX_DECODING:
        raise PictureError(
            f"To decode {known.kind} of {pixels / 1e6:.0f} megapixels made like this takes "
            f"{memory / 1e6:.0f} MB of memory; at most {MAX_DECODING / 1e6:.0f} MB are taken. Save "
            "it smaller, or as an ordinary JPEG."
        )


class Pixels(Protocol):
    """What averaging down needs of an image of Pillow."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        ...

    @property
    def width(self) -> int:
        """In pixels."""
        ...

    @property
    def height(self) -> int:
        """In pixels."""
        ...

    @property
    def mode(self) -> str:
        """Pillow's name of the kind of pixels."""
        ...

    @property
    def has_transparency_data(self) -> bool:
        """Whether some may be transparent."""
        ...

    def crop(self, box: tuple[int, int, int, int]) -> Image.Image:
        """Copy out a part: left, top, right, bottom."""
        ...


def average(
    image: Pixels,
    size: tuple[int, int],
    longest: int,
    extent: tuple[float, float] | None = None,
) -> Image.Image:
    """Convert to RGB and average down, strip by strip: a full copy could be 200 MB large.

    Parameters
    ----------
    size : (width, height) of the picture that the image shows
    longest : pixels that the longest side of the result has at most
    extent : (width, height) in pixels of `image` that the picture covers; all by default
    """
    goal, extent = _goal(size, longest), extent or size
    across, down = (max(1, side // to) for side, to in zip(image.size, goal, strict=True))
    reduced = Image.new("RGB", (-(-image.width // across), -(-image.height // down)))
    levels, ground = _levels(image), _ground(image)
    for top, strip in _strips(image, down):
        reduced.paste(_to_rgb(strip, levels, ground).reduce((across, down)), (0, top // down))
    # The last column and row may stand for less than a whole one.
    box = (0, 0, extent[0] / across, extent[1] / down)
    return reduced.resize(goal, Image.Resampling.BICUBIC, box)


def _goal(size: tuple[int, int], longest: int) -> tuple[int, int]:
    ratio = min(1, longest / max(size))
    width, height = (max(1, round(side * ratio)) for side in size)
    return width, height


def _strips(image: Pixels, multiple: int) -> Iterator[tuple[int, Image.Image]]:
    """Yield full-width strips from top to bottom, each with its first row."""
    rows = max(1, STRIP_PIXELS // (image.width * multiple)) * multiple
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))


def _to_rgb(strip: Image.Image, levels: tuple[float, float] | None, ground: str) -> Image.Image:
    """Convert pixels to RGB.

    Parameters
    ----------
    levels : as from `_levels`
    ground : the colour behind transparent pixels
    """
    if levels is not None:
        low, high = levels
        values = np.nan_to_num(_values(strip), nan=low, posinf=high, neginf=low)
        grey = np.rint((values - low) * (255 / (high - low)))
        strip = Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
    elif strip.mode == "LAB":
        strip = strip.getchannel(0)
    elif strip.has_transparency_data:
        strip = strip.convert("RGBA")
        behind = Image.new("RGB", strip.size, ground)
        behind.paste(strip, mask=strip.getchannel("A"))
        return behind
    return strip.convert("RGB")


def _levels(image: Pixels) -> tuple[float, float] | None:
    """Return which values are black and white where pixels are no bytes; None where they are."""
    if image.mode.startswith("I;16"):
        return 0, 65_535
    if image.mode not in {"I", "F"}:
        return None
    low, high = np.inf, -np.inf
    for _, strip in _strips(image, 1):
        values = _values(strip)
        values = values[np.isfinite(values)]
        low, high = values.min(initial=low), values.max(initial=high)
    if low >= 0:
        return 0, next((level for level in LEVELS if high <= level), high)
    return low, high if high > low else low + 1


def _ground(image: Pixels) -> str:
    """Return the colour to put behind transparent pixels: black if all there is is light ink.

    Light paper whose surroundings are transparent stays on white: it covers most of the picture,
    or has dark ink on it.
    """
    if image.mode in {"I", "F", "LAB"} or not image.has_transparency_data:
        return "white"
    opaque = light = dark = 0.0
    for _, strip in _strips(image, 1):
        rgba = strip.convert("RGBA")
        grey, alpha = (
            np.asarray(band, np.float32) / 255 for band in (rgba.convert("L"), rgba.getchannel("A"))
        )
        opaque += float(alpha.sum())
        light += float(alpha[grey > LIGHT].sum())
        dark += float(alpha[grey < DARK].sum())
    covers = opaque / (image.width * image.height)
    return (
        "black" if covers < MOST and light > MOST * opaque and dark < A_LITTLE * opaque else "white"
    )


def _values(strip: Image.Image) -> np.ndarray:
    with np.errstate(invalid="ignore"):  # some kinds of NaN
        return np.asarray(strip, np.float64)


def _is_animated(image: Image.Image) -> bool:
    try:
        return getattr(image, "is_animated", False)
    except BROKEN:  # in the second frame
        return False


def _orientation(image: Image.Image) -> int:
    """Return how the camera was held, as EXIF counts it; 1, upright, if that cannot be read."""
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except BROKEN:
        return 1


class _Pieces(io.BytesIO):
    """A file in memory that ends files made of endlessly many tiny pieces."""

    reads = 0

    def read(self, *size: int | None) -> bytes:
        self.reads += 1
        if self.reads > MAX_READS:
            raise OSError(f"made of more than {MAX_READS} pieces")
        return super().read(*size)


TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = {5, 6, 7, 8}
