"""How many pen strokes are classified correctly, with any pen, size and place on the canvas.

    python -m benchmarks.strokes STROKES.json.gz

The file holds {"samples": [{"label", "writer", "strokes": [[[x, y], ...], ...]}]}, y downwards.
Each sample is tried twice: as a picture of the canvas, which is all that an image file holds, and
as the path of the pen, which the draw page has.
"""

import argparse
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core import serving
from mnist_core.config import DEFAULT_MODEL
from mnist_core.evaluation import evaluate
from mnist_core.pictures import preprocessing, strokes
from mnist_core.workspace import WORKSPACE, Workspace

CANVAS = 280
PENS = (5, 24)
SIZES = (40, 240)


def canvas_strokes(
    sample: dict[str, Any], rng: np.random.Generator
) -> tuple[list[np.ndarray], float]:
    """Put one sample on the canvas; returns its strokes and the pen's width, in pixels."""
    pen = rng.uniform(*PENS)
    points = [np.asarray(stroke, float) for stroke in sample["strokes"]]
    low = np.concatenate(points).min(axis=0)
    extent = np.concatenate(points).max(axis=0) - low
    scale = rng.uniform(*SIZES) / max(extent.max(), 1)
    room = np.maximum(CANVAS - extent * scale - pen, 0)
    place = pen / 2 + rng.uniform(0, 1, 2) * room
    return [(stroke - low) * scale + place for stroke in points], pen


def main() -> None:
    """Print how many of the sampled strokes each way of reading gets right."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--models", type=Path, default=WORKSPACE.models)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--writers", choices=("all", "even", "odd"), default="all")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    samples = json.loads(gzip.decompress(options.file.read_bytes()))["samples"]
    if options.writers != "all":
        wanted = options.writers == "odd"
        samples = [s for s in samples if int(s["writer"].lstrip("w")) % 2 == wanted]
    rng = np.random.default_rng(options.seed)
    chosen = [samples[i] for i in rng.permutation(len(samples))[: options.count]]
    labels = np.array([int(sample["label"]) for sample in chosen])
    pictures, paths = [], []
    for sample in chosen:
        pen_paths, pen = canvas_strokes(sample, rng)
        ink = strokes.draw(pen_paths, (CANVAS, CANVAS), width=pen)
        pictures.append(preprocessing.ink_to_digit(ink))
        paths.append(strokes.to_image(pen_paths))

    predict = serving.load_predictor(options.model, workspace=Workspace(options.models))
    print(
        f"{options.model}, {len(chosen)} digits of {len({s['writer'] for s in chosen})} writers "
        f"({options.writers}), {PENS[0]} to {PENS[1]} px pens, {SIZES[0]} to {SIZES[1]} px digits"
    )
    for name, images in (("canvas pictures", pictures), ("pen paths", paths)):
        report = evaluate(predict, np.stack(images), labels)
        low, high = report["interval"]
        recall = " ".join(
            f"{digit}:{'-' if share is None else f'{share:.3f}'}"
            for digit, share in enumerate(report["recall"])
        )
        print(f"{name:<16} {report['accuracy']:.4f} right ({low:.4f} to {high:.4f})  {recall}")


if __name__ == "__main__":
    main()
