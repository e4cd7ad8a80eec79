"""The training page as people use it: in a real browser, with a real training."""

import re
import statistics
import uuid

import pytest
from playwright.sync_api import expect

from support.draw_page import DrawPage
from support.phone import NARROW, on_phones
from support.training_page import TrainingPage, forget

SET_UP = "/training?tab=set-up"  # while another test trains, the tab Live is open at first

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("mnist")]
WRITTEN = ((7, "plain"), (4, "open"), (3, "round"), (8, "one_loop"))  # while a training goes on


@pytest.fixture
def name():
    """A name for a model that is deleted afterwards, and its training with it."""
    unique = f"test-{uuid.uuid4().hex[:8]}"
    yield unique
    forget(unique)


def test_a_training_from_its_start_to_its_use(visit, name, busy_seconds):
    page, onlooker = TrainingPage(visit(SET_UP)), TrainingPage(visit(SET_UP))
    page.page.bring_to_front()  # a page behind another one is slow
    page.pick("architecture", "dense-sigmoid")
    named = page.page.get_by_label("Name", exact=True)
    expect(named).to_have_value(re.compile("^my-dense-sigmoid"))
    page.type("Name", name)
    page.type("Epochs", "400")  # it is stopped long before
    page.unfold("More settings")
    page.type("Batch size", "64")
    page.type("Non-digits to learn from", "1000")  # which a test waits for
    share = page.page.get_by_role("slider", name="Share of the training images")
    for _ in range(10):
        share.press("ArrowLeft")
    expect(page.page.locator(".st-key-train_share")).to_contain_text("90%")
    expect(page.launch).to_contain_text(re.compile(f"{name} will take about .* (second|minute)s?"))
    page.unfold("The same on the command line")
    command = f"train --arch dense-sigmoid --name {name} --epochs 400 --batch-size 64 --share 0.9"
    expect(page.page.get_by_test_id("stCode")).to_contain_text(f"{command} --non-digits 1000")

    page.start_button.click()  # which opens the tab Live
    expect(page.status).to_contain_text(name)
    onlooker.open("Live")
    page.curves.locator(".js-plotly-plot").first.wait_for(timeout=90_000)
    expect(onlooker.status).to_contain_text(name, timeout=20_000)  # of another visitor
    onlooker.page.close()
    page.wait_for_points(2)
    before = page.points()
    page.wait_for_points(before + 1)
    expect(page.status).to_contain_text(re.compile(r"Epoch \d+ of 400: step \d+ of 704"))
    weights = page.page.get_by_alt_text("Now: the weights of 24 units")
    first = weights.get_attribute("src")
    expect(weights).not_to_have_attribute("src", first or "")  # they change while it learns

    page.page.reload()
    page.wait_for_page()
    expect(page.status).to_contain_text(name)
    page.wait_for_points(before + 1)

    page.go_to("Draw")
    drawing = DrawPage(page.page)
    for digit, way in WRITTEN:
        busy_seconds += drawing.write(digit, way)
        drawing.clear()
    assert statistics.median(busy_seconds) < 1
    page.go_to("Training")
    expect(page.stop_button).to_be_enabled()  # it went on meanwhile

    # Only a training that has finished an epoch becomes a model.
    expect(page.status).to_contain_text(re.compile("Epoch ([2-9]|[1-9][0-9]) of"), timeout=90_000)
    page.stop_button.click()
    expect(page.stop_button).to_be_disabled()
    page.page.get_by_role("button", name="See its result").click(timeout=120_000)
    page.page.locator(f".st-key-training_use_{name} button").click()
    expect(page.model).to_have_value(re.compile(name))
    page.go_to("Draw")
    drawing = DrawPage(page.page)
    expect(page.page).to_have_url(re.compile(f"[?&]model={name}"))
    drawing.write(7, "plain")
    expect(drawing.answer).to_have_text("7")

    page.go_to("Training")
    page.page.get_by_role("button", name="Delete", exact=True).click()
    page.page.get_by_role("button", name="Delete permanently").click()
    expect(page.model).not_to_have_value(re.compile(name))
    expect(page.page.get_by_test_id("stException")).to_have_count(0)


def test_settings_that_cannot_be_trained_are_reported(visit):
    page = TrainingPage(visit(SET_UP))
    page.unfold("More settings")
    page.type("Learning rate", "-1")
    page.expect_text("Learning rate: Enter a number from 0.0000001 to 10 instead of -1.")
    page.type("Learning rate", "0.001")
    page.type("Epochs", "1000000")
    page.expect_text("Epochs: Enter a number from 1 to 2,000 instead of 1,000,000.")
    page.type("Epochs", "")
    page.expect_text("Epochs: Enter a number.")
    page.type("Epochs", "1")
    page.type("Name", "../<img src=x>")
    page.expect_text("Name: This is not a valid name.")
    page.type("Name", "digit-net")
    page.expect_text("digit-net comes with the app.")
    page.type("Name", "my-own")
    expect(page.launch).to_contain_text("my-own will take about")
    page.unfold("Class imbalance")
    page.pick("profile", "Custom counts")
    page.type("Images of 3", "9000")
    page.expect_text("There are 5,101 training images of the digit 3, 9,000 were asked for.")
    expect(page.page.get_by_label("Epochs", exact=True)).to_have_value("1")
    page.type("Images of 3", "900")
    expect(page.start_button).to_be_enabled()


def test_a_phone_scrolls_down_only(visit):
    page = TrainingPage(visit(SET_UP, viewport=NARROW))
    page.unfold("Class imbalance")
    page.pick("profile", "Custom counts")
    page.page.get_by_label("Images of 3", exact=True).wait_for()
    page.unfold("More settings")
    for _ in on_phones(page.page):
        box = page.start_button.bounding_box()
        assert box["y"] + box["height"] <= page.page.viewport_size["height"]
