"""Whose turn it is, with threads that wait for each other and a clock of its own."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ui import turns
from ui.turns import Turns
from ui.upload import queue


class Lab:
    """Turns, and visits that work in threads of their own."""

    def __init__(self):
        self.now = 100.0
        self.turns = Turns(lambda: self.now)
        self.done = []
        self.threads = ThreadPoolExecutor(8)

    def work(self, visit, seconds=0.0, steps=1, began=None, go_on=None):
        def run():
            with self.turns.turn(visit):
                for step in range(steps):
                    if began:
                        began.set()
                        go_on.wait(5)
                    if step:
                        self.turns.give_way()
                    self.now += seconds
                self.done.append(visit)

        return self.threads.submit(run)

    def wait_for(self, count):
        for _ in range(500):
            if self.turns.waiting() == count:
                return
            threading.Event().wait(0.01)
        pytest.fail(f"{self.turns.waiting()} wait, not {count}")


@pytest.fixture
def lab():
    made = Lab()
    yield made
    made.threads.shutdown()


def hold(lab, visit="first", **options):
    """Let a visit have the turn until the event that is returned is set."""
    began, go_on = threading.Event(), threading.Event()
    running = lab.work(visit, began=began, go_on=go_on, **options)
    assert began.wait(5)
    return running, go_on


def test_who_had_the_least_time_goes_first(lab):
    for visit, seconds in (("much", 9), ("some", 3)):
        lab.work(visit, seconds).result(5)
    lab.done.clear()
    running, go_on = hold(lab)
    rest = []
    for count, visit in enumerate(("much", "some", "new"), 1):
        rest.append(lab.work(visit))
        lab.wait_for(count)
    go_on.set()
    for one in (running, *rest):
        one.result(5)
    assert lab.done == ["first", "new", "some", "much"]


def small_beside_long(lab):
    """Return who is done in which order, when a small work comes during a long one."""
    running, go_on = hold(lab, seconds=2, steps=3)
    small = lab.work("small")
    lab.wait_for(1)
    go_on.set()
    small.result(5)
    running.result(5)
    return lab.done


def test_a_long_work_lets_others_go_first_and_goes_on(lab):
    assert small_beside_long(lab) == ["small", "first"]


def test_few_are_paused_at_a_time(lab, monkeypatch):
    monkeypatch.setattr(turns, "MOST_PAUSED", 0)
    assert small_beside_long(lab) == ["first", "small"]


def test_time_is_forgotten(lab):
    lab.work("long ago", 9).result(5)
    lab.now += 20 * turns.HALF
    lab.work("now", 1).result(5)
    lab.done.clear()
    running, go_on = hold(lab)
    rest = []
    for count, visit in enumerate(("now", "long ago"), 1):
        rest.append(lab.work(visit))
        lab.wait_for(count)
    go_on.set()
    for one in (running, *rest):
        one.result(5)
    assert lab.done == ["first", "long ago", "now"]


def test_who_leaves_while_waiting_is_waited_for_no_longer(lab, monkeypatch):
    monkeypatch.setattr(turns, "LOOK", 0.01)

    class Left(BaseException):
        pass

    def leave():
        raise Left

    def wait():
        with lab.turns.turn("gone", leave):
            pytest.fail("has gone")

    running, go_on = hold(lab)
    with pytest.raises(Left):
        lab.threads.submit(wait).result(5)
    assert lab.turns.waiting() == 0
    go_on.set()
    running.result(5)
    lab.work("next").result(5)


def test_a_turn_within_a_turn_is_the_same(lab):
    with lab.turns.turn("a"), lab.turns.turn("a"):
        lab.turns.give_way()
    lab.turns.give_way()  # without a turn: nothing
    lab.work("next").result(5)


def test_a_work_that_fails_ends_its_turn(lab):
    with pytest.raises(KeyError), lab.turns.turn("a"):
        raise KeyError
    lab.work("next").result(5)


def test_many_who_come_and_go_at_once_are_one_at_a_time():
    shared, inside, most = Turns(), [], []

    def come(visit):
        for _ in range(40):
            with shared.turn(str(visit)):
                inside.append(visit)
                most.append(len(inside))
                inside.remove(visit)
                shared.give_way()

    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(6) as threads:
            for one in [threads.submit(come, visit) for visit in range(6)]:
                one.result(20)
    finally:
        sys.setswitchinterval(switching)
    assert set(most) == {1}


class NoDetector:
    def maps(self, contrast):
        pytest.fail("has gone")


def test_a_picture_is_read_no_further_when_its_visitor_has_left(monkeypatch):
    class StopError(Exception):
        pass

    def stop():
        raise StopError

    monkeypatch.setattr(queue, "is_connected", lambda: False)
    monkeypatch.setattr(queue.st, "stop", stop)
    with pytest.raises(StopError):
        queue.InTurns(NoDetector()).maps(np.zeros((8, 8), np.float32))


def test_documents_are_opened_beside_pictures_where_there_is_memory(lab, monkeypatch):
    monkeypatch.setattr(queue, "open_picture", lambda content, page: (content, page))
    monkeypatch.setattr(queue, "PICTURES", lab.turns)
    monkeypatch.setattr(queue, "memory_free", lambda: queue.BESIDE + 1)
    running, go_on = hold(lab)
    assert queue.open_in_turn(b"%PDF-1.7", 3) == (b"%PDF-1.7", 3)
    monkeypatch.setattr(queue, "memory_free", lambda: queue.BESIDE - 1)
    waiting = lab.threads.submit(queue.open_in_turn, b"%PDF-1.7", 3)
    lab.wait_for(1)
    go_on.set()
    assert waiting.result(5) == (b"%PDF-1.7", 3)
    running.result(5)
