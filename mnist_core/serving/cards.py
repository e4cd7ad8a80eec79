"""A model's card, and its files checked against it."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import msgspec

from mnist_core.config import check_name
from mnist_core.errors import InvalidValueError, ModelError, UnknownModelError
from mnist_core.workspace import WORKSPACE, Workspace

CARD = "card.json"
FILES = ("model.keras", "model.tflite")  # which every model has
REPLAY = "replay.npz"  # what it has learned from, in short: see `adaptation.Replay`
HEAD = "head.npz"  # what it was taught after its training: see `adaptation.Head`
DIGIT_MAP = "map.msgpack"  # where test digits lie by its features: see `digit_map.DigitMap`
ALL_FILES = (*FILES, REPLAY, HEAD, DIGIT_MAP)


@dataclass(frozen=True, kw_only=True)
class Card:
    """What is known about a trained model, stored as `card.json` beside its files.

    Attributes
    ----------
    name : also the folder's
    title, summary, source : for people; the title is the name in words
    architecture : a key of `networks.ARCHITECTURES`
    trained_on : the data, augmentation and corruptions that the model saw
    training : the TrainingConfig, and `epochs_done`
    metrics : {"validation": ..., "test": ...}, each with its number of images `n`; where they were
        measured, also "damaged" (accuracy on corrupted images, by severity) and "unforeseen"
        (families of corruptions that training left out)
    output : "softmax", "sigmoid" or "logits", what a classifier's ten numbers are; "marks" of a
        detector
    precision : "float32" or "int8", of `model.tflite`
    temperature, threshold : see `serving.Predictor`
    versions : of the libraries that made it
    date : ISO 8601
    files : {file name: {"sha256": ..., "bytes": ...}}
    taught : what it was taught after its training, as `training.export.store_taught` notes it: the
        `model` that it began as, where the examples come from (`data`), how many `examples` and
        `digits` of each class; of the last ones the `accuracy`, `before` and once it was taught
        the others alone (`held_out`). Empty for a model as it was trained
    layers : in order, {"kind": "Conv2D", "detail": what it is set to, "output": the shape for one
        image, "parameters": number of weights}; empty on cards from before they were noted
    """

    name: str
    title: str
    summary: str
    architecture: str
    source: str
    parameters: int
    trained_on: dict[str, Any]
    training: dict[str, Any]
    metrics: dict[str, Any]
    output: str
    precision: str
    temperature: float
    threshold: float
    versions: dict[str, Any]
    date: str
    files: dict[str, Any] = field(default_factory=dict)
    layers: list[Any] = field(default_factory=list)
    taught: dict[str, Any] = field(default_factory=dict)

    @property
    def is_detector(self) -> bool:
        """Whether the model finds marks on pages; if not, it classifies images of one digit."""
        return self.output == "marks"

    @property
    def n_taught(self) -> int:
        """How many digits it was taught after its training: the last ones of its replay."""
        return self.taught.get("examples", 0)

    @property
    def version(self) -> str:
        """The checksums of the files that it runs by: another version answers differently."""
        return "-".join(self.files[f]["sha256"] for f in ("model.tflite", HEAD) if f in self.files)


class _File(msgspec.Struct):
    sha256: str
    bytes: Annotated[int, msgspec.Meta(ge=0, lt=2**40)]


_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class _Score(msgspec.Struct):
    accuracy: _Share
    interval: tuple[_Share, _Share]


class _Metrics(msgspec.Struct):
    test: _Score


class _Taught(msgspec.Struct, frozen=True):
    examples: Annotated[int, msgspec.Meta(ge=0, lt=2**40)] = 0


class _Needed(msgspec.Struct):
    """What all that read cards rely on, deeper than the fields of Card."""

    files: dict[str, _File]
    metrics: _Metrics
    output: Literal["softmax", "sigmoid", "logits", "marks"]
    temperature: Annotated[float, msgspec.Meta(gt=0, lt=1e6)]
    threshold: _Share
    taught: _Taught = _Taught()


def load_card(name: str, *, workspace: Workspace = WORKSPACE) -> Card:
    """Read a model's card; keys that it has beyond those of Card are left out.

    Raises
    ------
    UnknownModelError : the name is not allowed, or there is no such model
    ModelError : its card is damaged
    """
    try:
        path = workspace.models / check_name(name) / CARD
        card = _checked(json.loads(path.read_text("utf-8")))
    except FileNotFoundError as error:
        raise UnknownModelError(
            f"There is no model {name!r} in {workspace.models.name}."
        ) from error
    except InvalidValueError as error:
        raise UnknownModelError(f"The model {name!r} cannot be used: {error}") from error
    except OSError as error:
        raise ModelError(f"The model {name!r} cannot be used: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:  # of JSON, of UTF-8 and of msgspec
        raise ModelError(
            f"The model {name!r} cannot be used, because its {CARD} is damaged ({error}). Train it "
            "again, or restore the folder."
        ) from error
    if card.name != name:
        raise ModelError(f"The card of the model {name!r} is that of {card.name!r}.")
    return card


def read_file(card: Card, file: str, *, workspace: Workspace = WORKSPACE) -> bytes:
    """Return the bytes of a model's file, checked against the card.

    Parameters
    ----------
    file : one of ALL_FILES

    Raises
    ------
    ModelError : the card does not list the file, it is missing, or its sha256 is not the card's
    """
    if file not in card.files:
        raise ModelError(f"The model {card.name!r} has no {file}.")
    path = workspace.models / card.name / file
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"The model {card.name!r} lacks {file} ({error.strerror}).") from error
    if hashlib.sha256(content).hexdigest() != card.files[file]["sha256"]:
        raise ModelError(
            f"{file} of the model {card.name!r} is damaged: it differs from what its card says. "
            "Train it again, or restore the folder."
        )
    return content


def check_untaught(card: Card) -> None:
    """Raise ModelError if a model was taught something after its training."""
    if HEAD in card.files:
        raise ModelError(
            f"{card.name!r} was taught handwriting after its training. Export the model that it "
            f"began as, {card.taught.get('model', 'which is unknown')!r}, and teach that again."
        )


def _checked(stored: object) -> Card:
    """Return a card read from a file, or raise ValueError if it cannot be relied on."""
    card = msgspec.convert(stored, Card)
    msgspec.convert(stored, _Needed)
    if not set(FILES) <= set(card.files) <= set(ALL_FILES):
        raise ValueError(f"it describes other files than {', '.join(ALL_FILES)}")
    return card
