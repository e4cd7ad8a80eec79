"""How many labelled photographs are read correctly, beside what else people would try.

    python -m benchmarks.photos FOLDER... [--model M] [--segmentation] [--compare tesseract]
        [--rapidocr PYTHON]

A folder holds `single/` (one digit a picture), `multi/` (a number or several lines of them),
`forms/` (numbers in boxes, tables and cheques) or some of these, each with a `labels.csv`:
file,label,source; `|` in a label separates lines. Or it holds a `cases.csv`: file,text,written; `|`
separates pages. A picture counts as right if all its digits and lines are; of cases also what is
written is compared. `--segmentation` adds reading without the detector. Beside Digit Lab stands
what tutorials do: the whole picture in grey, stretched to 28x28 and inverted, read by the same
model. `--compare tesseract` adds the program Tesseract in digit mode, which gets from the label
whether to expect one digit, one line or several. `--rapidocr PYTHON` adds RapidOCR, run by the
Python of a virtual environment that has it (`pip install rapidocr onnxruntime`).
"""

import argparse
import contextlib
import functools
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from benchmarks import edits
from benchmarks.labelled import KINDS, LabelError, Row, read_labels
from mnist_core import reading, serving
from mnist_core.config import DEFAULT_MODEL, IMAGE_SIZE
from mnist_core.errors import PictureError
from mnist_core.evaluation import metrics
from mnist_core.pictures import imaging
from mnist_core.workspace import WORKSPACE, Workspace

OURS, WRITTEN, CUT = "Digit Lab", "as written", "segmentation"
# Page segmentation modes: a single character, a line of text, a block of text.
TESSERACT_MODES = {"single": "10", "line": "7", "lines": "6"}
PATIENCE = 60

WORKER = Path(__file__).with_name("rapidocr_worker.py")

Way = Callable[[Row, serving.Predictor], str | None]


def read_ours(
    picture: Row, predictor: serving.Predictor, *, detector: serving.Detector | None = None
) -> str:
    """Return the text that Digit Lab reads, with or without the detector."""
    return "|".join(found.text for found in _readings(picture, predictor, detector))


def read_written(
    picture: Row, predictor: serving.Predictor, *, detector: serving.Detector | None = None
) -> str:
    """Return what Digit Lab takes to be written, with separators and spaces."""
    return "|".join(found.written for found in _readings(picture, predictor, detector))


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


class RapidOcr:
    """Reads pictures by RapidOCR in a process of another virtual environment.

    Parameters
    ----------
    python : the program `python` of that environment
    """

    def __init__(self, python: Path) -> None:
        self.process = subprocess.Popen(
            [python, "-I", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, picture: Row, _: serving.Predictor) -> str | None:
        """Return the digits that it reads; None if it has ended."""
        if not self.process.stdin or not self.process.stdout:
            return None
        try:
            print(picture["file"], file=self.process.stdin, flush=True)
        except BrokenPipeError:
            return None
        line = self.process.stdout.readline()
        return json.loads(line)["text"] if line else None

    def close(self) -> None:
        """End the process."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                with contextlib.suppress(BrokenPipeError):  # it may have ended by itself
                    pipe.close()
        self.process.wait(PATIENCE)


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
        for name in _ways_of(picture.get("kind"), ways):
            way = ways[name]
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
    dict : n, right, accuracy, interval (95%), edits (a digit), seconds (mean of a picture)
    """
    right = sum(_is_right(row, way) for row in rows)
    digits = sum(sum(map(str.isdigit, row["label"])) for row in rows)
    return {
        "n": len(rows),
        "right": right,
        "accuracy": right / len(rows),
        "interval": metrics.accuracy_interval(right, len(rows)),
        "edits": sum(edits(row["read"][way] or "", _wanted(row, way)) for row in rows) / digits,
        "seconds": float(np.mean([row["seconds"][way] for row in rows])),
    }


def print_kind(kind: str, rows: Sequence[Row]) -> None:
    """Print a table of one kind of pictures: a line for each source, then the whole."""
    ways = _ways_of(kind, rows[0]["read"])
    sources = sorted({row["source"] for row in rows})
    print(f"{KINDS[kind]:<20}{'n':>5}" + "".join(f"{way:>26}" for way in ways))
    for source in sources:
        own = [row for row in rows if row["source"] == source]
        counts = "".join(f"{summarise(own, way)['right']:>26}" for way in ways)
        print(f"{source:<20}{len(own):>5}{counts}")
    whole = [summarise(rows, way) for way in ways]
    print(f"{'all, right':<20}{len(rows):>5}" + "".join(f"{s['right']:>26}" for s in whole))
    print(f"{'share and interval':<25}" + "".join(f"{_share(s):>26}" for s in whole))
    print(f"{'edits a digit':<25}" + "".join(f"{s['edits']:>26.3f}" for s in whole))
    print(f"{'seconds a picture':<25}" + "".join(f"{s['seconds']:>26.3f}" for s in whole))


def print_misread(rows: Sequence[Row]) -> None:
    """Print which pictures Digit Lab misread."""
    misread = [row for row in rows if not _is_right(row, OURS)]
    print(f"{len(misread)} misread by {OURS}: file, source, label, read")
    for row in misread:
        name = f"{row['kind']}/{row['file'].name}"
        print(
            f"{name:<20}{row['source']:<8}{_in_words(row['label'])}  {_in_words(row['read'][OURS])}"
        )
    for row in rows:
        if row["kind"] == "cases" and not _is_right(row, WRITTEN):
            told = f"{_in_words(row['written'])}  {_in_words(row['read'][WRITTEN])}"
            print(f"{row['file'].name:<28}written {told}")


def print_json(rows: Sequence[Row]) -> None:
    """Print an object for each picture and a summary for each kind and way."""
    for row in rows:
        print(json.dumps({**row, "file": str(row["file"])}))
    for kind in dict.fromkeys(row["kind"] for row in rows):
        own = [row for row in rows if row["kind"] == kind]
        for way in _ways_of(kind, own[0]["read"]):
            print(json.dumps({"summary": {"kind": kind, "way": way, **summarise(own, way)}}))


def main() -> None:
    """Read all pictures in all ways, print the tables and what was misread."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--models", type=Path, default=WORKSPACE.models)
    parser.add_argument("--segmentation", action="store_true", help="read without a detector, too")
    parser.add_argument("--compare", choices=COMPARE, help="a program to measure as well")
    parser.add_argument("--rapidocr", type=Path, metavar="PYTHON", help="that has RapidOCR")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    workspace = Workspace(options.models)
    detector = serving.find_detector(workspace=workspace)
    ways: dict[str, Way] = {OURS: functools.partial(read_ours, detector=detector)}
    ways[WRITTEN] = functools.partial(read_written, detector=detector)
    if options.segmentation:
        ways[CUT] = functools.partial(read_ours, detector=None)
    ways["stretch"] = read_stretched
    if options.compare and shutil.which(options.compare):
        ways[options.compare] = COMPARE[options.compare]
    elif options.compare:
        print(MISSING[options.compare], file=sys.stderr)
    rapid_ocr = RapidOcr(options.rapidocr) if options.rapidocr else None
    if rapid_ocr:
        ways["rapidocr"] = rapid_ocr
    try:
        pictures = [row for folder in options.folders for row in read_labels(folder)]
    except LabelError as error:
        parser.error(str(error))
    predictor = serving.load_predictor(options.model, workspace=workspace)
    ways[OURS](pictures[0], predictor)  # the first of all is slow, whichever it is
    rows = list(tqdm(measure(pictures, predictor, ways), total=len(pictures), unit="picture"))
    if rapid_ocr:
        rapid_ocr.close()
    if options.json:
        print_json(rows)
        return
    for kind in dict.fromkeys(row["kind"] for row in rows):
        print_kind(kind, [row for row in rows if row["kind"] == kind])
        print()
    print_misread(rows)


def _ways_of(kind: str | None, ways: Iterable[str]) -> list[str]:
    """Return the ways that can read this kind.

    The whole picture stretched is one digit; only cases are labelled with what is written.
    """
    only = {"stretch": "single", WRITTEN: "cases"}
    return [way for way in ways if only.get(way, kind) == kind]


def _readings(
    picture: Row, predictor: serving.Predictor, detector: serving.Detector | None
) -> list[reading.Reading]:
    single = picture["kind"] == "single"
    return [
        reading.read(page, predictor, single=single, detector=detector)
        for page in imaging.open_pages(picture["file"])
        if isinstance(page, imaging.Picture)
    ]


def _wanted(row: Row, way: str) -> str:
    return row["written"] if way == WRITTEN else row["label"]


def _is_right(row: Row, way: str) -> bool:
    return row["read"][way] == _wanted(row, way)


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
