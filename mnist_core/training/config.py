"""The settings of a training: their names, kinds, limits and choices. Imports no TensorFlow."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Annotated, Any

from msgspec import Meta

from mnist_core.config import PRECISIONS, check_name
from mnist_core.corruptions import FAMILIES
from mnist_core.data import TRAIN_COUNTS, imbalance
from mnist_core.errors import InvalidValueError
from mnist_core.networks import ARCHITECTURES, Architecture, Task
from mnist_core.training.augmentation import AUGMENTATIONS
from mnist_core.training.rebalancing import REBALANCING_METHODS
from mnist_core.training.settings import checked, setting_of

OPTIMISERS = ("adam", "adamw", "sgd")
SCHEDULES = ("constant", "cosine", "trapezoid")
# What applies to a task; whatever is not listed applies to classification alone.
DETECTION = (
    *("name", "architecture", "epochs", "batch_size", "learning_rate", "weight_decay"),
    *("averaging", "half_precision", "precision", "seed"),
)
LOSSES = ("categorical_crossentropy", "sparse_categorical_crossentropy")
_OF_CROSS_ENTROPY = (
    ("label_smoothing", "Label smoothing", "set label smoothing to 0"),
    ("teacher", "A teacher", "leave the teacher out"),
)
OLD_NAMES = {  # of settings, in runs, cards and commands from before version 0.2
    "damage": "corruption_families",
    "damaged": "corrupted_share",
    "made_up": "synthetic_digits",
    "rebalance": "rebalancing",
    "nondigits": "non_digits",
}


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """Everything that decides how a training goes; the same settings give the same run.

    Each field's `Meta` says what it is and what it may be. The options of the command line read all
    of that from SETTINGS, the training page only the limits: its widgets and words are its own, and
    a test checks that it has them for every field. None depends on the machine that reads it:
    `half_precision` is off in every recipe, because some processors are slower with it by far.

    Raises
    ------
    InvalidValueError : a value cannot be, or two do not go together; its `names` say which
    """

    name: Annotated[str, Meta(description="name of the model; default: the recipe's name")]
    architecture: Annotated[
        str,
        Meta(
            description="network to train; alone, it starts from its recipe as --recipe does",
            extra={"choices": ARCHITECTURES},
        ),
    ]
    epochs: Annotated[int, Meta(ge=1, le=2000, description="how often all images are seen")] = 10
    batch_size: Annotated[int, Meta(ge=1, le=4096, description="images per step")] = 128
    optimiser: Annotated[
        str, Meta(description="how the weights are changed", extra={"choices": OPTIMISERS})
    ] = "adam"
    learning_rate: Annotated[
        float, Meta(ge=1e-7, le=10, description="learning rate at its highest")
    ] = 1e-3
    schedule: Annotated[
        str,
        Meta(
            description="how the learning rate changes; cosine warms up briefly, then falls to 0; "
            "trapezoid stays high until the last quarter, so that a run can be prolonged",
            extra={"choices": SCHEDULES},
        ),
    ] = "constant"
    weight_decay: Annotated[
        float, Meta(ge=0, le=1, description="how much the weights shrink, for adamw")
    ] = 0.0
    loss: Annotated[str, Meta(description="which loss to minimise", extra={"choices": LOSSES})] = (
        "categorical_crossentropy"
    )
    label_smoothing: Annotated[
        float,
        Meta(
            ge=0,
            le=0.5,
            description="share of each label that is spread over all digits, for "
            "categorical_crossentropy",
        ),
    ] = 0.0
    averaging: Annotated[
        float,
        Meta(
            ge=0,
            le=0.99999,
            description="momentum of the running average of the weights; 0 for none",
        ),
    ] = 0.0
    augmentation: Annotated[
        str, Meta(description="how images are varied", extra={"choices": AUGMENTATIONS})
    ] = "none"
    corruption_families: Annotated[
        tuple[str, ...],
        Meta(
            description="families of corruptions to train with; none if no name follows",
            extra={"choices": FAMILIES},
        ),
    ] = ()
    corrupted_share: Annotated[
        float, Meta(ge=0, le=1, description="share of the training images that are corrupted")
    ] = 2 / 3
    synthetic_digits: Annotated[
        int, Meta(ge=0, le=500_000, description="synthetic digits that join the training images")
    ] = 0
    own_digits: Annotated[
        int,
        Meta(
            ge=0,
            le=5000,
            description="how many digits of one person's hand join the training images, each of "
            "them many times an epoch",
        ),
    ] = 0
    half_precision: Annotated[
        bool,
        Meta(
            description="compute in bfloat16 while training; ten times slower on processors "
            "without it; weights stay float32"
        ),
    ] = False
    precision: Annotated[
        str, Meta(description="precision of the served model", extra={"choices": PRECISIONS})
    ] = "float32"
    seed: Annotated[
        int, Meta(ge=0, le=2**32 - 1, description="controls all randomness: same seed, same run")
    ] = 0
    start: Annotated[
        str, Meta(description="begin with the weights of this model; empty for fresh ones")
    ] = ""
    start_share: Annotated[
        float,
        Meta(
            ge=0,
            le=0.9,
            description="share of the weights that it began with in those that are kept, where "
            "`start` names a model",
        ),
    ] = 0.0
    share: Annotated[
        float, Meta(ge=0.01, le=1, description="share of the training images to learn from")
    ] = 1.0
    imbalance: Annotated[str, Meta(description="how many of each digit to learn from")] = "none"
    rebalancing: Annotated[
        str,
        Meta(description="rebalancing method", extra={"choices": REBALANCING_METHODS}),
    ] = "none"
    strength: Annotated[
        float, Meta(ge=0, le=3, description="strength of the rebalancing method; 1 is usual")
    ] = 1.0
    non_digits: Annotated[
        int,
        Meta(
            ge=1,
            le=100_000,
            description="synthetic non-digits to learn to reject; never more than there are digits "
            "to learn from",
        ),
    ] = 4000
    non_digit_share: Annotated[
        float,
        Meta(
            ge=0,
            le=0.5,
            description="share of an epoch's images that are non-digits, which the network itself "
            "then learns to reject; at 0 a small head learns that after the training",
        ),
    ] = 0.0
    page_share: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            description="share of the synthetic digits and non-digits that are cut out of "
            "synthetic pages, as the reader cuts them",
        ),
    ] = 0.0
    teacher: Annotated[
        str, Meta(description="model whose probabilities are learned, too; empty for none")
    ] = ""
    distillation: Annotated[
        float, Meta(ge=0, le=1, description="how much the teacher counts beside the labels")
    ] = 0.5

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, checked(field, getattr(self, field.name)))
        _check_name("name", self.name)
        for setting in ("start", "teacher"):
            if getattr(self, setting):
                _check_name(setting, getattr(self, setting))
        for setting, words, instead in _OF_CROSS_ENTROPY:
            if getattr(self, setting) and self.loss != "categorical_crossentropy":
                raise InvalidValueError(
                    f"{words} works with the loss categorical cross-entropy alone: choose that, "
                    f"or {instead}.",
                    names=("loss", setting),
                )
        imbalance.wanted_counts(self.imbalance, TRAIN_COUNTS)
        for field in fields(self):
            if not self.applies(field.name) and getattr(self, field.name) != field.default:
                raise InvalidValueError(
                    f"{field.name} does not apply to {self.architecture}: leave it out.",
                    names=(field.name, "architecture"),
                )

    @property
    def task(self) -> Task:
        """What the network learns."""
        return ARCHITECTURES[self.architecture].task

    def applies(self, setting: str) -> bool:
        """Return whether a setting has a meaning for this network; if not, it has its default."""
        return self.task == "classification" or setting in DETECTION

    @classmethod
    def from_json(cls, text: str | bytes) -> "TrainingConfig":
        """Read settings as `from_dict` does.

        Raises
        ------
        InvalidValueError : not the settings of a training
        """
        try:
            return cls.from_dict(json.loads(text))
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidValueError(f"The settings are no readable JSON: {error}.") from error

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "TrainingConfig":
        """Read settings by name; those that did not exist when they were stored are the usual ones.

        Parameters
        ----------
        stored : by setting; old names are understood, unknown ones left out

        Raises
        ------
        InvalidValueError : not the settings of a training
        """
        if not isinstance(stored, Mapping):
            raise InvalidValueError("The settings of a training are a table of names and values.")
        stored = with_new_names(stored)
        missing = tuple(
            field.name
            for field in fields(cls)
            if field.default is MISSING and field.name not in stored
        )
        if missing:
            raise InvalidValueError(f"The settings lack {', '.join(missing)}.", names=missing)
        return cls(**{name: stored[name] for name in SETTINGS if name in stored})

    def to_dict(self) -> dict[str, Any]:
        """Return the settings that apply, by name, as JSON has them: lists for tuples."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if self.applies(name)
        }


def recipe_of(architecture: Architecture) -> TrainingConfig:
    """Return the settings that an architecture is usually trained with."""
    name = architecture.name
    return TrainingConfig(name=name, architecture=name, **architecture.recipe)


def with_new_names(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored settings under today's names; what has both keeps that of today's."""
    return {OLD_NAMES.get(name, name): value for name, value in stored.items()} | {
        name: value for name, value in stored.items() if name not in OLD_NAMES
    }


def _check_name(setting: str, name: str) -> None:
    try:
        check_name(name)
    except InvalidValueError as error:
        raise InvalidValueError(str(error), names=(setting,)) from error


SETTINGS = {field.name: setting_of(field) for field in fields(TrainingConfig)}
LIMITS = {name: setting.limits for name, setting in SETTINGS.items() if setting.limits}
RECIPES = {name: recipe_of(record) for name, record in ARCHITECTURES.items()}
