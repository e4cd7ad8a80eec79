"""Data that tests share: MNIST where it can be had, and digits that the tests write themselves.

Tests run in three processes (pytest-xdist with `--dist loadgroup`): those in a browser wait half of
their time, so that two processors have enough to do. The tests whose times are reported start first
and stay in one process, which goes before the others. Of all other tests each module stays in one,
because its tests share what they train; and modules that need a browser and the app, or TensorFlow,
share those, which take many seconds to start.
"""

import gc
import os
import sys

import numpy as np
import pytest

from mnist_core import data
from mnist_core.errors import DataError
from mnist_core.pixels import to_float
from mnist_core.synthesis.digits import synthetic_digits
from mnist_core.training.export import servable
from tests.measured import (  # noqa: F401 (hooks of pytest)
    pytest_configure,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)

BROWSER = "tests/browser/"
# Fixtures that keep what is reported.
TIMES = {"seconds", "busy_seconds", "inside_seconds", "slider_seconds"}
# Modules that share a process, which loads TensorFlow or opens a browser once for all of them.
SHARED = {
    "tests/browser/test_draw": "timed",  # what is timed comes first
    "tests/browser/test_inside": "timed",
    "tests/training/": "tensorflow",
    "tests/networks/": "tensorflow",
    "tests/cli/test_cli.py": "tensorflow",
    "tests/evaluation/test_explain.py": "tensorflow",
    "tests/project/test_docs.py": "tensorflow",
    "tests/serving/test_detector.py": "tensorflow",
    "tests/serving/test_predictor.py": "tensorflow",
    "tests/browser/test_upload": "pages",
    "tests/browser/test_robustness": "pages",
    BROWSER: "browser",  # whoever has done "pages", with its browser
}
# What takes longest begins first, so that the processes end at about the same time. The training
# that is timed has ended, and its model is deleted, before the pages that show all models are
# looked at.
FIRST = (
    "tests/browser/test_draw",
    "tests/training/test_loop.py",
    "tests/training/",
    "tests/browser/test_upload.py",
    "tests/browser/test_robustness.py",
    "tests/browser/test_trust.py",
    "tests/browser/test_teach.py",
    "tests/browser/test_small_machine.py",
    "tests/browser/test_replicas.py",
    "tests/browser/test_load.py",
    BROWSER,
    "tests/runs/",
    "tests/cluster/",
    "tests/cli/",
    "tests/ui/",
)
NICENESS = 10  # as a training has it


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items):
    """Put tests into groups that stay in one process, the longest groups first."""
    items.sort(key=turn)
    for item in items:
        if BROWSER in item.nodeid:
            item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.xdist_group("timed" if is_timed(item) else group(item.nodeid)))


def group(nodeid):
    """Return the name of the tests that stay in one process with this one."""
    file = nodeid.partition("::")[0]
    return next((name for part, name in SHARED.items() if part in file), file)


def turn(item):
    """When a test's turn comes: a number, lower for those that start earlier."""
    if is_timed(item):
        return -1
    return next((turn for turn, part in enumerate(FIRST) if part in item.nodeid), len(FIRST))


def is_timed(item):
    return not TIMES.isdisjoint(item.fixturenames)


def pytest_runtest_setup(item):
    """Let tests that are timed go before those of the other processes."""
    beside = hasattr(item.config, "workerinput") and not is_timed(item)
    if beside and hasattr(os, "nice") and os.nice(0) < NICENESS:
        os.nice(NICENESS)


@pytest.fixture(scope="module", autouse=True)
def quick_garbage_collection():
    """Leave out what earlier modules loaded, above all TensorFlow, whenever garbage is collected.

    Tests of the pages took ten times as long after those of trainings.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def main_module():
    """Put back `__main__`: tests of pages leave the app there, and new processes would run it."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture(scope="session", autouse=True)
def few_nondigits():
    """Measure how models reject non-digits by a few pictures, whatever is published here."""
    before, servable.NON_DIGITS_A_KIND = servable.NON_DIGITS_A_KIND, 3
    yield
    servable.NON_DIGITS_A_KIND = before


@pytest.fixture(scope="session")
def mnist():
    """MNIST itself; tests that ask for it are skipped where it cannot be had."""
    try:
        return data.load_mnist()
    except DataError as error:
        pytest.skip(f"MNIST is missing: {error}")


@pytest.fixture(scope="session")
def small_mnist():
    """A few hundred synthetic digits in the shape of MNIST."""

    def split(n, seed):
        labels = np.arange(n, dtype=np.uint8) % 10
        return data.Split(synthetic_digits(labels, np.random.default_rng(seed)), labels)

    return data.Mnist(train=split(600, 1), validation=split(200, 2), test=split(200, 3))


@pytest.fixture(scope="session")
def digits():
    """One synthetic image of each digit, float32 (10, 28, 28) in [0, 1]."""
    labels = np.arange(10, dtype=np.uint8)
    return to_float(synthetic_digits(labels, np.random.default_rng(0)))
