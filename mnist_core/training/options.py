"""A training as a command line: an option for every setting of a TrainingConfig."""

import inspect
from argparse import BooleanOptionalAction
from dataclasses import dataclass, fields

from mnist_core.corruptions import FAMILIES
from mnist_core.data.imbalance import PROFILES
from mnist_core.networks import zoo
from mnist_core.training.augmentation import AUGMENTATIONS
from mnist_core.training.config import (
    LOSSES,
    OPTIMISERS,
    PRECISIONS,
    RECIPES,
    SCHEDULES,
    TrainingConfig,
)
from mnist_core.training.rebalancing import REBALANCING_METHODS


@dataclass(frozen=True)
class Option:
    """How a setting is given on the command line.

    Attributes
    ----------
    help : str
    choices : what it may be, None for all values of its type
    flag : str, where it is not the setting's own name
    """

    help: str
    choices: object = None
    flag: str = ""


def add_options(parser):
    """Give an argparse parser an option for each setting; it is None where it is left out."""
    for field in fields(TrainingConfig):
        option = OPTIONS[field.name]
        kind = {"type": field.type, "choices": option.choices}
        if field.type is bool:
            kind = {"action": BooleanOptionalAction}
        elif field.type is not str and field.type not in (int, float):
            kind = {"nargs": "*", "choices": option.choices, "metavar": "FAMILY"}
        parser.add_argument(
            flag(field.name), dest=field.name, default=None, help=option.help, **kind
        )


def given(options):
    """Return the settings that a command line names, as a dict."""
    found = {field.name: getattr(options, field.name) for field in fields(TrainingConfig)}
    return {name: value for name, value in found.items() if value is not None}


def command(config):
    """Return the command that trains with these settings, as a list of words.

    It names what differs from the recipe of the architecture, so that people can read it.

    Parameters
    ----------
    config : TrainingConfig

    Returns
    -------
    list of str
    """
    recipe = RECIPES[config.architecture]
    words = ["python", "-m", "mnist_core", "train"]
    words += [flag("architecture"), config.architecture, flag("name"), config.name]
    for field in fields(config):
        value = getattr(config, field.name)
        if field.name == "name" or value == getattr(recipe, field.name):
            continue
        if field.type is bool:
            words.append(flag(field.name) if value else flag(field.name, negated=True))
        elif isinstance(value, tuple):
            words += [flag(field.name), *value]
        else:
            words += [flag(field.name), str(value)]
    return words


def flag(setting, *, negated=False):
    """Return the option of a setting, such as `--batch-size`."""
    own = OPTIONS[setting].flag or setting
    return f"--{'no-' if negated else ''}{own.replace('_', '-')}"


def _profiles():
    """Describe how imbalance is written: each profile with its usual numbers."""
    words = []
    for name, profile in PROFILES.items():
        parameters = list(inspect.signature(profile).parameters.values())[1:]
        numbers = [
            f":{parameter.default:g}"
            for parameter in parameters
            if parameter.default is not parameter.empty
        ]
        words.append(name + ("".join(numbers) if numbers or not parameters else ":N,N,..."))
    return ", ".join(words)


OPTIONS = {
    "name": Option("what to call the model; the recipe's name if left out"),
    "architecture": Option("which network", zoo.ARCHITECTURES, flag="arch"),
    "epochs": Option("how often all images are seen"),
    "batch_size": Option("images a step"),
    "optimiser": Option("how the weights are changed", OPTIMISERS),
    "learning_rate": Option("at its highest"),
    "schedule": Option("how the learning rate changes", SCHEDULES),
    "weight_decay": Option("for adamw: how much the weights shrink"),
    "loss": Option("what is made small", LOSSES),
    "label_smoothing": Option("share of each label that is spread over all digits"),
    "averaging": Option("momentum of the running average of the weights; 0 for none"),
    "augmentation": Option(
        f"how images are varied: {', '.join(AUGMENTATIONS)}",
        AUGMENTATIONS,
    ),
    "damage": Option(
        f"families of damage to train with: {', '.join(FAMILIES)}; none at all if no name follows",
        FAMILIES,
    ),
    "damaged": Option("share of the images that such damage hits"),
    "made_up": Option("made-up digits that join the images"),
    "half_precision": Option("compute in bfloat16 while training"),
    "precision": Option("of the served model", PRECISIONS),
    "seed": Option("the same seed gives the same run"),
    "start": Option("begin with the weights of this model"),
    "share": Option("share of the training images to learn from"),
    "imbalance": Option(
        f"how many of each digit to learn from: {_profiles()}; the numbers may be left out, but "
        "for those of counts, one a digit"
    ),
    "rebalance": Option(
        f"cure for imbalance: {', '.join(REBALANCING_METHODS)}",
        REBALANCING_METHODS,
    ),
    "strength": Option("of that cure; 1 is usual"),
    "nondigits": Option("made-up pictures of what is no digit, to learn to reject such"),
}
