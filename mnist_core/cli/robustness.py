"""`robustness`: how well models classify under every corruption at every severity."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from mnist_core import corruptions, serving
from mnist_core.cli import arguments
from mnist_core.cli.common import load_labelled, say
from mnist_core.errors import DataError, UsageError
from mnist_core.evaluation import robustness, stored
from mnist_core.evaluation.in_flight import Measured

Row = dict[str, Any]


def add_robustness_options(parser: argparse.ArgumentParser) -> None:
    """Give `robustness` its options."""
    parser.add_argument("--model", nargs="+", metavar="M", help="default: all models")
    arguments.add_data(parser)
    parser.add_argument(
        "--corruption",
        nargs="+",
        choices=corruptions.ALL_CORRUPTIONS,
        metavar="C",
        help=f"default: all of {', '.join(corruptions.ALL_CORRUPTIONS)}",
    )
    parser.add_argument(
        "--severity",
        nargs="+",
        type=arguments.severity,
        metavar="S",
        help=f"from 0 to 1; default: {', '.join(f'{s:g}' for s in robustness.SEVERITIES)}",
    )
    parser.add_argument(
        "--save", action="store_true", help="also store the means in the models' cards"
    )
    parser.add_argument(
        "--figures",
        action="store_true",
        help="only store, beside the models' cards, what the app's robustness page opens with",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="one CSV row per measurement")
    form.add_argument("--json", action="store_true", help="one JSON object per line")


def run_robustness(options: argparse.Namespace) -> int:
    """Measure models under every corruption at every severity."""
    if options.save and (options.data or options.corruption or options.seed):
        raise UsageError("--save stores figures of all corruptions on MNIST's test set, seed 0.")
    if options.figures and (
        options.save or options.data or options.corruption or options.severity or options.seed
    ):
        raise UsageError("--figures stores fixed figures on MNIST's test set: give --model alone.")
    if options.save and 0.5 not in (options.severity or robustness.SEVERITIES):
        raise UsageError("--save needs severity 0.5, which the cards are compared by.")
    images, labels = load_labelled(options.data)
    names = options.model or [
        card.name
        for card in serving.list_models(classifiers_only=True, workspace=options.workspace)
    ]
    if not names:
        raise DataError(f"There is no model in {options.workspace.models}.")
    predictors = {
        name: serving.load_predictor(name, workspace=options.workspace)
        for name in dict.fromkeys(names)
    }
    if options.figures:
        return _store_figures(options, predictors, images, labels)
    chosen = dict.fromkeys(options.corruption or corruptions.ALL_CORRUPTIONS)
    severities = sorted(set(options.severity or robustness.SEVERITIES))
    steps = robustness.table_rows(
        predictors, images, labels, corruptions=chosen, severities=severities, seed=options.seed
    )
    show = _row_printer(options)
    rows, total = [], len(predictors) * (1 + len(chosen) * len(severities))
    with tqdm(steps, total=total, unit="measurement", dynamic_ncols=True) as bar:
        for row in bar:
            bar.set_description(f"{row['corruption']} {row['severity']:g}", refresh=False)
            rows.append(row)
            show(row)
    summaries = robustness.summarise_rows(rows)
    if options.json:
        for summary in summaries:
            print(json.dumps({"summary": summary}))
    elif options.csv:
        for line in _in_words(summaries):
            say(line)
    else:
        _print_blocks(summaries, rows)
        print(*_in_words(summaries), sep="\n")
    if options.save:
        for summary in summaries:
            measured = {f"{s:g}": found for s, found in summary["by_severity"].items()}
            found = {"damaged": {"n": len(labels), "split": "test", **measured}}
            serving.add_metrics(summary["model"], found, workspace=options.workspace)
    return 0


def _store_figures(
    options: argparse.Namespace,
    predictors: Mapping[str, serving.Predictor],
    images: np.ndarray,
    labels: np.ndarray,
) -> int:
    """Measure and store what the robustness page opens with."""
    found: dict[str, list[tuple[tuple[str, float], Measured]]] = {name: [] for name in predictors}
    steps = stored.measure_figures(predictors, images, labels)
    total = len(predictors) * len(stored.conditions())
    for model, condition, measured in tqdm(steps, total=total, unit="measurement"):
        found[model].append((condition, measured))
    for model, figures in found.items():
        version = serving.load_card(model, workspace=options.workspace).files["model.tflite"]
        path = options.workspace.models / model / stored.FILE
        stored.store_figures(path, version["sha256"], labels, figures)
        say(f"{path}: {len(figures)} figures, {path.stat().st_size / 1e3:.0f} kB")
    return 0


def _row_printer(options: argparse.Namespace) -> Callable[[Row], object]:
    """Return what prints a row of the table as soon as it is measured."""
    if options.json:
        return lambda row: print(json.dumps(row), flush=True)
    if options.csv:
        return robustness.csv_writer(sys.stdout).writerow
    return lambda row: None  # noqa: ARG005


def _print_blocks(summaries: Sequence[Row], rows: Sequence[Row]) -> None:
    """Print a block for each model: a line for each corruption, a column for each severity."""
    for summary in summaries:
        mine = [row for row in rows if row["model"] == summary["model"]]
        heads = "".join(f"{severity:>9g}" for severity in summary["by_severity"])
        print(f"{summary['model']:<24}{heads}")
        for corruption in dict.fromkeys(row["corruption"] for row in mine):
            if corruption != robustness.CLEAN:
                cells = [row["accuracy"] for row in mine if row["corruption"] == corruption]
                print(f"  {corruption:<22}" + "".join(f"{cell:>9.2%}" for cell in cells))


def _in_words(summaries: Sequence[Row]) -> Iterator[str]:
    """Yield the summary of each model and severity in words."""
    for summary in summaries:
        for severity, found in summary["by_severity"].items():
            parts = []
            if found["mean"] is not None:
                parts.append(f"mean {found['mean']:.2%} over single corruptions")
                parts.append(f"worst {found['worst']:.2%} ({found['worst_corruption']})")
            if found["recipes"] is not None:
                parts.append(f"combinations {found['recipes']:.2%}")
            yield (
                f"{summary['model']}, severity {severity:g}: {', '.join(parts)}; "
                f"clean {summary['clean']:.2%}"
            )
