"""Accuracy under corruption, measured once for all sessions: a cache and a background worker."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np

from mnist_core.evaluation.in_flight import InFlight, Measured
from mnist_core.evaluation.robustness import CLEAN

LIMIT = 1500  # results kept, about 16 kB each
PATIENCE = 5.0  # seconds that a request lasts unless it is repeated
RETRY = 30.0  # seconds after which a failed point is measured again


@dataclass(frozen=True)
class Point:
    """What is measured: a model under a corruption at a severity."""

    model: str
    version: str  # the checksum of the model's file
    corruption: str
    severity: float
    seed: int

    @classmethod
    def of(cls, model: str, version: str, corruption: str, severity: float, seed: int) -> "Point":
        """Return the point; at severity 0 it is the same for all corruptions and seeds."""
        if severity == 0:
            corruption, seed = CLEAN, 0
        return cls(model, version, corruption, round(float(severity), 4), seed)


@dataclass(frozen=True)
class Failed:
    """Why a point could not be measured in the background, and when."""

    error: Exception
    at: float


@dataclass
class Request:
    """Points that a part of a page waits for."""

    points: Sequence[Point] = ()
    urgency: int = 0
    repeated: float = 0.0  # when, by the clock
    served: int = 0  # the turn at which the worker last measured for it


class Measurements:
    """Measures points now, or in the background for as long as they are requested.

    Parameters
    ----------
    measure : Point -> probabilities (m, 10), part by part
    labels : int (n,), of the images that `measure` predicts
    stored : what was measured of a point earlier and elsewhere; None if nothing was
    limit : results kept
    patience : seconds that a request lasts unless it is repeated
    clock : returns seconds
    """

    def __init__(
        self,
        measure: Callable[[Point], Iterable[np.ndarray]],
        labels: np.ndarray,
        *,
        stored: Callable[[Point], Measured | None] = lambda _: None,
        limit: int = LIMIT,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._measure, self._labels, self._stored = measure, labels, stored
        self._limit, self._patience, self._clock = limit, patience, clock
        self._outcomes: OrderedDict[Point, Measured | Failed] = OrderedDict()
        self._in_flight: dict[Point, InFlight] = {}
        self._requests: dict[Hashable, Request] = {}
        self._foreground_count = 0  # how many sessions measure something themselves
        self._turn = 0
        self._closed = False
        self._changed = threading.Condition()
        self._worker: threading.Thread | None = None

    def known(self, point: Point) -> Measured | Failed | None:
        """Return what is known about a point; None if it was not measured, or long ago."""
        with self._changed:
            outcome = self._outcome(point)
            if isinstance(outcome, Failed) and self._clock() - outcome.at > RETRY:
                del self._outcomes[point]
                return None
            if outcome:
                self._outcomes.move_to_end(point)
            return outcome

    def measure(self, point: Point, progress: Callable[[int, int], None]) -> Measured:
        """Measure a point now, while the background waits; a known point is returned at once.

        Who asks for a point that another thread measures takes part in that measurement.

        Parameters
        ----------
        progress : called after each part with how many images are done and how many of them were
            classified correctly; an exception that it raises ends the measurement
        """
        with self._in_foreground(), self._join(point) as flight:
            while not (result := flight.advance()):
                progress(flight.done, flight.correct)
            return self._keep_result(point, result)

    def request(self, who: Hashable, points: Sequence[Point], *, urgency: int = 0) -> None:
        """Have points measured in the background, in this order, for the next few seconds.

        Parameters
        ----------
        who : whose request it is; the next one of the same name replaces it
        urgency : lower ones go first, equal ones take turns
        """
        with self._changed:
            if self._closed:
                return
            request = self._requests.setdefault(who, Request(served=self._turn))
            request.points, request.urgency, request.repeated = points, urgency, self._clock()
            if not self._worker:
                self._worker = threading.Thread(target=self._run, name="measurements", daemon=True)
                self._worker.start()
            self._changed.notify_all()

    def close(self) -> None:
        """Drop all requests, and wait until the worker has ended, after the part it measures."""
        with self._changed:
            self._closed = True
            self._requests.clear()
            self._changed.notify_all()
        if self._worker:
            self._worker.join()

    @contextmanager
    def _join(self, point: Point) -> Iterator[InFlight]:
        """Take part in the measurement of a point, the one that is under way if there is one."""
        with self._changed:
            if point not in self._in_flight:
                self._in_flight[point] = InFlight(partial(self._measure, point), self._labels)
                known = self._outcome(point)
                self._in_flight[point].result = known if isinstance(known, Measured) else None
            flight = self._in_flight[point]
            flight.waiting += 1
        try:
            yield flight
        finally:
            with self._changed:
                flight.waiting -= 1
                if not flight.waiting:
                    del self._in_flight[point]

    @contextmanager
    def _in_foreground(self) -> Iterator[None]:
        with self._changed:
            self._foreground_count += 1
        try:
            yield
        finally:
            with self._changed:
                self._foreground_count -= 1
                self._changed.notify_all()

    def _run(self) -> None:
        while point := self._wait_for_next():
            try:
                outcome = self._measure_while_requested(point)
            except Exception as error:  # whatever it is, the page shows it
                outcome = Failed(error, self._clock())
            if isinstance(outcome, Failed):
                self._keep_failure(point, outcome)

    def _wait_for_next(self) -> Point | None:
        """Return the point to measure in the background; None when the worker has to end."""
        with self._changed:
            while not self._closed:
                if not self._foreground_count and (point := self._next()):
                    return point
                self._changed.wait()
        return None

    def _measure_while_requested(self, point: Point) -> Measured | None:
        with self._join(point) as flight:
            while self._still_requested(point):
                if result := flight.advance():
                    return self._keep_result(point, result)
        return None

    def _still_requested(self, point: Point) -> bool:
        """Return whether the worker goes on with a point, once no session measures itself."""
        with self._changed:
            while self._foreground_count and not self._closed:
                self._changed.wait()
            known = isinstance(self._outcome(point), Measured)
            requested = any(point in request.points for request in self._live().values())
            return requested and not known

    def _next(self) -> Point | None:
        """Return the most urgent missing point; among equals, of who was served longest ago."""
        for request in sorted(self._live().values(), key=lambda r: (r.urgency, r.served)):
            for point in request.points:
                if not self._outcome(point):
                    self._turn += 1
                    request.served = self._turn
                    return point
        return None

    def _live(self) -> dict[Hashable, Request]:
        oldest = self._clock() - self._patience
        self._requests = {who: r for who, r in self._requests.items() if r.repeated >= oldest}
        return self._requests

    def _outcome(self, point: Point) -> Measured | Failed | None:
        """Return what is known about a point, from this process or from before."""
        if point not in self._outcomes and (stored := self._stored(point)):
            self._store(point, stored)
        return self._outcomes.get(point)

    def _keep_result(self, point: Point, result: Measured) -> Measured:
        """Keep a result unless there is one already; return the one that stays."""
        with self._changed:
            if isinstance(known := self._outcomes.get(point), Measured):
                return known
            self._store(point, result)
            return result

    def _keep_failure(self, point: Point, failure: Failed) -> None:
        with self._changed:
            if not isinstance(self._outcomes.get(point), Measured):
                self._store(point, failure)

    def _store(self, point: Point, outcome: Measured | Failed) -> None:
        self._outcomes[point] = outcome
        self._outcomes.move_to_end(point)
        while len(self._outcomes) > self._limit:
            self._outcomes.popitem(last=False)
