"""Figures that come with a model, in a file beside its card: nobody has to measure them again.

They hold for the `.tflite` and the labels that they were measured on, and are passed over where
either is another one.
"""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from mnist_core import atomic
from mnist_core.corruptions import ALL_CORRUPTIONS, corrupt
from mnist_core.evaluation.in_flight import Measured
from mnist_core.evaluation.measurements import Point
from mnist_core.evaluation.robustness import CLEAN, SEVERITIES, Predict
from mnist_core.workspace import Workspace

FILE = "robustness.msgpack"
TENTHS = tuple(tenth / 10 for tenth in range(11))  # of the curve on the robustness page


class _Row(msgspec.Struct):
    corruption: str
    severity: float
    report: dict[str, Any]
    answers: bytes  # see `_packed`


class _Figures(msgspec.Struct):
    version: str  # SHA-256 of the .tflite
    labels: str  # SHA-256 of the labels
    rows: list[_Row]


class StoredFigures:
    """Finds figures of the models in some folders; reads the file of each model once.

    Parameters
    ----------
    labels : int (n,), of the images that they have to be measured on
    """

    def __init__(self, workspace: Workspace, labels: np.ndarray) -> None:
        self._workspace, self._labels = workspace, labels
        self._rows: dict[tuple[str, str], dict[tuple[str, float], _Row]] = {}

    def find(self, point: Point) -> Measured | None:
        """Return what is stored of a point; None if nothing is, or something else was measured."""
        if point.seed != 0:
            return None
        key = point.model, point.version
        if key not in self._rows:
            path = self._workspace.models / point.model / FILE
            self._rows[key] = _load(path, point.version, self._labels)
        row = self._rows[key].get((point.corruption, point.severity))
        if row is None:
            return None
        return Measured(_unpacked(row.answers, self._labels), row.report)


def conditions() -> list[tuple[str, float]]:
    """Return the corruptions and severities to store: what the robustness page opens with."""
    table = [(name, severity) for name in ALL_CORRUPTIONS for severity in SEVERITIES]
    curve = [(ALL_CORRUPTIONS[0], severity) for severity in TENTHS if severity]
    return [(CLEAN, 0.0), *dict.fromkeys(table + curve)]


def measure_figures(
    predictors: Mapping[str, Predict], images: np.ndarray, labels: np.ndarray
) -> Iterator[tuple[str, tuple[str, float], Measured]]:
    """Yield each model's figures in each of the `conditions`, seed 0.

    Parameters
    ----------
    predictors : {model name: predict}
    images, labels : as for `robustness.table_rows`
    """
    for corruption, severity in conditions():
        corrupted = corrupt(images, corruption, severity, seed=0) if severity else images
        for model, predict in predictors.items():
            measured = Measured.of(predict(corrupted), labels)
            yield model, (corruption, severity), measured


def store_figures(
    path: Path,
    version: str,
    labels: np.ndarray,
    found: Iterable[tuple[tuple[str, float], Measured]],
) -> None:
    """Write a model's figures.

    Parameters
    ----------
    path : of the file, FILE in the model's folder
    version : SHA-256 of the `.tflite` that was measured
    labels : int (n,), of the images

    Raises
    ------
    OSError : it cannot be written
    """
    rows = [
        _Row(corruption, severity, measured.report, _packed(measured.digits, labels))
        for (corruption, severity), measured in found
    ]
    atomic.write_bytes(path, msgspec.msgpack.encode(_Figures(version, _digest(labels), rows)))


def _load(path: Path, version: str, labels: np.ndarray) -> dict[tuple[str, float], _Row]:
    try:
        figures = msgspec.msgpack.decode(path.read_bytes(), type=_Figures)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}
    if figures.version != version or figures.labels != _digest(labels):
        return {}
    return {(row.corruption, row.severity): row for row in figures.rows}


def _digest(labels: np.ndarray) -> str:
    return hashlib.sha256(np.asarray(labels, np.uint8).tobytes()).hexdigest()


def _packed(digits: np.ndarray, labels: np.ndarray) -> bytes:
    """Return answers as their differences from the labels, most of which are 0, compressed."""
    differences = (digits.astype(np.int8) - labels.astype(np.int8)) % 10
    return zlib.compress(differences.tobytes(), 9)


def _unpacked(answers: bytes, labels: np.ndarray) -> np.ndarray:
    differences = np.frombuffer(zlib.decompress(answers), np.int8)
    return ((labels.astype(np.int8) + differences) % 10).astype(np.uint8)
