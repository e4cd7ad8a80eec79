"""Every page, looked at by axe-core: nothing serious may keep people from using it."""

import pytest

from support.accessibility import LOOKS, STATES, findings


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("page", STATES)
def test_nothing_serious_stands_in_the_way(visit, page, look):
    path, _ = STATES[page]
    found = findings(visit(path, **LOOKS[look]), page)
    assert not [finding for finding in found if finding.impact in ("serious", "critical")]
