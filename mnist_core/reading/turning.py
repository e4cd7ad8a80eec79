"""Whether a picture has to be turned before it can be read."""

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.reading.detection import DIGIT, FindsMarks, Marks, find_marks
from mnist_core.reading.evidence import log_odds

HEIGHT = 26.0  # pixels; to what height digits are brought for a trial
LONGEST = 800  # pixels; of the picture for a trial
CLEAR = 0.9  # mean probability of the digits; where it is higher, nothing is tried
FOUND = 0.4  # score of marks that count
MARGIN, FACTOR = 3.0, 1.3  # by so much more log-odds another turn has to be better
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
    found = marks[(marks.groups == DIGIT) & (marks.scores >= FOUND)]
    if len(found) < 2 or _clarity(found).mean() >= CLEAR:
        return 0
    size = float(np.median(found.boxes[:, 2:].max(axis=1)))
    longest = round(min(LONGEST, max(grey.shape) * HEIGHT / max(size, 1.0)))
    support = [
        _support(
            find_marks(
                np.ascontiguousarray(np.rot90(grey, -turn)),
                detector,
                longest=longest,
                most_scales=2,
            )
        )
        for turn in TURNS
    ]
    best = int(np.argmax(support))
    return 90 * best if support[best] > FACTOR * support[0] + MARGIN else 0


def _clarity(marks: Marks) -> np.ndarray:
    """Return how clear it is which digit each is; float (n,) in [0, 1]."""
    return marks.scores * marks.classes[:, :CLASSES].max(axis=1)


def _support(marks: Marks) -> float:
    """Return the log-odds of all digits together, of those that are more likely than not."""
    clear = log_odds(_clarity(marks[marks.groups == DIGIT]))
    return float(np.clip(clear, 0, 4).sum())
