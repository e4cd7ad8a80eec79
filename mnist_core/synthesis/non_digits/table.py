"""Synthetic non-digits, to learn rejection from.

Some are drawn with a pen (`drawn`), some are type or made of digits (`written`), some are areas of
grey (`filled`). Shapes that might be taken for a digit, such as a lone upright line or a ring, are
avoided, if not always. To add a kind, write its function and a record in one of these modules.
"""

from collections.abc import Iterable

import numpy as np
from numpy.random import Generator

from mnist_core.config import IMAGE_SIZE
from mnist_core.synthesis.non_digits.drawn import DRAWN
from mnist_core.synthesis.non_digits.filled import FILLED
from mnist_core.synthesis.non_digits.written import WRITTEN


def make(
    count: int, rng: Generator, *, kinds: Iterable[str] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Make synthetic non-digits.

    Parameters
    ----------
    kinds : keys of KINDS to choose from; all if left out

    Returns
    -------
    (images, kinds) : uint8 (count, 28, 28), white on black; str (count,), the kind of each

    Raises
    ------
    ValueError : an unknown kind, or none at all
    """
    names = list(KINDS if kinds is None else kinds)
    if not names or not set(names) <= KINDS.keys():
        raise ValueError(f"Kinds are some of {', '.join(KINDS)}, received {names!r}.")
    weights = np.array([KINDS[name].frequency for name in names])
    chosen = rng.choice(names, count, p=weights / weights.sum())
    images = np.empty((count, IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    for image, name in zip(images, chosen, strict=True):
        image[:] = np.round(255 * KINDS[name].draw(rng))
    return images, chosen


KINDS = {kind.name: kind for kind in (*DRAWN, *WRITTEN, *FILLED)}
