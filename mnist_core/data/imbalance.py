"""Class imbalance: how many images of each digit there are to learn from.

A profile is written as its name and its numbers, with colons between: `step:0.5:100`,
`long-tail:100`, `fixed`, `counts:4000,2000,1000,750,500,350,200,100,60,40`. Numbers that are left
out take their usual values. The later a digit comes, the rarer it is.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.errors import InvalidValueError

FIXED = (4000, 2000, 1000, 750, 500, 350, 200, 100, 60, 40)
LARGEST_RATIO = 5000


@dataclass(frozen=True)
class Profile:
    """One way to make training data imbalanced.

    Attributes
    ----------
    count : (available (10,), *numbers) -> wanted (10,), how many images of each digit. The
        function's name is the profile's, with hyphens; the paragraph of its docstring after
        "Source: " is the source
    title, summary : for people
    """

    count: Callable[..., np.ndarray]
    title: str
    summary: str

    @property
    def name(self) -> str:
        """The key of PROFILES, such as "long-tail"."""
        return self.count.__name__.replace("_", "-")

    @property
    def source(self) -> str:
        """Where the profile comes from; empty if it is our own."""
        text = (inspect.getdoc(self.count) or "").partition("Source: ")[2]
        return " ".join(text.split())

    @property
    def parameters(self) -> list[inspect.Parameter]:
        """The numbers that follow the name, in order."""
        return list(inspect.signature(self.count).parameters.values())[1:]

    @property
    def spelling(self) -> str:
        """How the profile is written, with its usual numbers, such as "step:0.5:100"."""
        if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in self.parameters):
            return f"{self.name}:N,N,..."
        return ":".join([self.name, *(f"{parameter.default:g}" for parameter in self.parameters)])


def none(available: np.ndarray) -> np.ndarray:
    """Keep all the images that there are."""
    return available.copy()


def step(available: np.ndarray, share: float = 0.5, ratio: float = 100.0) -> np.ndarray:
    """Make some digits common, all others rarer by `ratio`: `share` of the ten are rare.

    Source: M. Buda, A. Maki and M. Mazurowski, "A systematic study of the class imbalance
    problem in convolutional neural networks" (2018).
    """
    _check(share, 0, 1, "share of rare digits")
    _check(ratio, 1, LARGEST_RATIO, "ratio")
    counts = np.full(CLASSES, available.min())
    common = CLASSES - round(share * CLASSES)
    counts[common:] = np.round(counts[common:] / ratio)
    return counts


def long_tail(available: np.ndarray, ratio: float = 100.0) -> np.ndarray:
    """Make each digit rarer than the one before by the same factor; the last by `ratio` in all.

    Source: Y. Cui et al., "Class-balanced loss based on effective number of samples" (2019).
    """
    _check(ratio, 1, LARGEST_RATIO, "ratio")
    return np.round(available.min() * ratio ** (-np.arange(CLASSES) / (CLASSES - 1)))


def fixed(available: np.ndarray) -> np.ndarray:
    """Keep an example that falls from 4,000 zeros to 40 nines."""
    return counts(available, *FIXED)


def counts(available: np.ndarray, *numbers: float) -> np.ndarray:  # noqa: ARG001
    """Keep as many of each digit as the numbers say, from 0 to 9."""
    if len(numbers) != CLASSES:
        raise _refusal(f"Expected ten numbers of images, one a digit, received {len(numbers)}.")
    if not all(number >= 0 and number % 1 == 0 for number in numbers):
        raise _refusal("Numbers of images are whole numbers from 0 on.")
    return np.array(numbers)


def class_counts(profile: str, available: Sequence[int] | np.ndarray) -> np.ndarray:
    """Compute how many images of each digit a profile leaves.

    Parameters
    ----------
    profile : such as "step:0.5:100"; see the module
    available : (10,), how many of each digit there are

    Returns
    -------
    int (10,)

    Raises
    ------
    InvalidValueError : unknown profile, numbers that it cannot have, more images than there are, or
        fewer than two digits left to tell apart

    Examples
    --------
    >>> class_counts("step:0.5:100", [5000] * 10).tolist()
    [5000, 5000, 5000, 5000, 5000, 50, 50, 50, 50, 50]
    """
    found = wanted_counts(profile, available)
    for digit, (wanted, there) in enumerate(zip(found, available, strict=True)):
        if wanted > there:
            raise _refusal(
                f"There are {there:,} training images of the digit {digit}, {wanted:,.0f} were "
                "asked for."
            )
    if np.count_nonzero(found) < 2:
        raise _refusal("At least two digits need images, or there is nothing to tell apart.")
    return found.astype(int)


def wanted_counts(profile: str, available: Sequence[int] | np.ndarray) -> np.ndarray:
    """Compute what a profile asks for, whether or not there are that many images.

    The parameters are those of `class_counts`.

    Returns
    -------
    (10,), of whole numbers

    Raises
    ------
    InvalidValueError : unknown profile, or numbers that it cannot have
    """
    name, *words = profile.replace(",", ":").split(":")
    if name not in PROFILES:
        raise _refusal(f"imbalance is one of {', '.join(PROFILES)}, received {profile!r}.")
    parameters = PROFILES[name].parameters
    several = any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters)
    try:
        numbers = [float(word) for word in words]
    except ValueError as error:
        raise _refusal(f"{profile!r} holds something that is not a number.") from error
    if len(numbers) > len(parameters) and not several:
        raise _refusal(f"{profile!r} has more than {len(parameters)} numbers.")
    return np.asarray(PROFILES[name].count(np.asarray(available), *numbers))


def choose(labels: np.ndarray, wanted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Choose images so that each digit has as many as wanted.

    Parameters
    ----------
    labels : int (n,)
    wanted : int (10,), at most as many as there are

    Returns
    -------
    int (sum of wanted,), indices in rising order
    """
    chosen = [
        rng.permutation(np.flatnonzero(labels == digit))[:count]
        for digit, count in enumerate(wanted)
    ]
    return np.sort(np.concatenate(chosen))


def _check(value: float, low: float, high: float, what: str) -> None:
    if not low <= value <= high:
        raise _refusal(f"The {what} goes from {low:g} to {high:,}, received {value:g}.")


def _refusal(message: str) -> InvalidValueError:
    return InvalidValueError(message, names=("imbalance",))


PROFILES = {
    profile.name: profile
    for profile in (
        Profile(none, "None", "All digits are about equally frequent, as in MNIST."),
        Profile(step, "Step", "Some digits are common, all others equally rare."),
        Profile(
            long_tail, "Long tail", "Each digit is rarer than the one before by the same factor."
        ),
        Profile(fixed, "Example", "A fixed example, from 4,000 zeros down to 40 nines."),
        Profile(counts, "Custom counts", "You set the number of images of each digit."),
    )
}
