"""Every page, looked at by axe-core: nothing serious may keep people from using it."""

import pytest

from support.accessibility import LOOKS, STATES, findings


def paths() -> dict[str, list[str]]:
    """Return the states of each page, in an order in which one visit comes to all of them."""
    found = {}
    for state, (path, _) in STATES.items():
        found.setdefault(path, []).append(state)
    return found


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("path", paths())
def test_nothing_serious_stands_in_the_way(visit, path, look):
    page = visit(path, **LOOKS[look])
    found = {state: findings(page, state) for state in paths()[path]}
    serious = {
        state: [finding for finding in listed if finding.impact in ("serious", "critical")]
        for state, listed in found.items()
    }
    assert not any(serious.values()), serious
