"""The examples of the upload page: drawn by code, read correctly, shown at one click."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.pictures.imaging import open_picture
from mnist_core.reading import read
from mnist_core.serving import load_detector, load_predictor
from mnist_core.synthesis.pages.examples import EXAMPLES as DRAWN
from mnist_core.synthesis.pages.examples import draw_example
from tests.ui.test_draw_page import PROJECT, fake_models, shown
from tests.ui.test_upload_page import bring, png, rows
from ui.draw.welcome import SUGGESTIONS
from ui.upload.examples import CHOSEN, EXAMPLES, ExampleFile
from ui.upload.kept import SMALL

WRITTEN = {
    "touching": "7000000",
    "form": "90210\n384617\n1250",
    "marks": "17 20 9\n14 8 16\n19 13 20\n6 15 11",
    "shadow": "318\n4096\n27\n1765",
    "date": "24/12/2026",
    "letters": "4208\n365\n97",
}


@pytest.fixture
def page(monkeypatch):
    """The upload page with fake models; the detector and the reader are the app's own."""
    fake_models(monkeypatch, first=0)
    return AppTest.from_file(str(PROJECT / "app.py"), default_timeout=20)


def test_all_examples_are_read_as_they_were_written():
    predictor, detector = load_predictor(), load_detector()
    assert list(EXAMPLES) == list(DRAWN) == list(WRITTEN)
    tables = {}
    for name, written in WRITTEN.items():
        picture = open_picture(ExampleFile(name).getvalue())
        found = read(picture, predictor, detector=detector)
        assert found.written == written, name
        assert min(digit.confidence for digit in found.digits if digit.accepted) > 0.9, name
        if found.cells:
            tables[name] = "\n".join(" ".join(row) for row in found.cells)
        assert all(digit.accepted for digit in found.digits), name  # letters are not even shown
    assert tables == {"marks": WRITTEN["marks"]}


def test_the_pictures_are_those_that_the_code_draws_and_small():
    for name, written in WRITTEN.items():
        page, content = draw_example(name), ExampleFile(name).getvalue()
        assert page.written == written
        pixels = open_picture(content).pixels
        assert np.abs(pixels.astype(int) - page.pixels).mean() < 6, name
        assert len(content) < SMALL  # so that no copy takes its place


def test_an_example_is_read_at_one_click_and_makes_room_for_what_is_uploaded(page):
    page.run()
    page.switch_page("pages/upload.py").run()
    (choice,) = (one for one in page.get("button_group") if one.key == CHOSEN)
    assert [option.rpartition(") ")[2] for option in choice.options] == [*EXAMPLES.values()]
    choice.set_value("form").run()
    assert not page.exception
    assert "example-form.jpg" in rows(page)[0]
    assert page.query_params["example"] == "form"
    bring(page, ("a.png", png(255)))
    assert [("a.png" in row, "example" in row) for row in rows(page)] == [(True, False)]
    assert "example" not in page.query_params


def test_a_link_opens_an_example_and_one_to_none_says_so(page):
    (suggestion,) = (one for one in SUGGESTIONS if one.page == "pages/upload.py")
    for name, value in suggestion.asked.items():
        page.query_params[name] = value
    page.switch_page("pages/upload.py").run()
    assert "example-form.jpg" in rows(page)[0]
    page = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=20)
    page.query_params["example"] = "[x](http://evil.example)"
    page.switch_page("pages/upload.py").run()
    (warning,) = page.warning
    assert "no example called “xhttpevilexample”" in warning.value
    assert "This works best" in shown(page)
