"""`train`: train a model, show how it goes, write it to the models folder."""

import contextlib
import os
import signal
import sys
import threading
from dataclasses import replace

import cv2
from tqdm import tqdm

from mnist_core import recipes
from mnist_core.cli.common import UsageError, load_mnist, say
from mnist_core.config import RUNS_DIR, check_name


def run_train(options):
    """Train a model, show how it goes, and write it to the models folder."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    cv2.setNumThreads(1)  # OpenCV's threads gain nothing on small images and hold up TensorFlow's
    from mnist_core import export, storage, training

    try:
        folder = RUNS_DIR / check_name(options.name or _recipe(options).name)
        config = training.read_config(folder) if options.resume else _settings(options)
    except (ValueError, training.TrainingError) as error:
        raise UsageError(error) from error
    if options.resume and _given(options).keys() - {"name"}:
        raise UsageError("--resume goes on with the settings of the run; it takes --name alone.")
    _refuse_loss(config, folder / training.LAST, options)
    try:
        start = None
        if config.start and not (options.resume and (folder / training.LAST).exists()):
            start = export.load_model(config.start, models_dir=options.models)
    except storage.StorageError as error:
        raise UsageError(error) from error
    mnist = load_mnist()
    try:
        _show_training(training.train(config, mnist, folder, resume=options.resume, start=start))
        card = export.publish(
            config,
            mnist,
            folder / training.BEST,
            history=training.read_history(folder),
            models_dir=options.models,
            replace=True,
        )
    except (training.TrainingError, export.ExportError) as error:
        say(error)
        return 1
    test = card.metrics["test"]
    say(
        f"{card.name}: {test['accuracy']:.2%} of the {test['n']:,} test images read right "
        f"({test['interval'][0]:.2%} to {test['interval'][1]:.2%}). Written to "
        f"{options.models / card.name}."
    )
    return 0


def _refuse_loss(config, last, options):
    """Refuse a training that would overwrite a model or an unfinished run unasked."""
    if options.resume or options.replace:
        return
    if (options.models / config.name).exists():
        raise UsageError(
            f"There is already a model {config.name!r}: choose another --name, or add --replace."
        )
    if last.exists():
        raise UsageError(
            f"There is an unfinished training of {config.name!r}: add --resume to go on with it, "
            "or --replace to begin again."
        )


def _show_training(steps):
    """Show progress until the training ends or the person presses Ctrl-C."""
    with _first_ctrl_c() as pressed, tqdm(unit="step", dynamic_ncols=True) as bar:
        for now in steps:
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
            if pressed.is_set():
                bar.write("Stopped; keeping the best weights so far.", file=sys.stderr)
                break


@contextlib.contextmanager
def _first_ctrl_c():
    """Give an event that the first Ctrl-C sets; a second one interrupts as usual.

    An exception could arrive while a file is being saved, and libraries swallow some.
    """
    pressed = threading.Event()

    def set_pressed(*_):
        pressed.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, set_pressed)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def _recipe(options):
    name = options.recipe or options.arch
    if name not in recipes.RECIPES:
        raise ValueError("Say what to train: --recipe or --arch, or --resume with --name.")
    return recipes.RECIPES[name]


def _given(options):
    """Return the settings that the command line names."""
    settings = {
        "architecture": options.arch,
        "name": options.name,
        "epochs": options.epochs,
        "batch_size": options.batch_size,
        "learning_rate": options.learning_rate,
        "augmentation": options.augmentation,
        "damage": options.damage,
        "precision": options.precision,
        "seed": options.seed,
        "start": options.start,
    }
    return {name: value for name, value in settings.items() if value is not None}


def _settings(options):
    """Return the recipe with what the command line changes."""
    return replace(_recipe(options), **_given(options))
