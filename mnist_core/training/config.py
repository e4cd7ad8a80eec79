"""Training settings, and the recipes that made the models we ship. Imports no TensorFlow."""

import json
from dataclasses import MISSING, dataclass, fields

from mnist_core import corruptions
from mnist_core.config import PRECISIONS, check_name, knows_bfloat16
from mnist_core.data import TRAIN_COUNTS, imbalance
from mnist_core.networks import zoo
from mnist_core.training import augmentation, rebalancing

OPTIMISERS = ("adam", "adamw", "sgd")
SCHEDULES = ("constant", "cosine")
LOSSES = ("categorical_crossentropy", "sparse_categorical_crossentropy")
LIMITS = {
    "epochs": (1, 2000),
    "batch_size": (1, 4096),
    "learning_rate": (1e-7, 10),
    "weight_decay": (0, 1),
    "label_smoothing": (0, 0.5),
    "averaging": (0, 0.99999),
    "made_up": (0, 500_000),
    "damaged": (0, 1),
    "share": (0.01, 1),
    "strength": (0, 3),
    "seed": (0, 2**32 - 1),
    "nondigits": (1, 100_000),
}


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """Everything that decides how a training goes; the same settings give the same run.

    Attributes
    ----------
    name : str, of the model to be
    architecture : a key of `zoo.ARCHITECTURES`
    epochs : int, times that all images are seen
    batch_size : int, images a step
    optimiser : "adam", "adamw" or "sgd"
    learning_rate : float, at its highest
    schedule : "constant", or "cosine" (a short warm-up, then falling to 0)
    weight_decay : float, for "adamw"
    loss : "categorical_crossentropy" or "sparse_categorical_crossentropy" (labels as numbers)
    label_smoothing : float in [0, 0.5], for categorical cross-entropy; share
        of each label that is spread over all ten digits
    averaging : float in [0, 1), momentum of the running average of the weights; 0 for none
    augmentation : a key of `augmentation.AUGMENTATIONS`
    damage : tuple of keys of `corruptions.FAMILIES`, in training
    damaged : float in [0, 1], share of the training images that such damage hits
    made_up : int, digits of `handwriting` that join the training images
    half_precision : bool, whether to compute in bfloat16 while training, which is fast where
        `config.knows_bfloat16()`; weights stay float32
    precision : "float32" or "int8", of the served model
    seed : int
    start : str, the model whose weights to begin with; empty for fresh ones
    share : float in [0.01, 1], share of MNIST's training images to learn from
    imbalance : str, how many of each digit to keep, see `imbalance`; "none" for all
    rebalance : a key of `rebalancing.REBALANCING_METHODS`
    strength : float in [0, 3], of that cure; 1 is usual
    nondigits : int, made-up pictures of what is no digit, to learn to reject such; not more are
        taken than there are digits to learn from
    """

    name: str
    architecture: str
    epochs: int = 10
    batch_size: int = 128
    optimiser: str = "adam"
    learning_rate: float = 1e-3
    schedule: str = "constant"
    weight_decay: float = 0.0
    loss: str = "categorical_crossentropy"
    label_smoothing: float = 0.0
    averaging: float = 0.0
    augmentation: str = "none"
    damage: tuple[str, ...] = ()
    damaged: float = 2 / 3
    made_up: int = 0
    half_precision: bool = False
    precision: str = "float32"
    seed: int = 0
    start: str = ""
    share: float = 1.0
    imbalance: str = "none"
    rebalance: str = "none"
    strength: float = 1.0
    nondigits: int = 4000

    def __post_init__(self):
        for setting, (low, high) in LIMITS.items():
            value = getattr(self, setting)
            if isinstance(value, int | float) and not low <= value <= high:
                raise ValueError(f"{setting} goes from {low:g} to {high:g}, received {value!r}.")
        for field in fields(self):
            _check_type(field, getattr(self, field.name))
        check_name(self.name)
        if self.start:
            check_name(self.start)
        object.__setattr__(self, "damage", tuple(self.damage))  # JSON knows lists alone
        choices = {
            "architecture": zoo.ARCHITECTURES,
            "optimiser": OPTIMISERS,
            "schedule": SCHEDULES,
            "loss": LOSSES,
            "augmentation": augmentation.AUGMENTATIONS,
            "precision": PRECISIONS,
            "rebalance": rebalancing.REBALANCING_METHODS,
        }
        for setting, allowed in choices.items():
            if getattr(self, setting) not in allowed:
                raise ValueError(
                    f"{setting} is one of {', '.join(allowed)}, received "
                    f"{getattr(self, setting)!r}."
                )
        for family in self.damage:
            if family not in corruptions.FAMILIES:
                raise ValueError(
                    f"damage is made of {', '.join(corruptions.FAMILIES)}, received {family!r}."
                )
        if self.label_smoothing and self.loss != "categorical_crossentropy":
            raise ValueError("label_smoothing needs loss categorical_crossentropy.")
        imbalance.make(self.imbalance, TRAIN_COUNTS)

    @classmethod
    def from_json(cls, text):
        """Read settings; those that did not exist when it was written take their defaults.

        Raises
        ------
        ValueError : not the settings of a training
        """
        stored = json.loads(text)
        if not isinstance(stored, dict):
            raise ValueError("The settings of a training are a table of names and values.")
        known = {field.name: field for field in fields(cls)}
        missing = [n for n, f in known.items() if f.default is MISSING and n not in stored]
        if missing:
            raise ValueError(f"The settings lack {', '.join(missing)}.")
        return cls(**{name: stored[name] for name in known.keys() & stored.keys()})


def _check_type(field, value):
    """Refuse a value of another kind than its setting, such as 2.5 epochs."""
    kinds = {
        int: (int, "a whole number"),
        float: ((int, float), "a number"),
        str: (str, "a text"),
        bool: (bool, "true or false"),
    }
    kind, words = kinds.get(field.type, ((list, tuple), "a list"))
    if not isinstance(value, kind) or (isinstance(value, bool) and field.type is not bool):
        raise ValueError(f"{field.name} has to be {words}, received {value!r}.")


RECIPES = {
    config.name: config
    for config in (
        TrainingConfig(
            name="digit-net",
            architecture="digit-net",
            epochs=1132,
            batch_size=512,
            optimiser="adamw",
            learning_rate=3e-3,
            schedule="cosine",
            weight_decay=0.02,
            label_smoothing=0.05,
            averaging=0.9998,
            augmentation="handwriting",
            damage=tuple(corruptions.FAMILIES),
            damaged=0.6,
            made_up=40_000,
            half_precision=knows_bfloat16(),
            precision="int8",
            nondigits=30_000,
        ),
        TrainingConfig(
            name="cnn-augmented", architecture="cnn-augmented", epochs=20, augmentation="affine"
        ),
        TrainingConfig(name="cnn-three", architecture="cnn-three"),
        TrainingConfig(name="lenet-two", architecture="lenet-two"),
        TrainingConfig(name="dense-five", architecture="dense-five", epochs=15),
        TrainingConfig(
            name="dense-sigmoid",
            architecture="dense-sigmoid",
            batch_size=32,
            loss="sparse_categorical_crossentropy",
        ),
    )
}
