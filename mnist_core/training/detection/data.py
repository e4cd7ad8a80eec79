"""Batches of made crops with what the detector should answer, and the processes that make them.

A batch depends on the seed and the number of its step alone, however many processes make them, so
that a training that is resumed goes on exactly.
"""

import contextlib
import multiprocessing
import os
import queue
import signal
from collections.abc import Callable, Iterator
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from typing import Any

import cv2
import numpy as np

from mnist_core.errors import RunError
from mnist_core.pictures.contrast import local_contrast
from mnist_core.training.detection.targets import make_targets

SIZES = ((128, 320), (96, 416), (160, 256), (208, 192))  # height, width; one a batch, alike often
AHEAD = 4  # batches that each process makes before they are asked for
WAIT = 1.0  # seconds between two looks at whether the other side still lives
MakeCrop = Callable[..., Any]  # (rng, size, *, held_out) -> a page of pixels and marks
Batch = tuple[np.ndarray, np.ndarray]


def make_example(
    make_crop: MakeCrop, rng: np.random.Generator, size: tuple[int, int], *, held_out: bool = False
) -> tuple[np.ndarray, np.ndarray, Any]:
    """Make a crop as the detector sees it.

    Colours become grey with random weights, because ink and paper come in any.

    Returns
    -------
    local contrast float32 (h, w), the targets, and the marks of the crop
    """
    page = make_crop(rng, size, held_out=held_out)
    weights = rng.dirichlet((2.0, 4.0, 1.0)).astype(np.float32)
    grey = page.pixels.astype(np.float32) @ (weights / 255)
    return local_contrast(grey), make_targets(page.marks, size), page.marks


def make_batch(make_crop: MakeCrop, seed: int, step: int, count: int) -> Batch:
    """Return the batch of a step.

    Returns
    -------
    local contrast float32 (count, h, w, 1) and targets float32 (count, h / 4, w / 4, 8)
    """
    size = SIZES[np.random.default_rng([seed, step]).integers(len(SIZES))]
    examples = [
        make_example(make_crop, np.random.default_rng([seed, step, number]), size)[:2]
        for number in range(count)
    ]
    contrast, targets = (np.stack(part) for part in zip(*examples, strict=True))
    return contrast[..., None], targets


@contextlib.contextmanager
def batches(
    make_crop: MakeCrop, seed: int, first: int, count: int, *, processes: int
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
        steps = iter(range(first, 2**62))
        yield (make_batch(make_crop, seed, step, count) for step in steps)
        return
    context = multiprocessing.get_context("spawn")  # a fork would inherit TensorFlow's threads
    stop = context.Event()
    queues = [context.Queue(AHEAD) for _ in range(processes)]
    workers = [
        context.Process(
            target=_work,
            args=(make_crop, seed, range(first + at, 2**62, processes), count, queues[at], stop),
            daemon=True,
        )
        for at in range(processes)
    ]
    for worker in workers:
        worker.start()
    try:
        yield _taken_in_turn(queues, workers)
    finally:
        stop.set()
        for worker, made in zip(workers, queues, strict=True):
            made.cancel_join_thread()
            worker.join(WAIT)
            if worker.is_alive():
                worker.terminate()
                worker.join()


def _taken_in_turn(queues: list[Any], workers: list[Any]) -> Iterator[Batch]:
    step = 0
    while True:
        at = step % len(queues)
        try:
            made = queues[at].get(timeout=WAIT)
        except queue.Empty:
            if not workers[at].is_alive():
                raise RunError(
                    f"The process that makes pages has ended with exit code {workers[at].exitcode};"
                    " its log is above. Resume the training."
                ) from None
            continue
        yield made
        step += 1


def _work(
    make_crop: MakeCrop, seed: int, steps: range, count: int, made: Queue, stop: Event
) -> None:
    """Make batches in a process of its own, until it is told to stop or its parent has died."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    cv2.setNumThreads(1)
    parent = os.getppid()
    made.cancel_join_thread()
    for step in steps:
        batch = make_batch(make_crop, seed, step, count)
        while True:
            if stop.is_set() or os.getppid() != parent:
                return
            try:
                made.put(batch, timeout=WAIT)
                break
            except queue.Full:
                continue
