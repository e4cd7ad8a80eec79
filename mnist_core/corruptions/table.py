"""Damage to images: one table of corruptions, one of recipes that combine them.

A corruption is a function (images, severity, rng) -> images: float32 (n, 28, 28) in [0, 1]
in, severity float (n,) in [0, 1], one for each image, and float32 (n, 28, 28) out, which may leave
[0, 1] and is clipped. Its docstring says what severities 0.5 and 1 mean. To add one, write the
function into the module of its family and name it at that module's foot.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from mnist_core.config import cpu_count
from mnist_core.corruptions.blur import BLUR
from mnist_core.corruptions.digital import DIGITAL
from mnist_core.corruptions.distortion import DISTORTION
from mnist_core.corruptions.light import LIGHT
from mnist_core.corruptions.noise import NOISE
from mnist_core.corruptions.occlusion import OCCLUSION
from mnist_core.pixels import check_images

CHUNK = 500  # images that one thread damages at a time


def corrupt(images, name, severity, *, seed=0, first=0):
    """Damage a batch.

    The same seed gives the same pixels, on any number of processor cores.

    Parameters
    ----------
    images : float32 array (n, 28, 28) in [0, 1], white on black
    name : a key of CORRUPTIONS or RECIPES
    severity : float in [0, 1]; 0 returns the images unchanged
    seed : int, 0 or more
    first : int, a multiple of CHUNK; the place of these images in a larger set. Parts of a set
        that are damaged one by one are then the same as damaged together

    Returns
    -------
    float32 array (n, 28, 28) in [0, 1]; a new one

    Raises
    ------
    ValueError : unknown name, severity outside [0, 1], a seed or place that cannot be, or other
        images

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
    damaged = images.copy()
    if severity == 0:
        return damaged

    def damage(start):
        chunk = damaged[start : start + CHUNK]
        rng = np.random.default_rng([seed, first + start])
        for corruption, share in steps:
            strength = np.full(len(chunk), share * severity, np.float32)
            chunk = np.clip(corruption(chunk, strength, rng), 0, 1)
        damaged[start : start + CHUNK] = chunk

    with ThreadPoolExecutor(min(cpu_count(), 4)) as threads:
        list(threads.map(damage, range(0, len(images), CHUNK)))
    return damaged


def title(name):
    """Return a name for people: "salt_and_pepper" is "Salt and pepper"."""
    return _TITLES.get(name) or name.replace("_", " ").capitalize()


def describe(name):
    """Return what a corruption does and what its severities mean, for people.

    Raises
    ------
    ValueError : unknown name
    """
    check_name(name)
    if name in CORRUPTIONS:
        text = (CORRUPTIONS[name].__doc__ or "").partition("Source:")[0]
        return " ".join(text.split())
    parts = ", then ".join(f"{title(part).lower()} at {share:g}" for part, share in RECIPES[name])
    return f"At severity 1: {parts}. At severity 0.5: the same at half of these severities."


def check_name(name):
    """Refuse a name that is no key of CORRUPTIONS or RECIPES.

    Raises
    ------
    ValueError : anything else
    """
    if name not in ALL_CORRUPTIONS:
        raise ValueError(
            f"There is no corruption {name!r}; choose one of {', '.join(ALL_CORRUPTIONS)}."
        )


def check_severity(severity):
    """Refuse a severity that is not a number in [0, 1].

    Raises
    ------
    ValueError : anything else
    """
    known = isinstance(severity, int | float | np.integer | np.floating)
    if not known or isinstance(severity, bool) or not 0 <= severity <= 1:
        raise ValueError(f"Severity is a number from 0 to 1, received {severity!r}.")


def _steps(name):
    """Return the functions that a name stands for, each with its share of the severity."""
    check_name(name)
    if name in CORRUPTIONS:
        return [(CORRUPTIONS[name], 1.0)]
    return [(CORRUPTIONS[part], share) for part, share in RECIPES[name]]


FAMILIES = {
    "noise": NOISE,
    "blur": BLUR,
    "distortion": DISTORTION,
    "light": LIGHT,
    "occlusion": OCCLUSION,
    "digital": DIGITAL,
}
CORRUPTIONS = {f.__name__: f for family in FAMILIES.values() for f in family}

# Several corruptions in order, each with the share that it has of the recipe's severity.
RECIPES = {
    "bad_photocopy": (("contrast", 0.5), ("stripe", 0.4), ("salt_and_pepper", 0.3)),
    "phone_in_the_dark": (
        ("motion_blur", 0.5),
        ("uneven_illumination", 0.8),
        ("gaussian_noise", 0.5),
    ),
    "rainy_windscreen": (("glass_blur", 0.4), ("fog", 0.3), ("spatter", 0.5)),
    "old_fax": (("pixelate", 0.5), ("threshold", 1.0), ("dotted_line", 0.5)),
    "hasty_scan": (("rotate", 0.5), ("perspective", 0.5), ("brightness", 0.4), ("jpeg", 0.7)),
}
ALL_CORRUPTIONS = (*CORRUPTIONS, *RECIPES)
_TITLES = {"jpeg": "JPEG"}
