"""Made-up pictures of what is no digit, to learn what a digit is not.

Each kind is a function of a random generator that gives one image. Some are drawn with a pen
(`drawn`), some are type or made of digits (`written`), some are areas of grey (`filled`). What
might be taken for a digit, such as a lone upright line or a ring, is avoided, if not always.
"""

import numpy as np

from mnist_core.config import IMAGE_SIZE
from mnist_core.synthesis.non_digits.drawn import DRAWN
from mnist_core.synthesis.non_digits.filled import FILLED
from mnist_core.synthesis.non_digits.written import WRITTEN


def make(count, rng, *, kinds=None):
    """Make up pictures of what is no digit.

    Parameters
    ----------
    count : int
    rng : numpy.random.Generator
    kinds : keys of KINDS to choose from; all if None

    Returns
    -------
    (images, kinds) : uint8 array (count, 28, 28), white on black; str array (count,), of each

    Raises
    ------
    ValueError : an unknown kind, or none at all
    """
    names = list(KINDS if kinds is None else kinds)
    if not names or not set(names) <= KINDS.keys():
        raise ValueError(f"Kinds are some of {', '.join(KINDS)}, received {names!r}.")
    weights = np.array([OFTEN.get(name, 1.0) for name in names])
    chosen = rng.choice(names, count, p=weights / weights.sum())
    images = np.empty((count, IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    for image, name in zip(images, chosen, strict=True):
        image[:] = np.round(255 * KINDS[name](rng))
    return images, chosen


KINDS = DRAWN | WRITTEN | FILLED
# What resembles digits most is drawn most often.
OFTEN = {
    **dict.fromkeys(("letter", "typed"), 3.0),
    **dict.fromkeys(("pair", "doodle", "glyph", "scribble"), 2.0),
    **dict.fromkeys(("blank", "hatching", "star"), 0.5),
}
