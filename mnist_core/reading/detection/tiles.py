"""Only those parts of a large picture that hold something are looked at, one after the other."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mnist_core.pictures.contrast import local_contrast
from mnist_core.reading.detection.marks import Marks, all_of
from mnist_core.reading.detection.peaks import find_peaks
from mnist_core.serving.detector import Maps

SIDE = 768  # pixels of a tile
AROUND = 96  # pixels; so far around a tile the network sees what is in it


def find_in_tiles(grey: np.ndarray, boxes: np.ndarray, maps: Callable[[np.ndarray], Maps]) -> Marks:
    """Find the marks in those tiles of a picture in which boxes have their middles.

    Parameters
    ----------
    grey : float32 (h, w) in [0, 1]
    boxes : (n, 4), x, y, width and height in its pixels
    maps : of a detector

    Returns
    -------
    in its pixels
    """
    found: list[Marks] = []
    middles = boxes[:, :2] + boxes[:, 2:] / 2
    for column, row in sorted({(int(x), int(y)) for x, y in middles // SIDE}):
        left, top = column * SIDE, row * SIDE
        x, y = max(0, left - AROUND), max(0, top - AROUND)
        part = grey[y : top + SIDE + AROUND, x : left + SIDE + AROUND]
        marks = find_peaks(maps(local_contrast(np.ascontiguousarray(part))))
        moved = marks.boxes + np.array([x, y, 0, 0])
        places = (moved[:, :2] + moved[:, 2:] / 2) // SIDE
        own = (places == (column, row)).all(axis=1)
        found.append(replace(marks, boxes=moved)[own])
    return all_of(found)
