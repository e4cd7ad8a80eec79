"""A model's card, and its files checked against it."""

import hashlib
import json
from dataclasses import dataclass, field, fields

from mnist_core.config import check_name
from mnist_core.errors import ModelError
from mnist_core.workspace import WORKSPACE, Workspace

CARD = "card.json"
FILES = ("model.keras", "model.tflite")


@dataclass(frozen=True, kw_only=True)
class Card:
    """What is known about a trained model, stored as `card.json` beside its files.

    Attributes
    ----------
    name : str, also the folder's
    title, summary, source : str, for people
    architecture : a key of `networks.ARCHITECTURES`
    parameters : int
    trained_on : dict, the data, augmentation and damage that it saw
    training : dict, the TrainingConfig
    metrics : dict, {"validation": ..., "test": ...}, each with its number of images `n`; where
        they were measured, also "damaged" (by severity) and "unforeseen" (families of damage
        left out of training)
    output : "softmax", "sigmoid" or "logits", what the model's ten numbers are
    precision : "float32" or "int8", of `model.tflite`
    temperature, threshold : float, see `serving.Predictor`
    versions : dict, of the libraries that made it
    date : str, ISO 8601
    files : dict, {file name: {"sha256": ..., "bytes": ...}}
    layers : list of dict in order, {"kind": "Conv2D", "detail": what it is set to, "output": the
        shape for one image, "parameters": int}; empty on cards from before they were noted
    """

    name: str
    title: str
    summary: str
    architecture: str
    source: str
    parameters: int
    trained_on: dict
    training: dict
    metrics: dict
    output: str
    precision: str
    temperature: float
    threshold: float
    versions: dict
    date: str
    files: dict = field(default_factory=dict)
    layers: list = field(default_factory=list)


def load_card(name, *, workspace: Workspace = WORKSPACE):
    """Read a model's card.

    Parameters
    ----------
    name : str

    Returns
    -------
    Card

    Raises
    ------
    ModelError : the name is not allowed, there is no such model, or its card is damaged
    """
    try:
        path = workspace.models / check_name(name) / CARD
        stored = {"layers": [], **json.loads(path.read_text("utf-8"))}
        card = Card(**{f.name: stored[f.name] for f in fields(Card)})
        _check_types(card)
    except FileNotFoundError as error:
        raise ModelError(f"There is no model {name!r} in {workspace.models.name}.") from error
    except (OSError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise ModelError(f"The model {name!r} cannot be used: {error}") from error
    if card.name != name:
        raise ModelError(f"The card of the model {name!r} is that of {card.name!r}.")
    return card


def read_file(card, file, *, workspace: Workspace = WORKSPACE):
    """Return the bytes of a model's file, checked against the card.

    Parameters
    ----------
    card : Card
    file : "model.keras" or "model.tflite"

    Raises
    ------
    ModelError : the file is missing, or its sha256 is not the card's
    """
    path = workspace.models / card.name / file
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"The model {card.name!r} lacks {file} ({error}).") from error
    if hashlib.sha256(content).hexdigest() != card.files[file]["sha256"]:
        raise ModelError(
            f"{file} of the model {card.name!r} is damaged: it differs from what its card says. "
            "Train it again, or restore the folder."
        )
    return content


def _check_types(card):
    """Raise TypeError or KeyError unless a card read from a file can be relied on."""
    for attribute in fields(Card):
        wanted = (int, float) if attribute.type is float else attribute.type
        if not isinstance(getattr(card, attribute.name), wanted):
            raise TypeError(f"its {attribute.name} is no {attribute.type.__name__}")
    if set(card.files) != set(FILES):
        raise TypeError(f"it describes other files than {' and '.join(FILES)}")
    for file in card.files.values():
        if not isinstance(file["sha256"], str) or not isinstance(file["bytes"], int):
            raise TypeError("its files lack sha256 or bytes")
    test = card.metrics["test"]
    low, high = test["interval"]
    if not all(isinstance(number, int | float) for number in (test["accuracy"], low, high)):
        raise TypeError("its test accuracy is no number")
