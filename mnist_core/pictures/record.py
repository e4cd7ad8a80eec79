"""What a picture and a picture format are."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class Picture:
    """A picture, ready to be read.

    Attributes
    ----------
    pixels : uint8 array (h, w, 3), RGB, upright; transparent parts are white, or black behind
        light ink
    width, height : pixels of the upright picture before it was brought down
    remark : a sentence about what of the file was not opened; empty if nothing was left out
    """

    pixels: np.ndarray
    width: int
    height: int
    remark: str = ""

    @property
    def scale(self) -> float:
        """Pixels of the upright picture per pixel of `pixels`, 1 or more."""
        return max(self.width, self.height) / max(self.pixels.shape[:2])


class Pages(Protocol):
    """The pages of an opened file."""

    @property
    def count(self) -> int:
        """How many there are; above MAX_PAGES they need not all be counted."""
        ...

    def render(self, page: int, longest: int) -> Picture:
        """Decode a page.

        Parameters
        ----------
        page : counted from 1
        longest : pixels that the longest side of the result has at most
        """
        ...


def pass_unchecked(content: bytes) -> None:
    """Accept any file of a format whose decoder needs no protection."""


def taking(bytes_a_pixel: float) -> Callable[[bytes, int], float]:
    """Return what says how much memory a decoder takes, where that depends on the pixels alone."""
    return lambda _, pixels: bytes_a_pixel * pixels


ORDINARY = taking(5)  # Pillow keeps four bytes a pixel


@dataclass(frozen=True, kw_only=True)
class PictureFormat:
    """A format that can be read.

    Attributes
    ----------
    decoder : Pillow's name of the format; no other decoder of Pillow ever runs
    title : the format's name for people
    signature : regular expression that the first 64 bytes of a file match
    extensions : lower case, with the dot
    open : opens a file's content, of this format, to get at its pages
    check : raises what Pillow's decoders raise if the file would keep them busy endlessly
    memory : returns how many bytes the decoder takes at most, by a file's content and its number of
        pixels
    shrinks : whether the decoder can bring a picture down to 1/2, 1/4 or 1/8 by itself
    animates : whether a file may hold several frames, of which only the first is opened
    noun : what such files are
    """

    decoder: str
    title: str
    signature: bytes
    extensions: tuple[str, ...]
    open: "Callable[[bytes, PictureFormat], AbstractContextManager[Pages]]"
    check: Callable[[bytes], None] = pass_unchecked
    memory: Callable[[bytes, int], float] = ORDINARY
    shrinks: bool = False
    animates: bool = False
    noun: str = "picture"

    @property
    def kind(self) -> str:
        """What a file of this format is, in words."""
        return f"{'an' if self.title[0] in 'AEIO' else 'a'} {self.title} {self.noun}"
