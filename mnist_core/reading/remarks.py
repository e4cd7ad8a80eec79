"""What a person should know about a reading: one sentence for each kind of trouble."""

from dataclasses import replace

import numpy as np

from mnist_core.reading.result import Reading

SMALL = 8  # pixels; a digit needs as many
BLANK = 0.02  # of white; less than the noise of a camera
FAINT = 0.12  # of white; the difference between the darkest and the lightest of a blank picture
EDGE = 1  # pixels; a digit so near the border touches it
LETTERS, A_DIGIT = 10, 5  # so many letters, and so many for each digit, are print or a text

REMARKS = {
    "small": f"This picture is too small: it needs at least {SMALL} pixels a side.",
    "blank": "This picture is blank: it has the same colour everywhere.",
    "faint": "There is hardly any contrast in this picture. Take it again in better light.",
    "letters": "No digits were found in this picture, only letters, print or other marks.",
    "nothing": "No digits were found in this picture.",
    "many": "There is more in this picture than can be read at once, so a part was left out.",
    "several": "This picture seems to hold several digits; the clearest one was read.",
    "print": "This looks mostly like print or letters, and some of the digits may be letters.",
    "cut": "A digit touches the edge of the picture, so a part of it may be missing.",
}


def remark_on(
    reading: Reading,
    grey: np.ndarray,
    *,
    several: bool = False,
    many: bool = False,
    letters: int = 0,
) -> Reading:
    """Return a reading with the remark that matters most; without one if there is no trouble.

    Parameters
    ----------
    grey : float32 (h, w) in [0, 1], the picture
    several : a single digit was asked for, and there are more
    many : there were more digits than are read
    letters : how many marks are neither digits nor separators
    """
    found = sum(digit.accepted for digit in reading.digits)
    low, high = np.quantile(grey[::2, ::2], (0.001, 0.999))
    trouble = {
        "small": not found and min(reading.width, reading.height) < SMALL,
        "blank": not found and high - low < BLANK,
        "faint": not found and high - low < FAINT,
        "letters": not found and letters >= LETTERS,
        "nothing": not found,
        "many": many,
        "several": several,
        "print": letters >= max(LETTERS, A_DIGIT * found),
        "cut": not several and _touches(reading),
    }
    remark = next((REMARKS[kind] for kind, is_so in trouble.items() if is_so), "")
    return replace(reading, remark=remark)


def _touches(reading: Reading) -> bool:
    return any(
        x < EDGE
        or y < EDGE
        or x + width > reading.width - EDGE
        or y + height > reading.height - EDGE
        for x, y, width, height in (digit.box for digit in reading.digits if digit.accepted)
    )
