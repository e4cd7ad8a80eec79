"""`adapt`: teach a copy of a model new handwriting, in seconds and without TensorFlow."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from mnist_core import serving
from mnist_core.cli.arguments import add_model
from mnist_core.cli.common import load_mnist, say
from mnist_core.cli.examples import EXAMPLES, read_examples
from mnist_core.config import check_name
from mnist_core.errors import InvalidValueError, UsageError
from mnist_core.training.export.teaching import store_taught


def add_adapt_options(parser: argparse.ArgumentParser) -> None:
    """Give `adapt` its options."""
    parser.add_argument("examples", type=Path, metavar="EXAMPLES", help=EXAMPLES)
    parser.add_argument("--name", required=True, metavar="N", help="of the taught copy")
    add_model(parser)
    parser.add_argument("--replace", action="store_true", help="replace a model of that name")


def run_adapt(options: argparse.Namespace) -> int:
    """Teach a copy of a model; if some pictures cannot be read, none is written: exit code 1."""
    try:
        check_name(options.name)
    except InvalidValueError as error:
        raise UsageError(str(error)) from error
    if serving.is_shipped(options.name):
        raise UsageError(f"{options.name!r} comes with the project: choose another --name.")
    if (options.workspace.models / options.name).exists() and not options.replace:
        raise UsageError(
            f"There is already a model {options.name!r}: choose another --name, or add --replace."
        )
    card = store_taught(
        options.name,
        read_examples(options.examples, model=options.model, workspace=options.workspace),
        load_mnist(),
        source=options.examples.name,
        model=options.model,
        workspace=options.workspace,
        replace=options.replace,
    )
    say(
        f"{card.name}: {options.model} was taught {_describe(card.taught['accuracy'])} Of MNIST's "
        f"test images it classified {card.taught['test_accuracy_before']:.2%} correctly before, "
        f"and {card.metrics['test']['accuracy']:.2%} now."
    )
    return 0


def _describe(found: Mapping[str, float]) -> str:
    """Say how many examples were taught, and how well they were classified."""
    if found["n"] == 1:
        rightly = "correctly" if found["before"] else "wrongly"
        return (
            f"1 example, which it classified {rightly} before. How well it does on other examples "
            "of the same hand, only several can show."
        )
    return (
        f"{found['n']:,} examples. Of these it classified {found['before']:.1%} correctly before, "
        f"and {found['held_out']:.1%} once it was taught the others."
    )
