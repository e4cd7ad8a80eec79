"""Whether a picture has to be turned before it can be read."""

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.reading.detection import DIGIT, OTHER, SEPARATOR, FindsMarks, Marks, find_marks
from mnist_core.reading.evidence import log_odds

HEIGHT = 26.0  # pixels; to what height digits are brought for a trial
LONGEST = 800  # pixels; of the picture for a trial
CLEAR = 0.9  # mean probability of the digits; where it is higher, nothing is tried
FOUND = 0.4  # score of marks that count
MARGIN, FACTOR = 1.5, 1.3  # by so much more log-odds another turn has to be better
DOUBT = 1.0  # log-odds of each digit that count for nothing: letters on their side have so many
OTHERS = 2.0  # times as many other marks as digits: more is writing, but no numbers
TURNS = (0, 1, 2, 3)  # quarters, clockwise


def best_turn(grey: np.ndarray, marks: Marks, detector: FindsMarks) -> int:
    """Return by how many degrees a picture has to be turned clockwise to be read best.

    Parameters
    ----------
    grey : float32 (h, w) in [0, 1]
    marks : as found on it

    Returns
    -------
    0, 90, 180 or 270
    """
    found = marks[(marks.groups != SEPARATOR) & (marks.scores >= FOUND)]
    digits = found[found.groups == DIGIT]
    if len(found) < 2 or (len(digits) and _clarity(digits).mean() >= CLEAR):
        return 0
    # On their side, digits are seen as marks that are none.
    size = float(np.median(found.boxes[:, 2:].max(axis=1)))
    longest = round(min(LONGEST, max(grey.shape) * HEIGHT / max(size, 1.0)))
    tried = [
        find_marks(
            np.ascontiguousarray(np.rot90(grey, -turn)), detector, longest=longest, most_scales=2
        )
        for turn in TURNS
    ]
    support = [_support(marks) for marks in tried]
    best = int(np.argmax(support))
    is_better = support[best] > FACTOR * support[0] + MARGIN
    return 90 * best if is_better and _has_numbers(tried[best]) else 0


def _clarity(marks: Marks) -> np.ndarray:
    """Return how clear it is which digit each is; float (n,) in [0, 1]."""
    return marks.scores * marks.classes[:, :CLASSES].max(axis=1)


def _support(marks: Marks) -> float:
    """Return the log-odds of all digits together, as far as they are beyond doubt.

    A 0 looks the same whichever way it is turned, as an o does; it says nothing.
    """
    has_top = (marks.groups == DIGIT) & (marks.classes.argmax(axis=1) != 0)
    clear = log_odds(_clarity(marks[has_top]))
    return float(np.clip(clear - DOUBT, 0, 4).sum())


def _has_numbers(marks: Marks) -> bool:
    """Return whether digits are not far fewer than other marks."""
    groups = marks.groups[marks.scores >= FOUND]
    return int((groups == OTHER).sum()) <= OTHERS * int((groups == DIGIT).sum())
