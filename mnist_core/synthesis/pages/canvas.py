"""A page while it is made: its pixels, and the marks on it with the outline of their ink."""

from dataclasses import dataclass, field

import cv2
import numpy as np

INK = 0.25  # what is darker in a mask belongs to the mark's outline
Colour = tuple[float, float, float]  # red, green, blue in [0, 1]


@dataclass
class Written:
    """A mark on the canvas.

    Attributes
    ----------
    label : one of `config.MARKS`; "" for what nobody can say, such as printed digits alone
    outline : float (n, 2), points at the edge of its ink, x right, y down
    line : the number it belongs to; -1 for none
    gap : whether a wide gap stands before it in its line
    """

    label: str
    outline: np.ndarray
    line: int = -1
    gap: bool = False


@dataclass
class Canvas:
    """Paper with ink on it.

    Attributes
    ----------
    pixels : float32 (h, w, 3) in [0, 1], RGB; drawn on in place
    """

    pixels: np.ndarray
    marks: list[Written] = field(default_factory=list)
    lines: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def new_line(self) -> int:
        """Return the number of a new line of writing."""
        self.lines += 1
        return self.lines - 1

    def ink(
        self, mask: np.ndarray, x: float, y: float, colour: Colour, strength: float = 1
    ) -> None:
        """Put ink on the paper.

        Parameters
        ----------
        mask : float32 (h, w) in [0, 1]
        x, y : where its top left corner comes; what lies outside of the page is cut off
        strength : in [0, 1], how far the ink covers the paper
        """
        left, top = round(x), round(y)
        height, width = self.size
        x0, y0 = max(left, 0), max(top, 0)
        x1, y1 = min(left + mask.shape[1], width), min(top + mask.shape[0], height)
        if x0 >= x1 or y0 >= y1:
            return
        part = mask[y0 - top : y1 - top, x0 - left : x1 - left, None] * np.float32(strength)
        region = self.pixels[y0:y1, x0:x1]
        region += part * (np.array(colour, np.float32) - region)

    def mark(
        self, label: str, mask: np.ndarray, x: float, y: float, *, line: int = -1, gap: bool = False
    ) -> None:
        """Note that a mark's ink stands at a place."""
        points = outline(mask) + np.array([round(x), round(y)])
        self.marks.append(Written(label, points, line, gap))

    def cover(self, layer: np.ndarray, colour: Colour, strength: float = 1) -> None:
        """Put a layer of ink, float32 (h, w) in [0, 1], on the whole page."""
        self.pixels += (layer * np.float32(strength))[..., None] * (
            np.array(colour, np.float32) - self.pixels
        )

    def warp(self, matrix: np.ndarray, size: tuple[int, int], *, border: int) -> "Canvas":
        """Return the page as it looks after a projection.

        Parameters
        ----------
        matrix : (3, 3), from this page's pixels to the new one's
        size : height and width of the new one
        border : how OpenCV fills what lies outside of this page
        """
        turned = cv2.warpPerspective(
            self.pixels, matrix, size[::-1], flags=cv2.INTER_LINEAR, borderMode=border
        )
        canvas = Canvas(turned, lines=self.lines)
        for mark in self.marks:
            points = cv2.perspectiveTransform(mark.outline[None].astype(np.float64), matrix)[0]
            canvas.marks.append(Written(mark.label, points, mark.line, mark.gap))
        return canvas


def outline(mask: np.ndarray) -> np.ndarray:
    """Return the corners (n, 2) of the smallest convex shape around a mask's ink."""
    found = cv2.findNonZero((mask > INK).astype(np.uint8))
    if found is None:
        return np.array([[0.0, 0.0], [mask.shape[1], mask.shape[0]]])
    return cv2.convexHull(found)[:, 0].astype(float) + 0.5
