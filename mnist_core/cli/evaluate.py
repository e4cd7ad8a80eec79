"""`evaluate`: how well a model classifies, clean or corrupted."""

import argparse
import json
from typing import Any

from mnist_core import corruptions, serving
from mnist_core.cli import arguments
from mnist_core.cli.common import load_labelled
from mnist_core.errors import UsageError
from mnist_core.evaluation import evaluate_selective


def add_evaluate_options(parser: argparse.ArgumentParser) -> None:
    """Give `evaluate` its options."""
    arguments.add_model(parser)
    arguments.add_data(parser)
    parser.add_argument(
        "--corruption",
        choices=corruptions.ALL_CORRUPTIONS,
        metavar="C",
        help=", ".join(corruptions.ALL_CORRUPTIONS),
    )
    parser.add_argument("--severity", type=arguments.severity, metavar="S", help="from 0 to 1")
    parser.add_argument(
        "--coverage",
        type=arguments.coverage,
        metavar="C",
        help="share of the answers to accept, the most confident ones; default: those that "
        "look like a digit",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run_evaluate(options: argparse.Namespace) -> int:
    """Measure a model on the MNIST test set, or on the images and labels of a file."""
    if (options.corruption is None) != (options.severity is None):
        raise UsageError("--corruption and --severity go together: name both, or neither.")
    images, labels = load_labelled(options.data)
    predictor = serving.load_predictor(options.model, workspace=options.workspace)
    corrupted: dict[str, Any] = {}
    kind = "images"
    if options.corruption:
        name, severity, seed = options.corruption, options.severity, options.seed
        images = corruptions.corrupt(images, name, severity, seed=seed)
        corrupted = {"corruption": name, "severity": severity, "seed": seed}
        kind = f"images with {corruptions.title(name).lower()} at severity {severity:g}"
    report = evaluate_selective(predictor, images, labels, coverage=options.coverage)
    if options.json:
        print(json.dumps(report | corrupted))
    else:
        low, high = report["interval"]
        print(
            f"{options.model}: {report['accuracy']:.2%} of {report['n']:,} {kind} classified "
            f"correctly (95% interval {low:.2%} to {high:.2%}), {report['errors']} errors, in "
            f"{report['seconds']:.2f} s"
        )
    return 0
