"""Digits and other marks cut out of synthetic pages, as the reader cuts them for a classifier."""

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator

from mnist_core.boxes import shared_areas
from mnist_core.config import CLASSES
from mnist_core.pictures.contrast import to_grey
from mnist_core.pictures.crops import crop_digits
from mnist_core.synthesis.pages import Page, Specimens, make_crop

SIZE = (160, 256)  # pixels, of the parts of pages that are made to be cut up
INEXACT = 0.04  # heights; how far the sides of a box lie from the ink, as the detector has it
NO_DIGITS = ("other", "-", "+")  # marks; the others resemble a one
# Pages whose other marks are no digits even where they stand alone, as a printed O, or a digit that
# is struck out, may be.
CLEAR = ("chains", "columns", "scatter", "letters", "doodles", "cheques")
PLACES = 6  # of each page that are tried for ink that is no mark: paper, rules, frames
HEIGHTS = (10.0, 60.0)  # pixels, of such places
FREE = 0.1  # of such a place; a mark may cover so much of it
NARROW = 0.4  # of its height; ink that is no wider might be a one


def cut_digits(
    labels: np.ndarray, rng: Generator, specimens: Specimens | None = None
) -> np.ndarray:
    """Cut digits out of synthetic pages, with what is left of their neighbours, boxes and papers.

    Parameters
    ----------
    labels : int (n,), 0 to 9
    specimens : digits of MNIST that stand on the pages; all are written by code without them

    Returns
    -------
    uint8 (n, 28, 28), white on black
    """
    images = np.empty((len(labels), 28, 28), np.uint8)
    wanted = [list(np.flatnonzero(labels == digit)) for digit in range(CLASSES)]
    while any(wanted):
        for label, image in _digits(make_crop(rng, SIZE, specimens=specimens), rng):
            if wanted[label]:
                images[wanted[label].pop()] = image
    return images


def cut_non_digits(count: int, rng: Generator, specimens: Specimens | None = None) -> np.ndarray:
    """Cut signs, letters, print and paper out of synthetic pages: what might be taken for a digit.

    Ink that might be a one, as any upright line, is left out.

    Parameters
    ----------
    specimens : see `cut_digits`

    Returns
    -------
    uint8 (count, 28, 28), white on black
    """
    images = np.empty((count, 28, 28), np.uint8)
    found = _endless_non_digits(rng, specimens)
    for image in images:
        image[:] = next(found)
    return images


def _digits(page: Page, rng: Generator) -> Iterator[tuple[int, np.ndarray]]:
    marks = [mark for mark in page.marks if mark.label.isdigit()]
    boxes = np.array([mark.box for mark in marks], float).reshape(-1, 4)
    for mark, image in zip(marks, _cut(page, boxes, rng), strict=True):
        if image.any():
            yield int(mark.label), image


def _endless_non_digits(rng: Generator, specimens: Specimens | None) -> Iterator[np.ndarray]:
    while True:
        page = make_crop(rng, SIZE, specimens=specimens)
        clear = page.kind in CLEAR and not page.turned  # an m on its side is a 3
        marks = [mark.box for mark in page.marks if clear and mark.label in NO_DIGITS]
        boxes = np.array(marks, float).reshape(-1, 4)
        yield from filter(_is_wide, _cut(page, np.concatenate([boxes, _free(page, rng)]), rng))


def _free(page: Page, rng: Generator) -> np.ndarray:
    """Return boxes (n, 4) of a digit's size, anywhere but on marks."""
    tall, wide = page.pixels.shape[:2]
    low, high = np.log(HEIGHTS)
    height = np.exp(rng.uniform(low, high, PLACES))
    sides = np.stack([height * rng.uniform(0.5, 1.1, PLACES), height], 1)
    corners = rng.uniform(0, 1, (PLACES, 2)) * ([wide, tall] - sides)
    boxes = np.concatenate([corners, sides], 1)[(corners > 0).all(1)]
    taken = [mark.box for mark in page.marks] + list(page.ignored)
    shared = shared_areas(boxes, np.array(taken, float).reshape(-1, 4))
    return boxes[(shared < FREE * boxes[:, 2:].prod(1)[:, None]).all(1)]


def _cut(page: Page, boxes: np.ndarray, rng: Generator) -> np.ndarray:
    """Cut out what is in some boxes (n, 4), whose sides lie a little beside the ink."""
    beside = rng.normal(0, INEXACT, boxes.shape) * boxes[:, 3:]
    corners = boxes[:, :2] + beside[:, :2]
    sides = np.maximum(boxes[:, 2:] + beside[:, 2:] - beside[:, :2], 2)
    cut = crop_digits(to_grey(page.pixels), np.concatenate([corners, sides], 1))
    return np.round(cut * 255).astype(np.uint8)


def _is_wide(image: np.ndarray) -> bool:
    """Return whether there is ink, and too wide to be a one."""
    rows, columns = (np.flatnonzero(image.max(axis) > 64) for axis in (1, 0))
    return len(rows) > 0 and bool(np.ptp(columns) + 1 > NARROW * (np.ptp(rows) + 1))
