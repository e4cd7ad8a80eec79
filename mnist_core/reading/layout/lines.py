"""Boxes of digits -> lines, each from left to right, whichever way each of them slopes."""

from dataclasses import dataclass

import numpy as np

from mnist_core.reading.layout.links import (
    STEADY,
    chains_of,
    mutual,
    page_slope,
    slopes_of,
    steady_slope,
)

REACH = 0.55  # heights; parts of a line may be so far above or below each other
OVERLAP = 0.6  # heights; parts of a line overlap by less along the line
MOST_UNLIKE = 2.4  # times; parts of a line differ in height by less
FARTHEST = 40.0  # heights; parts of a line are nearer to each other
BY_OFFSET = 4.0  # what an offset of a height costs, in heights along the line
BESIDE = 3.0  # heights; a mark belongs to a line whose next digit is so near
WITHIN = 0.7  # heights; a mark is so near the place where such marks stand


@dataclass(frozen=True)
class _Part:
    """A part of a line: its digits, and a straight line through them."""

    digits: tuple[int, ...]
    left: float
    right: float
    middle: tuple[float, float]
    slope: float
    height: float

    @property
    def length(self) -> float:
        """In heights of its digits."""
        return (self.right - self.left) / self.height

    def at(self, x: float) -> float:
        """Return how high the line is at x."""
        return self.middle[1] + self.slope * (x - self.middle[0])


def find_lines(boxes: np.ndarray) -> list[list[int]]:
    """Sort digits into lines.

    Digits that stand side by side are linked, along a slope that is measured around each of them;
    then parts of lines are joined that lie on one straight line, across gaps as wide as those of
    tables.

    Parameters
    ----------
    boxes : float (n, 4), x, y, width and height

    Returns
    -------
    the numbers of the digits from left to right, for each line, from top to bottom
    """
    if not len(boxes):
        return []
    slopes, page = slopes_of(boxes)
    parts = [_part(boxes, chain, page) for chain in chains_of(boxes, slopes)]
    while len(joined := _joined(boxes, parts, page)) < len(parts):
        parts = joined
    return [list(part.digits) for part in sorted(parts, key=lambda part: _height_of(part, page))]


def nearest_line(
    boxes: np.ndarray,
    lines: list[list[int]],
    others: np.ndarray,
    places: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Return to which line each of some other marks belongs.

    Parameters
    ----------
    boxes : float (n, 4), of the digits in lines
    others : float (m, 4), of marks such as separators
    places : (m,) or one for all, how far below the middle of the digits each stands, in heights

    Returns
    -------
    int (m,), -1 for those beside no line
    """
    nearest, best = np.full(len(others), -1), np.full(len(others), np.inf)
    middles = others[:, :2] + others[:, 2:] / 2
    page = page_slope([boxes[line] for line in lines])
    for number, line in enumerate(lines):
        own = boxes[line]
        height, slope = float(np.median(own[:, 3])), steady_slope(own, page)
        apart = np.maximum(own[:, 0] - others[:, None, 0] - others[:, None, 2], 0)
        apart = np.maximum(apart, others[:, None, 0] - own[:, 0] - own[:, 2]) / height
        beside = apart.argmin(axis=1)
        next_to = own[beside, :2] + own[beside, 2:] / 2
        off = middles[:, 1] - next_to[:, 1] - slope * (middles[:, 0] - next_to[:, 0])
        off = np.abs(off / height - places)
        cost = apart.min(axis=1) + off
        fits = (apart.min(axis=1) <= BESIDE) & (off <= WITHIN) & (cost < best)
        nearest[fits], best[fits] = number, cost[fits]
    return nearest


def _part(boxes: np.ndarray, digits: list[int], page: float) -> _Part:
    """Measure a part of a line; the shorter it is, the more it slopes as the page does."""
    own = boxes[digits]
    height = float(np.exp(np.log(np.maximum(own[:, 3], 1)).mean()))
    middles = own[:, :2] + own[:, 2:] / 2
    x, y = map(float, middles.mean(axis=0))
    slope = steady_slope(own, page)
    ordered = np.argsort(middles[:, 0] + slope * middles[:, 1], kind="stable")
    left, right = float(own[:, 0].min()), float((own[:, 0] + own[:, 2]).max())
    return _Part(tuple(digits[i] for i in ordered), left, right, (x, y), slope, height)


def _joined(boxes: np.ndarray, parts: list[_Part], page: float) -> list[_Part]:
    """Join each part to the one right of it, where both are each other's nearest."""
    left, right, slope, height, length = np.array(
        [(p.left, p.right, p.slope, p.height, p.length) for p in parts]
    ).T
    starts = np.array([part.at(part.left) for part in parts])
    ends = np.array([part.at(part.right) for part in parts])
    tall = np.sqrt(height[:, None] * height)
    across = left[None] - right[:, None]
    # The longer part says how the line goes on; far away, the page does.
    trust = np.minimum(length, 8)[:, None] ** 2, np.minimum(length, 8)[None] ** 2
    way = (trust[0] * slope[:, None] + trust[1] * slope + STEADY**2 * page) / (
        trust[0] + trust[1] + STEADY**2
    )
    off = np.abs(starts[None] - ends[:, None] - way * across) / tall
    gap = across / tall
    unlike = np.maximum(height[:, None], height) / np.minimum(height[:, None], height)
    cost = np.maximum(gap, 0) + BY_OFFSET * off
    fits = (gap > -OVERLAP) & (gap < FARTHEST) & (off <= REACH) & (unlike <= MOST_UNLIKE)
    # What lies right of the other does so by its middle as well.
    fits &= (left + right)[None] > (left + right)[:, None]
    links = mutual(np.where(fits, cost, np.inf))
    following = dict(links)
    heads = set(range(len(parts))) - {after for _, after in links}
    joined = []
    for head in sorted(heads):
        chain = list(parts[head].digits)
        at = head
        # Two at a time: where a line goes is measured again before it goes on.
        if at in following:
            chain += parts[following[at]].digits
            at = following[at]
        joined.append(_part(boxes, chain, page))
        while at in following:
            at = following[at]
            joined.append(parts[at])
    return joined


def _height_of(part: _Part, page: float) -> tuple[float, float]:
    """Return how far down a line is, where the page slopes: its order among the others."""
    x, y = part.middle
    return y - page * x, x
