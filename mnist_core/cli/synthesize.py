"""`synthesize`: write pages of handwritten numbers made by code, with their labels."""

import argparse
import csv
import json
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from mnist_core.cli.common import load_mnist, say
from mnist_core.errors import UsageError
from mnist_core.synthesis.pages import KINDS, Page, Specimens, make_page

LABELS, MARKS = "labels.csv", "marks.jsonl"
COLUMNS = ("file", "text", "written", "kind", "turned")


def add_synthesize_options(parser: argparse.ArgumentParser) -> None:
    """Give `synthesize` its options."""
    parser.add_argument("out", type=Path, metavar="OUT", help="folder to write the pages to")
    parser.add_argument("--pages", type=int, default=100, metavar="N", help="default: 100")
    parser.add_argument(
        "--kind", choices=KINDS, help="kind of pages; all kinds in turn if left out"
    )
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same pages")
    parser.add_argument(
        "--held-out",
        action="store_true",
        help="digits of MNIST's validation images, papers and pens that training never sees",
    )


def run_synthesize(options: argparse.Namespace) -> int:
    """Write the pages as PNG, `labels.csv` with their numbers, `marks.jsonl` with all boxes."""
    if options.pages < 1:
        raise UsageError(f"--pages has to be 1 or more, received {options.pages}.")
    if options.seed < 0:
        raise UsageError(f"--seed has to be 0 or more, received {options.seed}.")
    options.out.mkdir(parents=True, exist_ok=True)
    mnist = load_mnist()
    split = mnist.validation if options.held_out else mnist.train
    specimens = Specimens(split.images, split.labels)
    kinds = [options.kind] if options.kind else KINDS
    with (
        (options.out / LABELS).open("w", encoding="utf-8", newline="") as labels,
        (options.out / MARKS).open("w", encoding="utf-8") as marks,
    ):
        table = csv.writer(labels)
        table.writerow(COLUMNS)
        for index in tqdm(range(options.pages), unit="page", leave=False, delay=1):
            kind = kinds[index % len(kinds)]
            rng = np.random.default_rng([options.seed, index])
            page = make_page(rng, kind=kind, specimens=specimens, held_out=options.held_out)
            file = f"{index + 1:05}-{kind}.png"
            _write_picture(options.out / file, page)
            table.writerow([file, page.text, page.written, page.kind, page.turned])
            marks.write(json.dumps({"file": file, "marks": _boxes(page)}) + "\n")
    say(f"{options.pages:,} pages written to {options.out}, their numbers to {LABELS}.")
    return 0


def _write_picture(path: Path, page: Page) -> None:
    _, content = cv2.imencode(".png", cv2.cvtColor(page.pixels, cv2.COLOR_RGB2BGR))
    path.write_bytes(content.tobytes())


def _boxes(page: Page) -> list[dict[str, object]]:
    return [
        {"label": mark.label, "box": [round(side, 1) for side in mark.box], "line": mark.line}
        for mark in page.marks
    ]
