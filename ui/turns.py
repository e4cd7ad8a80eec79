"""Whose picture is read next: one at a time, and who had the least time lately goes first."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

HALF = 30.0  # seconds after which half of the time that somebody had is forgotten
LOOK = 0.25  # seconds from one look at what a waiting visitor does to the next
MARGIN = 0.5  # seconds less that others must have had, to go first in the middle of a picture
MOST_PAUSED = 3  # pictures that are half read and wait: each takes some 30 MB
FORGOTTEN = 0.01  # seconds; who had less lately is as good as new


@dataclass(eq=False)
class _Turn:
    """Somebody who waits for a turn, or has it."""

    visit: str
    thread: int = field(default_factory=threading.get_ident)
    paused: bool = False
    since: float = 0.0


class Turns:
    """Turns for work that is done for one visit at a time.

    A long work calls `give_way` now and then: somebody who had less time goes first. So a small
    picture does not wait for the large ones of others, however many these are.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: list[_Turn] = []
        self._holder: _Turn | None = None
        self._had: dict[str, tuple[float, float]] = {}  # seconds, and when they were counted

    @contextmanager
    def turn(self, visit: str, pause: Callable[[], object] = bool) -> Iterator[None]:
        """Wait for a turn and have it; at once for the thread that has it already.

        Parameters
        ----------
        pause : called now and then while waiting; raises what ends it
        """
        if self._mine():
            yield
            return
        turn = _Turn(visit)
        self._take(turn, pause)
        try:
            yield
        finally:
            self._leave(turn)

    def give_way(self, pause: Callable[[], object] = bool) -> None:
        """Let others go first who had far less time, if this thread has the turn."""
        holder = self._mine()
        if holder is None:
            return
        with self._changed:
            mine = self._time_of(holder.visit) + self._clock() - holder.since - MARGIN
            paused = sum(turn.paused for turn in self._waiting)
            if paused >= MOST_PAUSED or not any(
                self._time_of(turn.visit) < mine for turn in self._waiting if not turn.paused
            ):
                return
        self._leave(holder)
        holder.paused = True
        self._take(holder, pause)
        holder.paused = False

    def waiting(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    def _mine(self) -> _Turn | None:
        """Return the turn that this thread has."""
        holder = self._holder  # once: another thread may end it meanwhile
        return holder if holder and holder.thread == threading.get_ident() else None

    def _take(self, turn: _Turn, pause: Callable[[], object]) -> None:
        with self._changed:
            self._waiting.append(turn)
        try:
            while not self._begin(turn):
                pause()
        except BaseException:
            with self._changed:
                self._waiting.remove(turn)
                self._changed.notify_all()
            raise

    def _begin(self, turn: _Turn) -> bool:
        """Wait for a moment; return whether the turn has come."""
        with self._changed:
            if not self._is_next(turn):
                self._changed.wait(LOOK)
            if not self._is_next(turn):
                return False
            self._waiting.remove(turn)
            self._holder, turn.since = turn, self._clock()
            return True

    def _is_next(self, turn: _Turn) -> bool:
        # Of those who had as much, who came first.
        first = min(self._waiting, key=lambda one: self._time_of(one.visit))
        return self._holder is None and turn is first

    def _leave(self, turn: _Turn) -> None:
        with self._changed:
            now = self._clock()
            had = self._time_of(turn.visit) + now - turn.since
            self._had = {
                visit: pair
                for visit, pair in {**self._had, turn.visit: (had, now)}.items()
                if self._faded(pair) > FORGOTTEN
            }
            self._holder = None
            self._changed.notify_all()

    def _time_of(self, visit: str) -> float:
        """Return how many seconds a visit had lately."""
        return self._faded(self._had.get(visit, (0.0, 0.0)))

    def _faded(self, pair: tuple[float, float]) -> float:
        seconds, counted = pair
        return seconds * 0.5 ** ((self._clock() - counted) / HALF)
