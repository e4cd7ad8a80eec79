"""LiteRT interpreters of a classifier, which many threads share."""

import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from mnist_core.config import CLASSES, IMAGE_SIZE, cpu_count

BATCH = 100  # as fast as larger ones, and an interpreter holds memory for a whole batch
WORKERS = min(cpu_count(), 4)  # a container often shows more cores than it may use

Pool = queue.LifoQueue[tuple[Any, int, list[int | None]]]  # (interpreter, input, outputs)


class Interpreters:
    """Runs a `.tflite` classifier; safe to call from many threads at once.

    An interpreter serves one caller at a time. There is one a worker for batches, made when the
    first comes, and one a worker for single images, so that a person who draws never waits for a
    batch of 10,000.

    Parameters
    ----------
    model : content of a `.tflite` file, input (n, 28, 28) float32. Its outputs are told apart by
        their widths
    """

    def __init__(self, model: bytes) -> None:
        self._single, self._widths = _interpreters(model, 1)
        self._model, self._lock = model, threading.Lock()
        self._batch: Pool | None = None
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="predictor")

    def __call__(
        self, images: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
        """Return the model's own outputs: ten numbers, one for "is it a digit", the features.

        Parameters
        ----------
        images : float32 (n, 28, 28) in [0, 1], white on black

        Returns
        -------
        float32 (n, 10), (n, 1) or None, and (n, k) or None, where the model lacks them
        """
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


def _interpreters(model: bytes, batch: int) -> tuple[Pool, tuple[int | None, ...]]:
    """Return a queue of interpreters, one a worker, for so many images each, and output widths.

    Outputs are those of `Interpreters`, None where the model lacks them.
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
