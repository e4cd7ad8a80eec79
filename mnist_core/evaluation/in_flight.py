"""A measurement under way, which all who want it do together: each part is measured once."""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnist_core.evaluation import metrics


@dataclass(frozen=True)
class Measured:
    """The answer to every image, and what `metrics.summarise` makes of them."""

    digits: np.ndarray  # uint8 (n,)
    report: dict[str, Any]

    @classmethod
    def of(cls, probabilities: np.ndarray, labels: np.ndarray) -> "Measured":
        """Return what there is to keep of predictions, float (n, 10), for labels, int (n,)."""
        report = metrics.summarise(probabilities, labels)
        return cls(probabilities.argmax(axis=1).astype(np.uint8), report)


class InFlight:
    """A measurement that several threads wait for; the first that is free measures the next part.

    So it goes on when one of them leaves, and none of them does what another one does.

    Parameters
    ----------
    measure : returns probabilities (m, 10), part by part
    labels : int (n,), of the images that `measure` predicts
    """

    def __init__(self, measure: Callable[[], Iterable[np.ndarray]], labels: np.ndarray) -> None:
        self._measure, self._labels = measure, labels
        self._turn = threading.Lock()
        self._error: Exception | None = None
        self.result: Measured | None = None
        self.waiting = 0  # how many threads wait for it; counted by the owner, under its lock
        self._begin()

    def advance(self) -> Measured | None:
        """Measure the next part, or wait for the thread that does; return the result at the end.

        Raises
        ------
        Exception : the measurement's own, for all that wait for it
        """
        before = self.done
        with self._turn:
            if self._error:
                raise self._error
            if not self.result and self.done == before:
                self._measure_part()
            return self.result

    def _begin(self) -> None:
        self._source: Iterator[np.ndarray] | None = None
        self._parts: list[np.ndarray] = []
        self.done = self.correct = 0  # images so far, and how many were classified correctly

    def _measure_part(self) -> None:
        try:
            self._source = self._source or iter(self._measure())
            part = next(self._source, None)
        except Exception as error:
            self._error = error
            raise
        except BaseException:  # Streamlit stops this visitor's page: the others begin again
            self._begin()
            raise
        if part is None:
            self.result = Measured.of(np.concatenate(self._parts), self._labels)
            return
        labels = self._labels[self.done : self.done + len(part)]
        self._parts.append(part)
        self.done += len(part)
        self.correct += int((part.argmax(axis=1) == labels).sum())
