"""The models folder: cards, checksums, saving, listing. Opens no network."""

import hashlib
import json
import os
import shutil
import tempfile
import warnings
from dataclasses import asdict, replace
from pathlib import Path

from mnist_core.config import DEFAULT_MODEL, check_name
from mnist_core.errors import ModelError
from mnist_core.networks import ARCHITECTURES
from mnist_core.serving.cards import CARD, FILES, Card, load_card, read_file
from mnist_core.workspace import WORKSPACE, Workspace

__all__ = [
    "CARD",
    "FILES",
    "Card",
    "ModelError",
    "add_metrics",
    "delete_model",
    "is_shipped",
    "list_models",
    "load_card",
    "read_file",
    "rename_model",
    "save_model",
    "title_of",
]


def list_models(*, workspace: Workspace = WORKSPACE):
    """Return the cards of all models whose files are whole, the default first, then by name.

    A damaged model is left out with a warning.

    Returns
    -------
    list of Card
    """
    cards = []
    for path in sorted(workspace.models.glob(f"[a-z0-9]*/{CARD}")):
        try:
            card = load_card(path.parent.name, workspace=workspace)
            for file in FILES:
                read_file(card, file, workspace=workspace)
        except ModelError as error:
            warnings.warn(str(error), stacklevel=2)
        else:
            cards.append(card)
    return sorted(cards, key=lambda card: (card.name != DEFAULT_MODEL, card.name))


def save_model(card, contents, *, workspace: Workspace = WORKSPACE, replace=False):
    """Write a model's folder, which appears whole or not at all.

    While one is replaced, the name is missing for a moment.

    Parameters
    ----------
    card : Card; its `files` are filled in here
    contents : dict {"model.keras": bytes, "model.tflite": bytes}
    replace : bool, whether an existing model of that name may be replaced

    Returns
    -------
    Card, as stored

    Raises
    ------
    ModelError : the name is taken and `replace` is false
    ValueError : the name is not allowed
    OSError : the folder cannot be written
    """
    target = workspace.models / check_name(card.name)
    if target.exists() and not replace:
        raise ModelError(
            f"There is already a model {card.name!r}: choose another name, or replace it "
            "(`--replace` on the command line)."
        )
    workspace.models.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=workspace.models, prefix=f".{card.name}-"))
    try:
        files = {}
        for file in FILES:
            _write(folder / file, contents[file])
            digest = hashlib.sha256(contents[file]).hexdigest()
            files[file] = {"sha256": digest, "bytes": len(contents[file])}
        stored = Card(**{**asdict(card), "files": files})
        _write(folder / CARD, _text(stored))
        folder.chmod(0o755)
        _swap(folder, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return stored


def delete_model(name, *, workspace: Workspace = WORKSPACE):
    """Delete a model's folder, which vanishes as a whole.

    Parameters
    ----------
    name : str

    Raises
    ------
    ModelError : it is one of those that the project comes with, or there is no such model
    ValueError : the name is not allowed
    OSError : the folder cannot be deleted
    """
    folder = _own(name, workspace)
    if not folder.exists():
        raise ModelError(f"There is no model {name!r} in {workspace.models.name}.")
    gone = Path(tempfile.mkdtemp(dir=workspace.models, prefix=f".{name}-"))
    folder.replace(gone / name)
    shutil.rmtree(gone, ignore_errors=True)


def rename_model(name, new, *, workspace: Workspace = WORKSPACE):
    """Give a model another name, and the title that belongs to it.

    Parameters
    ----------
    name, new : str

    Returns
    -------
    Card, as stored

    Raises
    ------
    ModelError : it is one of those that the project comes with, there is no such model, it is
        damaged, or the new name is taken
    ValueError : a name is not allowed
    OSError : the folder cannot be written
    """
    _own(name, workspace)
    _own(new, workspace)
    card = load_card(name, workspace=workspace)
    contents = {file: read_file(card, file, workspace=workspace) for file in FILES}
    title = title_of(new) if card.title == title_of(name) else card.title
    training = {**card.training, "name": new}
    renamed = replace(card, name=new, title=title, training=training)
    stored = save_model(renamed, contents, workspace=workspace)
    delete_model(name, workspace=workspace)
    return stored


def is_shipped(name):
    """Whether a model is one of those that the project comes with, named as their networks are."""
    return name in ARCHITECTURES


def title_of(name):
    """Return a model's name in words: `cnn-three` is CNN Three."""
    return " ".join(_WORDS.get(word, word.capitalize()) for word in name.split("-"))


def add_metrics(name, found, *, workspace: Workspace = WORKSPACE):
    """Add measurements to a model's card.

    Parameters
    ----------
    name : str
    found : dict, {what was measured: dict}; replaces what the card says of the same

    Returns
    -------
    Card, as stored

    Raises
    ------
    ModelError : there is no such model, or its card is damaged
    OSError : the card cannot be written
    """
    card = load_card(name, workspace=workspace)
    stored = replace(card, metrics=card.metrics | found)
    path = workspace.models / name / CARD
    part = path.with_name(f".{CARD}.part")
    _write(part, _text(stored))
    part.replace(path)
    return stored


def _own(name, workspace: Workspace):
    """Return the folder of a model that people may change."""
    if is_shipped(name):
        raise ModelError(
            f"{name!r} is a model that the project comes with: it keeps its name and stays."
        )
    return workspace.models / check_name(name)


def _text(card):
    return (json.dumps(asdict(card), indent=1, ensure_ascii=False) + "\n").encode()


def _swap(folder, target):
    """Put a folder in the place of another; if that fails, the other is put back."""
    old = folder.with_name(f"{folder.name}-old")
    if target.exists():
        target.replace(old)
    try:
        folder.replace(target)
    except OSError:
        if old.exists():
            old.replace(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _write(path, content):
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


_WORDS = {"cnn": "CNN", "lenet": "LeNet"}
