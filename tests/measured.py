"""What browser tests measure, reported at the end, from every process that ran them."""

import statistics

import pytest

MEASURED = pytest.StashKey[dict]()


def pytest_configure(config):
    config.stash[MEASURED] = {"readings": [], "seconds": [], "busy_seconds": [], "slider": {}}
    config.stash[MEASURED]["inside_seconds"] = []


def pytest_sessionfinish(session):
    """Hand what a worker of pytest-xdist has measured to the process that writes the summary."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["measured"] = session.config.stash[MEASURED]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Take over what a worker has measured; one that died has nothing to report."""
    measured = node.config.stash[MEASURED]
    for name, found in getattr(node, "workeroutput", {}).get("measured", {}).items():
        if isinstance(found, dict):
            measured[name].update(found)
        else:
            measured[name].extend(found)


def pytest_terminal_summary(terminalreporter, config):
    measured = config.stash[MEASURED]
    if measured["slider"]:
        terminalreporter.section("robustness page in the browser")
    for model, moves in measured["slider"].items():
        terminalreporter.line(
            f"slider moved to new accuracy of {model}: median {statistics.median(moves):.2f} s, "
            f"slowest {max(moves):.2f} s, {len(moves)} moves"
        )
    if busy := measured["busy_seconds"]:
        terminalreporter.section("draw page while a training goes on")
        terminalreporter.line(
            f"stroke end to answer: median {statistics.median(busy):.2f} s, slowest "
            f"{max(busy):.2f} s, {len(busy)} strokes"
        )
    if inside := measured["inside_seconds"]:
        terminalreporter.section("draw page with a look inside")
        terminalreporter.line(
            f"stroke end to all maps: median {statistics.median(inside):.2f} s, slowest "
            f"{max(inside):.2f} s, {len(inside)} strokes"
        )
    readings, seconds = measured["readings"], measured["seconds"]
    if len(seconds) < 2:
        return
    slow = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
    terminalreporter.section("draw page in the browser")
    terminalreporter.line(f"digits classified correctly: {sum(readings)} of {len(readings)}")
    terminalreporter.line(
        f"stroke end to answer: median {statistics.median(seconds):.2f} s, "
        f"95th percentile {slow:.2f} s, {len(seconds)} strokes"
    )
