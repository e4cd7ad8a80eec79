"""A stop that is heeded in time, whatever a trainer is doing: loading data, building, learning."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from mnist_core.training import run_folder

EVERY = 0.25  # seconds between two looks
GRACE = 3.0  # seconds in which a trainer may heed a stop by itself


class StopWatch:
    """Ends this process when a stop was asked for, is not heeded, and nothing would be lost.

    Parameters
    ----------
    folder : of the run
    end : reports the end if nothing would be lost by it, and returns whether it did; after that
        nothing else may be reported
    leave : ends the process at once
    """

    def __init__(
        self,
        folder: Path,
        end: Callable[[], bool],
        *,
        leave: Callable[[int], object] = os._exit,
        grace: float = GRACE,
    ) -> None:
        self._folder, self._end, self._leave, self._grace = folder, end, leave, grace
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="stop", daemon=True)

    def start(self) -> None:
        """Watch from now on."""
        self._thread.start()

    def close(self) -> None:
        """Watch no longer."""
        self._over.set()

    def _watch(self) -> None:
        asked = None
        while not self._over.wait(EVERY):
            if run_folder.is_discard_requested(self._folder):
                self._leave(0)
                return
            if not run_folder.is_stop_requested(self._folder):
                asked = None
                continue
            asked = asked or time.monotonic()
            if time.monotonic() - asked >= self._grace and self._end():
                self._leave(0)
                return
