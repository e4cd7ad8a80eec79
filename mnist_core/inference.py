"""Serving: a LiteRT predictor that sessions share. Nothing here imports TensorFlow."""

import queue
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from mnist_core import metrics, storage
from mnist_core.config import CLASSES, DEFAULT_MODEL, IMAGE_SIZE, MODELS_DIR, cpu_count
from mnist_core.data import check_images

BATCH = 25  # larger ones are no faster, and each interpreter holds memory for its whole batch
WORKERS = min(cpu_count(), 4)  # more cores than a container may use are often seen


class Predictor:
    """Reads digits with a `.tflite` model; safe to call from many threads at once.

    An interpreter serves one caller at a time. There is one a worker for batches, made when the
    first comes, and one a worker for single images, so that a person who draws never waits for a
    batch of 10,000.

    Parameters
    ----------
    model : bytes of a `.tflite` file, input (n, 28, 28) float32, output (n, 10) float32
    output : a key of TO_PROBABILITIES; what the model's ten numbers are
    temperature : float above 0, see `metrics.apply_temperature`
    threshold : float in [0, 1]; answers with a lower `is_digit` are not accepted
    """

    def __init__(self, model, *, output="softmax", temperature=1.0, threshold=0.0):
        self.output, self.temperature, self.threshold = output, temperature, threshold
        self._single = _interpreters(model, 1)
        self._model, self._batch, self._lock = model, None, threading.Lock()
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="predictor")

    def __call__(self, images):
        """Return the probability of each digit.

        Parameters
        ----------
        images : float32 array (n, 28, 28) in [0, 1], white on black

        Returns
        -------
        float32 array (n, 10), rows summing to 1

        Raises
        ------
        ValueError : another shape, or pixels that are not numbers from 0 to 1
        """
        probabilities = to_probabilities(self.outputs(images), self.output)
        if self.temperature != 1:
            probabilities = metrics.apply_temperature(probabilities, self.temperature)
        return probabilities

    def outputs(self, images):
        """Return the model's own ten numbers for each image, before they become probabilities."""
        images = check_images(images)
        whole = len(images) - len(images) % BATCH
        chunks = [images[i : i + BATCH] for i in range(0, whole, BATCH)]
        with self._lock:
            if chunks and not self._batch:
                self._batch = _interpreters(self._model, BATCH)
        batch = self._batch
        outputs = list(self._threads.map(lambda chunk: _invoke(batch, chunk), chunks))
        outputs += [_invoke(self._single, image[None]) for image in images[whole:]]
        return np.concatenate([np.empty((0, CLASSES), np.float32), *outputs])

    def is_digit(self, probabilities):
        """Return how much each image looks like a digit at all: its highest probability.

        Parameters
        ----------
        probabilities : float array (n, 10), as returned by calling the predictor

        Returns
        -------
        float array (n,) in [0, 1]

        Source: D. Hendrycks and K. Gimpel, "A baseline for detecting misclassified and
        out-of-distribution examples in neural networks", ICLR 2017.
        """
        return probabilities.max(axis=1)

    def accepts(self, probabilities):
        """Return where the answer is good enough to be given; bool array (n,)."""
        return self.is_digit(probabilities) >= self.threshold


def load_predictor(name=DEFAULT_MODEL, *, models_dir=MODELS_DIR):
    """Open a model of the models folder for reading digits.

    Parameters
    ----------
    name : str
    models_dir : Path

    Returns
    -------
    Predictor

    Raises
    ------
    storage.StorageError : there is no such model, its files are damaged, or LiteRT cannot run it
    """
    card = storage.load_card(name, models_dir=models_dir)
    content = storage.read_file(card, "model.tflite", models_dir=models_dir)
    try:
        return Predictor(
            content,
            output=card.output,
            temperature=card.temperature,
            threshold=card.threshold,
        )
    except (RuntimeError, ValueError) as error:
        raise storage.StorageError(f"LiteRT cannot run the model {name!r}: {error}") from error


def normalise(outputs):
    """Divide each row by its sum; ten zeros become ten tenths."""
    outputs = np.maximum(outputs, 1e-12)
    return outputs / outputs.sum(axis=1, keepdims=True)


def odds(outputs):
    """Turn sigmoid outputs s into odds s / (1 - s), and divide each row of these by its sum."""
    outputs = np.clip(outputs.astype(np.float64), 1e-12, 1 - 6e-8)
    return normalise(outputs / (1 - outputs)).astype(np.float32)


def to_probabilities(outputs, kind):
    """Turn a model's ten numbers into probabilities.

    Softmax outputs are probabilities but for rounding. Logits go through softmax. Sigmoid outputs
    are ten separate answers s that need not sum to 1: each becomes odds, s / (1 - s), and is
    divided by the sum of the ten odds. That is the softmax of the numbers before the sigmoid, and
    so what Keras's cross-entropies, which look behind a last sigmoid, trained the model to give.

    Parameters
    ----------
    outputs : float array (n, 10)
    kind : a key of TO_PROBABILITIES

    Returns
    -------
    float array (n, 10), rows summing to 1

    Raises
    ------
    ValueError : unknown kind
    """
    if kind not in TO_PROBABILITIES:
        raise ValueError(f"Outputs are one of {', '.join(TO_PROBABILITIES)}, received {kind!r}.")
    return TO_PROBABILITIES[kind](outputs)


def _interpreters(model, batch):
    """Return a queue of (interpreter, input, output), one a worker, for so many images each."""
    from ai_edge_litert.interpreter import Interpreter

    pool = queue.LifoQueue()
    for _ in range(WORKERS):
        interpreter = Interpreter(model_content=model, num_threads=1)
        source = interpreter.get_input_details()[0]["index"]
        interpreter.resize_tensor_input(source, [batch, IMAGE_SIZE, IMAGE_SIZE])
        interpreter.allocate_tensors()
        pool.put((interpreter, source, interpreter.get_output_details()[0]["index"]))
    return pool


def _invoke(pool, images):
    interpreter, source, target = opened = pool.get()
    try:
        interpreter.set_tensor(source, images)
        interpreter.invoke()
        return interpreter.get_tensor(target)
    finally:
        pool.put(opened)


TO_PROBABILITIES = {"softmax": normalise, "sigmoid": odds, "logits": metrics.softmax}
