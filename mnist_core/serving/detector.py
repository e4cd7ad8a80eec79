"""The detector of digits and separators, run by LiteRT, which many threads may share.

Nothing here imports TensorFlow.
"""

import threading
import time
import weakref
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnist_core.config import CELL, MARKS, OUTPUTS, STRIDE, UNIT, cpu_count
from mnist_core.errors import ModelError
from mnist_core.serving.cards import load_card, read_file
from mnist_core.workspace import WORKSPACE, Workspace

DETECTOR = "number-net"  # the model that finds digits, and the name of its architecture
THREADS = min(cpu_count(), 2)
# Interpreters that are kept for the next picture. Each takes 155 bytes a pixel of its input, so
# those of large pictures are made again each time, in less than 0.1 s.
MOST_KEPT = 12
MOST_PIXELS = 400_000  # of the inputs of all that are kept
IDLE = 30.0  # seconds without a picture of its size, after which an interpreter is let go
LARGEST_LOG = 5.0  # sides of 2,400 pixels; larger ones are no answer


@dataclass(frozen=True)
class Maps:
    """What the detector answers for each cell of CELL x CELL pixels.

    Attributes
    ----------
    objectness : float32 (h, w) in [0, 1], whether the centre of a mark lies here
    classes : float32 (h, w, len(MARKS)), probabilities of the kinds of marks, summing to 1
    boxes : float32 (h, w, 4), x, y, width and height of that mark, in pixels of the input
    """

    objectness: np.ndarray
    classes: np.ndarray
    boxes: np.ndarray


class Detector:
    """Finds marks with a `.tflite` model; safe to call from many threads at once.

    One picture is looked at at a time, by all processors: that is as fast as several side by side,
    and takes the memory of one.

    Parameters
    ----------
    model : content of a `.tflite` file, input (1, h, w, 1), output (1, h/4, w/4, 21); see
        `networks.number_net`

    Raises
    ------
    ValueError : it is the model of something else
    """

    def __init__(self, model: bytes) -> None:
        self._model = model
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self._free: list[_Opened] = []  # those used last come last
        opened = _Opened(model)
        shape = opened.output_shape
        if len(shape) != 4 or shape[-1] != OUTPUTS:
            raise ValueError(
                f"A detector gives {OUTPUTS} numbers a cell; this model's output is {shape}."
            )
        self._free.append(opened)
        _ALL.add(self)

    def maps(self, contrast: np.ndarray) -> Maps:
        """Return what the network answers for a picture.

        Parameters
        ----------
        contrast : float32 (h, w), see `pictures.contrast.local_contrast`; any size

        Raises
        ------
        ValueError : it is no array (h, w), or is empty
        """
        if contrast.ndim != 2 or not contrast.size:
            raise ValueError(f"Expected contrast of shape (h, w), received {contrast.shape}.")
        height, width = contrast.shape
        rows, columns = (-(-side // STRIDE) * STRIDE for side in (height, width))
        padded = np.zeros((rows, columns), np.float32)
        padded[:height, :width] = contrast
        with self._turn:
            opened = self._take((rows, columns))
            try:
                raw = opened.run(padded)
            finally:
                self._give(opened)
        return decode(raw[: -(-height // CELL), : -(-width // CELL)])

    def _take(self, size: tuple[int, int]) -> "_Opened":
        """Return an interpreter for this size, which nobody else uses."""
        with self._lock:
            for index in range(len(self._free) - 1, -1, -1):
                if self._free[index].size == size:
                    return self._free.pop(index)
        return _Opened(self._model)

    def _give(self, opened: "_Opened") -> None:
        """Keep an interpreter for the next picture of its size, instead of the oldest ones."""
        with self._lock:
            if opened.pixels > MOST_PIXELS:
                return
            opened.used = time.monotonic()
            self._free.append(opened)
            while (
                len(self._free) > MOST_KEPT or sum(one.pixels for one in self._free) > MOST_PIXELS
            ):
                self._free.pop(0)

    def forget_idle(self, seconds: float = IDLE) -> bool:
        """Let go of interpreters that nobody has needed for so long; return whether there were any.

        All that are kept take 60 MB. The next picture makes its own again, in less than 0.1 s.
        """
        with self._lock:
            before, now = len(self._free), time.monotonic()
            self._free = [one for one in self._free if now - one.used < seconds]
            return len(self._free) < before


_ALL: "weakref.WeakSet[Detector]" = weakref.WeakSet()


def forget_idle() -> bool:
    """Let go of what no detector of this process needs any more; return whether there was any."""
    forgotten = [detector.forget_idle() for detector in list(_ALL)]
    return any(forgotten)


class _Opened:
    """An interpreter and the size of its input; one thread at a time may use it."""

    def __init__(self, model: bytes) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_content=model, num_threads=THREADS)
        self._input = self._interpreter.get_input_details()[0]
        self._output = self._interpreter.get_output_details()[0]
        self.size = (0, 0)
        self.used = time.monotonic()

    @property
    def pixels(self) -> int:
        """Of its input."""
        return self.size[0] * self.size[1]

    @property
    def output_shape(self) -> tuple[int, ...]:
        return tuple(map(int, self._output["shape_signature"]))

    def run(self, picture: np.ndarray) -> np.ndarray:
        """Return the network's numbers, float32 (h/4, w/4, OUTPUTS)."""
        if self.size != picture.shape:
            self._interpreter.resize_tensor_input(self._input["index"], [1, *picture.shape, 1])
            self._interpreter.allocate_tensors()
            self.size = picture.shape
        self._interpreter.set_tensor(
            self._input["index"], _quantised(picture[None, ..., None], self._input)
        )
        self._interpreter.invoke()
        return _restored(self._interpreter.get_tensor(self._output["index"])[0], self._output)


def load_detector(name: str = DETECTOR, *, workspace: Workspace = WORKSPACE) -> Detector:
    """Open a detector of the models folder.

    Raises
    ------
    ModelError : there is no such model, its files are damaged, or LiteRT cannot run it
    """
    card = load_card(name, workspace=workspace)
    content = read_file(card, "model.tflite", workspace=workspace)
    try:
        return Detector(content)
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"LiteRT cannot run the detector {name!r}: {error}") from error


def find_detector(*, workspace: Workspace = WORKSPACE) -> Detector | None:
    """Open the detector of the models folder; None if the folder holds none.

    Raises
    ------
    ModelError : its files are damaged, or LiteRT cannot run it
    """
    if not (workspace.models / DETECTOR).is_dir():
        return None
    return load_detector(workspace=workspace)


def _quantised(values: np.ndarray, details: dict[str, Any]) -> np.ndarray:
    """Return numbers as the model's input has them: float32, or whole numbers that stand for it."""
    if details["dtype"] == np.float32:
        return values
    scale, zero = details["quantization"]
    limits = np.iinfo(details["dtype"])
    return np.clip(np.round(values / scale) + zero, limits.min, limits.max).astype(details["dtype"])


def _restored(values: np.ndarray, details: dict[str, Any]) -> np.ndarray:
    """Return the numbers of the model's output, float32."""
    if details["dtype"] == np.float32:
        return values
    scale, zero = details["quantization"]
    return (values.astype(np.float32) - zero) * np.float32(scale)


def decode(raw: np.ndarray) -> Maps:
    """Turn the network's numbers, float32 (h / 4, w / 4, 21), into probabilities and pixels."""
    objectness = 1 / (1 + np.exp(-np.clip(raw[..., 0], -60, 60)))
    logits = raw[..., 1 : 1 + len(MARKS)]
    classes = np.exp(logits - logits.max(axis=-1, keepdims=True))
    classes /= classes.sum(axis=-1, keepdims=True)
    rows, columns = objectness.shape
    sides = UNIT * np.exp(np.clip(raw[..., -2:], -LARGEST_LOG, LARGEST_LOG))
    boxes = np.empty((rows, columns, 4), np.float32)
    boxes[..., 0] = CELL * (np.arange(columns) + 0.5 + raw[..., -4]) - sides[..., 0] / 2
    boxes[..., 1] = CELL * (np.arange(rows)[:, None] + 0.5 + raw[..., -3]) - sides[..., 1] / 2
    boxes[..., 2:] = sides
    return Maps(objectness, classes, boxes)
