"""Memory that nobody needs any more, given back soon: of visits that have ended, above all.

Streamlit lets go of a visit's memory at the next visit only.
"""

import ctypes
import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache

from mnist_core.runs import memory_free
from mnist_core.serving.detector import forget_idle
from ui.shell import sessions

EVERY = 10.0  # seconds
# For `mallopt` of the GNU C library: from so many bytes on, memory is the system's again once it is
# free, and threads share so few heaps. Else it keeps pieces of up to 32 MB, in a heap a thread.
MMAP_THRESHOLD = -3
OPTIONS = {MMAP_THRESHOLD: 4_000_000, -1: 16_000_000, -8: 2}  # then M_TRIM_THRESHOLD, M_ARENA_MAX
SMALL = 500_000  # bytes; that threshold while something computes in pieces of a few MB
SHORT = 150_000_000  # bytes; where fewer are free, nobody's return is waited for


@cache
def start_sweep() -> None:
    """Give back memory that nobody needs from now on; the app has one thread for it."""
    for option, value in OPTIONS.items():
        _set_option(option, value)
    threading.Thread(target=_sweep_forever, name="sweep", daemon=True).start()


def sweep(
    before: frozenset[str],
    *,
    sessions: Callable[..., frozenset[str]] = sessions,
    free: Callable[[], int] = memory_free,
    forget: Callable[[], bool] = forget_idle,
    give_back: Callable[[], None] | None = None,
) -> frozenset[str]:
    """Let go of ended visits, and give back their memory if there were any.

    Parameters
    ----------
    before : the visits that there were at the last sweep
    sessions : returns the visits that there are, once those that have ended were dropped
    free : returns how many bytes are left on this machine
    forget : lets go of what was kept to be faster, and returns whether there was any
    give_back : gives freed memory back to the system

    Returns
    -------
    the visits that there are now
    """
    now = sessions(drop_waiting=free() < SHORT)
    if forget() or before - now:
        (give_back or give_back_memory)()
    return now


def give_back_memory() -> None:
    """Free what nothing refers to any more, and hand it back to the system.

    A visit's objects refer to each other in circles, and Streamlit's own collection after each run
    is off, see `.streamlit/config.toml`. The C library keeps freed memory unless it is asked.
    """
    gc.collect()
    with suppress(OSError, AttributeError):  # other systems have no such function
        ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def returning_memory() -> Iterator[None]:
    """Have what is allocated meanwhile returned to the system piece by piece as it is freed.

    A thread's heap keeps up to 16 MB at its end, which `give_back_memory` does not reach.
    """
    _set_option(MMAP_THRESHOLD, SMALL)
    try:
        yield
    finally:
        _set_option(MMAP_THRESHOLD, OPTIONS[MMAP_THRESHOLD])


def _set_option(option: int, value: int) -> None:
    with suppress(OSError, AttributeError):  # other systems have no such function
        ctypes.CDLL(None).mallopt(option, value)


def _sweep_forever() -> None:
    pause, known = threading.Event(), frozenset[str]()
    while not pause.wait(EVERY):
        try:
            known = sweep(known)
        except (RuntimeError, AttributeError):  # Streamlit is ending, or AppTest stands for it
            return
