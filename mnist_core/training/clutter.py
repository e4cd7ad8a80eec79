"""What lies over digits in real pictures and is no corruption of its own: lines, waves, blotches.

The augmentation "clutter" lays it over some of the images. No test of robustness shows any of it.
"""

import numpy as np
from numpy.random import Generator

from mnist_core.corruptions.shape import blur, cover, spread, turned_axes

LAID = 0.25  # the share of images over which anything is laid
# So many of a kind at most lie on each.
LINES, WAVES, GHOSTS = 3, 3, 4


def lay_clutter(images: np.ndarray, rng: Generator) -> np.ndarray:
    """Lay one kind of clutter over some of the images.

    Parameters
    ----------
    images : float32 (n, 28, 28) in [0, 1], white on black

    Returns
    -------
    float32 (n, 28, 28) in [0, 1]; a new array
    """
    laid, kinds = images.copy(), (lines, waves, blotches, ghosts)
    kind = np.where(rng.random(len(images)) < LAID, rng.integers(0, len(kinds), len(images)), -1)
    for index, lay in enumerate(kinds):
        (chosen,) = np.nonzero(kind == index)
        if len(chosen):
            laid[chosen] = np.clip(lay(laid[chosen], rng), 0, 1)
    return laid


def lines(images: np.ndarray, rng: Generator) -> np.ndarray:
    """Draw up to three thin lines or arcs, most of them white, across or on a part of the image."""
    for turn in range(LINES):
        n = len(images)
        along, across = turned_axes(rng.uniform(0, np.pi, n))
        bend = spread(rng.normal(0, 0.02, n) * (rng.random(n) < 0.5))
        far = np.abs(across - spread(rng.uniform(-9, 9, n)) - bend * along**2)
        end = np.abs(along - spread(rng.uniform(-9, 9, n)))
        length = spread(np.where(rng.random(n) < 0.5, 40, rng.uniform(3, 12, n)))
        thick = spread(rng.uniform(0.5, 1.9, n))
        mask = np.clip(thick / 2 + 0.5 - far, 0, 1) * np.clip(length + 0.5 - end, 0, 1)
        mask *= spread((rng.random(n) < 0.6) | (turn == 0))
        images = cover(images, mask, spread(rng.choice([1, 1, 1, 0, 0.6], n)))
    return images


def waves(images: np.ndarray, rng: Generator) -> np.ndarray:
    """Make areas brighter and darker in up to three waves, as screens and folds do."""
    for turn in range(WAVES):
        n = len(images)
        _, across = turned_axes(rng.uniform(0, 2 * np.pi, n))
        phase = across / spread(rng.uniform(2.2, 14, n)) + spread(rng.random(n))
        height = rng.uniform(0.05, 0.3, n) * ((rng.random(n) < 0.6) | (turn == 0))
        images = images + spread(height) * np.sin(2 * np.pi * phase)
    return images


def blotches(images: np.ndarray, rng: Generator) -> np.ndarray:
    """Add grain whose neighbouring pixels are alike, as on stained paper."""
    n = len(images)
    grain = blur(rng.standard_normal(images.shape, np.float32), rng.uniform(0.4, 3, n))
    grain /= grain.std(axis=(1, 2), keepdims=True)
    return images + spread(rng.uniform(0.05, 0.35, n)) * grain


def ghosts(images: np.ndarray, rng: Generator) -> np.ndarray:
    """Let up to four other digits show faintly, some mirrored, as ink does through thin paper."""
    sources = images
    for _ in range(GHOSTS):
        n = len(images)
        others = sources[rng.permutation(n)]
        mirrored = rng.random(n) < 0.5
        others[mirrored] = others[mirrored, :, ::-1]
        images = images + spread(rng.normal(0, 0.2, n)) * others
    return images
