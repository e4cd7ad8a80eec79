"""Batches of made crops with what the detector should answer, and the processes that make them.

A batch depends on the seed and the number of its step alone, however many processes make them, so
that a training that is resumed goes on exactly.
"""

import contextlib
import itertools
import multiprocessing
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

import cv2
import numpy as np

from mnist_core.data import Mnist
from mnist_core.errors import RunError
from mnist_core.pictures.contrast import local_contrast
from mnist_core.synthesis.pages import Mark, Page, Specimens, make_crop
from mnist_core.training.detection.targets import make_targets

SIZES = ((128, 320), (96, 416), (160, 256), (208, 192))  # height, width; one a batch, alike often
AHEAD = 4  # batches that each process makes ahead of their step
LAST_STEP = 2**62
MakeCrop = Callable[..., Page]  # as a CropMaker
Batch = tuple[np.ndarray, np.ndarray]


class CropMaker:
    """Makes crops of pages: those to learn from, and held-out ones.

    Parameters
    ----------
    mnist : whose training and validation digits stand on them
    """

    def __init__(self, mnist: Mnist) -> None:
        self.learned, self.held_out = (
            Specimens(split.images, split.labels) for split in (mnist.train, mnist.validation)
        )

    def __call__(
        self, rng: np.random.Generator, size: tuple[int, int], *, held_out: bool = False
    ) -> Page:
        """Make a crop of at most this height and width."""
        specimens = self.held_out if held_out else self.learned
        return make_crop(rng, size, specimens=specimens, held_out=held_out)


def make_example(
    make: MakeCrop, rng: np.random.Generator, size: tuple[int, int], *, held_out: bool = False
) -> tuple[np.ndarray, np.ndarray, tuple[Mark, ...]]:
    """Make a crop as the detector sees it.

    Colours become grey with random weights, because ink and paper come in any. A crop that is
    smaller is filled up to the right and below with 0, as the reader does.

    Returns
    -------
    local contrast float32 (h, w), the targets, and the marks of the crop
    """
    page = make(rng, size, held_out=held_out)
    weights = rng.dirichlet((2.0, 4.0, 1.0)).astype(np.float32)
    contrast = np.zeros(size, np.float32)
    seen = local_contrast(page.pixels.astype(np.float32) @ (weights / np.float32(255)))
    contrast[: seen.shape[0], : seen.shape[1]] = seen
    return contrast, make_targets(page.marks, size), page.marks


def make_batch(make: MakeCrop, seed: int, step: int, count: int) -> Batch:
    """Return the batch of a step.

    Returns
    -------
    local contrast float32 (count, h, w, 1) and targets float32 (count, h / 4, w / 4, 8)
    """
    size = SIZES[np.random.default_rng([seed, step]).integers(len(SIZES))]
    examples = [
        make_example(make, np.random.default_rng([seed, step, number]), size)[:2]
        for number in range(count)
    ]
    contrast, targets = (np.stack(part) for part in zip(*examples, strict=True))
    return contrast[..., None], targets


@contextlib.contextmanager
def batches(
    make: MakeCrop, seed: int, first: int, count: int, *, processes: int
) -> Iterator[Iterator[Batch]]:
    """Give the batches of the steps from `first` on, without end.

    Parameters
    ----------
    count : crops a batch
    processes : that make them; 0 makes them here

    Raises
    ------
    RunError : a process that makes them has died
    """
    if not processes:
        yield (make_batch(make, seed, step, count) for step in itertools.count(first))
        return
    context = multiprocessing.get_context("spawn")  # a fork would inherit TensorFlow's threads
    workers, queues = [], []
    for at in range(processes):
        receiver, sender = context.Pipe(duplex=False)
        steps = range(first + at, LAST_STEP, processes)
        worker = context.Process(target=_work, args=(make, seed, steps, count, sender), daemon=True)
        worker.start()
        sender.close()  # so that the end of the worker ends the pipe
        made: queue.Queue[Batch | None] = queue.Queue(AHEAD)
        threading.Thread(target=_receive, args=(receiver, made), daemon=True).start()
        workers.append(worker)
        queues.append(made)
    try:
        yield _taken_in_turn(queues)
    finally:
        for worker in workers:
            worker.kill()
            worker.join()


def _taken_in_turn(queues: "list[queue.Queue[Batch | None]]") -> Iterator[Batch]:
    for made in itertools.cycle(queues):
        batch = made.get()
        if batch is None:
            raise RunError(
                "A process that makes pages to learn from has ended; the log says why. Resume the "
                "training to go on."
            )
        yield batch


def _receive(receiver: Connection, made: "queue.Queue[Batch | None]") -> None:
    """Take what a worker sends, a few batches ahead, until it ends; then None."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            made.put(receiver.recv())
    made.put(None)


def _work(make: MakeCrop, seed: int, steps: range, count: int, sender: Connection) -> None:
    """Make batches in a process of its own, until nobody receives them any more."""
    for number in (signal.SIGINT, signal.SIGTERM):  # these may reach all; the parent decides
        signal.signal(number, signal.SIG_IGN)
    cv2.setNumThreads(1)
    with contextlib.suppress(BrokenPipeError):
        for step in steps:
            sender.send(make_batch(make, seed, step, count))
