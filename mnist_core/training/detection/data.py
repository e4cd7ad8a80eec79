"""Batches of made crops with what the detector should answer, and the processes that make them.

A batch depends on the seed and the number of its step alone, however many processes make them, so
that a training that is resumed goes on exactly.
"""

import contextlib
import functools
import itertools
import multiprocessing
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection

import cv2
import numpy as np

from mnist_core.data import Mnist
from mnist_core.errors import RunError
from mnist_core.pictures.contrast import local_contrast
from mnist_core.synthesis.pages import Mark, Page, Specimens, make_crop
from mnist_core.synthesis.pages.labels import CUT, SEEN, Box
from mnist_core.training.detection.targets import make_targets

SIZES = ((128, 320), (96, 416), (160, 256), (208, 192))  # height, width; one a batch, alike often
AHEAD = 4  # batches that each process makes ahead of their step
LAST_STEP = 2**62
SHOWN, ROUND = 2, 8  # how often a crop is shown, and batches that are made before it is again
INVERTED = 0.3  # share of the crops that are light on dark when they are shown again
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


@dataclass(frozen=True)
class Example:
    """A crop as the detector sees it, and what stands on it.

    Attributes
    ----------
    contrast : float32 (h, w), local contrast
    marks : with boxes in its pixels
    ignored : boxes of marks that the border cuts
    """

    contrast: np.ndarray
    marks: tuple[Mark, ...]
    ignored: tuple[Box, ...]

    @property
    def targets(self) -> np.ndarray:
        """What the detector should answer, as `make_targets` has it."""
        height, width = self.contrast.shape
        return make_targets(self.marks, (height, width), ignored=self.ignored)


def make_example(
    make: MakeCrop, rng: np.random.Generator, size: tuple[int, int], *, held_out: bool = False
) -> Example:
    """Make a crop as the detector sees it.

    Colours become grey with random weights, because ink and paper come in any. A crop that is
    smaller is filled up to the right and below with 0, as the reader does.

    Parameters
    ----------
    size : height and width in pixels
    """
    page = make(rng, size, held_out=held_out)
    weights = rng.dirichlet((2.0, 4.0, 1.0)).astype(np.float32)
    contrast = np.zeros(size, np.float32)
    seen = local_contrast(page.pixels.astype(np.float32) @ (weights / np.float32(255)))
    contrast[: seen.shape[0], : seen.shape[1]] = seen
    return Example(contrast, page.marks, page.ignored)


def vary(example: Example, rng: np.random.Generator) -> Example:
    """Return a crop in another size and place, with more noise, now and then light on dark.

    Making a crop takes as long as learning from it; varying it takes a tenth of that.
    """
    height, width = example.contrast.shape
    size, shape = np.exp(rng.uniform(-0.25, 0.25)), np.exp(rng.normal(0, 0.07))
    scale = np.array([size * shape, size / shape])
    middle = np.array([width, height]) / 2
    shift = middle - scale * middle + rng.uniform(-0.15, 0.15, 2) * [width, height]
    matrix = np.column_stack([np.diag(scale), shift]).astype(np.float32)
    contrast = cv2.warpAffine(example.contrast, matrix, (width, height))
    if rng.random() < INVERTED:
        contrast = -contrast
    contrast *= np.float32(rng.uniform(0.75, 1.2))
    noise = max(0.0, float(rng.uniform(-0.3, 0.35)))
    if noise:
        contrast += noise * rng.standard_normal(contrast.shape, np.float32)
    marks: list[Mark] = []
    ignored: list[Box] = []
    for mark in example.marks:
        box, seen = _moved(mark.box, scale, shift, (width, height))
        if seen >= SEEN:
            marks.append(Mark(mark.label, box, mark.line))
        elif seen >= CUT:
            ignored.append(box)
    cut = (_moved(box, scale, shift, (width, height)) for box in example.ignored)
    return Example(contrast, tuple(marks), (*ignored, *(box for box, seen in cut if seen > 0)))


def crops_of(step: int) -> tuple[int, int]:
    """Return which crops a step learns from, and how often they were shown before.

    They are shown as they are made, and varied ROUND steps later.
    """
    turn, place = divmod(step, ROUND * SHOWN)
    again, within = divmod(place, ROUND)
    return turn * ROUND + within, again


def batch_maker(make: MakeCrop, seed: int, count: int) -> Callable[[int], Batch]:
    """Return what makes the batch of a step.

    Returns
    -------
    step -> local contrast float32 (count, h, w, 1), targets float32 (count, h / 4, w / 4, 8)
    """

    @functools.lru_cache(ROUND)
    def made(number: int) -> list[Example]:
        size = SIZES[np.random.default_rng([seed, number]).integers(len(SIZES))]
        places = (np.random.default_rng([seed, number, place]) for place in range(count))
        return [make_example(make, rng, size) for rng in places]

    def batch(step: int) -> Batch:
        number, again = crops_of(step)
        examples = made(number)
        if again:
            rng = np.random.default_rng([seed, number, count, again])
            examples = [vary(example, rng) for example in examples]
        contrast = np.stack([example.contrast for example in examples])
        return contrast[..., None], np.stack([example.targets for example in examples])

    return batch


def _moved(
    box: Box, scale: np.ndarray, shift: np.ndarray, size: tuple[int, int]
) -> tuple[Box, float]:
    """Return where a box comes on a crop (width, height), and which share of it is seen there."""
    low = np.array(box[:2]) * scale + shift
    high = low + np.array(box[2:]) * scale
    start, end = np.maximum(low, 0), np.minimum(high, size)
    rest = np.maximum(end - start, 0)
    x, y, wide, tall = map(float, (*start, *rest))
    return (x, y, wide, tall), float((rest / np.maximum(high - low, 1e-6)).prod())


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
        yield map(batch_maker(make, seed, count), itertools.count(first))
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
    batch = batch_maker(make, seed, count)
    with contextlib.suppress(BrokenPipeError):
        for step in steps:
            sender.send(batch(step))
