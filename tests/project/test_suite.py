"""How the tests are run."""

import os

import pytest

from mnist_core.config import PROJECT_DIR
from tests.conftest import FIRST, SHARED


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="runs in one process")
def test_the_tests_of_a_file_stay_in_one_process(request):
    """Some releases of pytest and pytest-xdist together ignore the groups, and say nothing."""
    assert request.node.nodeid.endswith("@tests/project/test_suite.py")


def test_tests_that_share_a_process_or_begin_first_are_there():
    files = [f"{path.relative_to(PROJECT_DIR)}" for path in PROJECT_DIR.glob("tests/**/test_*.py")]
    for part in (*SHARED, *FIRST):
        assert any(part in file for file in files), part
