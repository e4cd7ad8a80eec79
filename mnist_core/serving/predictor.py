"""A LiteRT predictor that sessions share, and the rule for which answers are accepted.

Nothing here imports TensorFlow.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import overload

import numpy as np

from mnist_core.config import DEFAULT_MODEL
from mnist_core.errors import ModelError
from mnist_core.pixels import are_blank, check_images
from mnist_core.serving.adaptation.examples import Examples
from mnist_core.serving.adaptation.head import Head
from mnist_core.serving.cards import HEAD, REPLAY, Card, load_card, read_file
from mnist_core.serving.interpreters import Interpreters
from mnist_core.serving.probabilities import apply_temperature, sigmoid, to_probabilities
from mnist_core.workspace import WORKSPACE, Workspace

LARGEST_THRESHOLD = 0.4  # of `is_digit`; what looks more like a digit counts with every model


@dataclass(frozen=True)
class Prediction:
    """All that a model computes about a batch of images.

    Attributes
    ----------
    probabilities : float32 (n, 10), rows summing to 1
    is_digit : float32 (n,) in [0, 1], how much each image looks like a digit at all
    features : float32 (n, k), the input of the last layer
    untaught : float32 (n, 10), the probabilities before the model was taught; None if it was not
    """

    probabilities: np.ndarray
    is_digit: np.ndarray
    features: np.ndarray
    untaught: np.ndarray | None = None


class Predictor:
    """Classifies digits with a `.tflite` model; safe to call from many threads at once.

    Parameters
    ----------
    model : content of a `.tflite` file, input (n, 28, 28) float32. Its outputs, told apart by their
        widths, float32: ten numbers, one for "is it a digit", and the features. Where it has the
        first alone, the highest probability stands for how much an image looks like a digit.
    output : a key of TO_PROBABILITIES; what the model's ten numbers are
    temperature : above 0, see `apply_temperature`
    threshold : in [0, 1], the model's own, which accepts nearly all of its validation images
    head : what the model was taught after its training
    """

    def __init__(
        self,
        model: bytes,
        *,
        output: str = "softmax",
        temperature: float = 1.0,
        threshold: float = 0.0,
        head: Head | None = None,
    ) -> None:
        self.output, self.temperature, self.threshold = output, temperature, threshold
        self.head = head
        self._interpreters = Interpreters(model)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the probability of each digit.

        Parameters
        ----------
        images : float32 (n, 28, 28) in [0, 1], white on black

        Returns
        -------
        float32 (n, 10), rows summing to 1

        Raises
        ------
        ValueError : another shape, or pixels that are not numbers from 0 to 1
        """
        return self.predict_full(images).probabilities

    def predict_full(self, images: np.ndarray) -> Prediction:
        """Return all that the model computes about each image.

        Parameters
        ----------
        images : float32 (n, 28, 28) in [0, 1], white on black

        Raises
        ------
        ValueError : another shape, or pixels that are not numbers from 0 to 1
        """
        numbers, digitness, features = self.outputs(images)
        probabilities = to_probabilities(numbers, self.output)
        if self.temperature != 1:
            probabilities = apply_temperature(probabilities, self.temperature)
        if features is None:
            features = numbers
        untaught = None
        if self.head:
            untaught = probabilities
            probabilities = self.head.probabilities(untaught, features)
        if digitness is None:
            is_digit = probabilities.max(axis=1)
        else:
            score = digitness[:, 0]
            is_digit = sigmoid(self.head.digitness(score, features) if self.head else score)
        is_digit[are_blank(images)] = 0  # whatever the network answers
        return Prediction(probabilities, is_digit, features, untaught)

    def with_head(self, head: Head | None) -> "Predictor":
        """Return this predictor as it is once it was taught, or untaught; both share memory."""
        taught = copy.copy(self)
        taught.head = head
        return taught

    def taught(self, head: Head) -> "Predictor":
        """Return this predictor as it is once it was taught this on top of all before."""
        return self.with_head(head.after(self.head))

    def outputs(
        self, images: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
        """Return the model's own outputs: ten numbers, one for "is it a digit", the features.

        Returns
        -------
        float32 (n, 10), (n, 1) or None, and (n, k) or None, where the model lacks them
        """
        return self._interpreters(check_images(images))

    @property
    def rejection_threshold(self) -> float:
        """What `is_digit` must reach: the model's own threshold, but at most LARGEST_THRESHOLD.

        The app shifts it by the person's choice (`ui.threshold`); `read`, `predict` and `evaluate`
        take it as it is.
        """
        return min(self.threshold, LARGEST_THRESHOLD)


@overload
def is_accepted(is_digit: float, threshold: float) -> bool: ...
@overload
def is_accepted(is_digit: np.ndarray, threshold: float) -> np.ndarray: ...
def is_accepted(is_digit: float | np.ndarray, threshold: float) -> bool | np.ndarray:
    """Return whether images look enough like a digit to be accepted: the one rule for this.

    Parameters
    ----------
    is_digit : of one image or (n,), in [0, 1], see `Prediction`
    threshold : in [0, 1], the predictor's `rejection_threshold`, or as the person moved it

    Returns
    -------
    one truth value, or bool (n,)
    """
    accepted = is_digit >= threshold
    return accepted if isinstance(accepted, np.ndarray) else bool(accepted)


def load_predictor(name: str = DEFAULT_MODEL, *, workspace: Workspace = WORKSPACE) -> Predictor:
    """Open a model of the models folder for classifying digits.

    Raises
    ------
    ModelError : there is no such model, it is a detector, its files are damaged, or LiteRT cannot
        run it
    """
    card = load_card(name, workspace=workspace)
    if card.is_detector:
        raise ModelError(
            f"{name!r} finds digits on pages, and cannot classify one by itself: choose a "
            f"classifier, such as {DEFAULT_MODEL!r}."
        )
    return predictor_of(card, read_served(card, workspace=workspace))


def read_served(card: Card, *, workspace: Workspace = WORKSPACE) -> dict[str, bytes]:
    """Return the files that a classifier runs by, checked against its card.

    Raises
    ------
    ModelError : one is missing or damaged
    """
    names = [file for file in ("model.tflite", HEAD) if file in card.files]
    return {file: read_file(card, file, workspace=workspace) for file in names}


def predictor_of(card: Card, files: Mapping[str, bytes]) -> Predictor:
    """Return the predictor of a classifier from its card and what `read_served` returned.

    Raises
    ------
    ModelError : LiteRT cannot run it, or what it was taught cannot be read
    """
    head = Head.from_bytes(files[HEAD]) if HEAD in files else None
    try:
        return Predictor(
            files["model.tflite"],
            output=card.output,
            temperature=card.temperature,
            threshold=card.threshold,
            head=head,
        )
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"LiteRT cannot run the model {card.name!r}: {error}") from error


def load_replay(card: Card, *, workspace: Workspace = WORKSPACE) -> Examples:
    """Return what a model keeps of its training, without which it can be taught nothing.

    Raises
    ------
    ModelError : it keeps nothing, or its file is damaged
    """
    if REPLAY not in card.files:
        raise ModelError(
            f"The model {card.name!r} keeps nothing of its training, so that it would forget what "
            f"it knows: run `python -m mnist_core export --replay --model {card.name}` first."
        )
    return Examples.from_bytes(read_file(card, REPLAY, workspace=workspace))
