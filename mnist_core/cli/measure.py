"""`evaluate` and `robustness`: how well models read, clean and damaged."""

import csv
import json
import sys

from tqdm import tqdm

from mnist_core import corruptions, serving
from mnist_core.cli.common import load_mnist, read_npz, say
from mnist_core.errors import DataError, UsageError
from mnist_core.evaluation import evaluate_selective, robustness
from mnist_core.pixels import to_float


def run_evaluate(options):
    """Measure a model on the MNIST test set, or on the images and labels of a file."""
    if (options.corruption is None) != (options.severity is None):
        raise UsageError("--corruption and --severity go together: name both, or neither.")
    images, labels = _images(options)
    predictor = serving.load_predictor(options.model, workspace=options.workspace)
    damage, kind = {}, "images"
    if options.corruption:
        name, severity, seed = options.corruption, options.severity, options.seed
        images = corruptions.corrupt(images, name, severity, seed=seed)
        damage = {"corruption": name, "severity": severity, "seed": seed}
        kind = f"images with {corruptions.title(name).lower()} at severity {severity:g}"
    report = evaluate_selective(predictor, images, labels, coverage=options.coverage)
    if options.json:
        print(json.dumps(report | damage))
    else:
        low, high = report["interval"]
        print(
            f"{options.model}: {report['accuracy']:.2%} of {report['n']:,} {kind} read right "
            f"(95% interval {low:.2%} to {high:.2%}), {report['errors']} wrong, in "
            f"{report['seconds']:.2f} s"
        )
    return 0


def run_robustness(options):
    """Measure models under every corruption at every severity."""
    if options.save and (options.data or options.corruption or options.seed):
        raise UsageError("--save keeps figures of all corruptions on MNIST's test set, seed 0.")
    if options.save and 0.5 not in (options.severity or robustness.SEVERITIES):
        raise UsageError("--save needs severity 0.5, the one that the cards are compared by.")
    images, labels = _images(options)
    names = options.model or [c.name for c in serving.list_models(workspace=options.workspace)]
    if not names:
        raise DataError(f"There is no model in {options.workspace.models}.")
    predictors = {
        name: serving.load_predictor(name, workspace=options.workspace)
        for name in dict.fromkeys(names)
    }
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
        for line in _told(summaries):
            say(line)
    else:
        _print_blocks(summaries, rows)
        print(*_told(summaries), sep="\n")
    if options.save:
        for summary in summaries:
            measured = {f"{s:g}": found for s, found in summary["by_severity"].items()}
            found = {"damaged": {"n": len(labels), "split": "test", **measured}}
            serving.add_metrics(summary["model"], found, workspace=options.workspace)
    return 0


def _images(options):
    """Return the images and labels to measure on: a file's, or MNIST's test set."""
    if options.data:
        return read_npz(options.data, ("x", "y"))
    test = load_mnist().test
    return to_float(test.images), test.labels


def _row_printer(options):
    """Return what prints a row of the table as soon as it is measured."""
    if options.json:
        return lambda row: print(json.dumps(row), flush=True)
    if options.csv:
        writer = csv.DictWriter(sys.stdout, robustness.COLUMNS, lineterminator="\n")
        writer.writeheader()
        return writer.writerow
    return lambda row: None  # noqa: ARG005


def _print_blocks(summaries, rows):
    """Print a block for each model: a line for each corruption, a column for each severity."""
    for summary in summaries:
        mine = [row for row in rows if row["model"] == summary["model"]]
        heads = "".join(f"{severity:>9g}" for severity in summary["by_severity"])
        print(f"{summary['model']:<24}{heads}")
        for corruption in dict.fromkeys(row["corruption"] for row in mine):
            if corruption != robustness.CLEAN:
                cells = [row["accuracy"] for row in mine if row["corruption"] == corruption]
                print(f"  {corruption:<22}" + "".join(f"{cell:>9.2%}" for cell in cells))


def _told(summaries):
    """Yield the summary of each model and severity in words."""
    for summary in summaries:
        for severity, found in summary["by_severity"].items():
            parts = []
            if found["mean"] is not None:
                parts.append(f"mean {found['mean']:.2%} over single corruptions")
                parts.append(f"worst {found['worst']:.2%} ({found['worst_corruption']})")
            if found["recipes"] is not None:
                parts.append(f"recipes {found['recipes']:.2%}")
            yield (
                f"{summary['model']}, severity {severity:g}: {', '.join(parts)}; "
                f"clean {summary['clean']:.2%}"
            )
