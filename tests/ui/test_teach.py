"""Teaching on the draw page, with the default model itself."""

import io
import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core import data, serving
from mnist_core.collection import Collection
from mnist_core.config import MAX_TAUGHT
from mnist_core.errors import DataError, ModelError
from mnist_core.permissions import Person
from mnist_core.serving.adaptation import NON_DIGIT, Examples
from mnist_core.workspace import WORKSPACE, Workspace
from tests.ui.test_draw_page import shown
from ui import giving, taught
from ui.draw import keep, publish
from ui.draw.teach import ALL_LEARNT, GUIDED, NO_DIGIT, SWITCHED_OFF, TEACHES
from ui.models.tabs import TAB as MODELS_TAB
from ui.models.tabs import TABS as MODELS_TABS

PROJECT = Path(__file__).resolve().parents[2]


def odd_seven(lean=0):
    """A 7 as nobody writes it: a 7 in a mirror, with a foot."""
    path = [["M", 200, 50], ["L", 80, 55], ["L", 150 + lean, 230], ["L", 210 + lean, 232]]
    return {"objects": [{"type": "Path", "path": path, "strokeWidth": 0, "left": 80, "top": 50,
                         "width": 130 + lean, "height": 182}]}  # fmt: skip


def answer(app):
    (large,) = (m.value for m in app.markdown if 'class="dl-digit"' in m.value)
    return large.removesuffix("</div>").rpartition(">")[2]


def draw(app, drawing):
    app.session_state["drawing"] = drawing
    return app.run()


def thumbnails(app):
    (choice,) = [one for one in app.get("button_group") if one.key == "taught_chosen"] or [None]
    return " ".join(choice.options) if choice else ""


def label(app, digit):
    return app.button_group(key="draw_teach").set_value(digit).run()


@pytest.fixture
def app(monkeypatch):
    monkeypatch.delenv("DIGIT_LAB_COLLECTION", raising=False)
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    app.session_state["taught_place"] = True  # unfolded
    return app


def test_an_odd_digit_is_taught_recognised_and_forgotten(app):
    draw(app, odd_seven())
    assert answer(app) != "7", "the drawing must be one that the model misreads"
    assert TEACHES in [caption.value for caption in app.caption]
    for lean in (0, -10, 10):
        draw(app, odd_seven(lean))
        said = answer(app)
        label(app, 7)
        assert not app.exception
        assert app.session_state["drawing"] == odd_seven(lean)
        (learnt,) = [one.value for one in app.caption if "Learnt: this is a 7." in one.value]
        assert (f" {said} (" in learnt) or NO_DIGIT in learnt
    assert answer(app) == "7", "the same drawing is read anew"
    draw(app, odd_seven(5))
    assert not any("Learnt" in caption.value for caption in app.caption)
    assert answer(app) == "7"
    captions = [caption.value.strip() for caption in app.caption]
    assert "Read by digit-net with your 3 digits." in captions
    assert thumbnails(app).count("Taught as 7") == 3
    assert any("of 3 digits" in caption.value for caption in app.caption)
    app.toggle(key="taught_used").set_value(False).run()
    assert answer(app) != "7"
    assert SWITCHED_OFF in [caption.value for caption in app.caption]
    app.toggle(key="taught_used").set_value(True).run()
    app.button(key="taught_remove").click().run()
    assert thumbnails(app).count("Taught as 7") == 2
    app.button(key="taught_clear").click().run()
    assert answer(app) != "7"
    assert thumbnails(app) == ""


def test_the_deployer_may_switch_teaching_off(app, monkeypatch):
    for choice in ("off", "a choice that cannot be"):
        monkeypatch.setenv("DIGIT_LAB_COLLECTION", choice)
        draw(app, odd_seven())
        assert not app.exception
        with pytest.raises(KeyError):
            app.button_group(key="draw_teach")


def test_digits_are_given_only_with_consent_and_taken_back(app, monkeypatch, tmp_path):
    address = f"sqlite:///{tmp_path}/given.sqlite3"
    monkeypatch.setenv("DIGIT_LAB_COLLECTION", "on")
    monkeypatch.setenv("DIGIT_LAB_DATABASE", address)
    giving._open.clear()
    opened = Collection(address, days=365)
    label(draw(app, odd_seven()), 7)
    assert opened.count() == 0
    assert app.checkbox(key="collection_consent").value is False
    app.checkbox(key="collection_consent").check().run()
    label(draw(app, odd_seven()), 7)
    label(draw(app, odd_seven(5)), 7)
    found = list(opened.drawings())
    assert [one.label for one in found] == [7, 7]
    assert found[0].model == "digit-net"
    assert np.array_equal(found[1].strokes[0][0], [200, 50])
    app.button(key="taught_remove").click().run()
    assert opened.count() == 1
    assert any("Stored: 1 of your digits" in info.value for info in app.info)
    opened.delete(app.session_state["given_code"])  # in another tab
    giving._count_of.clear()
    app.run()
    assert any("Stored: 0 of your digits" in info.value for info in app.info)
    label(draw(app, odd_seven(3)), 7)
    assert any("Stored: 1 of your digits" in info.value for info in app.info)
    app.text_input(key="collection_code").set_value("another-code").run()
    app.button(key="collection_delete").click().run()
    assert opened.count() == 1
    app.button(key="taught_remove").click().run()
    assert opened.count() == 0, "what another code has not deleted is still taken back"
    label(draw(app, odd_seven(3)), 7)
    app.text_input(key="collection_code").set_value("").run()
    app.button(key="collection_delete").click().run()
    assert opened.count() == 0
    opened.close()

    def dead(*_):
        raise DataError("The collection of handwriting does not answer.")

    monkeypatch.setattr(giving, "_open", dead)
    label(draw(app, odd_seven(7)), 7)
    assert not app.exception
    assert any("does not answer" in info.value for info in app.info)
    assert thumbnails(app).count("Taught as 7") == 3, "teaching goes on"


def test_of_many_taught_digits_the_oldest_are_forgotten(monkeypatch):
    monkeypatch.setattr(taught.st, "session_state", {})
    for place in range(MAX_TAUGHT + 3):
        taught.teach(taught.TaughtDigit(np.full((28, 28), place, np.uint8), 1, str(place)))
    assert [one.key for one in taught.taught_digits()][:1] == ["3"]
    assert len(taught.taught_digits()) == MAX_TAUGHT


def test_the_same_drawing_is_taught_by_its_last_label_alone(app, monkeypatch, tmp_path):
    address = f"sqlite:///{tmp_path}/given.sqlite3"
    monkeypatch.setenv("DIGIT_LAB_COLLECTION", "on")
    monkeypatch.setenv("DIGIT_LAB_DATABASE", address)
    giving._open.clear()
    app.session_state["collection_consent"] = True
    for digit in (3, 8, 8):
        label(draw(app, odd_seven()), digit)
        assert [one.label for one in app.session_state["taught"]] == [digit]
    opened = Collection(address, days=365)
    assert [one.label for one in opened.drawings()] == [8]
    opened.close()


def test_a_download_holds_nothing_that_was_removed_after_the_page_was_shown(app, monkeypatch):
    files = {}
    monkeypatch.setattr(
        keep.st, "download_button", lambda label, content, **_: files.update({label: content})
    )
    label(draw(app, odd_seven()), 7)
    label(draw(app, odd_seven(10)), 7)
    download = files["Download my digits"]
    assert len(data.from_npz(download())) == 2
    app.button(key="taught_remove").click().run()
    assert np.array_equal(
        data.from_npz(download()).images, [one.image for one in app.session_state["taught"]]
    )


def bring(app, content):
    (uploader,) = app.file_uploader
    uploader.set_value([("my-digits.npz", content, "application/octet-stream")])
    app.run()
    assert not app.exception
    return app


def test_taught_digits_come_back_from_their_file_once(app):
    label(draw(app, odd_seven()), 7)
    label(draw(app, odd_seven(10)), 7)
    kept = app.session_state["taught"]
    content = data.to_npz(data.Split(np.stack([one.image for one in kept]), np.array([7, 7])))
    bring(app, content)
    assert len(app.session_state["taught"]) == 2, "they are there already"
    assert any(text.value.startswith("0 digits taught") for text in app.success)
    app.button(key="taught_clear").click().run()
    bring(app, content)
    assert [one.label for one in app.session_state["taught"]] == [7, 7]
    draw(app, odd_seven(5))
    assert answer(app) == "7"
    bring(app, b"no such file")
    assert any("cannot be read" in error.value for error in app.error)
    assert len(app.session_state["taught"]) == 2
    first = kept[0].image
    images = np.stack([first, np.zeros_like(first), np.full_like(first, 255), first, first.T])
    bring(app, data.to_npz(data.Split(images, np.array([3, 1, 1, 8, 4]))))
    assert [text.value for text in app.success] == [
        "2 digits taught from your file. Left out: 2 blank, 1 repeated later in it."
    ]
    assert [one.label for one in app.session_state["taught"]] == [7, 8, 4]
    bring(app, data.to_npz(data.Split(images[1:3], np.array([1, 1]))))
    assert [text.value for text in app.error] == [
        "0 digits taught from your file. Left out: 2 blank."
    ]
    many = np.random.default_rng(0).integers(0, 255, (MAX_TAUGHT + 30, 28, 28), np.uint8)
    bring(app, data.to_npz(data.Split(many, np.arange(len(many)) % 10)))
    assert len(app.session_state["taught"]) == MAX_TAUGHT
    assert np.array_equal(app.session_state["taught"][-1].image, many[-1])


def test_the_taught_model_is_a_folder_to_unpack(small_mnist, monkeypatch, tmp_path):
    monkeypatch.setattr(data, "read_mnist", lambda _: small_mnist)
    images, labels = small_mnist.train.images[:4, ::-1], small_mnist.train.labels[:4]
    card = serving.load_card("digit-net")
    digits = [
        taught.TaughtDigit(image, int(label), str(place))
        for place, (image, label) in enumerate(zip(images, labels, strict=True))
    ]
    packed = keep._pack(card, digits, Path(), WORKSPACE)
    assert np.array_equal(data.from_npz(packed).images, images)
    zipfile.ZipFile(io.BytesIO(packed)).extractall(tmp_path)
    space = Workspace(tmp_path)
    (found,) = serving.list_models(workspace=space)
    assert found.name == "digit-net-mine"
    assert found.taught["examples"] == 4
    assert serving.load_predictor("digit-net-mine", workspace=space).head is not None


def test_with_leave_what_was_taught_becomes_a_model_of_its_visitor(
    app, small_mnist, monkeypatch, tmp_path
):
    space = Workspace.inside(tmp_path)
    shutil.copytree(WORKSPACE.models / "digit-net", space.models / "digit-net")
    app.session_state["workspace"] = space
    app.session_state["owner_token"], app.session_state["owner_has_made_something"] = "a" * 32, True
    monkeypatch.setattr(data, "read_mnist", lambda _: small_mnist)
    monkeypatch.setattr(data, "local_copy", lambda: Path())
    label(draw(app, odd_seven()), 7)
    for leave in ("", "off", "perhaps"):
        monkeypatch.setenv("DIGIT_LAB_TAUGHT_MODELS", leave)
        with pytest.raises(KeyError):
            app.run().button(key="taught_store")
    monkeypatch.setenv("DIGIT_LAB_TAUGHT_MODELS", "on")
    app.run()
    for name, words in [
        ("../mine", "cannot be the name"),
        ("cnn-three", "comes with the app"),
        ("digit-net-mine", "It classifies"),
        ("digit-net-mine", "already a model called 'digit-net-mine'"),
    ]:
        app.text_input(key="taught_name_digit-net").set_value(name)
        app.button(key="taught_store").click().run()
        assert not app.exception
        assert any(words in box.value for box in (*app.error, *app.success)), name
    assert {card.name for card in serving.list_models(workspace=space)} == {
        *("digit-net", "digit-net-mine")
    }
    assert "digit-net-mine" in app.selectbox(key="model_choice").options
    card = serving.load_card("digit-net-mine", workspace=space)
    assert card.taught["data"] == ["a visitor's digits"]
    assert card.taught["digits"][7] == card.taught["examples"] == 1
    with pytest.raises(ModelError, match="made by someone else"):
        serving.delete_model("digit-net-mine", workspace=space, by=Person("b" * 32))
    monkeypatch.setattr(publish, "MAX_STORED", 1)
    app.text_input(key="taught_name_digit-net").set_value("another")
    app.button(key="taught_store").click().run()
    assert any("1 taught models already" in error.value for error in app.error)
    serving.delete_model("digit-net-mine", workspace=space, by=Person("a" * 32))
    monkeypatch.setenv("DIGIT_LAB_TRAINING", "off")
    with pytest.raises(KeyError):
        app.run().button(key="taught_store")


def test_the_guided_round_asks_for_digits_teaches_them_and_can_be_left(app):
    app.run()
    app.button(key="guide_start").click().run()
    assert not app.exception
    (bar,) = app.get("progress")
    assert bar.proto.text == "Write **a 0** (1 of 30)"
    assert GUIDED.format("a 0") in shown(app)
    assert app.button(key="guide_next").disabled, "nothing is drawn yet"
    with pytest.raises(KeyError):
        app.button_group(key="draw_teach")
    draw(app, odd_seven())
    app.button(key="guide_next").click().run()
    app.button(key="guide_skip").click().run()
    (bar,) = app.get("progress")
    assert (bar.proto.text, bar.proto.value) == ("Write **a 2** (3 of 30)", 6)
    assert app.session_state["drawing"] is None
    assert [one.label for one in app.session_state["taught"]] == [0]
    app.button(key="guide_leave").click().run()
    assert not app.get("progress")
    assert len(app.session_state["taught"]) == 1
    app.button(key="guide_start").click().run()
    app.session_state["guide_at"] = 29
    draw(app, odd_seven(10))
    app.button(key="guide_next").click().run()
    assert [one.label for one in app.session_state["taught"]] == [0, 9]
    assert not app.get("progress")
    assert app.button_group(key="draw_teach").value is None
    assert ALL_LEARNT in shown(app)


def test_only_new_digits_are_looked_at_again(digits, monkeypatch):
    plain, looked = serving.load_predictor("digit-net"), []
    asked = taught.look_at
    monkeypatch.setattr(
        taught, "look_at", lambda *given: looked.append(len(given[1])) or asked(*given)
    )
    every = [
        taught.TaughtDigit(np.uint8(255 * image), label, str(label))
        for label, image in enumerate(digits)
    ]
    first = every[:7]
    before = taught._Fitted(
        ("digit-net", "1", *(one.key for one in first)),
        serving.Head(np.zeros((256, 10)), np.zeros(10), np.zeros(256), 0.0),
        taught._examples(first, plain, None),
    )
    later = [every[5], every[2], every[9], every[8]]
    found = taught._examples(later, plain, before)
    assert looked == [7, 2]
    assert found.labels.tolist() == [5, 2, 9, 8]
    assert np.allclose(found.features, taught._examples(later, plain, None).features)


def test_what_a_stored_model_was_taught_before_is_not_among_the_digits_of_mnist():
    rng = np.random.default_rng(0)
    n, labels = 33, np.array([*(np.arange(30) % 10), NON_DIGIT, 7, 7])
    replay = Examples(rng.normal(size=(n, 4)), rng.normal(size=(n, 10)), np.zeros(n), labels)
    nothing = serving.Head(np.zeros((4, 10)), np.zeros(10), np.zeros(4), 0.0)
    own = replay[np.array([32])]
    found = taught._measure(taught._Fitted((), nothing, own), replay, n_taught=2)
    assert (found.n_old, found.n_own) == (30, 1)
    assert found.old[0] == found.old[1]
    taught_card = replace(serving.load_card("digit-net"), taught={"examples": 2})
    assert (taught_card.n_taught, serving.load_card("digit-net").n_taught) == (2, 0)


def test_the_chosen_model_answers_with_what_was_taught_on_the_models_page_too(app):
    for lean in (0, -10, 10):
        label(draw(app, odd_seven(lean)), 7)
    draw(app, odd_seven(5))
    app.session_state[MODELS_TAB] = MODELS_TABS["answers"]
    app.switch_page("pages/models.py").run()
    assert not app.exception
    (answers,) = (m.value for m in app.markdown if "dl-answers" in m.value)
    (tile,) = (tile for tile in answers.split("<li") if "<span>digit-net</span>" in tile)
    assert re.search(r"<b>.*7</b>", tile)
    assert any("with your 3 digits" in caption.value for caption in app.caption)
