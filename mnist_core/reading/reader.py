"""From a picture, the ink of a drawing or boxes in a picture to a reading.

The detector finds the digits where there is one. Without it, ink is cut into pieces.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mnist_core.pictures.imaging import Picture
from mnist_core.reading import detected, segmented
from mnist_core.reading.detection import FindsMarks
from mnist_core.reading.evidence import BY_CUT_SINGLE, product
from mnist_core.reading.layout import with_digits
from mnist_core.reading.result import Reading
from mnist_core.serving import Predictor


def read(
    picture: Picture,
    predictor: Predictor,
    *,
    single: bool = False,
    detector: FindsMarks | None = None,
) -> Reading:
    """Read the digits in a picture.

    Parameters
    ----------
    single : whether the picture holds one digit; whatever is found is accepted then
    detector : finds the digits; without one, ink is cut into pieces
    """
    if detector is None:
        return segmented.read(picture, predictor, single=single)
    if single:
        found = detected.read_single(picture.pixels, picture, predictor, detector)
        cut = segmented.read(picture, predictor, single=True)
        return _agreed(found, cut) if found and cut.digits else found or cut
    return detected.read_page(picture.pixels, picture, predictor, detector)


def read_boxes(
    picture: Picture,
    boxes: Sequence[Sequence[float]],
    predictor: Predictor,
    *,
    detector: FindsMarks | None = None,
) -> Reading:
    """Read one digit in each box that a person has drawn or corrected.

    Parameters
    ----------
    boxes : each (x, y, width, height) in pixels of the upright picture
    detector : says with the predictor which digit it is; without one, the predictor alone does

    Returns
    -------
    digits in reading order, each accepted; boxes without ink are left out

    Raises
    ------
    ValueError : a box is not four finite numbers with a positive width and height
    """
    for box in boxes:
        if len(box) != 4 or not np.isfinite(box).all() or min(box[2:]) <= 0:
            raise ValueError(
                f"Expected boxes (x, y, width, height) with a size above 0, received {box!r}."
            )
    if detector is None:
        return segmented.read_boxes(picture, boxes, predictor)
    return detected.read_given(picture.pixels, boxes, picture, predictor, detector)


def _agreed(found: Reading, cut: Reading) -> Reading:
    """Return the one digit of a picture, by what the detector found and by the ink cut out.

    The detector sees digits on any ground; cutting sees all of a digit, however large it is.
    """
    ours, theirs = found.digits[0], cut.digits[0]
    both = product(
        (np.array([ours.probabilities]), 1.0), (np.array([theirs.probabilities]), BY_CUT_SINGLE)
    )[0]
    digit = int(both.argmax())
    shown = theirs if digit == theirs.digit != ours.digit else ours
    agreed = replace(
        shown,
        digit=digit,
        confidence=float(both[digit]),
        probabilities=tuple(map(float, both)),
        is_digit=max(ours.is_digit, theirs.is_digit),
    )
    return with_digits(found, [agreed])
