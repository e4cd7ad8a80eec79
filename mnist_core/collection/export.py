"""Drawings as files: arrays to train on, or everything as JSON."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from mnist_core import atomic
from mnist_core.collection.drawing import Drawing
from mnist_core.config import IMAGE_SIZE

Arrays = dict[str, np.ndarray]


def to_arrays(drawings: Iterable[Drawing]) -> Arrays:
    """Return what an `.npz` holds, as `evaluate --data` and `adapt` read it.

    Returns
    -------
    `x` uint8 (n, 28, 28) and `y` uint8 (n,)
    """
    found = [(drawing.image, drawing.label) for drawing in drawings]
    images = np.array([image for image, _ in found], np.uint8)
    return {
        "x": images.reshape(-1, IMAGE_SIZE, IMAGE_SIZE),
        "y": np.array([label for _, label in found], np.uint8),
    }


def write_npz(drawings: Iterable[Drawing], path: Path) -> int:
    """Write images and labels; return how many."""
    arrays = to_arrays(drawings)
    with atomic.replacing(path) as part, part.open("wb") as file:
        np.savez_compressed(file, x=arrays["x"], y=arrays["y"])
    return len(arrays["y"])


def write_json(drawings: Iterable[Drawing], path: Path) -> int:
    """Write one JSON object a line, with all that is known of a drawing; return how many."""
    count = 0
    with atomic.replacing(path) as part, part.open("w", encoding="utf-8") as file:
        for drawing in drawings:
            row = {
                "key": drawing.key,
                "label": drawing.label,
                "image": np.asarray(drawing.image).tolist(),
                "strokes": [np.asarray(stroke).tolist() for stroke in drawing.strokes],
                "model": drawing.model,
                "answer": drawing.answer,
                "confidence": drawing.confidence,
                "given_at": drawing.given_at.isoformat(),
            }
            file.write(json.dumps(row) + "\n")
            count += 1
    return count


# By the end of the file's name.
EXPORTS: dict[str, Callable[[Iterable[Drawing], Path], int]] = {
    ".npz": write_npz,
    ".json": write_json,
}
