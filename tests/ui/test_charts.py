"""What charts have in common."""

import re

import numpy as np
import pytest

from ui.charts import curve_style, heat_cell, luminance


def test_curves_that_share_a_colour_have_other_lines():
    styles = [curve_style(place, 7) for place in range(36)]
    looks = {
        (style["line"]["color"], style["marker"]["symbol"], style["line"]["dash"])
        for style in styles
    }
    assert len(looks) == 36
    assert {style["line"]["dash"] for style in styles[:6]} == {s["line"]["dash"] for s in styles}


def test_numbers_on_the_heat_map_can_be_read():
    for accuracy in np.linspace(0.05, 1, 400):
        cell = heat_cell(float(accuracy))
        *ground, ink = re.search(r"rgb\((\d+),(\d+),(\d+)\);color:(#\w+)", cell).groups()
        lighter, darker = luminance(np.array(ground, int)), 0.0
        if ink == "#fff":
            lighter, darker = 1.0, lighter
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, cell  # WCAG's bound for small text


def test_luminance_is_that_of_the_standard():
    grey = luminance(np.array([0x76, 0x76, 0x76]))  # the lightest that WCAG lets stand on white
    assert 1.05 / (grey + 0.05) == pytest.approx(4.54, abs=0.005)
