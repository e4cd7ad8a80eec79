"""Synthetic non-digits, to learn rejection from.

Some are drawn with a pen (`drawn`), some are type or made of digits (`written`), some are areas of
grey (`filled`). Shapes that might be taken for a digit, such as a lone upright line or a ring, are
avoided, if not always. HELD_OUT are kinds that only measure: no training may see them. To add a
kind, write its function and a record in one of these modules.
"""

from collections.abc import Iterable

import numpy as np
from numpy.random import Generator

from mnist_core.config import IMAGE_SIZE
from mnist_core.synthesis.non_digits.drawn import DRAWN, DRAWN_HELD_OUT
from mnist_core.synthesis.non_digits.filled import FILLED, FILLED_HELD_OUT
from mnist_core.synthesis.non_digits.written import WRITTEN, WRITTEN_HELD_OUT


def make(
    count: int, rng: Generator, *, kinds: Iterable[str] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Make synthetic non-digits.

    Parameters
    ----------
    kinds : keys of KINDS or HELD_OUT to choose from; all of KINDS if left out

    Returns
    -------
    (images, kinds) : uint8 (count, 28, 28), white on black; str (count,), the kind of each

    Raises
    ------
    ValueError : an unknown kind, or none at all
    """
    names = list(KINDS if kinds is None else kinds)
    known = KINDS | HELD_OUT
    if not names or not set(names) <= known.keys():
        raise ValueError(f"Kinds are some of {', '.join(known)}, received {names!r}.")
    weights = np.array([known[name].frequency for name in names])
    chosen = rng.choice(names, count, p=weights / weights.sum())
    images = np.empty((count, IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    for image, name in zip(images, chosen, strict=True):
        image[:] = np.round(255 * known[name].draw(rng))
    return images, chosen


HELD_OUT = {kind.name: kind for kind in (*DRAWN_HELD_OUT, *WRITTEN_HELD_OUT, *FILLED_HELD_OUT)}
KINDS = {kind.name: kind for kind in (*DRAWN, *WRITTEN, *FILLED)}
