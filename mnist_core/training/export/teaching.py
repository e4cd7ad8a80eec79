"""A model and labelled examples -> a taught copy, in the models folder or as a zip, measured again.

Imports no TensorFlow.
"""

import dataclasses
from datetime import UTC, datetime

import numpy as np

from mnist_core import serving
from mnist_core.config import CLASSES
from mnist_core.data import Mnist, Split
from mnist_core.evaluation import evaluate_selective
from mnist_core.permissions import Person
from mnist_core.pixels import to_float
from mnist_core.serving.adaptation import adapt, cross_validate, look_at
from mnist_core.workspace import WORKSPACE, Workspace


def store_taught(
    name: str,
    examples: Split,
    mnist: Mnist,
    *,
    source: str,
    model: str,
    workspace: Workspace = WORKSPACE,
    replace: bool = False,
    by: Person | None = None,
) -> serving.Card:
    """Teach a copy of a model, measure it on MNIST, and write it to the models folder.

    A model that was taught before keeps that: its earlier examples are part of its replay.

    Parameters
    ----------
    name : of the copy
    examples : at least one
    source : where the examples come from, for the card
    model : which model to teach
    replace : whether a model of that name may be replaced
    by : to whom the copy belongs; None for nobody

    Returns
    -------
    as stored

    Raises
    ------
    InvalidValueError : the examples or their labels are not such, or the name is not allowed
    ModelError : the model is missing, damaged, or keeps nothing of its training; or the name is
        taken and `replace` is false
    """
    copy, contents = _teach(name, examples, mnist, source, model, workspace)
    return serving.save_model(copy, contents, workspace=workspace, replace=replace, by=by)


def pack_taught(
    name: str,
    examples: Split,
    mnist: Mnist,
    *,
    source: str,
    model: str,
    workspace: Workspace = WORKSPACE,
) -> bytes:
    """Return what `store_taught` would write as a zip, and store nothing.

    Parameters and errors are those of `store_taught`.
    """
    return serving.pack_model(*_teach(name, examples, mnist, source, model, workspace))


def _teach(
    name: str, examples: Split, mnist: Mnist, source: str, model: str, workspace: Workspace
) -> tuple[serving.Card, dict[str, bytes]]:
    """Return the card of a taught copy of a model, and its files."""
    card = serving.load_card(model, workspace=workspace)
    predictor = serving.load_predictor(model, workspace=workspace)
    replay = serving.load_replay(card, workspace=workspace)
    seen = look_at(predictor, to_float(examples.images), examples.labels)
    # What a taught model learns comes on top of what it was taught: it starts from its own answers,
    # and is not held to those of before.
    shown, known = (these.answered_by(predictor.head) for these in (seen, replay))
    added = adapt(shown, known, threshold=predictor.rejection_threshold)
    head = added.after(predictor.head)
    taught = predictor.with_head(head)

    def measured(predict: serving.Predictor, split: Split) -> dict[str, object]:
        return evaluate_selective(predict, to_float(split.images), split.labels)

    before = card.taught or {"model": model, "data": [], "digits": [0] * CLASSES}
    counts = np.bincount(seen.labels, minlength=CLASSES) + before["digits"]
    correct = {
        "before": predictor(to_float(examples.images)).argmax(axis=1) == seen.labels,
        "held_out": cross_validate(shown, known).argmax(axis=1) == seen.labels,
    }
    copy = dataclasses.replace(
        card,
        name=name,
        title=serving.title_of(name),
        training=card.training | {"name": name},
        metrics={
            "validation": measured(taught, mnist.validation),
            "test": measured(taught, mnist.test),
        },
        taught={
            "model": before["model"],
            "data": [*before["data"], source],
            "examples": int(counts.sum()),
            "digits": counts.tolist(),
            "accuracy": {"n": len(seen)}
            | {when: float(values.mean()) for when, values in correct.items()},
            "test_accuracy_before": measured(predictor, mnist.test)["accuracy"],
        },
        date=datetime.now(UTC).date().isoformat(),
    )
    kept = [file for file in (*serving.FILES, serving.DIGIT_MAP) if file in card.files]
    contents = {file: serving.read_file(card, file, workspace=workspace) for file in kept}
    contents[serving.HEAD] = head.to_bytes()
    contents[serving.REPLAY] = (replay + seen).to_bytes()
    return copy, contents
