"""Work for several processes; the functions that they run are at the foot."""

import os
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from mnist_core.cli import workers
from mnist_core.config import PROJECT_DIR


def lost(item):
    return f"lost {item}"


def children():
    """Return the processes of this one that work or worked."""
    return [p for p in psutil.Process().children() if "spawn_main" in " ".join(p.cmdline())]


def test_answers_come_in_order_though_the_first_takes_longest():
    answers = workers.in_order(slow_first, range(30), processes=2, lost=lost)
    assert list(answers) == [number * 10 for number in range(30)]


def test_there_may_be_nothing_to_do():
    assert list(workers.in_order(slow_first, [], processes=2, lost=lost)) == []


def test_only_a_few_of_10_000_are_under_way_at_once():
    taken = 0

    def items():
        nonlocal taken
        while taken < 10_000:
            taken += 1
            yield taken

    most = 0
    for given, answer in enumerate(workers.in_order(str, items(), processes=2, lost=lost)):
        assert answer == str(given + 1)
        most = max(most, taken - given)
    assert taken == 10_000
    assert 2 <= most <= 2 * workers.AHEAD


def test_a_process_that_dies_loses_one_item_and_is_replaced():
    items = ["a", "die", "b", "exit", "c", "die", "d"]
    answers = list(workers.in_order(die_at_times, items, processes=2, lost=lost))
    assert answers == ["A", "lost die", "B", "lost exit", "C", "lost die", "D"]


def test_an_answer_that_cannot_be_sent_counts_as_lost():
    assert list(workers.in_order(lock_for, ["x"], processes=1, lost=lost)) == ["lost x"]


def test_what_the_function_raises_is_raised_at_its_turn():
    answers = workers.in_order(fail_at_three, range(9), processes=2, lost=lost)
    got = []
    with pytest.raises(ValueError, match="three is too much"):
        got.extend(answers)
    assert got == [0, 1, 2]
    assert not children()


def test_nothing_is_left_running_when_no_more_is_asked_for():
    answers = workers.in_order(slow_first, range(1000), processes=2, lost=lost)
    assert next(answers) == 0
    assert len(children()) == 2
    answers.close()
    assert not children()


def in_group(group):
    """Return the processes of a group; the dead whom nobody has buried do not count."""
    found = []
    for process in psutil.process_iter(["status"]):
        try:
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


def heed_ctrl_c():
    """Obey Ctrl-C in a new process, also where tests run in the background and ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


PROGRAM = """
import time
from mnist_core.cli import workers
from tests.cli.test_workers import sleep_long
if __name__ == "__main__":
    print("begun", flush=True)
    for answer in workers.in_order(sleep_long, range(8), processes=2, lost=str):
        print(answer)
"""


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to a group on Windows")
@pytest.mark.parametrize("pause", [0, 0.1, 1.5])
def test_ctrl_c_stops_all_at_once(pause, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    process = subprocess.Popen(
        [sys.executable, program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(PROJECT_DIR)},
        start_new_session=True,
        preexec_fn=heed_ctrl_c,
    )
    process.stdout.readline()
    time.sleep(pause)
    begin = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, words = process.communicate(timeout=30)
    assert time.monotonic() - begin < 5
    assert words.count(b"KeyboardInterrupt") == 1  # of the program, none of its processes
    _, alive = psutil.wait_procs(in_group(process.pid), timeout=5)
    assert not alive


def slow_first(number):
    time.sleep(0.2 if number == 0 else 0.001)
    return number * 10


def die_at_times(word):
    if word == "die":
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10)
    if word == "exit":
        os._exit(3)
    return word.upper()


def lock_for(word):
    return threading.Lock()


def fail_at_three(number):
    if number == 3:
        raise ValueError("three is too much")
    return number


def sleep_long(number):
    time.sleep(60)
