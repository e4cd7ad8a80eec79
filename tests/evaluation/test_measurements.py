"""The cache of measurements and its background worker, with fake images and a fake model."""

import threading

import numpy as np
import pytest

from mnist_core.evaluation.in_flight import Measured
from mnist_core.evaluation.measurements import RETRY, Failed, Measurements, Point

LABELS = np.arange(20) % 10
PARTS = 4


def point(number: int = 0, model: str = "some-net") -> Point:
    return Point.of(model, "abc", "fog", (number + 1) / 100, seed=0)


class StoppedError(Exception):
    """What a page raises that is no longer wanted."""


class Laboratory:
    """Classifies every digit correctly; in the background only while a gate is open."""

    def __init__(self):
        self.parts = []  # (point, place) of every part that was begun
        self.begun, self.gate, self.errors = [], threading.Event(), {}
        self.gate.set()
        self.at_the_gate = threading.Event()
        self.time = 0.0
        self.store = self.make_store(limit=10)

    def make_store(self, limit):
        return Measurements(self.measure, LABELS, limit=limit, clock=lambda: self.time)

    def measure(self, wanted):
        self.begun.append(wanted)
        for place, labels in enumerate(np.split(LABELS, PARTS)):
            self.parts.append((wanted, place))
            if threading.current_thread() is not threading.main_thread():
                self.at_the_gate.set()
                assert self.gate.wait(10)
            if wanted in self.errors:
                raise self.errors[wanted]
            yield np.eye(10)[labels]

    def work(self, wanted) -> list[int]:
        shown = []
        self.store.measure(wanted, lambda done, right: shown.append(done))
        return shown

    def work_until(self, wanted, done: int) -> None:
        """Work as a page does that is stopped as soon as so many images are done."""

        def stop(count, right):
            if count == done:
                raise StoppedError

        with pytest.raises(StoppedError):
            self.store.measure(wanted, stop)

    def parts_of(self, wanted) -> list[int]:
        return [place for point, place in self.parts if point == wanted]

    def wait_for(self, condition) -> None:
        pause = threading.Event()
        for _ in range(1000):
            if condition():
                return
            pause.wait(0.005)
        raise AssertionError("This took longer than 5 seconds.")

    def wait_until_known(self, *points) -> None:
        self.wait_for(lambda: all(self.store.known(wanted) for wanted in points))

    def request_behind_the_gate(self, *points) -> None:
        """Let the background begin, up to a gate that is shut."""
        self.gate.clear()
        self.store.request("someone", points)
        assert self.at_the_gate.wait(5)


@pytest.fixture
def laboratory():
    made = Laboratory()
    yield made
    made.gate.set()
    made.store.close()


def test_work_reports_its_progress_and_keeps_the_result(laboratory):
    assert laboratory.store.known(point()) is None
    assert laboratory.work(point()) == [5, 10, 15, 20]
    known = laboratory.store.known(point())
    assert isinstance(known, Measured)
    assert known.report["accuracy"] == 1
    assert known.digits.dtype == np.uint8
    assert known.digits.tolist() == LABELS.tolist()
    assert laboratory.work(point()) == []
    assert laboratory.begun == [point()]


def test_work_reports_how_many_are_correct_so_far(laboratory):
    wrong = np.roll(np.eye(10)[LABELS], 1, axis=1)

    def measure(_):
        yield from (wrong[:8], np.eye(10)[LABELS][8:])

    shown = []
    store = Measurements(measure, LABELS)
    store.measure(point(), lambda done, right: shown.append((done, right)))
    assert shown == [(8, 0), (20, 12)]


def test_at_severity_0_corruption_and_seed_do_not_matter():
    assert Point.of("a", "b", "fog", 0, 7) == Point.of("a", "b", "rotate", 0.0, 0)
    assert Point.of("a", "b", "fog", 0.1, 7) != Point.of("a", "b", "fog", 0.1, 0)
    assert Point.of("a", "b", "fog", 0.1 + 0.2, 0) == Point.of("a", "b", "fog", 0.3, 0)


def test_work_that_is_stopped_begins_no_further_part(laboratory):
    laboratory.work_until(point(), 10)
    assert laboratory.parts_of(point()) == [0, 1]


def test_work_that_is_stopped_keeps_nothing_and_lets_the_background_go_on(laboratory):
    laboratory.work_until(point(), 5)
    assert laboratory.store.known(point()) is None
    laboratory.store.request("someone", [point(1)])
    laboratory.wait_until_known(point(1))


def test_work_hands_its_result_back_even_if_nothing_can_be_kept(laboratory):
    store = laboratory.make_store(limit=0)
    assert isinstance(store.measure(point(), lambda *_: None), Measured)
    assert store.known(point()) is None


def test_work_ends_when_another_visitor_has_finished_it(laboratory):
    others = []

    def let_another_one_finish(*_):
        if not others:
            others.append(None)
            others.append(laboratory.store.measure(point(), lambda *_: None))

    known = laboratory.store.measure(point(), let_another_one_finish)
    assert known is others[1]
    assert laboratory.parts_of(point()) == [0, 1, 2, 3]


def test_a_visitor_takes_part_in_what_the_background_measures(laboratory):
    laboratory.request_behind_the_gate(point(0), point(1))
    threading.Timer(0.05, laboratory.gate.set).start()
    known = laboratory.store.measure(point(0), lambda *_: None)
    laboratory.wait_until_known(point(1))
    assert laboratory.store.known(point(0)) is known
    assert laboratory.parts_of(point(0)) == [0, 1, 2, 3]


def test_twenty_threads_that_want_the_same_do_it_once(laboratory):
    wanted = [point(number) for number in range(5)]
    found, start = [], threading.Barrier(20)

    def visit():
        start.wait(10)
        found.append([laboratory.store.measure(each, lambda *_: None) for each in wanted])

    laboratory.store.request("someone", wanted)
    threads = [threading.Thread(target=visit) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(found) == 20
    assert len(laboratory.parts) == len(wanted) * PARTS
    assert all(one is other for one, other in zip(found[0], found[-1], strict=True))


def test_when_the_visitor_who_measures_leaves_the_others_go_on(laboratory):
    others = []

    def leave(done, right):
        if done == 10:
            threads = [
                threading.Thread(
                    target=lambda: others.append(laboratory.store.measure(point(), lambda *_: None))
                )
                for _ in range(3)
            ]
            laboratory.gate.clear()
            for thread in threads:
                thread.start()
            assert laboratory.at_the_gate.wait(5)
            raise StoppedError

    with pytest.raises(StoppedError):
        laboratory.store.measure(point(), leave)
    laboratory.gate.set()
    laboratory.wait_for(lambda: len(others) == 3)
    assert laboratory.parts_of(point()) == [0, 1, 2, 3]


class LeftError(BaseException):
    """What Streamlit raises in a page that is no longer wanted, at any of its calls."""


def test_a_visitor_stopped_within_a_part_spoils_it_for_nobody(laboratory):
    laboratory.errors[point()] = LeftError()
    with laboratory.store._join(point()):  # somebody else waits for it
        with pytest.raises(LeftError):
            laboratory.work(point())
        laboratory.errors.clear()
        assert laboratory.work(point()) == [5, 10, 15, 20]


def test_an_error_of_work_reaches_the_caller(laboratory):
    laboratory.errors[point()] = OSError("no such file")
    with pytest.raises(OSError, match="no such file"):
        laboratory.work(point())
    assert laboratory.store.known(point()) is None


def test_the_oldest_result_makes_room(laboratory):
    for number in range(10):
        laboratory.work(point(number))
    laboratory.store.known(point(0))
    laboratory.work(point(10))
    assert laboratory.store.known(point(0))
    assert laboratory.store.known(point(1)) is None
    assert all(laboratory.store.known(point(number)) for number in range(2, 11))


def test_what_is_requested_is_measured_in_order(laboratory):
    wanted = [point(3), point(1), point(2)]
    laboratory.store.request("someone", wanted)
    laboratory.wait_until_known(*wanted)
    assert laboratory.begun == wanted


def test_what_is_urgent_goes_first(laboratory):
    laboratory.gate.clear()
    laboratory.store.request("first", [point(0), point(1)], urgency=1)
    assert laboratory.at_the_gate.wait(5)
    laboratory.store.request("second", [point(2), point(3)], urgency=0)
    laboratory.gate.set()
    laboratory.wait_until_known(*map(point, range(4)))
    assert laboratory.begun == [point(0), point(2), point(3), point(1)]


def test_sessions_take_turns(laboratory):
    laboratory.gate.clear()
    laboratory.store.request("first", [point(0), point(1), point(2)])
    assert laboratory.at_the_gate.wait(5)
    laboratory.store.request("second", [point(3), point(4)])
    laboratory.gate.set()
    laboratory.wait_until_known(*map(point, range(5)))
    order = laboratory.begun
    assert {order[1], order[2]} == {point(1), point(3)}
    assert {order[3], order[4]} == {point(2), point(4)}


def test_what_nobody_requests_any_more_is_dropped_between_parts(laboratory):
    laboratory.request_behind_the_gate(point(0), point(1))
    laboratory.store.request("someone", [point(2)])
    laboratory.gate.set()
    laboratory.wait_until_known(point(2))
    assert laboratory.store.known(point(0)) is None
    assert laboratory.begun == [point(0), point(2)]


def test_requests_expire_unless_repeated(laboratory):
    laboratory.gate.clear()
    laboratory.store.request("gone", [point(0), point(1)])
    assert laboratory.at_the_gate.wait(5)
    laboratory.time += 6
    laboratory.store.request("here", [point(2)])
    laboratory.gate.set()
    laboratory.wait_until_known(point(2))
    assert laboratory.begun == [point(0), point(2)]
    assert laboratory.store.known(point(0)) is None


def test_the_background_waits_while_a_visitor_measures(laboratory):
    def request(*_):
        laboratory.store.request("someone", [point(1)])
        assert not laboratory.at_the_gate.wait(0.1)

    laboratory.store.measure(point(0), request)
    laboratory.wait_until_known(point(1))


def test_the_background_pauses_between_parts(laboratory):
    laboratory.request_behind_the_gate(point(1))

    def open_the_gate(*_):
        laboratory.at_the_gate.clear()
        laboratory.gate.set()
        assert not laboratory.at_the_gate.wait(0.1), "the second part has begun"

    laboratory.store.measure(point(0), open_the_gate)
    laboratory.wait_until_known(point(1))


def test_what_is_closed_ends_its_worker_and_starts_no_other(laboratory):
    others = threading.enumerate()  # of pages that other tests have visited
    laboratory.request_behind_the_gate(point(0), point(1))
    threading.Timer(0.05, laboratory.gate.set).start()
    laboratory.store.close()
    laboratory.store.request("someone", [point(2)])
    alive = [thread for thread in threading.enumerate() if thread not in others]
    assert not [thread for thread in alive if thread.name == "measurements"]


def test_an_error_in_the_background_is_kept_and_tried_again_later(laboratory):
    laboratory.errors[point(0)] = OSError("no such file")
    laboratory.store.request("someone", [point(0), point(1)])
    laboratory.wait_until_known(point(0), point(1))
    failed = laboratory.store.known(point(0))
    assert isinstance(failed, Failed)
    assert str(failed.error) == "no such file"
    laboratory.time += RETRY + 1
    assert laboratory.store.known(point(0)) is None
    laboratory.errors.clear()
    laboratory.store.request("someone", [point(0)])
    laboratory.wait_until_known(point(0))
    assert isinstance(laboratory.store.known(point(0)), Measured)


def test_work_tries_again_at_once_what_failed_in_the_background(laboratory):
    laboratory.errors[point()] = OSError("no such file")
    laboratory.store.request("someone", [point()])
    laboratory.wait_until_known(point())
    laboratory.errors.clear()
    assert laboratory.work(point()) == [5, 10, 15, 20]
    assert isinstance(laboratory.store.known(point()), Measured)
