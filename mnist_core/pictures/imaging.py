"""Image files to upright RGB pixels of a sensible size, safely whatever the file holds."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from mnist_core.config import MAX_BYTES
from mnist_core.errors import PictureError
from mnist_core.pictures import decoding, formats

LONGEST_SIDE = 1600


@dataclass(frozen=True)
class Picture:
    """A picture, ready to be read.

    Attributes
    ----------
    pixels : uint8 array (h, w, 3), RGB, upright, on white where it was transparent
    width, height : pixels of the upright picture before it was brought down
    """

    pixels: np.ndarray
    width: int
    height: int

    @property
    def scale(self) -> float:
        """Pixels of the upright picture per pixel of `pixels`, 1 or more."""
        return max(self.width, self.height) / max(self.pixels.shape[:2])


def open_picture(source: bytes | bytearray | str | Path, *, longest: int = LONGEST_SIDE) -> Picture:
    """Open a picture file, turn it upright and bring it down to a sensible size.

    The content decides which format it has, whatever the file's name says.

    Parameters
    ----------
    source : content of the file, or its path
    longest : pixels; larger pictures are averaged down until their longest side has as many,
        smaller ones stay as they are

    Raises
    ------
    PictureError : no picture, damaged, above `MAX_BYTES` or `MAX_PIXELS`, missing or unreadable
    """
    content = bytes(source) if isinstance(source, bytes | bytearray) else _read(Path(source))
    _check_length(len(content))
    kind, known = formats.recognise(content)
    if known is None:
        raise PictureError(
            f"The file is {kind}, which cannot be read. Expected {formats.titles()}."
        )
    try:
        with warnings.catch_warnings():
            # Pillow's alone: threads that leave out of turn may leave this filter in place.
            warnings.filterwarnings("ignore", module=r"PIL\.")
            pixels, (width, height) = decoding.decode(content, known, longest)
    except (Image.DecompressionBombError, MemoryError) as error:
        raise PictureError(decoding.too_large("far too many pixels")) from error
    except decoding.BROKEN as error:
        raise PictureError(
            f"The file begins like {kind} but is damaged, cut off or of a rare variety. "
            "Copy or download it again, or save it as PNG or JPEG."
        ) from error
    return Picture(pixels, width, height)


def _read(path: Path) -> bytes:
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


def _check_length(length: int) -> None:
    if length == 0:
        raise PictureError("The file is empty (0 bytes). Copy or download it again.")
    if length > MAX_BYTES:
        raise PictureError(
            f"The file has {length / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:g} MB can be read. "
            "Save the picture smaller, or as JPEG."
        )
