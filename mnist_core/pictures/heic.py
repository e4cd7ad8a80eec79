"""HEIC pictures: decoded once, and averaged down without the copies that Pillow makes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from mnist_core.errors import PictureError
from mnist_core.pictures.decoding import FIRST_FRAME, average, check_size
from mnist_core.pictures.record import Picture, PictureFormat

# Bytes a pixel that decoding takes, transparent or not, and those of channels of more than 8 bits.
BYTES, TRANSPARENT, A_DEEP_CHANNEL = 5.4, 10.5, 4.5


@dataclass(frozen=True)
class HeicPage:
    """A HEIC file, of which the main picture is opened.

    Attributes
    ----------
    file : as pillow-heif opens it; nothing is decoded yet
    """

    file: Any
    known: PictureFormat
    count: int = 1

    def render(self, page: int, longest: int) -> Picture:  # noqa: ARG002 - it is the only one
        """Decode the picture, which comes upright; see `record.Pages`."""
        (width, height), mode = self.file.size, self.file.mode
        channels = Image.getmodebands(mode)
        taken = TRANSPARENT if channels > 3 else BYTES
        if self.file.info.get("bit_depth", 8) > 8:
            taken = A_DEEP_CHANNEL * max(3, channels)
        check_size((width, height), taken * width * height, self.known)
        pixels = np.asarray(self.file)[:, :width]
        small = average(Decoded(pixels, mode), (width, height), longest)
        remark = FIRST_FRAME if len(self.file) > 1 else ""
        return Picture(np.array(small), width, height, remark)


@dataclass(frozen=True)
class Decoded:
    """Pixels that a decoder holds, as far as averaging down needs them to be an image."""

    pixels: np.ndarray
    mode: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.width, self.height

    @property
    def width(self) -> int:
        """Of the picture."""
        return self.pixels.shape[1]

    @property
    def height(self) -> int:
        """Of the picture."""
        return self.pixels.shape[0]

    @property
    def has_transparency_data(self) -> bool:
        """Whether there is a channel for it."""
        return self.mode.endswith("A")

    def crop(self, box: tuple[int, int, int, int]) -> Image.Image:
        """Copy out a part."""
        left, top, right, bottom = box
        return Image.fromarray(np.ascontiguousarray(self.pixels[top:bottom, left:right]))


@contextmanager
def open_heic(content: bytes, known: PictureFormat) -> Iterator[HeicPage]:
    """Open a HEIC file.

    Raises
    ------
    PictureError : the package pillow-heif is missing
    """
    try:
        import pillow_heif
    except ImportError as error:
        raise PictureError(
            "HEIC pictures need the package pillow-heif: install it, or save the picture as JPEG."
        ) from error
    yield HeicPage(pillow_heif.open_heif(content), known)
