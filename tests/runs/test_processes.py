"""Runs in processes of their own: turns, kills, restarts, full disks."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from mnist_core import runs, serving, training
from mnist_core.errors import RunError
from mnist_core.runs import control, exits, trainer
from mnist_core.training import run_folder
from mnist_core.training.config import RECIPES
from mnist_core.workspace import Workspace
from tests.cli.test_workers import heed_ctrl_c

CONFIG = replace(RECIPES["dense-sigmoid"], name="mine", epochs=3, non_digits=40)

# Trains nothing: ends when it is stopped or when a file called `go` lies in its folder.
FAKE = """
import sys, time
from mnist_core import cli

def train(trainer, config, asked, workers, own):
    trainer._report("training")
    while not trainer.asked_to_stop():
        if (trainer.folder / "go").exists():
            return trainer.end("done", summary="It went well.")
        if (trainer.folder / "fail").exists():
            sys.exit("Something broke.")
        time.sleep(0.02)
    trainer.end("stopped", reason=trainer.stop_reason)

cli.train._train = train
sys.exit(cli.main(sys.argv[1:]))
"""

# Trains for real on few images. Files can be made no larger than FILE_LIMIT, and at KILL_AT this
# process kills itself.
SMALL = """
import os, sys
# TensorFlow and Keras would load these, too, which no training needs.
sys.modules |= {"jax": None, "sklearn": None}
import numpy as np
from mnist_core import cli, data
from mnist_core.synthesis.digits import synthetic_digits
from mnist_core import atomic
from mnist_core.runs import trainer

def split(n):
    labels = np.arange(n, dtype=np.uint8) % 10
    return data.Split(synthetic_digits(labels, np.random.default_rng(n)), labels)

small = data.Mnist(train=split(500), validation=split(100), test=split(60))
data.load_mnist = lambda **_: small
trainer.leave_the_processor_to_others = lambda: None  # tests wait for it
if "FILE_LIMIT" in os.environ:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(os.environ["FILE_LIMIT"]),) * 2)
if "KILL_AT" in os.environ:
    write = atomic.write_bytes
    def kill(path, content, **options):
        if path.name == os.environ["KILL_AT"]:
            os.kill(os.getpid(), 9)
        write(path, content, **options)
    atomic.write_bytes = kill
sys.exit(cli.main(sys.argv[1:]))
"""

unix = pytest.mark.skipif(os.name == "nt", reason="needs the signals and limits of Unix")


@pytest.fixture
def places(tmp_path):
    """Folders of this test's own; trainers that still live at its end are stopped."""
    found = Workspace.inside(tmp_path)
    yield found
    for run in runs.list_runs(workspace=found):
        runs.stop(run.name, workspace=found)
    wait_for(lambda: not any(run.alive for run in runs.list_runs(workspace=found)))


@pytest.fixture
def fake(monkeypatch):
    monkeypatch.setattr(control, "PROGRAM", (sys.executable, "-c", FAKE))


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(control, "PROGRAM", (sys.executable, "-c", SMALL))


def wait_for(found, seconds=180):
    """Ask until there is an answer; returns it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := found():
            return answer
        time.sleep(0.05)
    raise AssertionError("It did not happen.")


def wait_until(name, places, *states):
    """Wait until a run is in one of some states; returns its Status."""

    def look():
        now = runs.read_status(name, workspace=places)
        return now if now.state in states else None

    return wait_for(look)


def kill(name, places):
    """Kill a run's trainer as the system does when memory runs out."""
    os.kill(json.loads((places.runs / name / run_folder.STATUS).read_text())["pid"], 9)


def test_trainings_take_turns(places, fake):
    names = ["first", "second", "third"]
    for name in names:
        runs.start(replace(CONFIG, name=name), workspace=places)
    wait_until("first", places, "training")
    assert wait_until("third", places, "waiting").queued_behind == ("first", "second")
    assert runs.read_status("second", workspace=places).queued_behind == ("first",)
    runs.stop("second", workspace=places)
    stopped = wait_until("second", places, "stopped")
    assert stopped.message == "It was stopped by hand before its turn came."
    assert stopped.resumable
    log = places.runs / "third" / run_folder.LOG
    assert "Waiting for the training of 'first' to end..." in log.read_text()

    # Who resumes queues up behind the others.
    assert runs.resume("second", workspace=places).queued_behind == ("first", "third")
    (places.runs / "first" / "go").touch()
    assert wait_until("first", places, "done").message == "It went well."
    wait_until("third", places, "training")
    assert runs.read_status("second", workspace=places).alive
    assert runs.read_status("second", workspace=places).state in ("starting", "waiting")
    (places.runs / "second" / "go").touch()
    (places.runs / "third" / "go").touch()
    wait_until("second", places, "done")


@unix
def test_a_killed_trainer_lets_the_next_one_begin(places, fake):
    for name in ("first", "second"):
        runs.start(replace(CONFIG, name=name), workspace=places)
    wait_until("first", places, "training")
    with pytest.raises(RunError, match="being trained already"):
        runs.resume("first", workspace=places)
    with pytest.raises(RunError, match="stop it first"):
        runs.delete("first", workspace=places)
    kill("first", places)
    wait_until("first", places, "interrupted")
    wait_for(lambda: "SIGKILL" in runs.read_status("first", workspace=places).message)
    wait_until("second", places, "training")
    (places.runs / "second" / "fail").touch()
    wait_until("second", places, "failed")
    assert runs.read_status("second", workspace=places).message.endswith(
        "SystemExit: Something broke."
    )


@unix
def test_who_leaves_the_processor_to_others(places, fake):
    runs.start(CONFIG, workspace=places)
    wait_until("mine", places, "training")
    pid = json.loads((places.runs / "mine" / run_folder.STATUS).read_text())["pid"]
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, pid) == max(own, trainer.NICENESS)
    assert os.getsid(pid) == pid


def test_a_process_that_ends_before_it_reports_anything_is_noticed(places, monkeypatch):
    monkeypatch.setattr(
        control, "PROGRAM", (sys.executable, "-c", "import sys; sys.exit('No, thank you.')")
    )
    runs.start(CONFIG, workspace=places)
    found = wait_until("mine", places, "interrupted")
    assert found.message == "It ended with exit code 1: No, thank you."
    assert found.resumable


def test_of_two_who_start_at_the_same_moment_one_is_refused(places, fake):
    ready, outcomes = threading.Barrier(4), []

    def start():
        ready.wait()
        try:
            outcomes.append(runs.start(CONFIG, workspace=places).name)
        except RunError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("mine") == 1
    assert outcomes.count("There is already a training called 'mine': take another name.") == 3
    wait_until("mine", places, "training")


APP = """
import sys
import time
from pathlib import Path
from mnist_core import runs
from mnist_core.errors import RunError
from mnist_core.runs import control
from mnist_core.workspace import Workspace
from tests.runs import test_processes as tests
control.PROGRAM = (sys.executable, "-c", getattr(tests, sys.argv[1]))
places = Workspace.inside(Path(sys.argv[2]))
try:
    runs.start(tests.CONFIG, workspace=places)
except RunError as error:
    sys.exit(str(error))
print("started", file=sys.stderr, flush=True)
if "stay" in sys.argv:
    time.sleep(600)
"""


def app(script, places, *options):
    """Start a training from an app that ends at once, or stays until it is killed."""
    return subprocess.Popen(
        [sys.executable, "-c", APP, script, str(places.runs.parent), *options],
        stderr=subprocess.PIPE,
        text=True,
    )


@unix
def test_a_run_outlives_the_app_that_started_it(places):
    apps = [app("FAKE", places) for _ in range(2)]
    words = [process.communicate(timeout=60)[1] for process in apps]
    assert sorted(word == "started\n" for word in words) == [False, True]
    assert "already a training called 'mine'" in "".join(words)
    assert wait_until("mine", places, "training").alive
    kill("mine", places)
    found = wait_until("mine", places, "interrupted")
    assert (
        found.message
        == "It ended without a report: it was killed, or the machine was switched off."
    )


@unix
def test_a_training_goes_on_when_the_app_is_killed(places):
    process = app("FAKE", places, "stay")
    assert process.stderr.readline() == "started\n"
    wait_until("mine", places, "training")
    process.kill()
    assert process.wait() == -signal.SIGKILL
    time.sleep(0.3)
    assert runs.read_status("mine", workspace=places).alive
    (places.runs / "mine" / "go").touch()
    found = wait_until("mine", places, "done", "interrupted", "failed")
    assert (found.state, found.message) == ("done", "It went well.")


@unix
def test_a_training_that_dies_with_its_app_is_reported_and_can_be_continued(places):
    process = app("FAKE", places, "stay")
    assert process.stderr.readline() == "started\n"
    wait_until("mine", places, "training")
    process.kill()  # both: as when the system needs memory, or a container ends
    kill("mine", places)
    process.wait()
    found = wait_until("mine", places, "interrupted")
    assert found.message.startswith("It ended without a report")
    assert found.resumable


@unix
def test_ctrl_c_ends_the_wait_on_the_command_line(places, fake):
    runs.start(CONFIG, workspace=places)
    wait_until("mine", places, "training")
    where = ["--runs", str(places.runs), "--models", str(places.models)]
    command = [sys.executable, "-c", FAKE, "train", "--arch", "dense-five", *where, "--name", "own"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=heed_ctrl_c)
    assert "Waiting for the training of 'mine' to end..." in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert runs.read_status("own", workspace=places).state == "stopped"
    assert runs.read_status("mine", workspace=places).alive
    again = subprocess.run([*command[:-1], "mine"], stderr=subprocess.PIPE, text=True, timeout=60)
    assert again.returncode == 2
    assert "'mine' is being trained already" in again.stderr


@unix
def test_a_training_that_is_killed_again_and_again_still_comes_to_its_end(
    places, small, monkeypatch
):
    config = replace(CONFIG, epochs=15, batch_size=4)
    folder = places.runs / "mine"
    # The app is closed as soon as the training has begun; the training is killed in an epoch.
    runs.start(config, workspace=places)
    wait_for(lambda: len(runs.history("mine", workspace=places)) >= 2)
    kill("mine", places)
    found = wait_until("mine", places, "interrupted")
    assert found.resumable
    assert not found.published
    done = len(runs.history("mine", workspace=places))
    assert 2 <= done < 15

    # It goes on, and is killed while it writes the model.
    monkeypatch.setenv("KILL_AT", serving.CARD)
    runs.resume("mine", workspace=places)
    wait_until("mine", places, "interrupted")
    assert [row["epoch"] for row in training.read_history(folder)] == list(range(1, 16))
    assert serving.list_models(workspace=places) == []
    assert len(list(places.models.iterdir())) == 1
    points = [point["at"] for point in runs.steps("mine", workspace=places)]
    assert points == sorted(points)

    monkeypatch.delenv("KILL_AT")
    assert runs.read_status("mine", workspace=places).resumable
    runs.resume("mine", workspace=places)
    found = wait_until("mine", places, "done", "failed", "interrupted")
    assert (found.state, found.published, found.resumable) == ("done", True, False)
    assert "of the 60 test images classified correctly" in found.message
    assert [path.name for path in places.models.iterdir()] == ["mine"]
    card = serving.load_card("mine", workspace=places)
    assert card.training["epochs_done"] == 15


@unix
def test_a_full_disk_is_reported_and_the_training_continues_when_there_is_space(
    places, small, monkeypatch
):
    monkeypatch.setenv("FILE_LIMIT", "60000")  # the weights take more
    runs.start(replace(CONFIG, epochs=1000, batch_size=4), workspace=places)
    found = wait_until("mine", places, "failed", "interrupted", "done")
    assert (found.state, found.resumable) == ("failed", True)
    assert found.message.startswith("The disk is full")
    assert not list((places.runs / "mine").glob("*.keras"))
    assert not places.models.exists()

    monkeypatch.delenv("FILE_LIMIT")
    runs.resume("mine", workspace=places)
    wait_for(lambda: runs.history("mine", workspace=places))
    assert runs.mistakes("mine", workspace=places)["images"].shape[1:] == (28, 28)
    runs.stop("mine", workspace=places)
    found = wait_until("mine", places, "stopped", "failed", "interrupted", "done")
    assert (found.state, found.published, found.resumable) == ("stopped", True, True)
    assert found.message.startswith("It was stopped by hand after ")
    done = len(runs.history("mine", workspace=places))
    card = serving.load_card("mine", workspace=places)
    assert card.training["epochs_done"] == done < 1000
    log = (places.runs / "mine" / run_folder.LOG).read_text()
    assert len(log.splitlines()) < done + 40


# Loads data for ever, as a busy machine does, in one call that no Python code can interrupt.
LOADING = """
import sys, time
from mnist_core import cli
from mnist_core.runs import trainer

trainer.leave_the_processor_to_others = lambda: None  # a test measures how long it takes to end

def train(trainer, config, asked, workers, own):
    if {state!r}:
        trainer._report({state!r})
    (trainer.folder / "loads").touch()
    time.sleep(600)

cli.train._train = train
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.mark.parametrize("state", ["preparing", "training", ""])
def test_a_stop_ends_a_training_within_seconds_at_any_stage(places, monkeypatch, state):
    monkeypatch.setattr(control, "PROGRAM", (sys.executable, "-c", LOADING.format(state=state)))
    runs.start(CONFIG, workspace=places)
    wait_for((places.runs / "mine" / "loads").exists)
    began = time.monotonic()
    runs.stop("mine", workspace=places)
    status = wait_until("mine", places, "stopped")
    assert time.monotonic() - began < 5
    assert status.reason == "It was stopped by hand after 0 of 3 whole epochs."
    assert status.outcome == "unfinished"
    runs.discard("mine", workspace=places)
    assert not (places.runs / "mine").exists()


def test_a_stop_says_nothing_of_a_training_that_was_resumed_meanwhile(tmp_path):
    resumed = run_folder.StatusRecord(state="starting", created=2.0)
    run_folder.write_status(tmp_path, resumed)
    run_folder.request_stop(tmp_path)
    before = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    exits.note_exit(before, tmp_path, created=1.0)
    assert before.returncode
    assert run_folder.read_record(tmp_path).state == "starting"


def test_a_stop_reaches_a_process_that_has_not_begun_to_work(places, monkeypatch):
    monkeypatch.setattr(control, "PROGRAM", (sys.executable, "-c", "import time; time.sleep(600)"))
    runs.start(CONFIG, workspace=places)
    began = time.monotonic()
    runs.stop("mine", workspace=places)
    assert wait_until("mine", places, "stopped").reason == "It was stopped by hand before it began."
    assert time.monotonic() - began < 5


def test_what_was_learnt_is_kept_and_can_be_discarded_at_once(places, monkeypatch):
    program = LOADING.format(state="finishing")
    monkeypatch.setattr(control, "PROGRAM", (sys.executable, "-c", program))
    runs.start(CONFIG, workspace=places)
    wait_for((places.runs / "mine" / "loads").exists)
    runs.stop("mine", workspace=places)
    time.sleep(4)
    assert runs.read_status("mine", workspace=places).state == "finishing"
    runs.discard("mine", workspace=places)
    assert not (places.runs / "mine").exists()


def test_a_training_that_has_learnt_something_is_not_ended_from_aside(places, monkeypatch):
    program = LOADING.format(state="training")
    monkeypatch.setattr(control, "PROGRAM", (sys.executable, "-c", program))
    runs.start(CONFIG, workspace=places)
    wait_for((places.runs / "mine" / "loads").exists)
    (places.runs / "mine" / run_folder.BEST).write_bytes(b"weights")
    runs.stop("mine", workspace=places)
    time.sleep(4)
    assert runs.read_status("mine", workspace=places).stopping
    runs.discard("mine", workspace=places)
