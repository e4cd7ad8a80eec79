"""All corruptions by family, and what applies one of them, or a combination, to a batch.

To add a corruption, write its function into the module of its family and a record of it at that
module's foot; the app, the command line, trainings and benchmarks take it from there.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from mnist_core.config import cpu_count
from mnist_core.corruptions.blur import BLUR
from mnist_core.corruptions.combinations import COMBINATIONS
from mnist_core.corruptions.digital import DIGITAL
from mnist_core.corruptions.distortion import DISTORTION
from mnist_core.corruptions.light import LIGHT
from mnist_core.corruptions.noise import NOISE
from mnist_core.corruptions.occlusion import OCCLUSION
from mnist_core.corruptions.records import Corruption, Effect, title_from
from mnist_core.pixels import check_images

COMBINED_FAMILY = "recipe"  # what tables of robustness and cards call combinations
CHUNK = 500  # images that one thread corrupts at a time


def corrupt(
    images: np.ndarray, name: str, severity: float, *, seed: int = 0, first: int = 0
) -> np.ndarray:
    """Corrupt a batch.

    The same seed gives the same pixels, on any number of processor cores.

    Parameters
    ----------
    images : float32 (n, 28, 28) in [0, 1], white on black
    name : a key of CORRUPTIONS or COMBINATIONS
    severity : in [0, 1]; 0 returns the images unchanged
    seed : 0 or more
    first : a multiple of CHUNK; the place of these images in a larger set. Parts of a set that are
        corrupted one by one are then the same as corrupted together

    Returns
    -------
    float32 (n, 28, 28) in [0, 1]; a new array

    Raises
    ------
    ValueError : unknown name, severity outside [0, 1], a negative seed, a place that is no multiple
        of CHUNK, or other images

    Examples
    --------
    >>> blank = np.zeros((2, 28, 28), np.float32)
    >>> bool(np.array_equal(corrupt(blank, "fog", 0.0), blank))
    True
    >>> corrupt(blank, "brightness", 0.5).round(2).max()
    np.float32(0.45)
    """
    images, steps = check_images(images), _steps(name)
    check_severity(severity)
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"The seed is a whole number from 0 on, received {seed!r}.")
    if first < 0 or first % CHUNK:
        raise ValueError(f"The first image's place is a multiple of {CHUNK}, received {first!r}.")
    corrupted = images.copy()
    if severity == 0:
        return corrupted

    def corrupt_chunk(start: int) -> None:
        chunk = corrupted[start : start + CHUNK]
        rng = np.random.default_rng([seed, first + start])
        for effect, share in steps:
            strength = np.full(len(chunk), share * severity, np.float32)
            chunk = np.clip(effect(chunk, strength, rng), 0, 1)
        corrupted[start : start + CHUNK] = chunk

    with ThreadPoolExecutor(min(cpu_count(), 4)) as threads:
        list(threads.map(corrupt_chunk, range(0, len(images), CHUNK)))
    return corrupted


def title(name: str) -> str:
    """Return the title of a corruption or combination, for people.

    A card may name a corruption that this version does not have: its title is made from its name.
    """
    kind = CORRUPTIONS.get(name) or COMBINATIONS.get(name)
    return kind.title if kind else title_from(name)


def describe(name: str) -> str:
    """Return what a corruption or combination does and what its severities mean, for people.

    Raises
    ------
    ValueError : unknown name
    """
    check_name(name)
    if name in CORRUPTIONS:
        return CORRUPTIONS[name].description
    combination = COMBINATIONS[name]
    steps = combination.steps
    parts = ", then ".join(f"{title(part).lower()} at {share:g}" for part, share in steps)
    return (
        f"{combination.summary} At severity 1: {parts}. At severity 0.5: the same at half of these "
        "severities."
    )


def family_title(family: str) -> str:
    """Return a family's name for people: "Combined" for that of the combinations."""
    return "Combined" if family == COMBINED_FAMILY else family.capitalize()


def family_of(name: str) -> str:
    """Return the family of a corruption, a key of FAMILIES; COMBINED_FAMILY for a combination.

    Raises
    ------
    ValueError : unknown name
    """
    check_name(name)
    families = (family for family, kinds in FAMILIES.items() if name in _names(kinds))
    return next(families, COMBINED_FAMILY)


def check_name(name: str) -> None:
    """Refuse a name that is no key of CORRUPTIONS or COMBINATIONS.

    Raises
    ------
    ValueError : anything else
    """
    if name not in ALL_CORRUPTIONS:
        raise ValueError(
            f"There is no corruption {name!r}; choose one of {', '.join(ALL_CORRUPTIONS)}."
        )


def check_severity(severity: float) -> None:
    """Refuse a severity that is not a number in [0, 1].

    Raises
    ------
    ValueError : anything else
    """
    known = isinstance(severity, int | float | np.integer | np.floating)
    if not known or isinstance(severity, bool) or not 0 <= severity <= 1:
        raise ValueError(f"Severity is a number from 0 to 1, received {severity!r}.")


def _steps(name: str) -> list[tuple[Effect, float]]:
    """Return the functions that a name stands for, each with its share of the severity."""
    check_name(name)
    if name in CORRUPTIONS:
        return [(CORRUPTIONS[name].apply, 1.0)]
    return [(CORRUPTIONS[part].apply, share) for part, share in COMBINATIONS[name].steps]


def _names(kinds: tuple[Corruption, ...]) -> list[str]:
    return [kind.name for kind in kinds]


FAMILIES: dict[str, tuple[Corruption, ...]] = {
    "noise": NOISE,
    "blur": BLUR,
    "distortion": DISTORTION,
    "light": LIGHT,
    "occlusion": OCCLUSION,
    "digital": DIGITAL,
}
CORRUPTIONS = {kind.name: kind for kinds in FAMILIES.values() for kind in kinds}
ALL_CORRUPTIONS = (*CORRUPTIONS, *COMBINATIONS)
