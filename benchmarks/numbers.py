"""How many numbers are read correctly on synthetic pages that training never shows.

    python -m benchmarks.numbers [--pages 40] [--kinds boxes tables ...] [--model M] [--json]
    python -m benchmarks.numbers --fit

Each kind of page is made so many times, with papers, hands and pens kept out of training, and with
MNIST's validation digits. A page counts as right if all its digits and lines are, `written` if the
separators and spaces are as well; on pages without numbers it counts the digits that are read all
the same. Then it shows what a shown confidence means for whole lines.
`--fit` prints the constants of `mnist_core.reading.evidence` that suit these pages best; take other
pages (`--first`) to fit than to measure.
"""

import argparse
import itertools
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher

import cv2
import numpy as np
from tqdm import tqdm

from benchmarks import combining, edits
from mnist_core import data, reading, serving
from mnist_core.config import DEFAULT_MODEL
from mnist_core.errors import DataError
from mnist_core.evaluation import metrics
from mnist_core.pictures.imaging import LONGEST_SIDE, Picture
from mnist_core.reading.evidence import Line, lines_of
from mnist_core.synthesis.pages import KINDS, Page, Specimens, make_page

# In `scatter` every digit is a line of its own, which nobody could tell from a row.
UNLINED = ("scatter",)
BINS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0)
WANTED = 0.98  # share of sure lines that have to be right


@dataclass(frozen=True)
class Outcome:
    """What was read on a page.

    Attributes
    ----------
    edits : digits and line ends to insert, delete or replace until the text is right
    count : of digits on the page
    accepted : digits that were read
    lines : confidence of each line that was read, and whether it is right
    """

    kind: str
    is_right: bool
    is_written_right: bool
    edits: int
    count: int
    accepted: int
    seconds: float
    lines: tuple[tuple[float, bool], ...]


def pages(
    kinds: Sequence[str], count: int, first: int, specimens: Specimens | None
) -> Iterator[Page]:
    """Make so many pages of each kind, the same for the same numbers."""
    for kind in kinds:
        for number in range(first, first + count):
            rng = np.random.default_rng([number, *kind.encode()])
            yield make_page(rng, kind=kind, specimens=specimens, held_out=True)


def picture_of(page: Page) -> Picture:
    """Return a page as `open_picture` would."""
    height, width = page.pixels.shape[:2]
    factor = min(1.0, LONGEST_SIDE / max(height, width))
    size = (round(width * factor), round(height * factor))
    pixels = (
        page.pixels if factor == 1 else cv2.resize(page.pixels, size, interpolation=cv2.INTER_AREA)
    )
    return Picture(pixels, width, height)


def outcome_of(page: Page, found: reading.Reading, seconds: float) -> Outcome:
    """Compare what was read with what stands there, except where nobody can say what does."""
    found = without_ignored(found, page)
    text, wanted = found.text, page.text
    written, wanted_written = found.written, page.written
    if page.kind in UNLINED:
        text, wanted = ("".join(sorted(one.replace("\n", ""))) for one in (text, wanted))
        written, wanted_written = text, wanted
    return Outcome(
        page.kind,
        text == wanted,
        written == wanted_written,
        edits(text, wanted),
        len(wanted.replace("\n", "")),
        len(text.replace("\n", "")),
        seconds,
        () if page.kind in UNLINED else _judged(lines_of(found), page.text),
    )


def without_ignored(found: reading.Reading, page: Page) -> reading.Reading:
    """Leave out digits that the page's border cuts, and printed ones without words."""
    boxes = np.array([digit.box for digit in found.digits], float).reshape(-1, 4)
    ignored = combining.lie_in(boxes, page)
    kept = [digit for digit, gone in zip(found.digits, ignored, strict=True) if not gone]
    return reading.with_digits(found, kept)


def reliability(outcomes: Sequence[Outcome]) -> list[dict[str, float]]:
    """Return how many lines each range of confidence was shown for, and how many are right."""
    lines = np.array([line for outcome in outcomes for line in outcome.lines]).reshape(-1, 2)
    table = []
    for low, high in itertools.pairwise(BINS):
        own = lines[(lines[:, 0] >= low) & ((lines[:, 0] < high) | (high == 1))]
        shown, right = (float(own[:, i].mean()) if len(own) else 0.0 for i in (0, 1))
        table.append({"from": low, "to": high, "n": len(own), "shown": shown, "right": right})
    return table


def threshold_for(outcomes: Sequence[Outcome], wanted: float = WANTED) -> tuple[float, float]:
    """Return the least confidence above which lines are right so often, and what share has it."""
    lines = np.array([line for outcome in outcomes for line in outcome.lines]).reshape(-1, 2)
    lines = lines[np.argsort(-lines[:, 0], kind="stable")]
    shares = np.cumsum(lines[:, 1]) / np.arange(1, len(lines) + 1)
    enough = np.flatnonzero(shares >= wanted)
    if not len(enough):
        return 1.0, 0.0
    return float(lines[enough[-1], 0]), float(enough[-1] + 1) / len(lines)


def print_table(outcomes: Sequence[Outcome]) -> None:
    """Print a line for each kind of page, and one for all."""
    print(
        f"{'kind':<12}{'pages':>6}{'text':>16}{'written':>9}{'lines':>8}{'edits':>8}{'seconds':>9}"
    )
    kinds = list(dict.fromkeys(outcome.kind for outcome in outcomes))
    for kind in (*kinds, None):
        own = [outcome for outcome in outcomes if kind in (None, outcome.kind)]
        right = sum(outcome.is_right for outcome in own)
        lines = [is_right for outcome in own for _, is_right in outcome.lines]
        digits = sum(outcome.count for outcome in own)
        wrong = sum(outcome.edits for outcome in own)
        low, high = metrics.accuracy_interval(right, len(own))
        print(
            f"{kind or 'all':<12}{len(own):>6}{right / len(own):>6.0%} ({low:.0%}-{high:.0%})"
            f"{np.mean([outcome.is_written_right for outcome in own]):>7.0%}"
            + (f"{np.mean(lines):>9.1%}" if lines else f"{'':>9}")
            + (f"{wrong / digits:>8.2%}" if digits else f"{'':>8}")
            + f"{np.median([outcome.seconds for outcome in own]):>9.3f}"
            + ("" if digits else f"  {np.mean([one.accepted for one in own]):.2f} digits a page")
        )


def print_reliability(outcomes: Sequence[Outcome]) -> None:
    """Print what a shown confidence means for whole lines."""
    print(f"{'confidence':<14}{'lines':>7}{'shown':>9}{'right':>9}")
    for row in reliability(outcomes):
        span = f"{row['from']:.2f} to {row['to']:.2f}"
        print(f"{span}{row['n']:>7.0f}{row['shown']:>9.1%}{row['right']:>9.1%}")
    least, share = threshold_for(outcomes)
    print(f"lines are right in {WANTED:.0%} from a confidence of {least:.4f}: {share:.0%} of all")


def main() -> None:
    """Make the pages, read them, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", type=int, default=40, help="of each kind")
    parser.add_argument("--first", type=int, default=0, help="number of the first page")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--detector", default=serving.DETECTOR)
    parser.add_argument("--segmentation", action="store_true", help="read without the detector")
    parser.add_argument("--fit", action="store_true", help="print constants instead")
    parser.add_argument("--wrong", action="store_true", help="print what was misread")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    predictor = serving.load_predictor(options.model)
    detector = None if options.segmentation else serving.load_detector(options.detector)
    made = pages(options.kinds, options.pages, options.first, _specimens())
    made = tqdm(made, total=len(options.kinds) * options.pages, unit="page", leave=False)
    if options.fit:
        if detector is None:
            parser.error("--fit needs the detector.")
        combining.fit(made, predictor, detector, picture_of)
        return
    outcomes = []
    for page in made:
        begin = time.perf_counter()
        found = reading.read(
            picture_of(page), predictor, single=page.kind == "single", detector=detector
        )
        outcomes.append(outcome_of(page, found, time.perf_counter() - begin))
        if options.wrong and not outcomes[-1].is_written_right:
            tqdm.write(f"{page.kind}: {page.written!r} read as {found.written!r}")
        if options.json:
            print(json.dumps(asdict(outcomes[-1])))
    if not options.json:
        print_table(outcomes)
        print()
        print_reliability(outcomes)


def _judged(lines: Sequence[Line], text: str) -> tuple[tuple[float, bool], ...]:
    """Return the confidence of each line that was read, and whether it stands there, in order."""
    read = [line.text for line in lines]
    right = [False] * len(read)
    matched = SequenceMatcher(a=read, b=text.split("\n"), autojunk=False).get_matching_blocks()
    for block in matched:
        right[block.a : block.a + block.size] = [True] * block.size
    return tuple((line.confidence, is_right) for line, is_right in zip(lines, right, strict=True))


def _specimens() -> Specimens | None:
    try:
        split = data.load_mnist().validation
    except DataError:
        return None
    return Specimens(split.images, split.labels)


if __name__ == "__main__":
    main()
