"""How many labelled photographs are read correctly, beside what else people would try.

    python -m benchmarks.photos FOLDER [--model M] [--compare tesseract] [--json]

FOLDER holds `single/` (one digit a picture), `multi/` (a number or several lines of them) or both,
each with a `labels.csv`: file,label,source; `|` in a label separates lines. A picture counts as
right if all its digits and lines are. Beside Digit Lab stands what tutorials do: the whole picture
in grey, stretched to 28x28 and inverted, read by the same model. `--compare tesseract` adds the
program Tesseract in digit mode, which gets from the label whether to expect one digit, one line
or several.
"""

import argparse
import csv
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from mnist_core import reading, serving
from mnist_core.config import DEFAULT_MODEL, IMAGE_SIZE
from mnist_core.errors import PictureError
from mnist_core.evaluation import metrics
from mnist_core.pictures import imaging
from mnist_core.workspace import WORKSPACE, Workspace

KINDS = {"single": "single digits", "multi": "numbers"}
OURS = "Digit Lab"
# Page segmentation modes: a single character, a line of text, a block of text.
TESSERACT_MODES = {"single": "10", "line": "7", "lines": "6"}
PATIENCE = 60

Row = dict[str, Any]  # of a picture
Way = Callable[[Row, serving.Predictor], str]


class LabelError(Exception):
    """The folder holds no labelled pictures; the message says what was wanted."""


def read_labels(folder: Path) -> list[Row]:
    """Find the labelled pictures of a folder.

    Parameters
    ----------
    folder : Path, with `single/labels.csv`, `multi/labels.csv` or both

    Returns
    -------
    list of dict : kind (a key of KINDS), file (Path), label (lines joined by a newline), source

    Raises
    ------
    LabelError : there is no such file, or it lacks a column or any picture
    """
    pictures = []
    for kind in KINDS:
        path = folder / kind / "labels.csv"
        if not path.is_file():
            continue
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if not rows or not {"file", "label", "source"} <= set(rows[0]):
            raise LabelError(f"{path} needs the columns file,label,source and a row a picture.")
        pictures += [
            {
                "kind": kind,
                "file": path.parent / row["file"],
                "label": row["label"].replace("|", "\n"),
                "source": row["source"],
            }
            for row in rows
        ]
    if not pictures:
        raise LabelError(f"Expected {folder}/single/labels.csv or {folder}/multi/labels.csv.")
    return pictures


def read_ours(picture: Row, predictor: serving.Predictor) -> str:
    """Return the text that Digit Lab reads."""
    opened = imaging.open_picture(picture["file"])
    return reading.read(opened, predictor, single=picture["kind"] == "single").text


def read_stretched(picture: Row, predictor: serving.Predictor) -> str:
    """Return the digit of the whole picture, grey, stretched to 28x28 and inverted."""
    grey = cv2.cvtColor(imaging.open_picture(picture["file"]).pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (IMAGE_SIZE, IMAGE_SIZE), interpolation=cv2.INTER_AREA)
    return str(predictor(1 - small[None].astype(np.float32) / 255)[0].argmax())


def read_tesseract(picture: Row, predictor: serving.Predictor) -> str:  # noqa: ARG001
    """Return the text that the program Tesseract reads, allowed digits only; takes no predictor."""
    several = "lines" if "\n" in picture["label"] else "line"
    mode = TESSERACT_MODES["single" if picture["kind"] == "single" else several]
    command = ["tesseract", str(picture["file"]), "stdout", "--psm", mode]
    command += ["-c", "tessedit_char_whitelist=0123456789"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    lines = ("".join(line.split()) for line in done.stdout.splitlines())
    return "\n".join(line for line in lines if line)


def measure(
    pictures: Sequence[Row], predictor: serving.Predictor, ways: dict[str, Way]
) -> Iterator[Row]:
    """Read each picture in each way.

    Parameters
    ----------
    pictures : list of dict, see `read_labels`
    predictor : serving.Predictor
    ways : dict, {name: callable, (picture, predictor) -> text}

    Yields
    ------
    dict : the picture with read {way: text} and seconds {way: float}; the text is None where the
        picture could not be opened or took too long
    """
    for picture in pictures:
        read, seconds = {}, {}
        for name, way in ways.items():
            begin = time.perf_counter()
            try:
                read[name] = way(picture, predictor)
            except (PictureError, subprocess.TimeoutExpired):
                read[name] = None
            seconds[name] = time.perf_counter() - begin
        yield {**picture, "read": read, "seconds": seconds}


def summarise(rows: Sequence[Row], way: str) -> dict[str, Any]:
    """Count what one way of reading got right.

    Parameters
    ----------
    rows : list of dict, at least one, see `measure`
    way : str

    Returns
    -------
    dict : n, right, accuracy, interval (95%), seconds (mean of a picture)
    """
    right = sum(row["read"][way] == row["label"] for row in rows)
    return {
        "n": len(rows),
        "right": right,
        "accuracy": right / len(rows),
        "interval": metrics.accuracy_interval(right, len(rows)),
        "seconds": float(np.mean([row["seconds"][way] for row in rows])),
    }


def print_kind(kind: str, rows: Sequence[Row]) -> None:
    """Print a table of one kind of pictures: a line for each source, then the whole."""
    ways = _ways_of(kind, rows)
    sources = sorted({row["source"] for row in rows})
    print(f"{KINDS[kind]:<20}{'n':>5}" + "".join(f"{way:>26}" for way in ways))
    for source in sources:
        own = [row for row in rows if row["source"] == source]
        counts = "".join(f"{summarise(own, way)['right']:>26}" for way in ways)
        print(f"{source:<20}{len(own):>5}{counts}")
    whole = [summarise(rows, way) for way in ways]
    print(f"{'all, right':<20}{len(rows):>5}" + "".join(f"{s['right']:>26}" for s in whole))
    print(f"{'share and interval':<25}" + "".join(f"{_share(s):>26}" for s in whole))
    print(f"{'seconds a picture':<25}" + "".join(f"{s['seconds']:>26.3f}" for s in whole))


def print_misread(rows: Sequence[Row]) -> None:
    """Print which pictures Digit Lab misread."""
    misread = [row for row in rows if row["read"][OURS] != row["label"]]
    print(f"{len(misread)} misread by {OURS}: file, source, label, read")
    for row in misread:
        name = f"{row['kind']}/{row['file'].name}"
        print(
            f"{name:<20}{row['source']:<8}{_in_words(row['label'])}  {_in_words(row['read'][OURS])}"
        )


def print_json(rows: Sequence[Row]) -> None:
    """Print an object for each picture and a summary for each kind and way."""
    for row in rows:
        print(json.dumps({**row, "file": str(row["file"])}))
    for kind in dict.fromkeys(row["kind"] for row in rows):
        own = [row for row in rows if row["kind"] == kind]
        for way in _ways_of(kind, own):
            print(json.dumps({"summary": {"kind": kind, "way": way, **summarise(own, way)}}))


def main() -> None:
    """Read all pictures in all ways, print the tables and what was misread."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--models", type=Path, default=WORKSPACE.models)
    parser.add_argument("--compare", choices=COMPARE, help="a program to measure as well")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    ways = {OURS: read_ours, "stretch": read_stretched}
    if options.compare and shutil.which(options.compare):
        ways[options.compare] = COMPARE[options.compare]
    elif options.compare:
        print(MISSING[options.compare], file=sys.stderr)
    try:
        pictures = read_labels(options.folder)
    except LabelError as error:
        parser.error(str(error))
    predictor = serving.load_predictor(options.model, workspace=Workspace(options.models))
    read_ours(pictures[0], predictor)  # the first of all is slow, whichever it is
    rows = list(tqdm(measure(pictures, predictor, ways), total=len(pictures), unit="picture"))
    if options.json:
        print_json(rows)
        return
    for kind in dict.fromkeys(row["kind"] for row in rows):
        print_kind(kind, [row for row in rows if row["kind"] == kind])
        print()
    print_misread(rows)


def _ways_of(kind: str, rows: Sequence[Row]) -> list[str]:
    """Return the ways that can read this kind: the whole picture stretched is one digit."""
    return [way for way in rows[0]["read"] if kind == "single" or way != "stretch"]


def _share(summary: dict[str, Any]) -> str:
    low, high = summary["interval"]
    return f"{summary['accuracy']:.1%} ({low:.1%} to {high:.1%})"


def _in_words(text: str | None) -> str:
    return "not opened" if text is None else text.replace("\n", "|") or "nothing"


COMPARE = {"tesseract": read_tesseract}
MISSING = {
    "tesseract": "The program tesseract is not installed (Debian: apt install tesseract-ocr); "
    "the rest goes on without it."
}

if __name__ == "__main__":
    main()
