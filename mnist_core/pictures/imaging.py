"""Image files to upright RGB pixels of a sensible size, safely whatever the file holds."""

import io
import re
import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image

from mnist_core.config import MAX_BYTES, MAX_PIXELS
from mnist_core.errors import PictureError

LONGEST_SIDE = 1600

EXTENSIONS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif")
EXTENSIONS += (".heic", ".heif")
EXPECTED = "PNG, JPEG, WebP, BMP, TIFF, GIF, AVIF or HEIC"

# Files can make a decoder do the same work endlessly often. Real ones stay far below these.
MAX_READS = 200_000
MAX_SCANS = 64
MAX_VALUES = 200_000

STRIP_PIXELS = 1_000_000
LEVELS = (1, 255, 65_535)  # what white may be in pictures of whole or broken numbers

# What Pillow and its plugins raise on broken files, and what goes wrong in their Python code
# when a field of the file holds an absurd number.
ABSURD = (TypeError, AttributeError, AssertionError, LookupError, ArithmeticError, RuntimeError)
BROKEN = (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error, *ABSURD)


@dataclass(frozen=True)
class Picture:
    """A picture, ready to be read.

    Attributes
    ----------
    pixels : uint8 array (h, w, 3), RGB, upright, on white where it was transparent
    width, height : int, pixels of the upright picture before it was brought down
    """

    pixels: np.ndarray
    width: int
    height: int

    @property
    def scale(self):
        """Pixels of the upright picture per pixel of `pixels`: float, 1 or more."""
        return max(self.width, self.height) / max(self.pixels.shape[:2])


def open_picture(source, *, longest=LONGEST_SIDE):
    """Open a picture file, turn it upright and bring it down to a sensible size.

    The content decides what it is, whatever the file's name says.

    Parameters
    ----------
    source : bytes of the file, or its path
    longest : int, pixels; larger pictures are averaged down until their longest side has as
        many, smaller ones stay as they are

    Returns
    -------
    Picture

    Raises
    ------
    PictureError : no picture, damaged, above `MAX_BYTES` or `MAX_PIXELS`, or not to be had
    """
    content = bytes(source) if isinstance(source, bytes | bytearray) else _read(Path(source))
    _check_length(len(content))
    kind, format_name = _recognise(content)
    if format_name is None:
        raise PictureError(f"The file is {kind}, which cannot be read. Expected {EXPECTED}.")
    damaged = (
        f"The file begins like {kind} but is damaged, cut off or of a rare variety. "
        "Copy or download it again, or save it anew as PNG or JPEG."
    )
    try:
        with warnings.catch_warnings():
            # Pillow's alone: threads that leave out of turn may leave this filter in place.
            warnings.filterwarnings("ignore", module=r"PIL\.")
            if format_name in CHECKS:
                CHECKS[format_name](content)
            return _decode(content, format_name, longest)
    except (Image.DecompressionBombError, MemoryError) as error:
        raise PictureError(_too_large("far too many pixels")) from error
    except BROKEN as error:
        raise PictureError(damaged) from error


def _read(path):
    try:
        if not path.exists():
            raise PictureError(f"There is no file {str(path)!r}: check how it is spelled.")
        if not path.is_file():
            raise PictureError(f"{str(path)!r} is a folder or a device: give a picture's name.")
        _check_length(path.stat().st_size)
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except PermissionError as error:
        raise PictureError(f"You may not read {str(path)!r}: change its permissions.") from error
    except (OSError, ValueError) as error:
        raise PictureError(f"{str(path)!r} cannot be read ({error}): copy it elsewhere.") from error


def _check_length(length):
    if length == 0:
        raise PictureError("The file is empty (0 bytes). Copy or download it again.")
    if length > MAX_BYTES:
        raise PictureError(
            f"The file has {length / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:g} MB can be read. "
            "Save the picture smaller, or as JPEG."
        )


def _too_large(what):
    return (
        f"The picture has {what}; at most {MAX_PIXELS / 1e6:g} megapixels can be read. "
        "Cut out the part with the digits, or save it smaller."
    )


def _recognise(content):
    """Return what a file is, in words, and Pillow's name of its format or None."""
    for kind, signature, format_name in SIGNATURES:
        if re.match(signature, content[:64], re.DOTALL):
            return kind, format_name
    is_text = not re.search(rb"[\x00-\x08\x0e-\x1f\x7f]", content[:1000])
    return ("a text" if is_text else "something unknown"), None


def _decode(content, format_name, longest):
    if format_name == "HEIF" and format_name not in Image.OPEN:
        _register_heif()
    with Image.open(_Reader(content), formats=(format_name,)) as image:
        size = image.size
        if size[0] * size[1] > MAX_PIXELS:
            raise PictureError(_too_large(f"{size[0]} x {size[1]} pixels"))
        # JPEG decodes at a half, a quarter or an eighth, and then tells how far it reaches.
        drafted = image.draft(None, _goal(size, longest)) if format_name == "JPEG" else None
        image.load()
        size = size if drafted else image.size
        extent = drafted[1][2:] if drafted else size
        small = _shrink(image, _goal(size, longest), extent)
        turn = _orientation(image)
    upright = small.transpose(TURNS[turn]) if turn in TURNS else small
    width, height = size[::-1] if turn in SIDEWAYS else size
    return Picture(np.array(upright), width, height)


def _register_heif():
    try:
        import pillow_heif
    except ImportError as error:
        raise PictureError(
            "HEIC pictures need the package pillow-heif: install it, or save as JPEG."
        ) from error
    pillow_heif.register_heif_opener()


def _goal(size, longest):
    ratio = min(1, longest / max(size))
    return tuple(max(1, round(side * ratio)) for side in size)


def _shrink(image, goal, extent):
    """Convert to RGB and average down, strip by strip: a full copy could be 200 MB large."""
    across, down = (max(1, side // to) for side, to in zip(image.size, goal, strict=True))
    reduced = Image.new("RGB", (-(-image.width // across), -(-image.height // down)))
    levels = _levels(image)
    for top, strip in _strips(image, down):
        reduced.paste(_to_rgb(strip, levels).reduce((across, down)), (0, top // down))
    # The last column and row may stand for less than a whole one.
    box = (0, 0, extent[0] / across, extent[1] / down)
    return reduced.resize(goal, Image.Resampling.BICUBIC, box)


def _strips(image, multiple):
    rows = max(1, STRIP_PIXELS // (image.width * multiple)) * multiple
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))


def _to_rgb(strip, levels):
    if levels is not None:
        low, high = levels
        values = np.nan_to_num(_values(strip), nan=low, posinf=high, neginf=low)
        grey = np.rint((values - low) * (255 / (high - low)))
        strip = Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
    elif strip.mode == "LAB":
        strip = strip.getchannel(0)
    elif strip.has_transparency_data:
        strip = strip.convert("RGBA")
        white = Image.new("RGB", strip.size, "white")
        white.paste(strip, mask=strip.getchannel("A"))
        return white
    return strip.convert("RGB")


def _levels(image):
    """Return which values are black and white where pixels are no bytes, otherwise None."""
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


def _values(strip):
    with np.errstate(invalid="ignore"):  # some kinds of NaN
        return np.asarray(strip, np.float64)


def _orientation(image):
    """Return how the camera was held, as EXIF counts it; 1, upright, if that cannot be read."""
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except BROKEN:
        return 1


class _Reader(io.BytesIO):
    """A file in memory that ends files made of endlessly many tiny pieces."""

    reads = 0

    def read(self, *size):
        self.reads += 1
        if self.reads > MAX_READS:
            raise OSError(f"made of more than {MAX_READS} pieces")
        return super().read(*size)


def _check_scans(content):
    """Refuse JPEG files that draw over the picture again and again."""
    scans = re.findall(rb"\xff\xda\x00(?:\x08\x01|\x0a\x02|\x0c\x03|\x0e\x04)", content)
    if len(scans) > MAX_SCANS:
        raise ValueError(f"{len(scans)} scans")


def _check_values(content):
    """Refuse TIFF files with a number for each row or pixel; bytes and texts may be long."""
    order = "<" if content[:1] == b"I" else ">"
    (start,) = struct.unpack_from(f"{order}I", content, 4)
    (entries,) = struct.unpack_from(f"{order}H", content, start)
    directory = content[start + 2 : start + 2 + 12 * entries]
    for _, kind, count in struct.iter_unpack(f"{order}HHI4x", directory):
        if count > MAX_VALUES and kind not in {1, 2, 6, 7}:
            raise ValueError(f"{count} values in one tag")


CHECKS = {"JPEG": _check_scans, "TIFF": _check_values}

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

# What a file is, how it begins, and what Pillow calls it; no other decoder of Pillow ever runs.
SIGNATURES = (
    ("a PNG picture", rb"\x89PNG", "PNG"),
    ("a JPEG picture", rb"\xff\xd8\xff", "JPEG"),
    ("a WebP picture", rb"RIFF.{4}WEBP", "WEBP"),
    ("a BMP picture", rb"BM.{12}[\x0c-\x7c]\0\0\0", "BMP"),
    ("a TIFF picture", rb"II\*\0|MM\0\*", "TIFF"),
    ("a GIF picture", rb"GIF8[79]a", "GIF"),
    ("an AVIF picture", rb".{4}ftyp(?:avi[fs]|m[is]f1.{0,40}avi[fs])", "AVIF"),
    ("a HEIC picture", rb".{4}ftyp(?:he[iv][cxms]|m[is]f1)", "HEIF"),
    ("a video or a camera's raw file", rb".{4}ftyp|RIFF.{4}AVI |\x1aE\xdf\xa3", None),
    ("a PDF document", rb"%PDF", None),
    ("a zip archive or an office document", rb"PK[\3\5\7]", None),
    ("a Photoshop document", rb"8BPS", None),
    ("a JPEG XL picture", rb"\xff\x0a|\0\0\0\x0cJXL ", None),
    ("an SVG drawing", rb"\s*(?:<\?xml[^>]*>\s*)?<svg", None),
    ("a web page", rb"\s*<(?i:!doctype html|html)", None),
)
