"""Digits that were found, cut out of the picture as a classifier wants them."""

import cv2
import numpy as np

from mnist_core.config import IMAGE_SIZE
from mnist_core.pictures.preprocessing import ink_to_digit

MARGIN = 0.2  # of the box's longer side: what is cut out around it, to see the paper
LARGEST = 96  # pixels; larger digits are shrunk: the classifier could use no more
SMALLEST = 24  # pixels; smaller ones are enlarged
STRAY = 0.05  # of the box's sides; ink so far outside still belongs to the digit
CORE = 0.15  # of the box's sides; what lies farther inside decides which ink is the digit's
INSIDE = 0.8  # of a piece of ink; where so much lies in the box, it is the digit's
SHARE = 0.3  # of the ink in the box; so is a piece with so much, as where digits touch
FULL = 60  # percentile of the ink that counts as full: a pen's pressure varies
LEAST = 0.02  # of white; paler ink is none


def crop_digits(grey: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Turn each box into the image that classifiers read, without its neighbours' ink.

    Parameters
    ----------
    grey : float32 (h, w) in [0, 1]
    boxes : float (n, 4), x, y, width and height in its pixels

    Returns
    -------
    float32 (n, 28, 28) in [0, 1], white on black; 0 where there is no ink
    """
    images = np.zeros((len(boxes), IMAGE_SIZE, IMAGE_SIZE), np.float32)
    for image, box in zip(images, boxes, strict=True):
        ink = _ink(*_cut(grey, box))
        if ink is not None:
            image[:] = ink_to_digit(ink)
    return images


def _cut(grey: np.ndarray, box: np.ndarray) -> tuple[np.ndarray, tuple[slice, slice]]:
    """Return the picture around a box at a sensible scale, and where in it the box is."""
    x, y, width, height = box
    margin = MARGIN * max(width, height) + 2
    tall, wide = grey.shape
    left, top = max(0, int(x - margin)), max(0, int(y - margin))
    right, bottom = (
        min(end, int(np.ceil(low + size + margin)))
        for low, size, end in ((x, width, wide), (y, height, tall))
    )
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    patch = grey[top:bottom, left:right]
    factor = float(np.clip(1.0, SMALLEST / max(width, height), LARGEST / max(width, height)))
    if factor != 1:
        size = tuple(max(1, round(side * factor)) for side in patch.shape[::-1])
        way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        patch = cv2.resize(patch, size, interpolation=way)
    places = []
    for low, size, start, end in (
        (y, height, top, patch.shape[0]),
        (x, width, left, patch.shape[1]),
    ):
        stray = STRAY * size + 0.5
        first = int(np.clip((low - stray - start) * factor, 0, end - 1))
        last = int(np.clip(np.ceil((low + size + stray - start) * factor), first + 1, end))
        places.append(slice(first, last))
    return patch, (places[0], places[1])


def _ink(patch: np.ndarray, inside: tuple[slice, slice]) -> np.ndarray | None:
    """Return the strength of the digit's own ink, float32 like the patch; None if there is none.

    The frame of a form's box may be darker than the digit, so it must not decide what is dark.
    """
    core = (_core(inside[0]), _core(inside[1]))
    darker = float(np.median(patch)) - patch
    dark, light = (float(np.clip(way[core], 0, None).sum()) for way in (darker, -darker))
    strength = np.clip(darker if dark >= light else -darker, 0, None).astype(np.float32)
    strongest = float(strength[core].max(initial=0))
    if strongest < LEAST:
        return None
    levels = np.clip(strength / strongest * 255, 0, 255).astype(np.uint8)
    level, _ = cv2.threshold(
        np.ascontiguousarray(levels[core]), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU
    )
    mask = (levels > level).astype(np.uint8)
    labels = np.asarray(cv2.connectedComponents(mask, connectivity=8)[1], np.int32)
    all_ink = np.bincount(labels.ravel())
    own_ink = np.bincount(labels[inside].ravel(), minlength=len(all_ink))
    own_ink[0] = 0
    own = (own_ink >= INSIDE * all_ink) | (own_ink >= SHARE * max(own_ink.sum(), 1))
    own[0] = False
    kept = np.zeros(patch.shape, bool)
    kept[inside] = own[labels[inside]]
    if not kept.any():
        return None
    near = cv2.dilate(kept.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    near &= kept | (mask == 0)
    full = float(np.percentile(strength[kept], FULL))
    return np.where(near, np.clip(strength / max(full, 1e-6), 0, 1), 0).astype(np.float32)


def _core(box: slice) -> slice:
    """Return a box's inner rows or columns, where no frame and few neighbours lie."""
    side = int(CORE * (box.stop - box.start))
    return slice(box.start + side, box.stop - side)
