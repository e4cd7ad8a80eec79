"""A picture -> the marks on it, by the detector at several scales."""

from dataclasses import replace
from typing import Protocol

import numpy as np

from mnist_core.pictures.contrast import local_contrast
from mnist_core.reading.detection.marks import Marks, all_of
from mnist_core.reading.detection.merging import BY_AREA, merge
from mnist_core.reading.detection.peaks import find_peaks, weights
from mnist_core.reading.detection.scales import LONGEST, resized, scales
from mnist_core.serving.detector import Maps


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
) -> Marks:
    """Find the marks on a picture.

    Parameters
    ----------
    grey : float32 (h, w) in [0, 1]
    longest : pixels of the longest side at the largest scale
    by_area : see `merging.merge`
    most_scales : only the largest so many; all by default

    Returns
    -------
    in pixels of `grey`, the best first
    """
    found: list[Marks] = []
    shares: list[np.ndarray] = []
    places: list[np.ndarray] = []
    looked_at = scales(grey.shape, longest=longest)[:most_scales]
    for place, scale in enumerate(looked_at):
        small = resized(grey, scale)
        marks = find_peaks(detector.maps(local_contrast(small)))
        shares.append(weights(marks))
        factors = np.tile(np.divide(grey.shape[::-1], small.shape[::-1]), 2)
        found.append(replace(marks, boxes=marks.boxes * factors))
        places.append(np.full(len(marks), place))
    return merge(
        all_of(found),
        np.concatenate(shares),
        scales=np.array(looked_at),
        places=np.concatenate(places),
        by_area=by_area,
    )
