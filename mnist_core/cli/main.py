"""The command line: `python -m mnist_core read | predict | evaluate | robustness | train | models`.

JSON goes to stdout alone, words and progress to stderr. Exit codes: 0 done, 1 some inputs
failed, 2 wrong usage, 130 stopped by Ctrl-C.
"""

import argparse
import math
import os
import sys
from pathlib import Path

from mnist_core import corruptions
from mnist_core.cli.common import say
from mnist_core.cli.files import run_models, run_predict, run_renew
from mnist_core.cli.measure import run_evaluate, run_robustness
from mnist_core.cli.read import PATHS, run_read
from mnist_core.cli.train import add_train_options, run_train
from mnist_core.config import DEFAULT_MODEL
from mnist_core.errors import DataError, ModelError, RunError, UsageError
from mnist_core.workspace import WORKSPACE, Workspace


def main(arguments=None):
    """Run a command.

    Parameters
    ----------
    arguments : list of str or None for this process's own

    Returns
    -------
    int : the exit code
    """
    options = parser().parse_args(arguments)
    runs = getattr(options, "runs", WORKSPACE.runs)
    options.workspace = Workspace(options.models, runs, WORKSPACE.collection)
    try:
        code = options.run(options)
        sys.stdout.flush()
    except UsageError as error:
        say(error)
        return 2
    except BrokenPipeError:
        # The reader of our output has gone; Python would complain again when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (DataError, ModelError, RunError, OSError) as error:
        say(error)
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 130
    return code


def parser():
    """Return the parser of all commands and their options."""
    parser = argparse.ArgumentParser(
        prog="python -m mnist_core", description="Read handwritten digits; train what reads them."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    choice = argparse.ArgumentParser(add_help=False)
    choice.add_argument("--models", type=Path, default=WORKSPACE.models, help="the models folder")

    read = commands.add_parser(
        "read", parents=[choice], help="read the numbers in pictures", epilog=PATHS
    )
    read.set_defaults(run=run_read, form="lines")
    read.add_argument("paths", nargs="+", metavar="PATH", help="picture files, and folders of them")
    read.add_argument("--model", default=DEFAULT_MODEL)
    read.add_argument("--single", action="store_true", help="one digit a picture")
    form = read.add_mutually_exclusive_group()
    form.add_argument(
        "--json", action="store_const", const="json", dest="form", help="an object a line"
    )
    form.add_argument(
        "--csv", action="store_const", const="csv", dest="form", help="a table with a row a file"
    )

    train = commands.add_parser("train", parents=[choice], help="train a model")
    train.set_defaults(run=run_train)
    add_train_options(train)

    evaluate = commands.add_parser("evaluate", parents=[choice], help="measure a model")
    evaluate.set_defaults(run=run_evaluate)
    evaluate.add_argument("--model", default=DEFAULT_MODEL)
    evaluate.add_argument("--data", type=Path, metavar="FILE.npz", help="x and y; MNIST's test set")
    evaluate.add_argument(
        "--corruption", choices=corruptions.ALL_CORRUPTIONS, metavar="C", help=_DAMAGE
    )
    evaluate.add_argument("--severity", type=_severity, metavar="S", help="from 0 to 1")
    evaluate.add_argument("--seed", type=_seed, default=0, help="of the damage")
    evaluate.add_argument(
        "--coverage",
        type=_coverage,
        metavar="C",
        help="share of the answers to count as given, the most confident ones; those that look "
        "like a digit if left out",
    )
    evaluate.add_argument("--json", action="store_true")

    table = commands.add_parser(
        "robustness", parents=[choice], help="measure models under all kinds of damage"
    )
    table.set_defaults(run=run_robustness)
    table.add_argument("--model", nargs="+", metavar="M", help="all models if left out")
    table.add_argument("--data", type=Path, metavar="FILE.npz", help="x and y; MNIST's test set")
    table.add_argument(
        "--corruption", nargs="+", choices=corruptions.ALL_CORRUPTIONS, metavar="C", help=_DAMAGE
    )
    table.add_argument("--severity", nargs="+", type=_severity, metavar="S", help="from 0 to 1")
    table.add_argument("--seed", type=_seed, default=0, help="of the damage")
    table.add_argument(
        "--save", action="store_true", help="keep the means on the models' cards as well"
    )
    form = table.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true")
    form.add_argument("--json", action="store_true")

    predict = commands.add_parser("predict", parents=[choice], help="read a file of images")
    predict.set_defaults(run=run_predict)
    predict.add_argument("file", type=Path, metavar="FILE.npz", help="x, uint8 (n, 28, 28)")
    predict.add_argument("--out", type=Path, required=True, metavar="OUT.npz")
    predict.add_argument("--model", default=DEFAULT_MODEL)

    renew = commands.add_parser(
        "renew",
        parents=[choice],
        help="make the served form of models anew from their Keras models, which stay",
    )
    renew.set_defaults(run=run_renew)
    renew.add_argument("--model", nargs="+", default=[DEFAULT_MODEL], metavar="M")
    renew.add_argument(
        "--nondigits", type=int, metavar="N", help="made-up pictures to learn to reject"
    )

    models = commands.add_parser("models", parents=[choice], help="list the models")
    models.set_defaults(run=run_models)
    models.add_argument("--json", action="store_true")
    return parser


def _severity(text):
    severity = _number(text)
    if not 0 <= severity <= 1:
        raise argparse.ArgumentTypeError(f"severity goes from 0 to 1, received {text}")
    return severity


def _coverage(text):
    coverage = _number(text)
    if not 0 < coverage <= 1:
        raise argparse.ArgumentTypeError(f"coverage goes from above 0 to 1, received {text}")
    return coverage


def _number(text):
    """Return the number that a text says; NaN, which lies in no range, if it says none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _seed(text):
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"the seed is a whole number from 0 on, received {text}")
    return int(text)


_DAMAGE = ", ".join(corruptions.ALL_CORRUPTIONS)
