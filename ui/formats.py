"""Numbers, digits and names as people read them."""

from collections.abc import Sequence

CERTAIN = 0.99  # confidence; which digit comes second is then chance
SURE = 0.9  # digits with a lower confidence are doubtful
# The words for a confidence of at least so much; below the last one two digits are named.
WORDS = ((CERTAIN, "Almost certain"), (SURE, "Quite sure"), (0.7, "Probably right"))


def percent(probability: float) -> str:
    """Format a probability for people: never rounded up to a certainty."""
    written = f"{probability:.1%}"
    return ">99.9%" if written == "100.0%" else written


def of_a_hundred(share: float) -> str:
    """Say how many things of a hundred a share is; neither few nor most are rounded to none or all.

    Parameters
    ----------
    share : in [0, 1]
    """
    if share in (0, 1):
        return "all" if share else "none"
    return "fewer than 1" if share < 0.005 else str(min(round(100 * share), 99))


def a_digit(digit: int) -> str:
    """Put the article before a digit."""
    return f"{'an' if digit == 8 else 'a'} {digit}"


def in_words(probabilities: Sequence[float]) -> str:
    """Say how sure an answer is, given the probability of each digit."""
    for least, words in WORDS:
        if max(probabilities) >= least:
            return words
    return "Not sure: {} or {}".format(*ranked(probabilities)[:2])


def ranked(probabilities: Sequence[float]) -> list[int]:
    """Sort the digits, the most likely first."""
    return sorted(range(len(probabilities)), key=lambda digit: -probabilities[digit])


def size(count: int) -> str:
    """Format a number of bytes for people: 1590000 is 1.6 MB, 4200 is 4 kB."""
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{count / 1e3:.0f} kB"
