"""The command line, `python -m mnist_core COMMAND`, also installed as `digit-lab`.

JSON goes to standard output alone, words and progress to standard error. Exit codes: 0 done, 1 some
inputs failed, 2 wrong usage, 130 stopped by Ctrl-C.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mnist_core.cli.adapt import add_adapt_options, run_adapt
from mnist_core.cli.arguments import add_folder
from mnist_core.cli.collection import add_collection_options, run_collection
from mnist_core.cli.common import say
from mnist_core.cli.evaluate import add_evaluate_options, run_evaluate
from mnist_core.cli.export import add_export_options, run_export
from mnist_core.cli.inputs import PATHS
from mnist_core.cli.models import add_models_options, run_models
from mnist_core.cli.predict import add_predict_options, run_predict
from mnist_core.cli.read import add_read_options, run_read
from mnist_core.cli.robustness import add_robustness_options, run_robustness
from mnist_core.cli.synthesize import add_synthesize_options, run_synthesize
from mnist_core.cli.train import DEFAULTS, add_train_options, run_train
from mnist_core.errors import DigitLabError, UnknownModelError, UsageError
from mnist_core.workspace import WORKSPACE, Workspace


@dataclass(frozen=True)
class Command:
    """A command of the command line.

    Attributes
    ----------
    summary : for the help
    add_options : gives a parser the command's own options
    run : returns the exit code
    details : for the end of the command's own help
    """

    summary: str
    add_options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    details: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments : this process's own if left out

    Returns
    -------
    the exit code
    """
    arguments = _with_new_name(list(sys.argv[1:] if arguments is None else arguments))
    options = parser().parse_args(arguments)
    runs = getattr(options, "runs", WORKSPACE.runs)
    options.workspace = Workspace(options.models, runs, WORKSPACE.collection)
    try:
        code = options.run(options)
        sys.stdout.flush()
    except (UsageError, UnknownModelError) as error:
        say(error)
        return 2
    except BrokenPipeError:
        # The reader of our output has gone; Python would complain again when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (DigitLabError, OSError) as error:
        say(error)
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 130
    return code


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands and their options."""
    called = "digit-lab" if Path(sys.argv[0]).stem == "digit-lab" else "python -m mnist_core"
    parser = argparse.ArgumentParser(
        prog=called, description="Recognise handwritten digits; train and measure models for it."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        own = commands.add_parser(name, help=command.summary, epilog=command.details)
        own.set_defaults(run=command.run)
        add_folder(own, "--models", WORKSPACE.models, "the models folder")
        command.add_options(own)
    return parser


def _with_new_name(arguments: list[str]) -> list[str]:
    """Return the arguments with today's name of the command, and mention it."""
    if arguments and (new := OLD_NAMES.get(arguments[0])):
        say(f"The command {arguments[0]} is now {new}.")
        return [new, *arguments[1:]]
    return arguments


COMMANDS = {
    "read": Command("read the numbers in pictures", add_read_options, run_read, PATHS),
    "predict": Command("classify a file of images", add_predict_options, run_predict),
    "evaluate": Command("measure a model", add_evaluate_options, run_evaluate),
    "robustness": Command(
        "measure models under every corruption", add_robustness_options, run_robustness
    ),
    "train": Command("train a model", add_train_options, run_train, DEFAULTS),
    "adapt": Command("teach a copy of a model new handwriting", add_adapt_options, run_adapt),
    "export": Command(
        "rebuild the .tflite files from the Keras models",
        add_export_options,
        run_export,
    ),
    "synthesize": Command(
        "make pages of handwritten numbers, with labels", add_synthesize_options, run_synthesize
    ),
    "collection": Command(
        "export or delete the handwriting that people gave", add_collection_options, run_collection
    ),
    "models": Command("list the models", add_models_options, run_models),
}
OLD_NAMES = {"renew": "export"}
