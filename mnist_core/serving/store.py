"""The models folder: cards, checksums, saving, listing. Opens no network."""

import dataclasses
import hashlib
import io
import json
import shutil
import tempfile
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mnist_core import atomic, permissions
from mnist_core.config import DEFAULT_MODEL, SHIPPED_DETECTORS, SHIPPED_MODELS, check_name
from mnist_core.errors import ModelError
from mnist_core.permissions import LOCAL, Person
from mnist_core.serving.cards import ALL_FILES, CARD, FILES, Card, load_card, read_file
from mnist_core.workspace import WORKSPACE, Workspace


def list_models(*, classifiers_only: bool = False, workspace: Workspace = WORKSPACE) -> list[Card]:
    """Return the cards of all models whose files are whole, the default first, then by name.

    A damaged model is left out with a warning.

    Parameters
    ----------
    classifiers_only : whether to leave detectors out
    """
    cards = []
    for path in sorted(workspace.models.glob(f"[a-z0-9]*/{CARD}")):
        try:
            card = load_card(path.parent.name, workspace=workspace)
            if card.is_detector and classifiers_only:
                continue
            for file in card.files:
                read_file(card, file, workspace=workspace)
        except ModelError as error:
            warnings.warn(str(error), stacklevel=2)
        else:
            cards.append(card)
    return sorted(cards, key=lambda card: (card.name != DEFAULT_MODEL, card.name))


def save_model(
    card: Card,
    contents: Mapping[str, bytes],
    *,
    workspace: Workspace = WORKSPACE,
    replace: bool = False,
    owned_as: Path | None = None,
    by: Person | None = None,
) -> Card:
    """Write a model's folder, which appears whole or not at all.

    While one is replaced, the name is missing for a moment.

    Parameters
    ----------
    card : its `files` are filled in here
    contents : of "model.keras", of "model.tflite", and of others of ALL_FILES that it has
    replace : whether an existing model of that name may be replaced
    owned_as : the folder whose owner the model belongs to, if it has one; by default the run of
        the model's name
    by : to whom the model belongs instead

    Returns
    -------
    as stored

    Raises
    ------
    ModelError : the name is taken and `replace` is false
    InvalidValueError : the name is not allowed
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
        stored = _with_files(card, contents)
        for file in stored.files:
            atomic.write_bytes(folder / file, contents[file], durable=True)
        atomic.write_bytes(folder / CARD, _text(stored), durable=True)
        if by:
            permissions.write_owner(folder, by)
        else:
            permissions.copy_owner(owned_as or workspace.runs / card.name, folder)
        folder.chmod(0o755)
        _swap(folder, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return stored


def pack_model(card: Card, contents: Mapping[str, bytes]) -> bytes:
    """Return a zip of a model's folder as `save_model` would write it; nothing is stored here.

    Parameters
    ----------
    card, contents : as of `save_model`

    Raises
    ------
    InvalidValueError : the name is not allowed
    """
    stored, packed = _with_files(card, contents), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in stored.files:
            archive.writestr(f"{check_name(card.name)}/{file}", contents[file])
        archive.writestr(f"{card.name}/{CARD}", _text(stored))
    return packed.getvalue()


def delete_model(name: str, *, workspace: Workspace = WORKSPACE, by: Person = LOCAL) -> None:
    """Delete a model's folder, which vanishes as a whole.

    Raises
    ------
    ModelError : it comes with the project, there is no such model, or this person may not
    InvalidValueError : the name is not allowed
    OSError : the folder cannot be deleted
    """
    folder = _own(name, workspace)
    _check_permission(by, folder)
    if not folder.exists():
        raise ModelError(f"There is no model {name!r} in {workspace.models.name}.")
    gone = Path(tempfile.mkdtemp(dir=workspace.models, prefix=f".{name}-"))
    folder.replace(gone / name)
    shutil.rmtree(gone, ignore_errors=True)


def rename_model(
    name: str, new: str, *, workspace: Workspace = WORKSPACE, by: Person = LOCAL
) -> Card:
    """Give a model another name, and the title that belongs to it.

    Returns
    -------
    as stored

    Raises
    ------
    ModelError : it comes with the project, there is no such model, it is
        damaged, the new name is taken, or this person may not
    InvalidValueError : a name is not allowed
    OSError : the folder cannot be written
    """
    _check_permission(by, _own(name, workspace))
    _own(new, workspace)
    card = load_card(name, workspace=workspace)
    contents = {file: read_file(card, file, workspace=workspace) for file in card.files}
    title = title_of(new) if card.title == title_of(name) else card.title
    training = {**card.training, "name": new}
    renamed = dataclasses.replace(card, name=new, title=title, training=training)
    stored = save_model(renamed, contents, workspace=workspace, owned_as=workspace.models / name)
    delete_model(name, workspace=workspace, by=by)
    return stored


def _check_permission(by: Person, folder: Path) -> None:
    """Raise ModelError unless a person may change the model in a folder."""
    if reason := permissions.refusal(by, [folder]):
        raise ModelError(reason)


def is_shipped(name: str) -> bool:
    """Return whether a model comes with the project: it can be neither renamed nor deleted."""
    return name in (*SHIPPED_MODELS, *SHIPPED_DETECTORS)


def title_of(name: str) -> str:
    """Return the title that goes on a model's card: `cnn-three` is CNN Three."""
    return " ".join(_WORDS.get(word, word.capitalize()) for word in name.split("-"))


def add_metrics(name: str, found: Mapping[str, Any], *, workspace: Workspace = WORKSPACE) -> Card:
    """Add measurements to a model's card.

    Parameters
    ----------
    found : by what was measured; replaces what the card says of the same

    Returns
    -------
    as stored

    Raises
    ------
    ModelError : there is no such model, or its card is damaged
    OSError : the card cannot be written
    """
    card = load_card(name, workspace=workspace)
    return _replace_card(dataclasses.replace(card, metrics={**card.metrics, **found}), workspace)


def add_file(name: str, file: str, content: bytes, *, workspace: Workspace = WORKSPACE) -> Card:
    """Add a file to a model, or replace one that it can do without; the rest stays as it is.

    Parameters
    ----------
    file : one of ALL_FILES

    Returns
    -------
    as stored

    Raises
    ------
    ModelError : there is no such model, or its card is damaged
    OSError : the folder cannot be written
    """
    card = load_card(name, workspace=workspace)
    listed = {**card.files, file: _listed(content)}
    files = {one: listed[one] for one in ALL_FILES if one in listed}
    atomic.write_bytes(workspace.models / name / file, content, durable=True)
    return _replace_card(dataclasses.replace(card, files=files), workspace)


def _replace_card(card: Card, workspace: Workspace) -> Card:
    """Write a model's card in the place of the one that it has; return it."""
    atomic.write_bytes(workspace.models / card.name / CARD, _text(card), durable=True)
    return card


def _own(name: str, workspace: Workspace) -> Path:
    """Return the folder of a model that people may change."""
    if is_shipped(name):
        raise ModelError(f"{name!r} comes with the project: it can be neither renamed nor deleted.")
    return workspace.models / check_name(name)


def _with_files(card: Card, contents: Mapping[str, bytes]) -> Card:
    """Return a card that lists the files of a model with their checksums."""
    present = [file for file in ALL_FILES if file in contents or file in FILES]
    return dataclasses.replace(card, files={file: _listed(contents[file]) for file in present})


def _listed(content: bytes) -> dict[str, Any]:
    """Return what a card says of a file."""
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _text(card: Card) -> bytes:
    return (json.dumps(dataclasses.asdict(card), indent=1, ensure_ascii=False) + "\n").encode()


def _swap(folder: Path, target: Path) -> None:
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


_WORDS = {"cnn": "CNN", "lenet": "LeNet"}
