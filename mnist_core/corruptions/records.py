"""What is known about a corruption, and about a combination of several."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Effect = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Corruption:
    """One way to corrupt images, and all that is known about it.

    Attributes
    ----------
    apply : (images, severity, rng) -> images. Images are float32 (n, 28, 28) in [0, 1], severity is
        float (n,) in [0, 1], one an image; what is returned may leave [0, 1] and is clipped. The
        function's name is the corruption's, its docstring the description.
    title : for people; made from the name where it is left out
    readable : in [0, 1], the severity up to which people can read the digits. Training stays below:
        a network would waste its effort on what nobody can read
    frequency : above 0, how often training draws it compared with others; higher for what networks
        learn last
    random : whether it draws from `rng`, so that another seed gives other pixels
    """

    apply: Effect
    title: str = ""
    readable: float = 1.0
    frequency: float = 1.0
    random: bool = True

    def __post_init__(self) -> None:
        if not self.title:
            object.__setattr__(self, "title", title_from(self.name))

    @property
    def name(self) -> str:
        """The key of CORRUPTIONS, such as "salt_and_pepper"."""
        return self.apply.__name__

    @property
    def description(self) -> str:
        """What it does, and what severities 0.5 and 1 mean; in one paragraph."""
        return " ".join((self.apply.__doc__ or "").partition("Source:")[0].split())


@dataclass(frozen=True)
class Combination:
    """Several corruptions in order, as they come together in the world.

    Attributes
    ----------
    title, summary : for people; the summary is one sentence
    steps : (name of a corruption, the share in (0, 1] that it has of the combination's severity)
    """

    title: str
    summary: str
    steps: tuple[tuple[str, float], ...]


def title_from(name: str) -> str:
    """Make a title from a name: "salt_and_pepper" is "Salt and pepper"."""
    return name.replace("_", " ").capitalize()
