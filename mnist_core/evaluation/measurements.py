"""Accuracy under damage, measured once for all sessions: a cache and one background worker."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from mnist_core.evaluation import metrics
from mnist_core.evaluation.robustness import CLEAN

LIMIT = 1500  # results kept, about 16 kB each
PATIENCE = 5.0  # seconds that a wish lasts unless it is renewed
RETRY = 30.0  # seconds after which what failed is tried again


@dataclass(frozen=True)
class Point:
    """What is measured: a model under a corruption at a severity."""

    model: str
    version: str  # the checksum of the model's file
    corruption: str
    severity: float
    seed: int

    @classmethod
    def of(cls, model, version, corruption, severity, seed) -> "Point":
        """Return the point; without damage it is the same for all corruptions and seeds."""
        if severity == 0:
            corruption, seed = CLEAN, 0
        return cls(model, version, corruption, round(float(severity), 4), seed)


@dataclass(frozen=True)
class Measured:
    """The answer to every image, and what `metrics.summarise` makes of them."""

    digits: np.ndarray  # uint8 (n,)
    report: dict


@dataclass(frozen=True)
class Failed:
    """Why a point could not be measured in the background, and when."""

    error: Exception
    at: float


@dataclass
class Wish:
    """Points that somebody wants to see measured."""

    points: Sequence[Point] = ()
    urgency: int = 0
    renewed: float = 0.0
    served: int = 0  # the turn at which the worker last measured for it


class Measurements:
    """Measures points now, or in the background for as long as somebody wants them.

    Parameters
    ----------
    measure : callable, Point -> iterator of probabilities (m, 10), part by part
    labels : int array (n,), of the images that `measure` reads
    limit, patience, clock : results kept, seconds that a wish lasts, and what counts the seconds
    """

    def __init__(
        self,
        measure: Callable[[Point], Iterable[np.ndarray]],
        labels: np.ndarray,
        *,
        limit: int = LIMIT,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._measure, self._labels = measure, labels
        self._limit, self._patience, self._clock = limit, patience, clock
        self._outcomes: OrderedDict[Point, Measured | Failed] = OrderedDict()
        self._wishes: dict[Hashable, Wish] = {}
        self._in_front_count = 0  # how many sessions measure something themselves
        self._turn = 0
        self._closed = False
        self._changed = threading.Condition()
        self._worker: threading.Thread | None = None

    def known(self, point: Point) -> Measured | Failed | None:
        """Return what is known about a point; None if it was not measured, or long ago."""
        with self._changed:
            outcome = self._outcomes.get(point)
            if isinstance(outcome, Failed) and self._clock() - outcome.at > RETRY:
                del self._outcomes[point]
                return None
            if outcome:
                self._outcomes.move_to_end(point)
            return outcome

    def work(self, point: Point, tell: Callable[[int, int], None]) -> Measured:
        """Measure a point now, while the background waits.

        Parameters
        ----------
        point : Point
        tell : callable, told after each part how many images are done and how many of them were
            read right; what it raises ends the work. A point that is known is returned without it.
        """
        known = self.known(point)
        if isinstance(known, Measured):
            return known
        with self._in_front():
            parts, done, right = [], 0, 0
            for part in self._measure(point):
                parts.append(part)
                labels = self._labels[done : done + len(part)]
                done, right = done + len(part), right + int((part.argmax(axis=1) == labels).sum())
                tell(done, right)
                if isinstance(known := self.known(point), Measured):
                    return known  # another session was faster
            return self._keep(point, self._summary(parts))

    def want(self, who: Hashable, points: Sequence[Point], *, urgency: int = 0) -> None:
        """Have points measured in the background, in this order, for the next few seconds.

        Parameters
        ----------
        who : whose wish it is; the next one of the same name takes its place
        points : sequence of Point
        urgency : int; lower ones go first, those alike take turns
        """
        with self._changed:
            if self._closed:
                return
            wish = self._wishes.setdefault(who, Wish(served=self._turn))
            wish.points, wish.urgency, wish.renewed = points, urgency, self._clock()
            if not self._worker:
                self._worker = threading.Thread(target=self._run, name="measurements", daemon=True)
                self._worker.start()
            self._changed.notify_all()

    def close(self) -> None:
        """Drop all wishes, and wait until the worker has ended, after the part it is at."""
        with self._changed:
            self._closed = True
            self._wishes.clear()
            self._changed.notify_all()
        if self._worker:
            self._worker.join()

    @contextmanager
    def _in_front(self) -> Iterator[None]:
        with self._changed:
            self._in_front_count += 1
        try:
            yield
        finally:
            with self._changed:
                self._in_front_count -= 1
                self._changed.notify_all()

    def _run(self) -> None:
        while point := self._wait_for_next():
            try:
                outcome = self._measured_while_wanted(point)
            except Exception as error:  # whatever it is, the page shows it
                outcome = Failed(error, self._clock())
            if outcome:
                self._keep(point, outcome)

    def _wait_for_next(self) -> Point | None:
        """The point to measure in the background; None when the worker has to end."""
        with self._changed:
            while not self._closed:
                if not self._in_front_count and (point := self._next()):
                    return point
                self._changed.wait()
        return None

    def _measured_while_wanted(self, point: Point) -> Measured | None:
        parts = []
        for part in self._measure(point):
            parts.append(part)
            if not self._still_wanted(point):
                return None
        return self._summary(parts)

    def _still_wanted(self, point: Point) -> bool:
        """Whether the worker goes on with a point, once nobody measures in front."""
        with self._changed:
            while self._in_front_count and not self._closed:
                self._changed.wait()
            known = isinstance(self._outcomes.get(point), Measured)
            wanted = any(point in wish.points for wish in self._live().values())
            return wanted and not known

    def _next(self) -> Point | None:
        """The most urgent point that is missing; among equals, those served longest ago first."""
        for wish in sorted(self._live().values(), key=lambda w: (w.urgency, w.served)):
            for point in wish.points:
                if point not in self._outcomes:
                    self._turn += 1
                    wish.served = self._turn
                    return point
        return None

    def _live(self) -> dict[Hashable, Wish]:
        oldest = self._clock() - self._patience
        self._wishes = {who: w for who, w in self._wishes.items() if w.renewed >= oldest}
        return self._wishes

    def _summary(self, parts: list[np.ndarray]) -> Measured:
        probabilities = np.concatenate(parts)
        report = metrics.summarise(probabilities, self._labels)
        return Measured(probabilities.argmax(axis=1).astype(np.uint8), report)

    def _keep(self, point: Point, outcome: Measured | Failed) -> Measured | Failed:
        """Keep an outcome unless there is a result already; return the one that stays."""
        with self._changed:
            if isinstance(known := self._outcomes.get(point), Measured):
                return known
            self._outcomes[point] = outcome
            self._outcomes.move_to_end(point)
            while len(self._outcomes) > self._limit:
                self._outcomes.popitem(last=False)
            return outcome
