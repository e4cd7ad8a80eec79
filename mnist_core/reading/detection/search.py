"""A picture -> the marks on it, by the detector at several scales."""

from dataclasses import replace
from typing import Protocol

import numpy as np

from mnist_core.pictures.contrast import local_contrast
from mnist_core.reading.detection.marks import DIGIT, Marks, all_of
from mnist_core.reading.detection.merging import BY_AREA, merge
from mnist_core.reading.detection.peaks import find_peaks, weights
from mnist_core.reading.detection.scales import LONGEST, resized, scales
from mnist_core.reading.detection.tiles import find_in_tiles
from mnist_core.serving.detector import Maps

SMALL = 14.0  # pixels; digits that are lower at the largest scale are hard to tell apart
ENLARGED = 2.0  # times that scale, where most digits are so small
LEAST = 0.2  # score of digits that count for that
CLEAR = 0.3  # mean probability of the small ones; a texture has many that are less clear


class FindsMarks(Protocol):
    """What the reading needs of a `serving.Detector`."""

    def maps(self, contrast: np.ndarray) -> Maps:
        """Return what it answers for a picture, float32 (h, w)."""
        ...


def find_marks(
    grey: np.ndarray,
    detector: FindsMarks,
    *,
    longest: int = LONGEST,
    by_area: float = BY_AREA,
    most_scales: int | None = None,
    enlarge: bool = False,
) -> Marks:
    """Find the marks on a picture.

    Parameters
    ----------
    grey : float32 (h, w) in [0, 1]
    longest : pixels of the longest side at the largest scale
    by_area : see `merging.merge`
    most_scales : only the largest so many; all by default
    enlarge : whether to look once more, enlarged, at the places of digits, if most are small

    Returns
    -------
    in pixels of `grey`, the best first
    """
    found: list[Marks] = []
    shares: list[np.ndarray] = []
    looked_at = scales(grey.shape, longest=longest)[:most_scales]

    def add(marks: Marks, size: tuple[int, ...]) -> None:
        shares.append(weights(marks))
        factors = np.tile(np.divide(grey.shape[::-1], size[::-1]), 2)
        found.append(replace(marks, boxes=marks.boxes * factors))

    def merged() -> Marks:
        return merge(
            all_of(found),
            np.concatenate(shares),
            scales=np.array(looked_at),
            places=np.repeat(np.arange(len(found)), [len(marks) for marks in found]),
            by_area=by_area,
        )

    for scale in looked_at:
        small = resized(grey, scale)
        add(find_peaks(detector.maps(local_contrast(small))), small.shape)
    marks = merged()
    where = _small_digits(marks, looked_at[0]) if enlarge else marks.boxes[:0]
    if len(where):
        looked_at.append(ENLARGED * looked_at[0])
        large = resized(grey, looked_at[-1])
        add(find_in_tiles(large, where * looked_at[-1], detector.maps), large.shape)
        marks = merged()
    return marks


def _small_digits(marks: Marks, scale: float) -> np.ndarray:
    """Return the boxes of small digits, (n, 4) in pixels; none if most are larger, or unclear."""
    digits = marks[(marks.groups == DIGIT) & (marks.scores >= LEAST)]
    small = digits[digits.boxes[:, 3] * scale < SMALL]
    are_most = 2 * len(small) > len(digits)
    are_clear = are_most and float((small.scores * small.digit_share).mean()) >= CLEAR
    return small.boxes if are_clear else small.boxes[:0]
