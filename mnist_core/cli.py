"""The command line: `python -m mnist_core train | evaluate | predict | models`.

JSON goes to stdout alone, words and progress to stderr. Exit codes: 0 done, 1 some inputs
failed, 2 wrong usage, 130 stopped by Ctrl-C.
"""

import argparse
import contextlib
import json
import os
import signal
import sys
import threading
import warnings
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from mnist_core import data, inference, metrics, recipes, storage
from mnist_core.config import DEFAULT_MODEL, IMAGE_SIZE, MODELS_DIR, RUNS_DIR, check_name


class UsageError(Exception):
    """The command was called in a way that cannot be; the message says what to change."""


class InputError(Exception):
    """What was given cannot be read; the message says what was wanted."""


def main(arguments=None):
    """Run a command.

    Parameters
    ----------
    arguments : list of str or None for this process's own

    Returns
    -------
    int : the exit code
    """
    options = _parser().parse_args(arguments)
    try:
        code = options.run(options)
        sys.stdout.flush()
    except UsageError as error:
        _say(error)
        return 2
    except BrokenPipeError:
        # The reader of our output has gone; Python would complain again when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (InputError, data.DataError, storage.StorageError, OSError) as error:
        _say(error)
        return 1
    except KeyboardInterrupt:
        _say("Stopped.")
        return 130
    return code


def run_train(options):
    """Train a model, show how it goes, and write it to the models folder."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    cv2.setNumThreads(1)  # OpenCV's threads gain nothing on small images and hold up TensorFlow's
    from mnist_core import export, training

    try:
        folder = RUNS_DIR / check_name(options.name or _recipe(options).name)
        config = training.read_config(folder) if options.resume else _settings(options)
    except (ValueError, training.TrainingError) as error:
        raise UsageError(error) from error
    if options.resume and _given(options).keys() - {"name"}:
        raise UsageError("--resume goes on with the settings of the run; it takes --name alone.")
    _refuse_loss(config, folder / training.LAST, options)
    mnist = _load_mnist()
    try:
        _show_training(training.train(config, mnist, folder, resume=options.resume))
        card = export.publish(
            config,
            mnist,
            folder / training.BEST,
            history=training.read_history(folder),
            models_dir=options.models,
            replace=True,
        )
    except (training.TrainingError, export.ExportError) as error:
        _say(error)
        return 1
    test = card.metrics["test"]
    _say(
        f"{card.name}: {test['accuracy']:.2%} of the {test['n']:,} test images read right "
        f"({test['interval'][0]:.2%} to {test['interval'][1]:.2%}). Written to "
        f"{options.models / card.name}."
    )
    return 0


def run_evaluate(options):
    """Measure a model on the MNIST test set, or on the images and labels of a file."""
    if options.data:
        images, labels = _read_npz(options.data, ("x", "y"))
    else:
        test = _load_mnist().test
        images, labels = data.to_float(test.images), test.labels
    predictor = inference.load_predictor(options.model, models_dir=options.models)
    report = metrics.evaluate(predictor, images, labels, accept=predictor.accepts)
    if options.json:
        print(json.dumps(report))
    else:
        low, high = report["interval"]
        print(
            f"{options.model}: {report['accuracy']:.2%} of {report['n']:,} images read right "
            f"(95% interval {low:.2%} to {high:.2%}), {report['errors']} wrong, in "
            f"{report['seconds']:.2f} s"
        )
    return 0


def run_predict(options):
    """Read the images of a file and write the answers to another."""
    (images,) = _read_npz(options.file, ("x",))
    predictor = inference.load_predictor(options.model, models_dir=options.models)
    probabilities = predictor(images)
    answers = {
        "probabilities": probabilities,
        "digit": probabilities.argmax(axis=1).astype(np.uint8),
        "confidence": probabilities.max(axis=1),
        "is_digit": predictor.is_digit(probabilities),
        "accepted": predictor.accepts(probabilities),
    }
    try:
        with options.out.open("wb") as file:
            np.savez(file, **answers)
    except OSError as error:
        raise InputError(f"{options.out} cannot be written ({error.strerror}).") from error
    _say(f"{len(images):,} images read by {options.model}; answers in {options.out}")
    return 0


def run_models(options):
    """List the models; the exit code is 1 if one of them is damaged or the folder is missing."""
    if not options.models.is_dir():
        raise InputError(f"There is no folder {options.models}.")
    with warnings.catch_warnings(record=True) as damaged:
        warnings.simplefilter("always")
        cards = storage.list_models(models_dir=options.models)
    for warning in damaged:
        _say(warning.message)
    for card in cards:
        test = card.metrics["test"]
        if options.json:
            row = {
                "name": card.name,
                "title": card.title,
                "architecture": card.architecture,
                "parameters": card.parameters,
                "bytes": card.files["model.tflite"]["bytes"],
                "precision": card.precision,
                "accuracy": test["accuracy"],
                "interval": test["interval"],
                "date": card.date,
            }
            print(json.dumps(row))
        else:
            print(
                f"{card.name:<20} {test['accuracy']:.2%} ({test['interval'][0]:.2%} to "
                f"{test['interval'][1]:.2%}) {card.parameters:>9,} parameters "
                f"{card.files['model.tflite']['bytes'] / 1e3:>6,.0f} kB"
            )
    return int(bool(damaged))


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
                    f"{now.validation['accuracy']:.4f}{' (best so far)' if now.best else ''}",
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
        "precision": options.precision,
        "seed": options.seed,
    }
    return {name: value for name, value in settings.items() if value is not None}


def _settings(options):
    """Return the recipe with what the command line changes."""
    return replace(_recipe(options), **_given(options))


def _load_mnist():
    """Load MNIST, with a progress bar if it has to be downloaded."""
    with contextlib.ExitStack() as bars:
        bar = None

        def show(done, total):
            nonlocal bar
            bar = bar or bars.enter_context(
                tqdm(total=total or None, unit="B", unit_scale=True, desc="Downloading MNIST")
            )
            bar.update(done - bar.n)

        return data.load_mnist(progress=show)


def _read_npz(path, names):
    """Return arrays of an `.npz` file; `x` as float images, `y` as labels."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in names}
    except data.UNREADABLE as error:
        raise InputError(
            f"{path} cannot be read ({error}). Expected an .npz file with "
            f"{' and '.join(names)}: x uint8 (n, {IMAGE_SIZE}, {IMAGE_SIZE}), y (n,) 0 to 9."
        ) from error
    try:
        arrays["x"] = data.to_float(arrays["x"])
        if "y" in arrays:
            if arrays["y"].shape != arrays["x"].shape[:1] or not len(arrays["y"]):
                raise ValueError(
                    f"Expected a label for each of at least one image, received y of shape "
                    f"{arrays['y'].shape} for {len(arrays['x'])} images."
                )
            metrics.check_labels(arrays["y"])
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error
    return [arrays[name] for name in names]


def _say(words):
    print(words, file=sys.stderr)


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m mnist_core", description="Read handwritten digits; train what reads them."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    choice = argparse.ArgumentParser(add_help=False)
    choice.add_argument("--models", type=Path, default=MODELS_DIR, help="the models folder")

    train = commands.add_parser("train", parents=[choice], help="train a model")
    train.set_defaults(run=run_train)
    train.add_argument("--arch", choices=recipes.zoo.ARCHITECTURES, help="which network")
    train.add_argument("--recipe", choices=recipes.RECIPES, help="settings to start from")
    train.add_argument("--name", help="what to call the model; the recipe's name if left out")
    train.add_argument("--epochs", type=int, help="how often all images are seen")
    train.add_argument("--batch-size", type=int, help="images a step")
    train.add_argument("--learning-rate", type=float, help="at its highest")
    train.add_argument("--augmentation", choices=recipes.augmentation.AUGMENTATIONS)
    train.add_argument("--precision", choices=recipes.PRECISIONS, help="of the served model")
    train.add_argument("--seed", type=int, help="the same seed gives the same run")
    train.add_argument("--resume", action="store_true", help="go on where a run stopped")
    train.add_argument("--replace", action="store_true", help="replace a model of that name")

    evaluate = commands.add_parser("evaluate", parents=[choice], help="measure a model")
    evaluate.set_defaults(run=run_evaluate)
    evaluate.add_argument("--model", default=DEFAULT_MODEL)
    evaluate.add_argument("--data", type=Path, metavar="FILE.npz", help="x and y; MNIST's test set")
    evaluate.add_argument("--json", action="store_true")

    predict = commands.add_parser("predict", parents=[choice], help="read a file of images")
    predict.set_defaults(run=run_predict)
    predict.add_argument("file", type=Path, metavar="FILE.npz", help="x, uint8 (n, 28, 28)")
    predict.add_argument("--out", type=Path, required=True, metavar="OUT.npz")
    predict.add_argument("--model", default=DEFAULT_MODEL)

    models = commands.add_parser("models", parents=[choice], help="list the models")
    models.set_defaults(run=run_models)
    models.add_argument("--json", action="store_true")
    return parser
