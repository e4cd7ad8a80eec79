"""The robustness page as people use it: in a real browser, with the real test images."""

import csv
import io
import json
import re

import pytest
from playwright.sync_api import expect

from mnist_core import cli
from mnist_core.config import DEFAULT_MODEL
from mnist_core.corruptions import ALL_CORRUPTIONS
from mnist_core.evaluation.robustness import COLUMNS, SEVERITIES
from support.draw_page import DrawPage
from support.phone import NARROW, WIDTHS, on_phones
from support.robustness_page import RobustnessPage
from support.script import wait_for_script

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("mnist")]
SMALL = "dense-sigmoid"
LINK = f"/robustness?corruption=rotate&severity=0.4&models={SMALL}&seed=0"
# Notes which severities are shown while they are played, however briefly.
NOTE_SEVERITIES = r"""
() => {
  window.played = new Set();
  new MutationObserver(() => {
    for (const note of document.querySelectorAll('.dl-note')) {
      const found = note.textContent.match(/at severity ([\d.]+): of/);
      if (found) played.add(found[1]);
    }
  }).observe(document.body, {subtree: true, childList: true, characterData: true});
}
"""


@pytest.fixture
def open_robustness(visit):
    """A function that opens the page in a fresh session."""
    return lambda path=LINK, **options: RobustnessPage(visit(path, **options))


@pytest.fixture(scope="module")
def one_page(shared_visit):
    return RobustnessPage(shared_visit(LINK))


@pytest.fixture
def shared_page(one_page):
    """The page at LINK, which tests leave as it is but for the cell that is chosen."""
    one_page.page.bring_to_front()
    return one_page


def test_accuracy_falls_as_severity_rises_and_strip_and_bars_show_right_and_wrong(open_robustness):
    page = open_robustness(f"/robustness?corruption=rotate&severity=0.5&models={SMALL}")
    accuracies = [page.read()]
    for _ in range(5):
        page.move()
        accuracies.append(page.read())
    assert accuracies == sorted(accuracies, reverse=True)
    assert accuracies[0] - accuracies[-1] > 10
    page.expect_severity("0.75")
    page.move("Home")
    assert page.read() > 95
    expect(page.accuracy).to_contain_text("without corruption")
    page.move("End")
    page.expect_severity("1")
    expect(page.strip.locator("img")).to_have_count(20)
    expect(page.strip).to_contain_text("✓")
    expect(page.strip).to_contain_text("✗")
    bars = page.page.get_by_role("img", name="Accuracy for each digit")
    expect(bars).to_have_attribute("aria-label", re.compile(r"0: \d+\.\d%.* 9: \d+\.\d%$"))


@pytest.mark.parametrize("model", [SMALL, DEFAULT_MODEL])
def test_how_long_a_move_of_the_slider_takes(open_robustness, slider_seconds, model):
    page = open_robustness(f"/robustness?corruption=rotate&severity=0.1&models={model}&seed=3")
    for severity in ("0.15", "0.25"):  # neither is one that the curve measures
        slider_seconds.setdefault(model, []).append(page.move())
        page.expect_severity(severity)
        page.move()


def test_the_first_page_leads_to_a_contrast_a_sweep_and_a_game(visit):
    page = visit()
    page.get_by_role("link", name="Add noise").click()
    shown = RobustnessPage(page)
    shown.expect_severity("0.7")
    expect(page.locator(".st-key-robustness_partner")).to_contain_text("dense-five")
    page.evaluate(NOTE_SEVERITIES)
    play = page.locator(".st-key-robustness_play button")
    play.click()
    expect(play).to_contain_text("Stop")
    expect(play).to_contain_text("Play", timeout=120_000)  # at its end, by itself
    # A busy browser leaves some of the 21 out.
    played = page.evaluate("[...played].map(Number)")
    assert played == sorted(played)
    assert played[0] < 0.7 < played[-1]
    page.get_by_text("at severity 0.70.").wait_for()  # the one chosen
    shown.open("You against the network")
    page.locator(".st-key-robustness_guess_7 button").click()
    expect(page.locator(".st-key-robustness_game")).to_contain_text("You said 7")
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_the_page_agrees_with_the_command_line(shared_page, capsys):
    page = shared_page
    page.open("Accuracy by severity")
    page.wait_for_curve()
    curve = page.curve_values()
    assert list(curve) == [tenth / 10 for tenth in range(11)]
    for severity in (0.0, 0.4, 1.0):
        command = ["evaluate", "--model", SMALL, "--json", "--corruption", "rotate"]
        assert cli.main([*command, "--severity", str(severity)]) == 0
        expected = f"{json.loads(capsys.readouterr().out)['accuracy']:.2%}"
        assert list(curve[severity].values()) == [expected]
    assert f"{page.read():.2f}%" == next(iter(curve[0.4].values()))


def test_a_link_restores_everything(open_robustness):
    page = open_robustness(
        f"/robustness?corruption=salt_and_pepper&severity=0.35&models={SMALL},cnn-three&seed=1"
    )
    expect(page.corruption).to_have_value(re.compile("Salt and pepper"))
    assert float(page.severity.input_value()) == 0.35
    expect(page.model).to_have_value(re.compile(SMALL))
    expect(page.page.locator(".st-key-robustness_models")).to_contain_text("cnn-three")
    expect(page.curve.locator("th")).to_contain_text(["Severity", SMALL, "cnn-three"])
    assert "seed=1" in page.page.url
    expect(page.page.get_by_test_id("stAlert")).to_have_count(0)


def test_the_link_follows_the_controls_and_the_back_button_restores(open_robustness):
    page = open_robustness()
    page.move("ArrowRight")
    expect(page.page).to_have_url(re.compile(r"[?&]severity=0\.45(&|$)"))
    page.choose_corruption("Translate")
    expect(page.page).to_have_url(re.compile(r"[?&]corruption=translate&"))
    expect(page.accuracy).to_contain_text("Translate")
    page.page.go_back()
    expect(page.accuracy).to_contain_text("Rotate")
    expect(page.corruption).to_have_value(re.compile("Rotate"))
    page.page.go_back()
    page.expect_severity("0.4")


def test_back_and_forward_restore_the_model(open_robustness):
    page = open_robustness()
    page.pick("model_choice", "cnn-three")
    expect(page.page).to_have_url(re.compile(r"[?&]models=cnn-three(&|$)"))
    curves = page.curve.locator("thead th")
    expect(curves).to_have_text(["Severity", "cnn-three"])
    page.page.go_back()
    expect(curves).to_have_text(["Severity", SMALL])
    expect(page.model).to_have_value(re.compile(SMALL))
    page.page.go_forward()
    expect(curves).to_have_text(["Severity", "cnn-three"])
    expect(page.model).to_have_value(re.compile("cnn-three"))


def test_a_severity_between_the_slider_s_steps_is_kept(open_robustness):
    page = open_robustness(f"/robustness?corruption=rotate&severity=0.333&models={SMALL}")
    page.expect_severity("0.333")
    expect(page.page.locator(".st-key-robustness_severity")).to_contain_text("0.333")
    assert "severity=0.333" in page.page.url
    page.move("ArrowRight")
    assert float(page.severity.input_value()) > 0.333


@pytest.mark.parametrize(
    ("query", "sentences"),
    [
        ("corruption=acid&severity=7&seed=-1", ["no corruption called “acid”", "“7”", "“-1”"]),
        (
            "corruption=<script>alert(1)</script>&severity=<b>1</b>&models=[x](http://y),../z&seed=",
            ["“scriptalert1script”", "“b1b”", "models are missing or damaged", "seed “”"],
        ),
    ],
)
def test_nonsense_in_a_link_gets_sentences_and_defaults(open_robustness, query, sentences):
    page = open_robustness(f"/robustness?model={SMALL}&{query}")
    alert = page.page.get_by_test_id("stAlert")
    for sentence in sentences:
        expect(alert).to_contain_text(sentence)
    expect(page.page.get_by_test_id("stException")).to_have_count(0)
    page.move("ArrowRight")
    expect(alert).to_have_count(0)


def test_the_own_digit_breaks_at_some_severity(visit):
    draw_page = DrawPage(visit(f"/?model={SMALL}"))
    draw_page.write(7, "plain")
    draw_page.go_to("Robustness")
    page = RobustnessPage(draw_page.page)
    page.open("Your own digit")
    expect(page.own).to_contain_text("without corruption")
    expect(page.own).to_contain_text("Breaking point")
    assert page.own.locator("img").count() >= 6
    page.choose_corruption("Inversion")
    expect(page.own).to_contain_text(re.compile(r"Breaking point: 0\.\d\d"))


def test_without_a_drawing_the_page_leads_to_the_canvas(open_robustness):
    page = open_robustness(f"{LINK}&tab=own")
    page.page.get_by_test_id("stPageLink").filter(has_text="Draw a digit").click()
    DrawPage(page.page)


def test_a_click_on_a_cell_shows_its_images(shared_page):
    page = shared_page
    page.open("Which digits get mixed up")
    page.choose_cell(4, 9)
    expect(page.confused).to_contain_text("of 4 classified as 9")
    count = int(re.search(r"([\d,]+) image", page.confused.inner_text())[1].replace(",", ""))
    expect(page.confused.locator("img")).to_have_count(min(count, 20))
    page.choose_cell(7, 2)
    expect(page.confused).to_contain_text("of 7 classified as 2")
    page.pick("confusion_read", "5")
    expect(page.confused).to_contain_text("of 7 classified as 5")
    page.choose_cell(7, 2)
    expect(page.confused).to_contain_text("of 7 classified as 2")


def test_a_cell_can_be_chosen_without_a_mouse(shared_page):
    page = shared_page
    page.open("Which digits get mixed up")
    page.pick("confusion_true", "3")
    page.pick("confusion_read", "5")
    expect(page.confused).to_contain_text("of 3 classified as 5")


def test_the_table_fills_and_downloads(shared_page):
    page = shared_page
    page.open("All corruptions")
    expect(page.page).to_have_url(re.compile("[?&]tab=all(&|$)"))
    button = page.page.locator(".st-key-robustness_csv button")
    expect(page.table).to_contain_text("Average", timeout=240_000)
    expect(page.table.locator("td")).to_have_count(
        (len(ALL_CORRUPTIONS) + 2) * (len(SEVERITIES) + 1)
    )
    with page.page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename == f"robustness-{SMALL}-seed-0.csv"
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8"))))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 1 + len(ALL_CORRUPTIONS) * len(SEVERITIES)
    assert not [cell for row in rows for cell in row.values() if cell[:1] in "=+-@"]
    wait_for_script(page.page)
    page.page.evaluate(
        """() => { window.runs = 0; new MutationObserver(() => runs++).observe(
             document.querySelector('.stApp'), {attributeFilter: ['data-test-script-state']}); }"""
    )
    page.page.wait_for_timeout(2500)
    assert page.page.evaluate("runs") == 0, "the page goes on asking for what it has"


def test_a_phone_scrolls_down_only(open_robustness):
    page = open_robustness(f"{LINK}&tab=all", viewport=NARROW)
    page.table.locator("table").wait_for()
    assert list(on_phones(page.page)) == list(WIDTHS)


def test_the_first_screen_holds_slider_accuracy_and_strip(shared_page):
    page = shared_page
    page.page.get_by_test_id("stMain").evaluate("e => e.scrollTo(0, 0)")
    for part in (page.severity, page.accuracy, page.strip):
        box = part.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 800
