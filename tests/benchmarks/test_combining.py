"""How the constants that combine both networks are fitted."""

import numpy as np
import pytest

from benchmarks import combining


def test_a_logistic_regression_finds_what_made_the_data():
    rng = np.random.default_rng(0)
    x = rng.normal(0, 2, (20_000, 1))
    positive = rng.random(len(x)) < 1 / (1 + np.exp(-(1.5 * x[:, 0] - 0.5)))
    slope, bias = combining.logistic(x, positive)
    assert slope == pytest.approx(1.5, abs=0.08)
    assert bias == pytest.approx(-0.5, abs=0.08)
