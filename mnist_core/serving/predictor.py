"""A LiteRT predictor that sessions share, and the rule for which answers are accepted.

Nothing here imports TensorFlow.
"""

import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

from mnist_core.config import CLASSES, DEFAULT_MODEL, IMAGE_SIZE, cpu_count
from mnist_core.errors import ModelError
from mnist_core.pixels import check_images
from mnist_core.serving.cards import Card, load_card, read_file
from mnist_core.serving.probabilities import apply_temperature, to_probabilities
from mnist_core.workspace import WORKSPACE, Workspace

BATCH = 25  # larger ones are no faster, and each interpreter holds memory for its whole batch
LEAST_CONTRAST = 0.02  # an image that varies less is blank, whatever a network answers
LARGEST_THRESHOLD = 0.4  # of `is_digit`; what looks more like a digit counts with every model
WORKERS = min(cpu_count(), 4)  # a container often shows more cores than it may use

Pool = queue.LifoQueue[tuple[Any, int, list[int | None]]]  # (interpreter, input, outputs)


@dataclass(frozen=True)
class Prediction:
    """All that a model computes about a batch of images.

    Attributes
    ----------
    probabilities : float32 (n, 10), rows summing to 1
    is_digit : float32 (n,) in [0, 1], how much each image looks like a digit at all
    features : float32 (n, k), the input of the last layer
    """

    probabilities: np.ndarray
    is_digit: np.ndarray
    features: np.ndarray


class Predictor:
    """Classifies digits with a `.tflite` model; safe to call from many threads at once.

    An interpreter serves one caller at a time. There is one a worker for batches, made when the
    first comes, and one a worker for single images, so that a person who draws never waits for a
    batch of 10,000.

    Parameters
    ----------
    model : content of a `.tflite` file, input (n, 28, 28) float32. Its outputs, told apart by their
        widths, float32: ten numbers, one for "is it a digit", and the features. Where it has the
        first alone, the highest probability stands for how much an image looks like a digit.
    output : a key of TO_PROBABILITIES; what the model's ten numbers are
    temperature : above 0, see `apply_temperature`
    threshold : in [0, 1], the model's own, which accepts nearly all of its validation images
    """

    def __init__(
        self,
        model: bytes,
        *,
        output: str = "softmax",
        temperature: float = 1.0,
        threshold: float = 0.0,
    ) -> None:
        self.output, self.temperature, self.threshold = output, temperature, threshold
        self._single, self._widths = _interpreters(model, 1)
        self._model, self._lock = model, threading.Lock()
        self._batch: Pool | None = None
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="predictor")

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
        is_digit = probabilities.max(axis=1) if digitness is None else _sigmoid(digitness[:, 0])
        is_digit[_blank(images)] = 0
        return Prediction(probabilities, is_digit, numbers if features is None else features)

    def outputs(
        self, images: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
        """Return the model's own outputs: ten numbers, one for "is it a digit", the features.

        Returns
        -------
        float32 (n, 10), (n, 1) or None, and (n, k) or None, where the model lacks them
        """
        images = check_images(images)
        whole = len(images) - len(images) % BATCH
        chunks = [images[i : i + BATCH] for i in range(0, whole, BATCH)]
        with self._lock:
            if chunks and not self._batch:
                self._batch, _ = _interpreters(self._model, BATCH)
            batch = self._batch or self._single
        outputs = list(self._threads.map(lambda chunk: _invoke(batch, chunk), chunks))
        outputs += [_invoke(self._single, image[None]) for image in images[whole:]]

        def joined(place: int, width: int) -> np.ndarray:
            return np.concatenate([np.empty((0, width), np.float32), *(o[place] for o in outputs)])

        _, one, features = self._widths
        return (
            joined(0, CLASSES),
            None if one is None else joined(1, one),
            None if features is None else joined(2, features),
        )

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
    return predictor_of(card, read_file(card, "model.tflite", workspace=workspace))


def predictor_of(card: Card, content: bytes) -> Predictor:
    """Return the predictor of a model whose card and `.tflite` were read before.

    Raises
    ------
    ModelError : LiteRT cannot run it
    """
    try:
        return Predictor(
            content,
            output=card.output,
            temperature=card.temperature,
            threshold=card.threshold,
        )
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"LiteRT cannot run the model {card.name!r}: {error}") from error


def _interpreters(model: bytes, batch: int) -> tuple[Pool, tuple[int | None, ...]]:
    """Return a queue of interpreters, one a worker, for so many images each, and output widths.

    Outputs are those of `Predictor.outputs`, None where the model lacks them.
    """
    from ai_edge_litert.interpreter import Interpreter

    pool: Pool = queue.LifoQueue()
    widths: tuple[int | None, ...] = ()
    for _ in range(WORKERS):
        interpreter = Interpreter(model_content=model, num_threads=1)
        source = interpreter.get_input_details()[0]["index"]
        interpreter.resize_tensor_input(source, [batch, IMAGE_SIZE, IMAGE_SIZE])
        interpreter.allocate_tensors()
        found = {int(o["shape"][-1]): o["index"] for o in interpreter.get_output_details()}
        features = next((width for width in found if width not in (CLASSES, 1)), None)
        widths = tuple(width if width in found else None for width in (CLASSES, 1, features))
        pool.put((interpreter, source, [None if w is None else found[w] for w in widths]))
    return pool, widths


def _invoke(pool: Pool, images: np.ndarray) -> list[Any]:
    interpreter, source, targets = opened = pool.get()
    try:
        interpreter.set_tensor(source, images)
        interpreter.invoke()
        return [None if t is None else interpreter.get_tensor(t) for t in targets]
    finally:
        pool.put(opened)


def _blank(images: np.ndarray) -> np.ndarray:
    """Return which images are of one grey all over; bool (n,)."""
    return np.ptp(np.asarray(images), axis=(1, 2)) < LEAST_CONTRAST


def _sigmoid(numbers: np.ndarray) -> np.ndarray:
    return (1 / (1 + np.exp(-np.clip(numbers, -60, 60)))).astype(np.float32)
