"""How the tests are run."""

import os

import pytest


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="runs in one process")
def test_the_tests_of_a_file_stay_in_one_process(request):
    """Some releases of pytest and pytest-xdist together ignore the groups, and say nothing."""
    assert request.node.nodeid.endswith("@tests/project/test_suite.py")
