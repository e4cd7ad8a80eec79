"""Runs as files: names, states, queue, limits. No training is done here."""

import io
import json
import os
import re
import shutil
import time
from dataclasses import asdict, fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import filelock
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_core import atomic, data, runs, serving, training
from mnist_core.cli.main import parser
from mnist_core.config import MAX_ENDED, MAX_WAITING, SHIPPED_MODELS
from mnist_core.errors import RunError
from mnist_core.runs import budget, control, liveness, memory, status, trainer
from mnist_core.serving import leftovers
from mnist_core.training import dataset, run_folder
from mnist_core.training.config import RECIPES
from mnist_core.training.options import command
from mnist_core.workspace import Workspace

CONFIG = replace(RECIPES["dense-sigmoid"], name="mine", epochs=3)
NOTHING = Workspace.inside(Path("none"))
ALL = (
    run_folder.STATUS,
    run_folder.CONFIG,
    run_folder.HISTORY,
    run_folder.STEPS,
    run_folder.MISTAKES,
    run_folder.LOG,
)


@pytest.fixture
def places(tmp_path):
    """Folders of this test's own, as the functions of `runs` take them."""
    return Workspace.inside(tmp_path)


@pytest.fixture
def launched(monkeypatch):
    """Start no process; returns what would have been started."""
    calls = []
    monkeypatch.setattr(control, "_launch", lambda *given: calls.append(given))
    return calls


@pytest.fixture
def run(places):
    """Write a run's folder: its settings, its status, and how many epochs it has done."""

    def write(name="mine", state="stopped", epochs=0, **recorded):
        folder = places.runs / name
        control.prepare(replace(CONFIG, name=name), places)
        now = {"state": state, "created": time.time(), "updated": time.time()}
        write_json(folder / run_folder.STATUS, now | recorded)
        rows = [",".join([str(n), *("0.5" for _ in training.COLUMNS[1:])]) for n in range(epochs)]
        (folder / run_folder.HISTORY).write_text("\n".join([",".join(training.COLUMNS), *rows, ""]))
        return folder

    return write


def write_json(path, content):
    path.write_text(json.dumps(content))


def write_model(settings, places, epochs_done=3):
    """Write a model of a run, with the files of one that we ship."""
    card = serving.load_card("dense-sigmoid")
    contents = {file: serving.read_file(card, file) for file in serving.FILES}
    made = json.loads(json.dumps(asdict(settings))) | {"epochs_done": epochs_done}
    card = replace(card, name=settings.name, training=made)
    serving.save_model(card, contents, workspace=places)


# Starting


def test_start_writes_the_folder_and_starts_the_command(places, launched):
    started = runs.start(CONFIG, workspace=places)
    assert (started.state, started.alive, started.config) == ("starting", True, CONFIG)
    assert (started.epochs, started.queued_behind) == (3, ())
    assert training.read_config(places.runs / "mine") == CONFIG
    ((folder, arguments, workspace),) = launched
    assert folder == places.runs / "mine"
    assert ["python", "-m", "mnist_core", *arguments] == command(CONFIG)
    assert workspace == places


def test_start_hands_over_own_digits_and_those_that_people_gave(places, launched):
    digits = data.Split(np.arange(2 * 784, dtype=np.uint8).reshape(2, 28, 28), np.array([3, 4]))
    config = replace(CONFIG, own_digits=2)
    assert runs.start(config, workspace=places, own=digits, given=digits).config == config
    ((_, arguments, _),) = launched
    own = places.runs / "mine" / run_folder.OWN
    asked = parser().parse_args([*arguments, "--models", "x", "--claimed"])
    assert asked.own_digits == own
    for file in (own, places.runs / "mine" / run_folder.GIVEN):
        found = data.from_npz(file.read_bytes())
        assert np.array_equal(found.images, digits.images)
        assert found.labels.tolist() == [3, 4]
    shown = runs.budget._images(config) - runs.budget._images(CONFIG)
    assert shown == 2 * dataset.own_rounds(2, runs.budget._images(CONFIG))
    control.prepare(CONFIG, places)
    assert not own.exists(), "a fresh training has its own digits"


@pytest.mark.parametrize("name", SHIPPED_MODELS)
def test_the_names_of_shipped_models_are_refused(places, launched, name):
    with pytest.raises(RunError, match="comes with the app"):
        runs.start(replace(CONFIG, name=name), workspace=places)
    assert not launched


def test_names_that_are_taken_are_refused(places, launched, run):
    run("mine", "done")
    with pytest.raises(RunError, match="already a training called 'mine'"):
        runs.start(CONFIG, workspace=places)
    write_model(replace(CONFIG, name="other"), places)
    with pytest.raises(RunError, match="already a model called 'other'"):
        runs.start(replace(CONFIG, name="other"), workspace=places)
    (places.runs / "link").symlink_to("nowhere")
    with pytest.raises(RunError, match="already a training called 'link'"):
        runs.start(replace(CONFIG, name="link"), workspace=places)
    assert not launched


@pytest.mark.parametrize(
    "act",
    [
        *(runs.read_status, runs.resume, runs.delete, runs.stop, runs.history),
        lambda name, **places: runs.rename("mine", name, **places),
    ],
)
def test_hostile_names_touch_nothing(places, tmp_path, run, act):
    run()
    (tmp_path / "up").mkdir()
    (tmp_path / "up" / run_folder.CONFIG).write_text("{}")
    kept = sorted(tmp_path.rglob("*"))
    for name in ["", "..", "../up", "/etc", "a/b", "A", ".lock", "x" * 42, None]:
        with pytest.raises(RunError, match="cannot be the name"):
            act(name, workspace=places)
        assert [
            p for p in sorted(tmp_path.rglob("*")) if p.name != run_folder.START_LOCK
        ] == kept, name


@pytest.mark.parametrize(
    "act",
    [runs.read_status, runs.resume, runs.delete, lambda name, **p: runs.rename(name, "new", **p)],
)
def test_runs_that_are_not_there_are_reported(places, act):
    with pytest.raises(RunError, match="There is no training called 'nobody'"):
        act("nobody", workspace=places)


def test_more_images_than_there_are_cannot_be_asked_for(places, launched):
    with pytest.raises(RunError, match="4,932 training images of the digit 0, 6,000 were"):
        runs.start(replace(CONFIG, imbalance="counts:" + ",".join(["6000"] * 10)), workspace=places)


def test_a_model_to_start_with_has_to_be_there(places, launched):
    with pytest.raises(RunError, match="There is no model 'nobody'"):
        runs.start(replace(CONFIG, start="nobody"), workspace=places)


@pytest.mark.parametrize("value", ["off", "OFF ", "0"])
def test_training_can_be_switched_off(places, launched, run, monkeypatch, value):
    run()
    monkeypatch.setenv("DIGIT_LAB_TRAINING", value)
    assert "switched off" in runs.training_disabled_reason()
    for act in (
        lambda: runs.start(replace(CONFIG, name="x"), workspace=places),
        lambda: runs.resume("mine", workspace=places),
    ):
        with pytest.raises(RunError, match="switched off"):
            act()
    assert not launched


def test_a_limit_of_minutes_is_reported(monkeypatch):
    monkeypatch.delenv("DIGIT_LAB_TRAINING_MINUTES", raising=False)
    assert runs.minutes_at_most() is None
    monkeypatch.setenv("DIGIT_LAB_TRAINING_MINUTES", "2.5")
    assert runs.minutes_at_most() == 2.5
    assert runs.training_disabled_reason() == ""
    for text in ("soon", "0", "-1", "nan", "inf"):
        monkeypatch.setenv("DIGIT_LAB_TRAINING_MINUTES", text)
        assert runs.minutes_at_most() is None
        assert f"received {text!r}" in runs.training_disabled_reason()


def test_too_little_memory_is_reported_in_numbers(places, launched, monkeypatch):
    monkeypatch.setattr(budget, "memory_free", lambda: 300e6)
    with pytest.raises(RunError, match=r"needs about \d{3,4} MB of memory, and 300 MB are"):
        runs.start(CONFIG, workspace=places)
    assert not launched


def test_the_queue_has_an_end(places, launched):
    for n in range(MAX_WAITING + 1):
        runs.start(replace(CONFIG, name=f"run-{n}"), workspace=places)
    with pytest.raises(RunError, match=f"{MAX_WAITING} trainings are queued"):
        runs.start(CONFIG, workspace=places)


def test_a_process_that_cannot_be_started_leaves_nothing(places, monkeypatch):
    monkeypatch.setattr(control, "PROGRAM", ("/no/such/program",))
    with pytest.raises(RunError, match="could not be started"):
        runs.start(CONFIG, workspace=places)
    assert runs.list_runs(workspace=places) == []


def test_a_full_disk_leaves_nothing_begun(places, launched, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic, "write_bytes", full)
    with pytest.raises(RunError, match=r"could not be started: The disk is full"):
        runs.start(CONFIG, workspace=places)
    assert not (places.runs / "mine").exists()


def test_a_folder_that_cannot_be_written_is_reported(tmp_path):
    (tmp_path / "runs").touch()
    with pytest.raises(RunError, match="folder of trainings cannot be written"):
        runs.start(CONFIG, workspace=Workspace.inside(tmp_path))
    assert runs.list_runs(workspace=Workspace.inside(tmp_path)) == []


# How it stands


def test_every_state_has_a_sentence():
    assert all(sentence.endswith(".") for sentence in runs.STATES.values())
    assert set(status.ALIVE) < set(runs.STATES)


def test_runs_are_listed_with_the_newest_first(places, run):
    for n, name in enumerate(["old", "newer", "newest"]):
        run(name, "done", created=n)
    (places.runs / "Not a run").mkdir()
    (places.runs / "empty").mkdir()
    (places.runs / "link").symlink_to("old")
    assert [s.name for s in runs.list_runs(workspace=places)] == ["newest", "newer", "old"]


def test_who_is_ahead_is_listed_in_order(places, run, monkeypatch):
    monkeypatch.setattr(run_folder, "is_held", lambda folder, **_: folder.name != "dead")
    for n, (name, state) in enumerate(
        {
            **{"second": "waiting", "third": "waiting", "first": "training"},
            **{"dead": "waiting", "last": "starting", "over": "done"},
        }.items()
    ):
        run(name, state, created=n)
    ahead = {s.name: s.queued_behind for s in runs.list_runs(workspace=places)}
    assert ahead == {
        **{"first": (), "second": ("first",), "third": ("first", "second")},
        **{"last": ("first", "second", "third"), "dead": (), "over": ()},
    }
    assert runs.read_status("third", workspace=places).queued_behind == ("first", "second")


@pytest.mark.parametrize("state", status.ALIVE)
def test_a_run_that_nobody_holds_was_interrupted(places, run, state):
    run(state=state, updated=time.time() - 2 * liveness.STARTING_AT_MOST, epochs=1)
    found = runs.read_status("mine", workspace=places)
    assert (found.state, found.alive, found.resumable) == ("interrupted", False, True)
    assert "never started" in found.message if state == "starting" else "killed" in found.message


@pytest.mark.parametrize(
    ("recorded", "ended", "words"),
    [
        ({}, {"code": -9}, r"signal 9 \(SIGKILL\). The system does that when memory runs out"),
        (
            {"memory_free": 40_000_000},
            {"code": -9},
            "SIGKILL.*Memory had nearly run out: 40 MB were left",
        ),
        ({}, {"code": -15}, r"signal 15 \(SIGTERM\)\.$"),
        ({}, {"code": -99}, r"signal 99\.$"),
        ({}, {"code": 3}, "exit code 3: the last line$"),
        ({}, {"code": -9, "created": 1}, "without a report"),
        ({"memory_free": 40_000_000}, {}, "without a report. Memory had nearly run out"),
        ({"updated": 1.0}, {}, "the machine was restarted since"),
        ({}, {"code": "x"}, "without a report: it was killed, or the machine was switched off"),
    ],
)
def test_the_cause_of_an_interruption_is_reported_where_it_is_known(
    places, run, recorded, ended, words
):
    folder = run(state="training", **{"memory_free": 1_000_000_000, "created": 5.0} | recorded)
    write_json(folder / run_folder.EXIT, {"created": 5.0} | ended)
    (folder / run_folder.LOG).write_text("first\nthe last line\n\n")
    message = runs.read_status("mine", workspace=places).message
    assert re.search(words, message), message


def test_a_run_that_ends_while_it_is_looked_at_is_not_taken_for_interrupted(
    places, run, monkeypatch
):
    folder = run(state="finishing", epochs=3)

    def ends_just_now(folder, **_):
        write_json(folder / run_folder.STATUS, {"state": "done", "message": "It went well."})
        return False

    monkeypatch.setattr(run_folder, "is_held", ends_just_now)
    found = runs.read_status(folder.name, workspace=places)
    assert (found.state, found.message) == ("done", "It went well.")


def test_a_run_from_before_there_was_a_status(places, run):
    folder = run(epochs=2)
    (folder / run_folder.STATUS).unlink()
    found = runs.read_status("mine", workspace=places)
    assert (found.state, found.epoch, found.resumable) == ("interrupted", 2, True)
    folder = run("whole", epochs=3)
    (folder / run_folder.STATUS).unlink()
    assert runs.read_status("whole", workspace=places).state == "done"


def test_only_its_own_model_makes_a_run_published(places, run):
    run(state="done", epochs=3)
    assert not runs.read_status("mine", workspace=places).published
    write_model(replace(CONFIG, seed=5), places)
    assert not runs.read_status("mine", workspace=places).published
    serving.delete_model("mine", workspace=places)
    write_model(CONFIG, places)
    assert runs.read_status("mine", workspace=places).published


def test_the_results_are_read(places, run):
    folder = run(epochs=2)
    assert runs.history("mine", workspace=places)[1]["epoch"] == 1
    assert runs.steps("mine", workspace=places) == []
    (folder / run_folder.STEPS).write_text("at,loss,accuracy\n0.5,2,0.25\n0.7,1.")
    assert runs.steps("mine", workspace=places) == [{"at": 0.5, "loss": 2, "accuracy": 0.25}]
    assert runs.mistakes("mine", workspace=places) is None
    wrong = {"images": np.zeros((2, 28, 28), np.uint8), "labels": [1, 2], "digits": [3, 9]}
    np.savez(folder / run_folder.MISTAKES, **wrong)
    found = runs.mistakes("mine", workspace=places)
    assert {name: np.asarray(array).tolist() for name, array in wrong.items()} == {
        name: array.tolist() for name, array in found.items()
    }
    assert runs.first_layer("mine", workspace=places) is None
    before, now = np.zeros((30, 5, 5)), np.ones((30, 5, 5))
    run_folder.write_first_layer(folder, before, now)
    weights = runs.first_layer("mine", workspace=places)
    for name, array in {"before": before, "now": now}.items():
        np.testing.assert_array_equal(weights[name], array[: run_folder.SHOWN_UNITS])


def test_the_columns_of_older_runs_are_read_under_their_new_names(places, run):
    path = run(epochs=1) / run_folder.HISTORY
    text = path.read_text()
    old = text.replace("val_corrupted", "val_damaged").replace("val_worst_recall", "val_worst")
    assert old != text
    before = runs.history("mine", workspace=places)
    path.write_text(old)
    assert runs.history("mine", workspace=places) == before
    assert training.read_history(path.parent) == before


def test_a_report_from_before_it_had_a_reason_is_read(places, run):
    run(state="stopped", message="It was stopped by hand. mine: 97%.", epoch=2)
    found = runs.read_status("mine", workspace=places)
    assert (found.message, found.epoch) == ("It was stopped by hand. mine: 97%.", 2)
    assert (found.reason, found.outcome) == ("", "")


def test_the_end_has_a_reason_and_an_outcome(places, run):
    run(state="starting")
    with trainer.Trainer(CONFIG, workspace=places) as mine:
        mine.end("stopped", reason="It was enough.", outcome="published", summary="mine: 97%.")
    found = runs.read_status("mine", workspace=places)
    assert (found.reason, found.outcome) == ("It was enough.", "published")
    assert found.message == "It was enough. The best weights were kept. mine: 97%."
    assert set(status.OUTCOMES) == set(get_args(run_folder.Outcome))
    assert set(runs.STATES) == set(get_args(run_folder.State))


def npz(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 but no more",
        npz(images=np.zeros((1, 28, 28), np.uint8), labels=[1]),
        npz(images=np.zeros((1, 28, 28)), labels=[1], digits=[2]),
        npz(images=np.zeros((1, 28, 27), np.uint8), labels=[1], digits=[2]),
        npz(images=np.zeros((1, 28, 28), np.uint8), labels=[1], digits=[12]),
        npz(images=np.zeros((1, 28, 28), np.uint8), labels=[[1]], digits=[2]),
        npz(images=np.zeros((1, 28, 28), np.uint8), labels=["a"], digits=[2]),
        npz(images=np.uint8(3), labels=[], digits=[]),
        npz(images=np.zeros((10**6, 28), np.uint8), labels=[1], digits=[2]),
        npz(images=np.array([{}]), labels=[1], digits=[2]),
        npz(before=np.zeros((2, 5, 5)), now=np.zeros((2, 5, 5))),
        npz(before=np.zeros((2, 5, 5), np.float16), now=np.zeros((3, 5, 5), np.float16)),
        npz(before=np.zeros((2, 5, 5), np.float16), now=np.full((2, 5, 5), np.nan, np.float16)),
        npz(before=np.zeros((2, 5, 29), np.float16), now=np.zeros((2, 5, 29), np.float16)),
        npz(before=np.zeros((25, 5, 5), np.float16), now=np.zeros((25, 5, 5), np.float16)),
        npz(before=np.float16(1), now=np.float16(1)),
    ],
)
def test_damaged_pictures_are_none(places, run, content):
    folder = run()
    for name in (run_folder.MISTAKES, run_folder.FIRST_LAYER):
        (folder / name).write_bytes(content)
    assert runs.mistakes("mine", workspace=places) is None
    assert runs.first_layer("mine", workspace=places) is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)
KEYS = st.sampled_from([f.name for f in fields(runs.Status)] + [f.name for f in fields(CONFIG)])
CONTENTS = (
    st.binary(max_size=60)
    | st.dictionaries(KEYS, VALUES, max_size=6).map(lambda d: json.dumps(d).encode())
    | st.dictionaries(KEYS, VALUES, max_size=3).map(
        lambda d: json.dumps(asdict(CONFIG) | d).encode()
    )
    | st.integers(1, 1).map(lambda n: b"[" * 100_000 * n)
    | st.lists(VALUES, max_size=8).map(lambda v: f"epoch,at,loss\n{v}".encode("utf-8", "replace"))
)


@given(st.dictionaries(st.sampled_from([*ALL, run_folder.EXIT]), CONTENTS))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_damaged_files_raise_nothing(tmp_path, damaged):
    places = Workspace(tmp_path / "models", tmp_path)
    folder = tmp_path / "mine"
    control.prepare(CONFIG, places)
    for name, content in damaged.items():
        (folder / name).write_bytes(content)
    found = runs.read_status("mine", workspace=places)
    assert found.state in runs.STATES
    assert [s.name for s in runs.list_runs(workspace=places)] == ["mine"]
    for read in (runs.history, runs.steps, runs.mistakes, runs.first_layer):
        read("mine", workspace=places)
    assert found.state == "starting" or not found.alive


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_what_is_no_plain_file_is_not_waited_for(places, run, kind):
    folder = run()
    make = {"pipe": os.mkfifo, "folder": Path.mkdir, "link": lambda p: p.symlink_to("/dev/zero")}
    for name in ALL:
        (folder / name).unlink(missing_ok=True)
        make[kind](folder / name)
    found = runs.read_status("mine", workspace=places)
    assert (found.config, found.resumable, found.state) == (None, False, "interrupted")
    assert runs.history("mine", workspace=places) == []
    with pytest.raises(RunError, match="settings of 'mine' are damaged"):
        runs.resume("mine", workspace=places)
    runs.delete("mine", workspace=places)
    assert Path("/dev/zero").exists()
    assert runs.list_runs(workspace=places) == []


# What people do with runs


@pytest.mark.parametrize("state", ["stopped", "failed", "interrupted"])
def test_resume_starts_the_command_again(places, launched, run, state):
    folder = run(state=state, epochs=1, created=1.0, epoch=2)
    for name in (run_folder.STOP, run_folder.EXIT):
        (folder / name).touch()
    resumed = runs.resume("mine", workspace=places)
    assert (resumed.state, resumed.epoch) == ("starting", 2)
    assert resumed.created > 1
    assert [call[1] for call in launched] == [["train", "--resume", "--name", "mine"]]
    assert not (folder / run_folder.STOP).exists()
    assert not (folder / run_folder.EXIT).exists()
    with pytest.raises(RunError, match="being trained already"):
        runs.resume("mine", workspace=places)


def test_a_run_that_is_whole_is_not_resumed(places, launched, run):
    run(state="done", epochs=3)
    with pytest.raises(RunError, match="has done all its 3 epochs"):
        runs.resume("mine", workspace=places)
    run("unpublished", "interrupted", epochs=3)
    assert runs.resume("unpublished", workspace=places).alive
    run("published", "stopped", epochs=3)
    write_model(replace(CONFIG, name="published"), places)
    with pytest.raises(RunError, match="has done all its 3 epochs"):
        runs.resume("published", workspace=places)
    # Its model is of an earlier stop: it was killed while it wrote the new one.
    run("again", "interrupted", epochs=3)
    write_model(replace(CONFIG, name="again"), places, epochs_done=2)
    assert runs.read_status("again", workspace=places).published
    assert runs.resume("again", workspace=places).alive


def test_a_run_that_would_fail_again_is_not_resumed(places, launched, run):
    run(state="failed", epochs=2, final=True)
    assert not runs.read_status("mine", workspace=places).resumable
    with pytest.raises(RunError, match="would fail again"):
        runs.resume("mine", workspace=places)


def test_a_resume_that_cannot_be_launched_leaves_the_run_as_it_was(places, run, monkeypatch):
    run(state="failed", epochs=1, message="Memory ran out.")

    def refuse(*_):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(control, "_launch", refuse)
    with pytest.raises(RunError, match="could not be started: Cannot allocate memory"):
        runs.resume("mine", workspace=places)
    found = runs.read_status("mine", workspace=places)
    assert (found.state, found.message, found.resumable) == ("failed", "Memory ran out.", True)


def test_resume_replaces_no_model_but_its_own(places, launched, run):
    run(epochs=1)
    write_model(replace(CONFIG, seed=7), places)
    with pytest.raises(RunError, match="this training has not written"):
        runs.resume("mine", workspace=places)
    serving.delete_model("mine", workspace=places)
    write_model(CONFIG, places)
    assert runs.resume("mine", workspace=places).alive
    run("digit-net", "interrupted", epochs=1)
    with pytest.raises(RunError, match="comes with the app"):
        runs.resume("digit-net", workspace=places)


def test_stop_leaves_a_word_for_the_trainer(places, run, monkeypatch):
    folder = run(state="training")
    runs.stop("mine", workspace=places)
    runs.stop("mine", workspace=places)
    assert (folder / run_folder.STOP).exists()
    assert not runs.read_status("mine", workspace=places).stopping  # its trainer is gone
    monkeypatch.setattr(run_folder, "is_held", lambda *_, **__: True)
    assert runs.read_status("mine", workspace=places).stopping


def test_who_looks_whether_a_run_is_at_work_while_it_is_deleted_makes_no_folder(
    places, run, monkeypatch
):
    folder, acquire = run(), filelock.FileLock.acquire
    (folder / run_folder.LOCK).touch()

    def acquire_late(lock, **options):
        shutil.rmtree(folder, ignore_errors=True)
        return acquire(lock, **options)

    monkeypatch.setattr(filelock.FileLock, "acquire", acquire_late)
    assert not run_folder.is_held(folder)
    assert not folder.exists()


def test_delete_leaves_the_model(places, run):
    run(state="done", epochs=3)
    write_model(CONFIG, places)
    runs.delete("mine", workspace=places)
    assert runs.list_runs(workspace=places) == []
    assert serving.load_card("mine", workspace=places)
    assert [p.name for p in places.runs.iterdir()] == [run_folder.START_LOCK]


@pytest.mark.parametrize("act", [runs.delete, lambda name, **p: runs.rename(name, "new", **p)])
def test_runs_that_are_alive_are_neither_deleted_nor_renamed(places, run, act):
    run(state="training")
    alive = trainer.Trainer(CONFIG, workspace=places)
    with alive, pytest.raises(RunError, match="stop it first"):
        act("mine", workspace=places)
    act("mine", workspace=places)


def test_rename_takes_the_model_along(places, run):
    run(state="done", epochs=3)
    write_model(CONFIG, places)
    runs.rename("mine", "yours", workspace=places)
    (found,) = runs.list_runs(workspace=places)
    assert (found.name, found.published, found.config.name) == ("yours", True, "yours")
    assert [card.name for card in serving.list_models(workspace=places)] == ["yours"]
    assert training.read_config(places.runs / "yours").name == "yours"


def test_rename_leaves_another_persons_model(places, run):
    run(state="stopped", epochs=1)
    write_model(replace(CONFIG, seed=7), places)
    runs.rename("mine", "yours", workspace=places)
    assert serving.load_card("mine", workspace=places)
    run("third", "done")
    with pytest.raises(RunError, match="already a training called 'third'"):
        runs.rename("yours", "third", workspace=places)
    with pytest.raises(RunError, match="already a model called 'mine'"):
        runs.rename("yours", "mine", workspace=places)
    with pytest.raises(RunError, match="comes with the app"):
        runs.rename("yours", "digit-net", workspace=places)
    run("digit-net", "done")
    with pytest.raises(RunError, match="keeps its name"):
        runs.rename("digit-net", "another", workspace=places)


def test_a_full_disk_is_reported_before_a_training_starts(places, launched, monkeypatch):
    monkeypatch.setattr("mnist_core.runs.checks.disk_free", lambda folder: 150_000_000)
    with pytest.raises(RunError, match="up to 200 MB on the disk, and 150 MB are free"):
        runs.start(CONFIG, workspace=places)
    assert not launched
    assert budget.disk_free(places.runs / "not" / "there") > 0


def test_the_oldest_runs_make_room(places, launched, run):
    for n in range(MAX_ENDED + 3):
        run(f"run-{n}", "done", created=n)
    (run("no-status") / run_folder.STATUS).unlink()
    left = places.runs / f"{run_folder.DELETED}some-1"
    left.mkdir()
    runs.start(CONFIG, workspace=places)
    names = {s.name for s in runs.list_runs(workspace=places)}
    assert "mine" in names
    assert "no-status" in names
    assert names.isdisjoint({"run-0", "run-1", "run-2", "run-3"})
    assert len(names) == MAX_ENDED + 1
    assert not left.exists()


# The trainer's side


def progress(epoch=1, step=1, **changes):
    usual = {"loss": 0.5, "accuracy": 0.75, "seconds_left": 9.0, "epochs": 3, "steps": 4}
    return training.Progress(epoch=epoch, step=step, **usual | changes)


def test_a_trainer_reports_its_progress(places, run, monkeypatch):
    folder = run(state="starting", epochs=1)
    (folder / run_folder.STEPS).write_text("at,loss,accuracy\n0.5,2,0.5\n1,1,0.75\n1.25,0.5,0.75\n")
    with trainer.Trainer(CONFIG, workspace=places) as mine:
        assert runs.read_status("mine", workspace=places).state == "waiting"
        assert mine.wait_for_turn(pytest.fail)
        assert runs.read_status("mine", workspace=places).state == "preparing"
        monkeypatch.setattr(trainer, "EVERY", 0)
        mine.report(progress(epoch=2, step=2))
        now = runs.read_status("mine", workspace=places)
        assert (now.state, now.epoch, now.step, now.steps) == ("training", 2, 2, 4)
        assert (now.loss, now.accuracy, now.seconds_left) == (0.5, 0.75, 9)
        assert now.memory > 1e6
        monkeypatch.setattr(trainer, "EVERY", 60)
        mine.report(progress(epoch=2, step=3))
        assert runs.read_status("mine", workspace=places).step == 2
        mine.report(progress(epoch=2, step=4, validation={}))
        mine.report_finishing()
        assert runs.read_status("mine", workspace=places).state == "finishing"
        mine.end("done", summary="It went well.")
    now = runs.read_status("mine", workspace=places)
    assert (now.state, now.message, now.alive) == ("done", "It went well.", False)
    at = [point["at"] for point in runs.steps("mine", workspace=places)]
    assert at == [0.5, 1, 1.5, 2]
    assert not (folder / run_folder.RESERVE).exists()


@pytest.mark.parametrize(
    ("error", "kind", "state", "words"),
    [
        (OSError(28, "No space left on device"), RunError, "failed", "The disk is full"),
        (MemoryError(), RunError, "failed", "Memory ran out"),
        (RunError("Lower the rate."), RunError, "failed", "Lower the rate."),
        (PermissionError(13, "no", "x"), RunError, "failed", "no: 'x'"),
        (ZeroDivisionError("by zero"), ZeroDivisionError, "failed", "unexpected error: ZeroDiv"),
        (KeyboardInterrupt(), KeyboardInterrupt, "stopped", "Ctrl-C"),
    ],
)
def test_errors_that_end_a_training_are_reported(places, run, error, kind, state, words):
    folder = run(state="starting")
    (folder / "part-best.keras").touch()
    with pytest.raises(kind), trainer.Trainer(CONFIG, workspace=places):
        raise error
    found = runs.read_status("mine", workspace=places)
    assert (found.state, found.resumable) == (state, True)
    assert words in found.message
    assert not list(folder.glob("part-*"))


def test_the_last_word_is_written_on_what_was_kept_for_it(places, run, monkeypatch):
    folder = run(state="starting")
    write = atomic.write_bytes

    def full(path, content):
        if (folder / run_folder.RESERVE).exists():
            raise OSError(28, "No space left on device")
        write(path, content)

    def fill_the_disk():
        monkeypatch.setattr(atomic, "write_bytes", full)
        raise OSError(28, "No space left on device")

    mine = trainer.Trainer(CONFIG, workspace=places)
    with pytest.raises(RunError, match="The disk is full"), mine:
        fill_the_disk()
    assert "The disk is full" in runs.read_status("mine", workspace=places).message


def test_a_folder_has_one_trainer(places, run, monkeypatch):
    monkeypatch.setattr(trainer, "CLAIM_SECONDS", 0.1)
    run(state="starting")
    with trainer.Trainer(CONFIG, workspace=places):
        second = trainer.Trainer(CONFIG, workspace=places)
        with pytest.raises(RunError, match="being trained already"):
            second.__enter__()
        assert runs.read_status("mine", workspace=places).state == "waiting"


def test_a_trainer_from_the_app_needs_memory_when_its_turn_comes(places, run, monkeypatch):
    monkeypatch.setattr(trainer, "memory_free", lambda: 3_000_000)
    monkeypatch.setattr(trainer, "leave_the_processor_to_others", lambda: None)
    run()
    mine = trainer.Trainer(CONFIG, workspace=places, background=True)
    # What it has taken already counts as free for it.
    taken = SimpleNamespace(rss=2_000_000)
    mine._process = SimpleNamespace(pid=1, memory_info=lambda: taken)
    with pytest.raises(RunError, match="5 MB are free"), mine:
        mine.wait_for_turn(print)
    assert "5 MB are free" in runs.read_status("mine", workspace=places).message


def test_a_training_stops_itself_after_the_minutes_that_it_may_take(places, run, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_TRAINING_MINUTES", "0.001")
    run()
    with trainer.Trainer(CONFIG, workspace=places) as mine:
        mine.wait_for_turn(print)
        time.sleep(0.1)
        assert mine.asked_to_stop()
        assert mine.stop_reason == "It was stopped after 0.001 minutes, the limit here"


def test_what_a_killed_trainer_left_of_its_model_is_put_right(places, monkeypatch):
    models = places.models
    for name in ("mine-abcdefg_", "mine-abcdefg_-old", "yours-abcdefg_", "mine-two-abcdefg_"):
        (models / f".{name}").mkdir(parents=True)
    (models / ".mine-abcdefg_-old" / serving.CARD).write_text("the old one")
    leftovers.tidy_models("mine", workspace=places)
    assert (models / "mine" / serving.CARD).read_text() == "the old one"
    left = sorted(path.name for path in models.iterdir())
    assert left == [".mine-two-abcdefg_", ".yours-abcdefg_", "mine"]
    now = time.time()
    monkeypatch.setattr(leftovers.time, "time", lambda: now + leftovers.OLD + 1)
    leftovers.tidy_models("mine", workspace=places)
    assert [path.name for path in models.iterdir()] == ["mine"]


# What it costs


def test_memory_free_is_what_the_tightest_group_leaves(tmp_path, monkeypatch):
    texts = {
        "/proc/self/cgroup": "4:memory:/a/b\n1:cpu:/\n0::/x",
        "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "3000",
        "/sys/fs/cgroup/memory/a/memory.usage_in_bytes": "2500",
        "/sys/fs/cgroup/memory/a/memory.stat": "cache 9\ntotal_inactive_file 400\n",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes": "2500",
        "/sys/fs/cgroup/x/memory.max": "max",
        "/sys/fs/cgroup/memory.max": "5000",
        "/sys/fs/cgroup/memory.current": "1000",
    }
    monkeypatch.setattr(memory, "_text", lambda path: texts.get(str(path), ""))
    assert runs.memory_free() == 900
    monkeypatch.setattr(memory, "_text", lambda path: "")
    assert runs.memory_free() == pytest.approx(memory.psutil.virtual_memory().available, rel=0.1)


def test_bigger_trainings_need_more():
    plain = RECIPES["cnn-three"]
    for changes in (
        {"batch_size": 2048},
        {"synthetic_digits": 200_000},
        {"architecture": "digit-net"},
    ):
        assert runs.memory_needed(replace(plain, **changes)) > runs.memory_needed(plain)
    longer = [
        {"epochs": 20},
        {"batch_size": 4},
        {"augmentation": "handwriting"},
        {"synthetic_digits": 50_000},
    ]
    corrupted = {"corruption_families": ("noise",)}
    for changes in (*longer, corrupted, {"rebalancing": "classifier-retraining"}):
        slow = runs.estimate(replace(plain, **changes), workspace=NOTHING)
        assert slow > runs.estimate(plain, workspace=NOTHING)
    for fewer in ({"share": 0.1}, {"imbalance": "fixed"}):
        low, high = runs.estimate(replace(plain, **fewer), workspace=NOTHING)
        assert 5 < low < high < runs.estimate(plain, workspace=NOTHING)[1]
    impossible = replace(plain, share=0.1, imbalance="fixed")
    assert runs.estimate(impossible, workspace=NOTHING) == runs.estimate(plain, workspace=NOTHING)


def test_the_estimate_knows_the_processor(monkeypatch):
    plain = replace(RECIPES["digit-net"], epochs=3, half_precision=False)

    def estimate(config, *flags):
        monkeypatch.setattr(budget, "processor_flags", lambda: frozenset(flags))
        monkeypatch.setattr(budget, "knows_bfloat16", lambda: "avx512_bf16" in flags)
        return runs.estimate(config, workspace=NOTHING)

    new, old = estimate(plain, "avx2", "avx512f"), estimate(plain, "avx2")
    assert old == pytest.approx([2 * seconds for seconds in new])
    assert estimate(plain) == (new[0], old[1])  # an unknown processor: from fast to slow
    half = replace(plain, half_precision=True)
    assert estimate(half, "avx512f", "avx512_bf16") < new
    assert estimate(half, "avx2")[0] > 5 * old[0]


def test_earlier_runs_are_read_again_only_when_they_have_changed(places, run, monkeypatch):
    read, asked = run_folder.read_history, []

    def count(folder, **options):
        asked.append(folder.name)
        return read(folder, **options)

    folder = run(state="done", epochs=2)
    run("other", "done", epochs=1)
    monkeypatch.setattr(run_folder, "read_history", count)
    for _ in range(3):
        runs.estimate(CONFIG, workspace=places)
    assert sorted(asked) == ["mine", "other"]
    with (folder / run_folder.HISTORY).open("a") as file:
        file.write(",".join("3" for _ in training.COLUMNS) + "\n")
    runs.estimate(CONFIG, workspace=places)
    assert sorted(asked) == ["mine", "mine", "other"]


def test_earlier_runs_tell_how_fast_the_machine_is(places, run, monkeypatch):
    usual = runs.estimate(CONFIG, workspace=places)
    seconds = 5 * budget._epoch(CONFIG)
    folder = run(state="done", epochs=2)
    rows = [f"{epoch},1,1,1,1,1,1,1,{epoch * seconds}" for epoch in (1, 2)]
    (folder / run_folder.HISTORY).write_text("\n".join([",".join(training.COLUMNS), *rows, ""]))
    # Of so short ones most goes into building the network.
    assert runs.estimate(CONFIG, workspace=places) == usual
    monkeypatch.setattr(budget, "TELLING", 0.1)
    # A run of another network counts for less.
    folder = run("other", state="done", epochs=2)
    run_folder.write_config(folder, replace(RECIPES["lenet-two"], name="other"))
    low, high = runs.estimate(CONFIG, workspace=places)
    assert usual[1] < low < 5 * (budget._around(CONFIG) + 3 * budget._epoch(CONFIG)) < high


def test_other_files_in_the_folder_of_a_training_are_left_alone(places):
    folder = places.runs / "mine"
    folder.mkdir(parents=True)
    (folder / "thesis.txt").write_text("mine")
    (folder / run_folder.LAST).write_text("an earlier one's")
    control.prepare(CONFIG, places)
    assert (folder / "thesis.txt").read_text() == "mine"
    assert not (folder / run_folder.LAST).exists()


def test_a_model_whose_run_is_gone_is_renamed_but_not_onto_a_run(places, run):
    write_model(CONFIG, places)
    run("other", "done")
    with pytest.raises(RunError, match="already a training called 'other'"):
        runs.rename("mine", "other", workspace=places)
    runs.rename("mine", "new", workspace=places)
    assert serving.load_card("new", workspace=places)
    with pytest.raises(RunError, match="no training called 'mine'"):
        runs.rename("mine", "newer", workspace=places)
    with pytest.raises(RunError, match="no training called"):
        runs.rename("digit-net", "newer", workspace=places)


def test_a_resumed_run_forgets_how_much_memory_there_was(places, launched, run):
    folder = run(state="interrupted")
    path = folder / run_folder.STATUS
    write_json(path, json.loads(path.read_text()) | {"memory": 9})
    assert runs.resume("mine", workspace=places).memory == 0
