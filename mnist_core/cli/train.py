"""`train`: train a model, show how it goes, write it to the models folder."""

import argparse
import contextlib
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import cv2
from tqdm import tqdm

from mnist_core.cli.common import load_mnist, say
from mnist_core.config import check_name
from mnist_core.errors import DivergedError, RunError, UsageError
from mnist_core.runs import BEST_KEPT, checks, control
from mnist_core.runs.status import is_own_model
from mnist_core.runs.trainer import Trainer
from mnist_core.training import distribution, options
from mnist_core.training.config import RECIPES
from mnist_core.workspace import WORKSPACE


def add_train_options(parser):
    """Give `train` its options: those of the settings, and how to go about it."""
    parser.add_argument("--recipe", choices=RECIPES, help="settings to start from")
    options.add_options(parser)
    parser.add_argument("--resume", action="store_true", help="go on where a run stopped")
    parser.add_argument("--replace", action="store_true", help="replace a model of that name")
    parser.add_argument("--runs", type=Path, default=WORKSPACE.runs, help="the folder of trainings")
    # Given by the app, which has made the run's folder ready.
    parser.add_argument("--claimed", action="store_true", help=argparse.SUPPRESS)


def run_train(asked):
    """Train a model, show how it goes, and write it to the models folder."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    cv2.setNumThreads(1)  # OpenCV's threads gain nothing on small images and hold up TensorFlow's
    folder, config = _folder_and_settings(asked)
    if not distribution.is_chief():
        return _assist(folder, config, asked)
    if not asked.claimed:
        with control.one_at_a_time(asked.workspace):
            _refuse_loss(config, folder, asked)
            control.prepare(folder, config, resumed=asked.resume)
    with Trainer(config, workspace=asked.workspace, background=asked.claimed) as trainer:
        if trainer.wait(say):
            _train(trainer, config, asked)
    say(trainer.status["message"])
    return 1 if trainer.status["state"] == "failed" else 0


def _train(trainer, config, asked):
    """Train, publish the best weights, and tell how it ended."""
    from mnist_core import training
    from mnist_core.training import export

    folder = trainer.folder
    start = _start(folder, config, asked)
    mnist = load_mnist()
    if trainer.stopping() and not (folder / training.BEST).exists():
        trainer.end("stopped", f"{trainer.reason} before it began.")
        return
    steps = training.train(
        config, mnist, folder, resume=asked.resume, start=start, stopping=trainer.stopping
    )
    diverged = ""
    try:
        _show_training(steps, trainer)
    except DivergedError as error:
        if not (folder / training.BEST).exists():
            raise
        diverged = str(error)
    trainer.finish()
    history = training.read_history(folder)
    card = export.publish(
        config,
        mnist,
        training.finish_rebalancing(config, mnist, folder),
        history=history,
        workspace=asked.workspace,
        replace=asked.replace or is_own_model(config, workspace=asked.workspace),
    )
    test = card.metrics["test"]
    words = (
        f"{card.name}: {test['accuracy']:.2%} of the {test['n']:,} test images read right "
        f"({test['interval'][0]:.2%} to {test['interval'][1]:.2%}). Written to "
        f"{asked.workspace.models.name}/{card.name}."
    )
    if diverged:
        trainer.end("failed", f"{diverged} {BEST_KEPT} {words}", final=True)
    elif trainer.reason and len(history) < config.epochs:
        done = f"after {len(history)} of {config.epochs} whole epochs"
        trainer.end("stopped", f"{trainer.reason} {done}. {BEST_KEPT} {words}")
    else:
        trainer.end("done", words)


def _start(folder, config, asked):
    """Join the other workers, if there are any; return the model to begin with, or None."""
    from mnist_core.training import export

    distribution.join()  # comes before anything else that TensorFlow does
    if checks.needs_start(config, folder, resumed=asked.resume):
        return export.load_model(config.start, workspace=asked.workspace)
    return None


def _assist(folder, config, asked):
    """Be a worker that only helps: the chief tells, measures, saves and publishes."""
    from mnist_core import training

    try:
        start = _start(folder, config, asked)
        for _ in training.train(config, load_mnist(), folder, resume=asked.resume, start=start):
            pass
    except RunError as error:
        say(error)
        return 1
    return 0


def _folder_and_settings(asked):
    """Return the folder of the run that the command line names, and its settings."""
    from mnist_core import training

    try:
        distribution.described()
        name = check_name(asked.name or _recipe(asked).name)
        folder = asked.workspace.runs / name
        config = training.read_config(folder) if asked.resume else _settings(asked)
        checks.check_images(config)
        if checks.needs_start(config, folder, resumed=asked.resume):
            checks.check_start(config, asked.workspace)
    except (ValueError, RunError) as error:
        raise UsageError(error) from error
    if asked.resume and options.given(asked).keys() - {"name"}:
        raise UsageError("--resume goes on with the settings of the run; it takes --name alone.")
    return folder, replace(config, name=name)


def _refuse_loss(config, folder, asked):
    """Refuse a training that would overwrite a model or an unfinished run unasked."""
    from mnist_core import training

    if checks.is_alive(config.name, asked.workspace):
        raise UsageError(f"{config.name!r} is being trained already: stop that first.")
    if asked.replace:
        return
    if asked.resume:
        try:
            checks.check_model(config, asked.workspace)
        except RunError as error:
            raise UsageError(f"{error} Or add --replace.") from error
        return
    if (asked.workspace.models / config.name).exists():
        raise UsageError(
            f"There is already a model {config.name!r}: choose another --name, or add --replace."
        )
    if (folder / training.LAST).exists():
        raise UsageError(
            f"There is an unfinished training of {config.name!r}: add --resume to go on with it, "
            "or --replace to begin again."
        )


def _show_training(steps, trainer):
    """Show progress until the training ends, in a log no more than a line an epoch."""
    quiet = not sys.stderr.isatty()
    with _heeding_signals(trainer), tqdm(unit="step", dynamic_ncols=True, disable=quiet) as bar:
        for now in steps:
            trainer.show(now)
            bar.total = now.epochs * now.steps
            bar.update((now.epoch - 1) * now.steps + now.step - bar.n)
            bar.set_description(f"epoch {now.epoch}/{now.epochs}", refresh=False)
            minutes, seconds = divmod(round(now.seconds_left), 60)
            bar.set_postfix_str(
                f"loss {now.loss:.4f}, accuracy {now.accuracy:.4f}, {minutes}:{seconds:02} left",
                refresh=False,
            )
            if now.validation:
                bar.write(
                    f"epoch {now.epoch}: loss {now.loss:.4f}, validation accuracy "
                    f"{now.validation['accuracy']:.4f}, damaged {now.validation['damaged']:.4f}"
                    f"{' (best so far)' if now.best else ''}",
                    file=sys.stderr,
                )
    if trainer.reason:
        say("Stopped; keeping the best weights so far.")


@contextlib.contextmanager
def _heeding_signals(trainer):
    """Let the first Ctrl-C stop the training soon; a second one interrupts as usual.

    An exception could arrive while a file is being saved, and libraries swallow some.
    """

    def stop(number, _):
        trainer.reason = _SIGNALS[number]
        signal.signal(number, before[number])

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _recipe(asked):
    name = asked.recipe or asked.architecture
    if name not in RECIPES:
        raise ValueError("Say what to train: --recipe or --arch, or --resume with --name.")
    return RECIPES[name]


def _settings(asked):
    """Return the recipe with what the command line changes."""
    return replace(_recipe(asked), **options.given(asked))


_SIGNALS = {
    signal.SIGINT: "It was stopped by Ctrl-C",
    signal.SIGTERM: "It was stopped by the system (SIGTERM)",
}
