"""The settings of a training for people, without those that have no effect."""

import inspect
from collections.abc import Callable
from dataclasses import asdict

from mnist_core.config import CLASSES
from mnist_core.corruptions import family_title
from mnist_core.data.imbalance import PROFILES
from mnist_core.serving import Card
from mnist_core.training.augmentation import AUGMENTATIONS
from mnist_core.training.config import TrainingConfig
from mnist_core.training.rebalancing import REBALANCING_METHODS
from ui.training.words import CHOICES, label_of


def settings_of(config: TrainingConfig, card: Card | None = None) -> dict[str, str]:
    """Return what decided how a training went, by label; its name is no setting.

    A model that lost too much in 8 bits was stored in 32: its card knows.
    """
    stored = {"precision": card.precision} if card else {}
    return {
        label_of(setting): value_of(setting, value)
        for setting, value in (asdict(config) | stored).items()
        if setting != "name"
        and config.applies(setting)
        and not (setting in HAS_NO_EFFECT and HAS_NO_EFFECT[setting](config))
    }


def value_of(setting: str, value: object) -> str:
    """Write a setting's value for people."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list | tuple):
        return ", ".join(family_title(str(family)) for family in value) or "None"
    if isinstance(value, int):
        return str(value) if setting == "seed" else f"{value:,}"
    if isinstance(value, float):
        return f"{value:.0%}" if setting in SHARES else f"{value:g}"
    text = str(value)
    if text in CHOICES.get(setting, ()):
        return CHOICES[setting][text][0]
    if setting == "imbalance":
        return imbalance_in_words(text)
    return TITLES[setting][text].title if setting in TITLES else text


def imbalance_in_words(profile: str) -> str:
    """Say how uneven the data is: "step:0.5:100" is "Step: 5 rare digits, 100 times fewer"."""
    name, *numbers = profile.replace(",", ":").split(":")
    title = PROFILES[name].title
    if name not in NUMBERS:
        return title
    bound = inspect.signature(PROFILES[name].count).bind(None, *map(float, numbers))
    bound.apply_defaults()
    return f"{title}: {NUMBERS[name](*bound.args[1:])}"


def _step(share: float, ratio: float) -> str:
    rare = round(share * CLASSES)
    return f"{rare} rare {'digit' if rare == 1 else 'digits'}, {ratio:g} times fewer"


SHARES = ("share", "corrupted_share", "non_digit_share", "page_share")
TITLES = {"augmentation": AUGMENTATIONS, "rebalancing": REBALANCING_METHODS}
NUMBERS: dict[str, Callable[..., str]] = {  # of each profile, in words
    "step": _step,
    "long-tail": lambda ratio: f"the last digit {ratio:g} times fewer than the first",
    "counts": lambda *numbers: ", ".join(f"{number:.0f}" for number in numbers),
}
HAS_NO_EFFECT: dict[str, Callable[[TrainingConfig], bool]] = {  # or only the usual one
    "weight_decay": lambda config: config.optimiser != "adamw",
    "loss": lambda config: REBALANCING_METHODS[config.rebalancing].loss is not None,
    "label_smoothing": lambda config: not config.label_smoothing,
    "averaging": lambda config: not config.averaging,
    "corrupted_share": lambda config: not config.corruption_families,
    "synthetic_digits": lambda config: not config.synthetic_digits,
    "own_digits": lambda config: not config.own_digits,
    "half_precision": lambda config: not config.half_precision,
    "start": lambda config: not config.start,
    "start_share": lambda config: not (config.start and config.start_share),
    "rebalancing": lambda config: config.imbalance == config.rebalancing == "none",
    "strength": lambda config: config.rebalancing == "none",
    "non_digit_share": lambda config: not config.non_digit_share,
    "page_share": lambda config: not config.page_share,
    "teacher": lambda config: not config.teacher,
    "distillation": lambda config: not config.teacher,
}
