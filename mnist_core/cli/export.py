"""`export`: rebuild the served files of models from their Keras models."""

import argparse
import os

from mnist_core.cli import arguments
from mnist_core.cli.common import load_mnist, say
from mnist_core.cli.given import load_data
from mnist_core.config import DEFAULT_MODEL
from mnist_core.runs import checks
from mnist_core.serving import DIGIT_MAP, REPLAY, Card
from mnist_core.training import backend, run_folder
from mnist_core.training.config import TrainingConfig
from mnist_core.training.options import OldSpelling
from mnist_core.workspace import Workspace


def add_export_options(parser: argparse.ArgumentParser) -> None:
    """Give `export` its options."""
    parser.add_argument(
        "--model", nargs="+", default=[DEFAULT_MODEL], metavar="M", help=f"default: {DEFAULT_MODEL}"
    )
    arguments.add_runs(parser)
    parser.add_argument(
        "--from-run",
        action="store_true",
        help="write the best weights so far of the training of that name, which may be going on",
    )
    parser.add_argument(
        "--replay",
        action="store_true",
        help="only compute what `adapt` needs, the features of some images like those that it was "
        "trained on; the rest stays as it is, and TensorFlow is not needed",
    )
    parser.add_argument(
        "--map",
        action="store_true",
        help="only compute where 5,000 test digits lie in two dimensions, for the Draw and Models "
        "pages; the rest stays as it is; needs scikit-learn, but no TensorFlow",
    )
    parser.add_argument(
        "--non-digits",
        type=int,
        metavar="N",
        help="how many synthetic non-digits to learn to reject; default: as many as before",
    )
    parser.add_argument(
        "--nondigits", dest="non_digits", type=int, action=OldSpelling, help=argparse.SUPPRESS
    )


def run_export(options: argparse.Namespace) -> int:
    """Make `.tflite` files again: rejection of non-digits, temperature, threshold, figures."""
    from mnist_core import training
    from mnist_core.training import export

    if options.replay or options.map:
        return _store_more(options)
    backend.check_can_export()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    mnist = load_mnist()
    for name in options.model:
        say(f"Exporting {name}...")
        if options.from_run:
            card = _publish_run(name, options.workspace)
        else:
            card = export.reexport(
                name, mnist, non_digits=options.non_digits, workspace=options.workspace
            )
        say(training.task_of(TrainingConfig.from_dict(card.training)).summary(card))
        if card.is_detector:
            continue
        test, auroc = card.metrics["test"], card.metrics["rejection"]["mean"]
        say(
            f"{test['coverage']:.2%} accepted as digits; AUROC {auroc:.4f} against synthetic "
            "non-digits."
        )
    return 0


def _store_more(options: argparse.Namespace) -> int:
    """Store what models keep of their training, and their maps of digits, as asked."""
    from mnist_core.training import export

    mnist = load_mnist()
    for name in options.model:
        if options.replay:
            card = export.store_replay(name, mnist, workspace=options.workspace)
            say(f"{name} keeps {card.files[REPLAY]['bytes']:,} bytes of its training.")
        if options.map:
            say(f"Making the map of {name}...")
            card = export.store_digit_map(name, mnist, workspace=options.workspace)
            say(f"{name} has a map of {card.files[DIGIT_MAP]['bytes']:,} bytes.")
    return 0


def _publish_run(name: str, workspace: Workspace) -> Card:
    """Write the best weights of a run so far into the models folder, which replaces its model.

    Raises
    ------
    RunError : there is no such run, or a model of that name that it has not written
    ModelError : it has finished no epoch yet
    """
    from mnist_core import training
    from mnist_core.training import export

    folder = run_folder.find(name, workspace)
    config = run_folder.read_config(folder)
    checks.check_own_model(config, workspace)
    mnist = load_data(folder)
    columns = training.task_of(config).columns
    return export.publish(
        config,
        mnist,
        training.finish_rebalancing(config, mnist, folder),
        history=run_folder.read_history(folder, columns=columns),
        workspace=workspace,
        replace=True,
    )
