"""Work for several processes: answers in order, little in memory, no crash that stops the rest.

Not `concurrent.futures`: there, one process that dies takes all waiting work with it, and its item
stays unknown.
"""

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Iterable, Iterator
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

import cv2

Item = TypeVar("Item")
Answer = TypeVar("Answer")

AHEAD = 4  # items a process that may be under way, or wait for their turn with an answer
START = multiprocessing.get_context("spawn")  # a fork would copy locks that threads hold


def in_order(
    function: Callable[[Item], Answer],
    items: Iterable[Item],
    *,
    processes: int,
    lost: Callable[[Item], Answer],
) -> Generator[Answer, None, None]:
    """Yield `function(item)` for each item, in order.

    Items are taken as they are needed: at most `AHEAD * processes` are under way or waiting for
    their turn at any time, so that memory does not grow with their number.

    Parameters
    ----------
    function : has to be picklable
    processes : 1 or more
    lost : item -> what to yield if a process died over it; another takes its place

    Raises
    ------
    Exception : what `function` raised, at that item's turn
    """
    numbered = enumerate(items)
    idle: list[_Worker] = []
    busy: dict[Connection, _Worker] = {}
    answers: dict[int, tuple[bool, Any]] = {}
    turn = taken = 0
    try:
        while True:
            while len(busy) < processes and taken < turn + AHEAD * processes:
                try:
                    number, item = next(numbered)
                except StopIteration:
                    break
                taken = number + 1
                worker = idle.pop() if idle else _Worker(function)
                busy[worker.connection] = worker
                worker.begin(number, item)
            if turn in answers:
                good, answer = answers.pop(turn)
                if not good:
                    raise answer
                turn += 1
                yield answer
                continue
            if not busy:
                return
            for connection in wait(list(busy)):
                worker = busy.pop(connection)  # pyright: ignore[reportArgumentType]: a Connection
                try:
                    answers[worker.number] = worker.connection.recv()
                    idle.append(worker)
                except (EOFError, OSError):
                    answers[worker.number] = True, lost(worker.item)
                    worker.stop()
    finally:
        for worker in [*idle, *busy.values()]:
            worker.stop()


class _Worker:
    """A process that answers one item after the other."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.connection, theirs = START.Pipe()
        self.process = START.Process(target=_work, args=(theirs, function), daemon=True)
        with _ctrl_c_held_back():
            self.process.start()
        theirs.close()

    def begin(self, number: int, item: object) -> None:
        self.number = number
        self.item: Any = item
        with contextlib.suppress(OSError):  # it has died; receiving its answer will fail
            self.connection.send(item)

    def stop(self) -> None:
        self.process.terminate()
        self.process.join()
        self.connection.close()


def _work(connection: Connection, function: Callable[[Any], Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one ends it
    cv2.setNumThreads(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # what decoders print would mix with records and the progress bar
        os.dup2(nowhere, stream)
    while True:
        try:
            item = connection.recv()
        except EOFError:
            return
        try:
            answer = True, function(item)
        except Exception as error:
            answer = False, error
        connection.send(answer)


@contextlib.contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """Begin processes that never see Ctrl-C, which reaches all of a terminal's processes."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # starting it would let Ctrl-C through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
