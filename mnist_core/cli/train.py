"""`train`: train a model, show its progress, write it to the models folder."""

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING

import cv2
from tqdm import tqdm

from mnist_core import serving
from mnist_core.cli import arguments, given
from mnist_core.cli.common import say
from mnist_core.data import Split
from mnist_core.errors import DivergedError, RunError, UsageError
from mnist_core.runs import checks, control
from mnist_core.runs.listing import is_own_model, read_status
from mnist_core.runs.trainer import Trainer
from mnist_core.training import (
    Progress,
    TaskTraining,
    backend,
    distribution,
    options,
    run_folder,
)
from mnist_core.training.config import RECIPES, TrainingConfig
from mnist_core.training.distribution import SingleProcess

if TYPE_CHECKING:
    import keras

DEFAULTS = "A setting that is not given has the recipe's value."


def add_train_options(parser: argparse.ArgumentParser) -> None:
    """Give `train` its options: those of the settings, and how to go about it."""
    parser.add_argument(
        "--recipe",
        choices=RECIPES,
        metavar="NAME",
        help="architecture whose usual settings to start from; --arch alone does the same: "
        + ", ".join(RECIPES),
    )
    options.add_options(parser)
    parser.add_argument("--resume", action="store_true", help="continue where a run stopped")
    parser.add_argument("--replace", action="store_true", help="replace a model of that name")
    parser.add_argument(
        "--collection",
        action="store_true",
        help="train with the digits that people gave, too; see the command `collection`",
    )
    parser.add_argument(
        "--publish-unfinished",
        action="store_true",
        help="write a model even if the training stops before its first epoch is finished",
    )
    arguments.add_runs(parser)
    # Given by the app, which has made the run's folder ready.
    parser.add_argument("--claimed", action="store_true", help=argparse.SUPPRESS)


def run_train(asked: argparse.Namespace) -> int:
    """Train a model, show its progress, and write it to the models folder."""
    backend.check_installed()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    cv2.setNumThreads(1)  # OpenCV's threads gain nothing on small images and hold up TensorFlow's
    own = given.own_digits(asked)
    workers, config = _workers_and_settings(asked, len(own or ()))
    if not workers.chief:
        return _assist(config, asked, workers, own)
    if not asked.claimed:
        with control.one_at_a_time(asked.workspace):
            _refuse_loss(config, asked)
            control.prepare(config, asked.workspace, resumed=asked.resume)
    with Trainer(
        config,
        workspace=asked.workspace,
        background=asked.claimed,
        keeps_unfinished=asked.publish_unfinished,
    ) as trainer:
        if trainer.wait_for_turn(say):
            _train(trainer, config, asked, workers, own)
    say(trainer.record.message)
    return 1 if trainer.record.state == "failed" else 0


def _train(
    trainer: Trainer,
    config: TrainingConfig,
    asked: argparse.Namespace,
    workers: SingleProcess = distribution.SINGLE_PROCESS,
    own: Split | None = None,
) -> None:
    """Train, publish the best weights, and report the end."""
    from mnist_core import training

    folder, task = trainer.folder, training.task_of(config)
    best = folder / run_folder.BEST
    start = _start(config, asked, workers)
    if asked.collection and not asked.resume:
        given.store_given(folder, asked, own)
    if own:
        given.store_own(folder, own)
    mnist = given.load_data(folder)
    if trainer.asked_to_stop() and not best.exists():
        trainer.end("stopped", reason=f"{trainer.stop_reason} before it began.")
        return
    steps = task.train(
        config,
        mnist,
        folder,
        resume=asked.resume,
        start=start,
        teach=_teacher(config, asked),
        stopping=trainer.asked_to_stop,
        workers=workers,
    )
    diverged = ""
    try:
        _show_training(steps, trainer, task)
    except DivergedError as error:
        if not best.exists():
            raise
        diverged = str(error)
    history = training.read_history(folder, columns=task.columns)
    reason = diverged or _why_stopped(trainer, len(history), config.epochs)
    state = "failed" if diverged else "stopped" if reason else "done"
    if not history and not asked.publish_unfinished:
        trainer.end(state, reason=reason, outcome="unfinished", final=bool(diverged))
        return
    if not backend.can_export():
        command = backend.export_command(config.name)
        say(f"Only TensorFlow can turn the weights into a model. Where it is installed: {command}")
        trainer.end(state, reason=reason, outcome="trained", final=bool(diverged))
        return
    trainer.report_finishing()
    from mnist_core.training import export

    card = export.publish(
        config,
        mnist,
        training.finish_rebalancing(config, mnist, folder),
        history=history,
        workspace=asked.workspace,
        replace=asked.replace or is_own_model(config, workspace=asked.workspace),
    )
    summary = f"{task.summary(card)} Written to {asked.workspace.models.name}/{card.name}."
    trainer.end(state, reason=reason, outcome="published", summary=summary, final=bool(diverged))


def _why_stopped(trainer: Trainer, done: int, epochs: int) -> str:
    """Return why a training stopped early; empty if it did not."""
    if not trainer.stop_reason or done >= epochs:
        return ""
    return f"{trainer.stop_reason} after {done} of {epochs} whole epochs."


def _start(
    config: TrainingConfig, asked: argparse.Namespace, workers: SingleProcess
) -> "keras.Model | None":
    """Connect to the other workers, if any; return the model to begin with, or None."""
    workers.connect()  # comes before anything else that TensorFlow does
    if not checks.needs_start(config, asked.workspace, resumed=asked.resume):
        return None
    from mnist_core.training import export

    return export.load_model(config.start, workspace=asked.workspace)


def _teacher(config: TrainingConfig, asked: argparse.Namespace) -> serving.Predictor | None:
    """Return the model to learn from, or None."""
    return (
        serving.load_predictor(config.teacher, workspace=asked.workspace)
        if config.teacher
        else None
    )


def _assist(
    config: TrainingConfig,
    asked: argparse.Namespace,
    workers: SingleProcess,
    own: Split | None,
) -> int:
    """Be a worker that only helps: the chief reports, measures, saves and publishes."""
    from mnist_core import training

    folder = asked.workspace.runs / config.name
    try:
        start = _start(config, asked, workers)
        for _ in training.task_of(config).train(
            config,
            given.load_data(folder, own),
            folder,
            resume=asked.resume,
            start=start,
            teach=_teacher(config, asked),
            workers=workers,
        ):
            pass
    except RunError as error:
        say(error)
        return 1
    return 0


def _workers_and_settings(
    asked: argparse.Namespace, own: int
) -> tuple[SingleProcess, TrainingConfig]:
    """Return this process's place among the workers, and the settings that were asked for."""
    try:
        workers = distribution.from_environment()
        config = options.settings_of(asked, own=own)
        checks.check_settings(config, asked.workspace, resumed=asked.resume)
    except (ValueError, RunError) as error:
        raise UsageError(str(error)) from error
    return workers, config


def _refuse_loss(config: TrainingConfig, asked: argparse.Namespace) -> None:
    """Refuse a training that would overwrite a model or an unfinished run unasked."""
    name, workspace = config.name, asked.workspace
    with contextlib.suppress(RunError):  # there is no such run yet
        if read_status(name, workspace=workspace).alive:
            raise UsageError(f"{name!r} is being trained already: stop that first.")
    if asked.replace:
        return
    if asked.resume:
        try:
            checks.check_own_model(config, workspace)
        except RunError as error:
            raise UsageError(f"{error} Or add --replace.") from error
        return
    if (workspace.models / name).exists():
        raise UsageError(
            f"There is already a model {name!r}: choose another --name, or add --replace."
        )
    if (workspace.runs / name / run_folder.LAST).exists():
        raise UsageError(
            f"There is an unfinished training of {name!r}: add --resume to continue it, or "
            "--replace to begin again."
        )


def _show_training(steps: Iterator[Progress], trainer: Trainer, task: TaskTraining) -> None:
    """Show progress until the training ends, in a log no more than a line an epoch."""
    quiet = not sys.stderr.isatty()
    with _heeding_signals(trainer), tqdm(unit="step", dynamic_ncols=True, disable=quiet) as bar:
        for now in steps:
            trainer.report(now)
            bar.total = now.epochs * now.steps
            bar.update((now.epoch - 1) * now.steps + now.step - bar.n)
            bar.set_description(f"epoch {now.epoch}/{now.epochs}", refresh=False)
            minutes, seconds = divmod(round(now.seconds_left), 60)
            bar.set_postfix_str(
                f"loss {now.loss:.4f}, accuracy {now.accuracy:.4f}, {minutes}:{seconds:02} left",
                refresh=False,
            )
            if now.validation:
                found = (f"{task.measures[m]} {now.validation[m]:.4f}" for m in task.measures)
                best = " (best so far)" if now.best else ""
                bar.write(
                    f"epoch {now.epoch}: loss {now.loss:.4f}, {', '.join(found)}{best}",
                    file=sys.stderr,
                )
    if trainer.stop_reason:
        say("Stopped; keeping the best weights so far.")


@contextlib.contextmanager
def _heeding_signals(trainer: Trainer) -> Iterator[None]:
    """Let the first Ctrl-C stop the training soon; a second one interrupts as usual.

    An exception could arrive while a file is being saved, and libraries swallow some.
    """

    def stop(number: int, _: FrameType | None) -> None:
        trainer.stop_reason = _SIGNALS[number]
        signal.signal(number, before[number])

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_SIGNALS: dict[int, str] = {
    signal.SIGINT: "It was stopped by Ctrl-C",
    signal.SIGTERM: "It was stopped by the system (SIGTERM)",
}
