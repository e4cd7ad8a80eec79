"""`export`: rebuild the served files of models from their Keras models."""

import argparse
import os

from mnist_core.cli.common import check_tensorflow, load_mnist, say
from mnist_core.config import DEFAULT_MODEL
from mnist_core.training.options import OldSpelling


def add_export_options(parser: argparse.ArgumentParser) -> None:
    """Give `export` its options."""
    parser.add_argument(
        "--model", nargs="+", default=[DEFAULT_MODEL], metavar="M", help=f"default: {DEFAULT_MODEL}"
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
    from mnist_core.training import export

    check_tensorflow()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    mnist = load_mnist()
    for name in options.model:
        say(f"Exporting {name}...")
        card = export.reexport(
            name, mnist, non_digits=options.non_digits, workspace=options.workspace
        )
        test, auroc = card.metrics["test"], card.metrics["rejection"]["mean"]
        say(
            f"{name}: {test['accuracy']:.2%} of the test images classified correctly, "
            f"{test['coverage']:.2%} accepted as digits; AUROC {auroc:.4f} against synthetic "
            "non-digits."
        )
    return 0
