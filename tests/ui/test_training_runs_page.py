"""The live panel, the results and the comparison of trainings, on folders that the tests write."""

import contextlib
import csv
import io
import json
import time
from dataclasses import asdict, replace

import filelock
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import ui.mnist
import ui.model_choice
from mnist_core import data, runs, serving
from mnist_core.errors import RunError
from mnist_core.pixels import to_float
from mnist_core.training import run_folder
from mnist_core.training.config import RECIPES, TrainingConfig
from mnist_core.workspace import Workspace
from tests.ui.test_draw_page import PROJECT, always, card, shown
from ui.models.tabs import TAB as MODELS_TAB
from ui.models.tabs import TABS as MODELS_TABS
from ui.training import feedback
from ui.training.curves import floor_of, recent
from ui.training.facts import imbalance_in_words, settings_of
from ui.training.formats import ago, duration, time_left
from ui.weights import AGAINST, FOR, grid

NUMBERS = {"loss": 0.4, "accuracy": 0.88, "val_loss": 0.3, "val_accuracy": 0.9}
REST = {"val_damaged": 0.9, "val_balanced": 0.89, "val_worst": 0.7, "seconds": 60.0}
RECALL = [0.99, 0.98, 0.97, 0.96, 0.95, 0.94, 0.93, 0.7, 0.92, 0.91]


def page():
    """A page with nothing but the two parts."""
    import ui.training.run
    import ui.training.runs

    ui.training.run.show_run()
    ui.training.runs.show_runs()


def settings(name: str, **changes) -> TrainingConfig:
    return replace(RECIPES["dense-sigmoid"], name=name, **{"epochs": 3, **changes})


class Place:
    """Folders of runs and models, and what a person would find in them."""

    def __init__(self, folder):
        self.workspace = Workspace.inside(folder)
        self.runs, self.models = self.workspace.runs, self.workspace.models
        self.runs.mkdir()
        self.models.mkdir()

    def run(self, config, state="done", *, age=60.0, epochs=3, model=True, **status):
        """Make a run that was asked for `age` seconds ago and has finished some epochs."""
        folder = self.runs / config.name
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(asdict(config)))
        created = time.time() - age
        recorded = {"state": state, "created": created, "updated": created + 1} | status
        (folder / "status.json").write_text(json.dumps(recorded))
        rows = [{"epoch": epoch + 1} | NUMBERS | REST for epoch in range(epochs)]
        self.table(folder / "history.csv", rows)
        points = [{"at": at / 10, "loss": 1.0, "accuracy": 0.5} for at in range(1, 10 * epochs)]
        self.table(folder / "steps.csv", points)
        if model and state in ("done", "stopped"):
            self.model(config)
        return folder

    def table(self, path, rows):
        text = io.StringIO()
        writer = csv.DictWriter(text, rows[0] if rows else ["epoch"])
        writer.writeheader()
        writer.writerows(rows)
        path.write_text(text.getvalue())

    def model(self, config, recall=RECALL, *, epochs_done=None, **trained_on):
        test = {"n": 10000, "accuracy": 0.925, "interval": [0.92, 0.93]}
        test |= {"balanced_accuracy": 0.9251, "recall": recall}
        made = replace(
            card(config.name, serving.title_of(config.name)),
            training=asdict(config)
            | {"epochs_done": config.epochs if epochs_done is None else epochs_done},
            trained_on={"data": "MNIST"} | trained_on,
            metrics={"test": test},
        )
        contents = {"model.keras": b"keras", "model.tflite": b"tflite"}
        serving.save_model(made, contents, workspace=self.workspace)

    def end(self, name, state="done", message=""):
        path = self.runs / name / "status.json"
        recorded = json.loads(path.read_text()) | {"state": state, "message": message}
        path.write_text(json.dumps(recorded))


@pytest.fixture
def place(tmp_path, monkeypatch):
    made = Place(tmp_path)

    def models():
        return [card("digit-net"), *serving.list_models(workspace=made.workspace)]

    monkeypatch.setattr(ui.model_choice, "all_models", models)
    for module in ("model_choice", "training.status", "training.runs"):
        monkeypatch.setattr(f"ui.{module}.all_models", models)
    monkeypatch.setattr(ui.model_choice, "_load", lambda *_: always(7))
    return made


@pytest.fixture
def app(place):
    app = AppTest.from_function(page, default_timeout=20)
    app.session_state["workspace"] = place.workspace
    return app


@pytest.fixture
def training(place):
    """A run that is alive: this process holds its lock."""
    folder = place.run(
        settings("live"),
        "training",
        epochs=1,
        **{"epoch": 2, "step": 50, "steps": 100, "loss": 0.25, "accuracy": 0.875},
        seconds_left=130,
    )
    with filelock.FileLock(folder / ".lock") as lock:
        yield lock


@pytest.fixture
def test_images(monkeypatch, small_mnist, tmp_path):
    synthetic = ui.mnist.TestSet(to_float(small_mnist.test.images), small_mnist.test.labels)
    monkeypatch.setattr(data, "local_copy", lambda: tmp_path)
    monkeypatch.setattr(ui.mnist, "_load", lambda *_: synthetic)


def test_without_any_training_the_page_explains_it(app):
    app.run()
    assert not app.exception
    said = [caption.value for caption in app.caption]
    assert "No training is running." in said
    assert any(text.startswith("No training has ended here yet") for text in said)


def test_a_detectors_training_shows_its_own_curves_and_is_compared_with_none(app, place):
    place.run(settings("mine"))
    config = replace(RECIPES["number-net"], name="finds", epochs=2)
    folder = place.run(config, model=False, age=10)
    found = {"val_recall": 0.75, "val_precision": 0.8, "val_crops": 0.5, "seconds": 9.0}
    row = {"loss": 2.0, "accuracy": 0.7, "val_loss": 1.5} | found
    place.table(folder / "history.csv", [{"epoch": epoch} | row for epoch in (1, 2)])
    test = {"n": 100, "accuracy": 0.875, "interval": [0.8, 0.9], "precision": 0.9, "crops": 0.5}
    training = config.to_dict() | {"epochs_done": 2}
    detector = replace(card("finds"), output="marks", training=training, metrics={"test": test})
    contents = {"model.keras": b"keras", "model.tflite": b"tflite"}
    serving.save_model(detector, contents, workspace=place.workspace)
    app.run()
    assert not app.exception
    assert app.selectbox(key="training_result").value == "finds"
    assert app.segmented_control(key="training_view").options == ["Curves", "Settings"]
    assert "Validation, digits found: accuracy" in shown(app)
    assert not [button for button in app.button if button.key == "training_use_finds"]
    assert not [choice for choice in app.multiselect if choice.key == "training_compare"]


def test_the_page_warns_that_a_hosted_app_loses_models(app, place):
    place.run(settings("mine"))
    app.run()
    assert any("hosted app loses them when it sleeps" in said.value for said in app.caption)


@pytest.mark.usefixtures("training")
def test_the_panel_shows_how_far_a_training_is_and_stops_it(app, place, monkeypatch):
    place.run(settings("later"), "starting", age=1)
    app.run()
    assert not app.exception
    found = [element.proto.text for element in app.get("progress")]
    assert found == [
        "Epoch 2 of 3: step 50 of 100",
        "Whole training: 50%, about 2 minutes left",
    ]
    for text in ("0.2500", "87.50%", "90.00%", "The network is learning"):
        assert text in shown(app)
    assert shown(app).count("dl-no-image") == 20
    app.button(key="training_stop_later").click().run()
    assert (place.runs / "later" / "stop").exists()
    assert not app.button(key="training_stop").disabled
    app.button(key="training_stop").click().run()
    assert not app.exception
    assert (place.runs / "live" / "stop").exists()
    assert app.button(key="training_stop").disabled
    assert app.button(key="training_stop").label == "Stopping…"
    discarded = []
    monkeypatch.setattr(runs, "discard", lambda name, **_: discarded.append(name))
    app.button(key="training_discard_live").click().run()
    assert discarded == ["live"]
    assert not app.exception


def test_one_that_is_resumed_keeps_its_earlier_result(app, place):
    config = settings("again")
    folder = place.run(config, "waiting", epochs=1)
    place.model(config, epochs_done=1)
    weights = np.random.default_rng(0).normal(size=(2, 24, 28, 28))
    run_folder.write_first_layer(folder, *weights)
    with filelock.FileLock(folder / ".lock"):
        app.run()
        assert not app.exception
        assert app.selectbox(key="training_result").value == "again"
        assert "again** is being trained further" in app.info[0].value
        assert app.button(key="training_use_again")
        assert "<strong>92.50%</strong>" in shown(app)
        assert not [b for b in app.button if str(b.key).startswith("training_deleting")]
        assert "Now: the weights of 24 units" in shown(app)


def test_units_are_drawn_each_on_its_own_scale():
    weights = np.zeros((8, 5, 5))
    weights[0, 0, 0], weights[7, 4, 4] = 0.5, -3.0
    drawn = grid(weights)
    assert drawn.shape == (2 * 25 + 2, 6 * 25 + 5 * 2, 4)
    assert drawn[0, 0].tolist() == [*FOR[::-1], 255]
    assert drawn[-1, 25 + 2 + 24].tolist() == [*AGAINST[::-1], 255]
    assert drawn[..., 3].astype(bool).sum() == 2 * 25


@pytest.mark.usefixtures("training")
def test_who_waits_sees_who_is_ahead(app, place):
    with contextlib.ExitStack() as held:
        for age, name in ((3, "second"), (2, "third")):
            folder = place.run(settings(name), "waiting", age=age)
            held.enter_context(filelock.FileLock(folder / ".lock"))
        app.run()
    assert "Queued behind 1 training: live." in shown(app)
    assert "Queued behind 2 trainings: live, second." in shown(app)


@pytest.mark.usefixtures("training")
def test_digits_that_it_gets_wrong_are_shown(app, place):
    found = {"images": np.zeros((2, 28, 28), np.uint8), "labels": [5, 4], "digits": [3, 9]}
    np.savez(place.runs / "live" / "mistakes.npz", **found)
    app.run()
    assert "5 read as 3" in shown(app)
    assert "4 read as 9" in shown(app)


def test_when_a_training_ends_its_result_is_shown(app, place, training):
    place.run(settings("other"), age=600)
    app.run()
    assert app.selectbox(key="training_result").value == "other"
    place.end("live")
    place.model(settings("live"))
    training.release()
    app.run()
    assert not app.exception
    (said,) = (message.value for message in app.success)
    assert said.startswith("**live**: The training has ended. Its model classifies 92.50%")
    assert app.selectbox(key="training_result").value == "live"
    assert not [button for button in app.button if "resume_now" in str(button.key)]
    for tab in ("set_up", "results"):
        assert app.button(key=f"training_to_{tab}")


def test_a_training_that_was_stopped_keeps_its_curves_and_can_be_resumed(
    app, place, training, monkeypatch
):
    app.run()
    place.end("live", "stopped")
    place.model(settings("live"), epochs_done=1)
    training.release()
    app.run()
    assert not app.exception
    assert any("**live**" in info.value for info in app.info)
    assert shown(app).count("Loss, on a logarithmic axis") == 2  # here, and beside its result
    assert app.button(key="training_to_results").proto.type == "primary"
    resumed = []
    monkeypatch.setattr(runs, "resume", lambda name, **_: resumed.append(name))
    app.button(key="training_resume_now_live").click().run()
    assert resumed == ["live"]


def test_an_interrupted_training_shows_why_it_ended_and_can_be_resumed(app, place, monkeypatch):
    folder = place.run(settings("broken"), "training", epochs=1)
    created = json.loads((folder / "status.json").read_text())["created"]
    (folder / "exit.json").write_text(json.dumps({"code": -9, "created": created}))
    app.run()
    assert not app.exception
    assert "killed by signal 9 (SIGKILL)" in app.warning[0].value
    resumed = []
    monkeypatch.setattr(runs, "resume", lambda name, **_: resumed.append(name))
    app.button(key="training_resume_now_broken").click().run()
    assert resumed == ["broken"]
    assert "broken continues" in app.success[0].value
    app.button(key="training_delete_results_broken").click().run()
    assert not app.exception
    assert not folder.exists()
    assert app.success[0].value == "broken was deleted."


def test_a_training_without_a_finished_epoch_offers_to_resume(app, place):
    place.run(settings("stopped"), "stopped", epochs=0, model=False)
    app.run()
    assert not app.exception
    (message,) = (info.value for info in app.info)
    assert "No epoch was finished. It has no model. Resume starts it from scratch" in message
    assert app.button(key="training_resume_results_stopped").proto.type == "primary"
    assert not [button for button in app.button if str(button.key).startswith("training_use")]
    assert not [view for view in app.get("button_group") if "Curves" in str(view.proto)]


def test_a_model_without_a_finished_epoch_is_not_the_main_offer(app, place):
    place.run(settings("early"), "stopped", epochs=0, model=False)
    place.model(settings("early"), epochs_done=0)
    app.run()
    assert not app.exception
    (message,) = (info.value for info in app.info)
    assert "No epoch was finished. Its model classifies 92.50%" in message
    assert "after 0 of 3 epochs" in " ".join(caption.value for caption in app.caption)
    assert app.button(key="training_resume_results_early").proto.type == "primary"
    assert app.button(key="training_use_early").proto.type == "secondary"


def test_a_training_that_finished_an_epoch_offers_its_model_first(app, place):
    place.run(settings("some"), "stopped", epochs=1, model=False)
    place.model(settings("some"), epochs_done=1)
    app.run()
    assert "No epoch was finished" not in app.info[0].value
    assert app.button(key="training_use_some").proto.type == "primary"
    assert app.button(key="training_resume_results_some").proto.type == "secondary"


def test_a_training_without_a_whole_epoch_shows_why_it_ended(app, place):
    place.run(settings("short"), "stopped", model=False, epochs=0, outcome="unfinished", reason="R")
    app.run()
    assert not app.exception
    assert "R No epoch was finished. It has no model." in app.info[0].value


def test_a_failed_action_is_reported_and_the_page_still_works(app, place, monkeypatch):
    place.run(settings("broken"), "failed", message="Memory ran out [x](http://example.org)")
    app.run()
    assert "Memory ran out \\[x\\](http\\://example.org)" in app.error[0].value

    def refuse(name, **_):
        raise RunError("Somebody else is starting a training.")

    monkeypatch.setattr(runs, "resume", refuse)
    app.button(key="training_resume_results_broken").click().run()
    assert not app.exception
    for _ in range(2):  # it stays for a while, however often the page runs
        assert "Somebody else is starting a training." in [error.value for error in app.error]
        app.run()
    monkeypatch.setattr(feedback, "MESSAGE_SECONDS", 0)
    app.run()
    assert "Somebody else is starting a training." not in [error.value for error in app.error]


def test_a_damaged_training_is_reported_and_can_be_deleted(app, place):
    folder = place.run(settings("broken"), "interrupted")
    (folder / "config.json").write_text("{")
    (folder / "history.csv").write_text("epoch,loss\n1e12,nan\nx")
    place.run(settings("whole"), age=600)
    app.run()
    assert not app.exception
    assert "settings file of this training is damaged" in app.warning[0].value
    assert app.multiselect(key="training_compare").options == ["whole"]
    app.button(key="training_delete_results_broken").click().run()
    assert not app.exception
    assert not folder.exists()
    assert app.selectbox(key="training_result").value == "whole"


def test_the_result_of_a_training(app, place):
    config = settings("some", imbalance="step:0.5:100", rebalancing="focal-loss")
    place.run(config, model=False)
    place.model(config, images_of_each_digit=[4000] * 5 + [40] * 5)
    app.run()
    assert not app.exception
    for text in ("<strong>92.50%</strong>", "92.00% to 93.00%", "Balanced accuracy 92.51%"):
        assert text in shown(app)
    (bars,) = (m.value for m in app.markdown if "dl-learned" in m.value)
    (worst,) = (bar for bar in bars.split('<div class="dl-bar') if bar.startswith(" dl-best"))
    assert "<span>7</span>" in worst
    assert "70.0% ▼" in worst
    assert "<span>40</span>" in worst
    assert "synthetic digits not counted" not in bars
    assert "0.7000" not in shown(app)
    assert "<td>70.00%</td>" in shown(app)  # the worst digit in the table of epochs
    app.button_group(key="training_view").set_value("Settings").run()
    assert not app.exception
    for text in ("dense-sigmoid", "Step: 5 rare digits, 100 times fewer", "Focal loss"):
        assert text in shown(app)
    assert "--rebalancing focal-loss" in app.code[0].value
    assert "Share of corrupted images" not in shown(app)


def test_the_images_of_each_digit_leave_out_synthetic_ones(app, place):
    for name in ("some", "other"):
        config, counts = settings(name, imbalance="fixed"), [4000] * 9 + [40]
        place.run(config, model=False)
        place.model(config, images_of_each_digit=counts, made_up_digits=5000)
    app.run()
    assert "training images of each; synthetic digits not counted." in shown(app)
    assert "Synthetic digits not counted.</p>" in shown(app)


@pytest.mark.usefixtures("test_images")
def test_mistakes_begin_with_the_most_confident(app, place, monkeypatch):
    def answer(images):  # always 7; surer of darker images
        sure = 0.99 - images.mean(axis=(1, 2), keepdims=False)[:, None]
        return np.where(np.arange(10) == 7, sure, (1 - sure) / 9)

    monkeypatch.setattr(ui.model_choice, "_load", lambda *_: answer)
    place.run(settings("surest"))
    app.run()
    app.button_group(key="training_view").set_value("Mistakes").run()
    assert not app.exception
    (worst,) = (m.value for m in app.markdown if "the most confident first" in m.value)
    assert worst.count("read as 7") == 20
    assert "7 read as 7" not in worst
    sure = [float(part.rpartition(">")[2]) for part in worst.split("% sure")[:-1]]
    assert sure == sorted(sure, reverse=True)
    assert app.selectbox(key="confusion_read").value == 7
    assert "<b>20 images</b> of 0 classified as 7" in shown(app)


@pytest.mark.usefixtures("test_images")
def test_robustness_is_shown_by_family(app, place):
    import ui.measured

    ui.measured.all_measurements.clear()
    place.run(settings("robust"))
    app.run()
    app.button_group(key="training_view").set_value("Robustness").run()
    deadline = time.monotonic() + 20
    while "10.0</td>" not in shown(app) and time.monotonic() < deadline:
        app.run()
    ui.measured.all_measurements.clear()
    assert not app.exception
    assert "Corruption family" in shown(app)
    assert shown(app).count("10.0</td>") >= 1  # it reads everything as a 7


def test_without_mnist_the_result_names_what_is_missing(app, place, monkeypatch):
    monkeypatch.delenv("MNIST_PATH", raising=False)
    monkeypatch.setattr(data, "local_copy", lambda: None)
    place.run(settings("some"))
    app.run()
    for view in ("Mistakes", "Robustness"):
        app.button_group(key="training_view").set_value(view).run()
        assert not app.exception
        assert "MNIST's test digits are missing" in app.info[0].value


def test_a_model_is_used_renamed_and_deleted(app, place):
    place.run(settings("first"))
    app.session_state["model_choice"] = "digit-net"
    app.run()
    app.button(key="training_use_first").click().run()
    assert app.session_state["model_choice"] == "first"
    assert app.button(key="training_use_first").disabled
    assert "first now reads digits on all pages" in app.success[0].value
    app.text_input(key="training_name_first").set_value("second")
    app.button(key="training_rename_first").click().run()
    assert not app.exception
    assert app.session_state["model_choice"] == "second"
    assert app.selectbox(key="training_result").value == "second"
    assert serving.load_card("second", workspace=place.workspace).title == "Second"
    app.button(key="training_delete_results_second").click().run()
    assert not app.exception
    assert app.session_state["model_choice"] == "digit-net"
    assert not any(place.models.iterdir())
    assert not (place.runs / "second").exists()


@pytest.mark.usefixtures("training")
def test_a_model_without_a_training_cannot_take_the_name_of_one(app, place):
    place.model(settings("kept"))
    app.run()
    app.text_input(key="training_name_kept").set_value("live")
    app.button(key="training_rename_kept").click().run()
    assert not app.exception
    assert "already a training called" in app.error[0].value
    app.text_input(key="training_name_kept").set_value("renamed").run()
    app.button(key="training_rename_kept").click().run()
    assert not app.exception
    assert app.selectbox(key="training_result").value == "renamed"
    assert [folder.name for folder in place.models.iterdir()] == ["renamed"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../etc", "cannot be the name of a model"),
        ("<b>x</b>", "cannot be the name of a model"),
        ("digit-net", "comes with the app"),
        ("taken", "already a training called"),
    ],
)
def test_an_invalid_name_is_reported(app, place, name, reason):
    place.run(settings("taken"), age=600)
    place.run(settings("mine"))
    app.run()
    app.text_input(key="training_name_mine").set_value(name)
    app.button(key="training_rename_mine").click().run()
    assert not app.exception
    (error,) = app.error
    assert reason in error.value
    assert (place.runs / "mine").exists()


def test_a_model_that_comes_with_the_app_keeps_its_name_and_stays(app, place):
    place.run(RECIPES["cnn-three"], epochs=10)
    app.run()
    assert not any("rename" in str(button.key) for button in app.button)
    app.button(key="training_delete_results_cnn-three").click().run()
    assert not app.exception
    assert (place.models / "cnn-three").exists()
    assert not (place.runs / "cnn-three").exists()


def test_the_second_click_of_a_double_click_does_nothing(app, place, monkeypatch):
    place.run(settings("broken"), "failed")
    app.run()
    resumed = []
    monkeypatch.setattr(runs, "resume", lambda name, **_: resumed.append(name))
    monkeypatch.setattr(feedback, "DOUBLE_CLICK_SECONDS", 3600)
    app.button(key="training_resume_results_broken").click().run()
    app.button(key="training_resume_results_broken").click().run()
    assert resumed == ["broken"]
    assert "broken continues" in app.success[0].value
    monkeypatch.setattr(feedback, "DOUBLE_CLICK_SECONDS", 0)
    app.button(key="training_resume_results_broken").click().run()
    assert resumed == ["broken", "broken"]


def test_a_model_that_another_visitor_has_deleted_is_not_used(app, place):
    place.run(settings("mine"))
    app.session_state["model_choice"] = "digit-net"
    app.run()
    serving.delete_model("mine", workspace=place.workspace)
    app.button(key="training_use_mine").click().run()
    assert not app.exception
    assert app.session_state["model_choice"] == "digit-net"
    assert "There is no model 'mine'" in app.error[0].value


def test_a_model_whose_training_is_forgotten_can_be_deleted(app, place):
    place.model(settings("kept"))
    app.run()
    assert "<strong>92.50%</strong>" in shown(app)
    app.button(key="training_delete_results_kept").click().run()
    assert not app.exception
    assert not (place.models / "kept").exists()


def test_trainings_compared(app, place):
    place.run(settings("plain", imbalance="fixed"), age=500, model=False)
    place.model(settings("plain", imbalance="fixed"), images_of_each_digit=[4000] * 9 + [40])
    cured = settings("cured", imbalance="fixed", rebalancing="oversampling", seed=1)
    place.run(cured, age=400, model=False)
    place.model(cured, [0.9] * 10, images_of_each_digit=[4000] * 9 + [40])
    place.run(settings("broken"), "failed", age=300, epochs=0)
    app.run()
    assert not app.exception
    assert app.multiselect(key="training_compare").value == ["cured", "plain"]
    differ = next(m.value for m in app.markdown if "dl-differ" in m.value)
    for text in ("Seed", "Rebalancing method", "Oversampling", "No rebalancing"):
        assert text in differ
    assert "Epochs" not in differ
    recall = next(m.value for m in app.markdown if "Recall of each digit" in m.value)
    for text in (">Images<", ">40<", ">70.0<", ">90.0<", "Oversampling"):
        assert text in recall
    results = next(m.value for m in app.markdown if "dl-runs" in m.value)
    for text in ("92.50%", "92.00% to 93.00%", "7: 70.00%", "3 of 3", "1 minute"):
        assert text in results
    app.multiselect(key="training_compare").set_value(["broken", "plain"]).run()
    assert not app.exception
    results = next(m.value for m in app.markdown if "dl-runs" in m.value)
    assert "no model" in results
    assert "0 of 3" in results
    app.multiselect(key="training_compare").set_value([]).run()
    assert not app.exception
    assert app.multiselect(key="training_compare").value == []


def test_a_trained_model_reads_on_the_other_pages(place, monkeypatch):
    place.run(settings("mine"))
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    app.session_state["workspace"] = place.workspace
    app.session_state["training_tab"] = "Results"
    app.run()
    app.switch_page("pages/training.py").run()
    assert not app.exception
    app.button(key="training_use_mine").click().run()
    assert app.selectbox(key="model_choice").value == "mine"
    app.session_state[MODELS_TAB] = MODELS_TABS["card"]
    app.switch_page("pages/models.py").run()
    assert not app.exception
    assert app.header[0].value == "mine"


def test_the_training_curve_is_of_the_images_since_the_point_before():
    rng = np.random.default_rng(0)
    right = rng.random((3, 100)) < 0.8  # three epochs of 100 steps
    at = np.arange(1, 301) / 100
    averages = right.cumsum(axis=1) / np.arange(1, 101)
    steps = [
        {"at": float(where), "accuracy": float(value), "loss": 1.0}
        for where, value in zip(at, averages.ravel(), strict=True)
    ]
    found, values = recent(steps, "accuracy", least=0.0999)
    np.testing.assert_allclose(found, np.arange(1, 31) / 10)
    np.testing.assert_allclose(values, right.reshape(30, 10).mean(axis=1), atol=1e-9)


def test_the_axis_of_accuracy_begins_below_the_lowest():
    assert [floor_of(values) for values in ([], [0.3], [0.96, 0.91], [0.99])] == [0, 0, 0.9, 0.98]


def test_settings_that_do_nothing_are_left_out():
    usual = settings_of(settings("some"))
    assert {"Rebalancing method", "Weight decay", "Synthetic digits added"}.isdisjoint(usual)
    assert usual["Network"] == "dense-sigmoid"
    changed = settings_of(
        settings("some", rebalancing="logit-adjustment", corruption_families=("noise",))
    )
    assert changed["Rebalancing strength"] == "1"
    assert changed["Share of corrupted images"] == "67%"
    assert "Loss" in changed
    assert "Loss" not in settings_of(settings("some", rebalancing="focal-loss"))


def test_the_precision_of_a_model_is_that_of_its_file():
    wanted = settings("some", precision="int8")
    assert settings_of(wanted)["Stored precision"] == "8 bits"
    assert settings_of(wanted, card("some"))["Stored precision"] == "32 bits"


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("none", "None"),
        ("step:0.5:100", "Step: 5 rare digits, 100 times fewer"),
        ("step:0.1", "Step: 1 rare digit, 100 times fewer"),
        ("long-tail:2.5", "Long tail: the last digit 2.5 times fewer than the first"),
        ("fixed", "Example"),
        ("counts:9,8,7,6,5,4,3,2,1,0", "Custom counts: 9, 8, 7, 6, 5, 4, 3, 2, 1, 0"),
    ],
)
def test_imbalance_is_described_in_the_words_of_the_page(profile, expected):
    assert imbalance_in_words(profile) == expected


def test_times_are_written_in_words():
    assert [duration(s) for s in (3, 24, 58, 100, 3600, 9000)] == [
        *("10 seconds", "20 seconds", "1 minute", "2 minutes", "60 minutes"),
        "2 hours 30 minutes",
    ]
    assert time_left(None) == "remaining time not known yet"
    assert time_left(2) == "a few seconds left"
    assert time_left(130) == "about 2 minutes left"
    now = time.time()
    assert [ago(now - s) for s in (5, 61, 7300, 200_000)] == [
        *("just now", "1 minute ago", "2 hours ago", "2 days ago"),
    ]
