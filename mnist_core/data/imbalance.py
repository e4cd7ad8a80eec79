"""Training data out of balance: how many images of each digit there are to learn from.

A profile is written as its name and its numbers, with colons between: `step:0.5:100`,
`long-tail:100`, `fixed`, `counts:4000,2000,1000,750,500,350,200,100,60,40`. Numbers that are left
out take their usual values. The later a digit comes, the rarer it is.
"""

import inspect

import numpy as np

from mnist_core.config import CLASSES

FIXED = (4000, 2000, 1000, 750, 500, 350, 200, 100, 60, 40)
LARGEST_RATIO = 5000


def none(available):
    """All the images that there are."""
    return available.copy()


def step(available, share=0.5, ratio=100.0):
    """Some digits are common, all others rare: `share` of the ten are rarer by `ratio`.

    Source: M. Buda, A. Maki and M. Mazurowski, "A systematic study of the class imbalance
    problem in convolutional neural networks" (2018).
    """
    _check(share, 0, 1, "share of rare digits")
    _check(ratio, 1, LARGEST_RATIO, "ratio")
    counts = np.full(CLASSES, available.min())
    common = CLASSES - round(share * CLASSES)
    counts[common:] = np.round(counts[common:] / ratio)
    return counts


def long_tail(available, ratio=100.0):
    """Each digit is rarer than the one before by the same factor; the last by `ratio` in all.

    Source: Y. Cui et al., "Class-balanced loss based on effective number of samples" (2019).
    """
    _check(ratio, 1, LARGEST_RATIO, "ratio")
    return np.round(available.min() * ratio ** (-np.arange(CLASSES) / (CLASSES - 1)))


def fixed(available):
    """An example that falls from 4,000 zeros to 40 nines."""
    return counts(available, *FIXED)


def counts(available, *numbers):  # noqa: ARG001
    """As many of each digit as you say, from 0 to 9."""
    if len(numbers) != CLASSES:
        raise ValueError(f"Expected ten numbers of images, one a digit, received {len(numbers)}.")
    if not all(number >= 0 and number % 1 == 0 for number in numbers):
        raise ValueError("Numbers of images are whole numbers from 0 on.")
    return np.array(numbers)


def class_counts(profile, available):
    """Work out how many images of each digit a profile leaves.

    Parameters
    ----------
    profile : str, such as "step:0.5:100"; see the module
    available : int array (10,), how many of each digit there are

    Returns
    -------
    int array (10,)

    Raises
    ------
    ValueError : unknown profile, numbers that it cannot have, more images than there are, or
        fewer than two digits left to tell apart

    Examples
    --------
    >>> class_counts("step:0.5:100", [5000] * 10).tolist()
    [5000, 5000, 5000, 5000, 5000, 50, 50, 50, 50, 50]
    """
    available = np.asarray(available)
    found = make(profile, available)
    for digit, (wanted, there) in enumerate(zip(found, available, strict=True)):
        if wanted > there:
            raise ValueError(
                f"There are {there:,} training images of the digit {digit}, {wanted:,.0f} were "
                "asked for."
            )
    if np.count_nonzero(found) < 2:
        raise ValueError("At least two digits need images, or there is nothing to tell apart.")
    return found.astype(int)


def make(profile, available):
    """Apply a profile without asking whether there are that many images; see `class_counts`."""
    name, *numbers = profile.replace(",", ":").split(":")
    if name not in PROFILES:
        raise ValueError(f"imbalance is one of {', '.join(PROFILES)}, received {profile!r}.")
    parameters = list(inspect.signature(PROFILES[name]).parameters.values())[1:]
    several = any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters)
    try:
        numbers = [float(number) for number in numbers]
    except ValueError as error:
        raise ValueError(f"{profile!r} holds something that is no number.") from error
    if len(numbers) > len(parameters) and not several:
        raise ValueError(f"{profile!r} has more than {len(parameters)} numbers.")
    return np.asarray(PROFILES[name](np.asarray(available), *numbers))


def choose(labels, wanted, rng):
    """Choose images so that each digit has as many as wanted.

    Parameters
    ----------
    labels : int array (n,)
    wanted : int array (10,), at most as many as there are
    rng : numpy.random.Generator

    Returns
    -------
    int array (sum of wanted,), indices in rising order
    """
    chosen = [
        rng.permutation(np.flatnonzero(labels == digit))[:count]
        for digit, count in enumerate(wanted)
    ]
    return np.sort(np.concatenate(chosen))


def _check(value, low, high, what):
    if not low <= value <= high:
        raise ValueError(f"The {what} goes from {low:g} to {high:,}, received {value:g}.")


PROFILES = {f.__name__.replace("_", "-"): f for f in (none, step, long_tail, fixed, counts)}
