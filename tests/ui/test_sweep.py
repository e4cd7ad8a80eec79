"""Visits that have ended, with fakes in the place of Streamlit; and once with the app itself."""

import gc
import weakref

import pytest

from ui import sweep
from ui.shell import sessions


class Given:
    def __init__(self, *found):
        self.found, self.asked, self.given_back = frozenset(found), [], 0

    def sweep(self, before, free=10**10, forgot=False):
        def give_back():
            self.given_back += 1

        def ask(*, drop_waiting):
            self.asked.append(drop_waiting)
            return self.found

        return sweep.sweep(
            frozenset(before),
            sessions=ask,
            free=lambda: free,
            forget=lambda: forgot,
            give_back=give_back,
        )


def test_memory_is_given_back_when_a_visit_has_ended():
    given = Given("a", "c")
    assert given.sweep({"a", "b"}) == {"a", "c"}
    assert given.given_back == 1


def test_while_all_stay_nothing_is_collected():
    given = Given("a", "b")
    given.sweep({"a"})
    assert given.given_back == 0


def test_memory_is_given_back_when_what_was_kept_to_be_faster_is_forgotten():
    given = Given("a")
    given.sweep({"a"}, forgot=True)
    assert given.given_back == 1


def test_where_memory_is_short_nobodys_return_is_waited_for():
    given = Given("a")
    given.sweep({"a"})
    given.sweep({"a"}, free=sweep.SHORT - 1)
    assert given.asked == [False, True]


def test_without_a_server_there_are_no_sessions():
    with pytest.raises(RuntimeError):
        sessions()


def test_circles_are_freed():
    class Circle:
        def __init__(self):
            self.itself = self

    gc.disable()
    try:
        left = weakref.ref(Circle())
        assert left() is not None
        sweep.give_back_memory()
        assert left() is None
    finally:
        gc.enable()
