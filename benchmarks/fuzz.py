"""Thousands of files after accidents, read as the command reads: seconds and memory of each.

    python -m benchmarks.fuzz                      5,000 files of all formats
    python -m benchmarks.fuzz --files 500 --seed 7000

Pictures and documents go through what `read` does with a file, archives through the unpacking of
the upload page and then the same, drawings through the reading of a canvas's JSON. Memory is what a
file takes beyond what the process had before it; what renders PDFs is a process of its own, whose
memory has a limit. The exit code is 1 if a file took more than 5 seconds of a processor or 300 MB,
killed its process, or raised an error that has no sentence.
"""

import argparse
import json
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tqdm import tqdm

from mnist_core import serving
from mnist_core.cli import workers
from mnist_core.config import cpu_count
from mnist_core.errors import DigitLabError, PictureError
from mnist_core.pictures import archives, drawing, strokes
from mnist_core.reading import files
from support import fuzz

SECONDS, MEGABYTES = 5.0, 300.0
UNEXPECTED = "This file could not be read ("  # how the sentence begins that has a class in it


@dataclass(frozen=True)
class Cost:
    """What a file took.

    Attributes
    ----------
    outcome : "read", "refused", or what went wrong
    """

    seed: int
    ending: str
    size: int
    seconds: float = 0.0
    megabytes: float = 0.0
    outcome: str = "killed its process"

    @property
    def kept(self) -> bool:
        fine = self.outcome in {"read", "refused"}
        return fine and self.seconds <= SECONDS and self.megabytes <= MEGABYTES


def measure(seed: int) -> Cost:
    """Make a file and read it; return what that took."""
    readers()
    ending, content = fuzz.make(seed)
    Path("/proc/self/clear_refs").write_text("5")  # the highest memory so far counts from here
    memory, seconds = _memory("VmRSS"), _seconds()
    try:
        outcome = read(ending, content)
    except DigitLabError:
        outcome = "refused"
    except Exception as error:
        outcome = f"{type(error).__name__}: {error}"
    return Cost(
        seed,
        ending,
        len(content),
        _seconds() - seconds,
        _memory("VmHWM") - memory,
        outcome,
    )


def read(ending: str, content: bytes) -> str:
    """Read a file as its kind is read; return how that ended."""
    if ending == "json":
        text = content.decode("utf-8", "replace")
        if refused := drawing.refusal_of(text):
            strokes.from_canvas({"refused": refused})
        try:
            parsed = json.loads(text)
        except ValueError:
            return "refused"
        strokes.from_canvas(parsed)
        return "read"
    outcomes = [_read_picture(one) for one in _pictures(ending, content)]
    return max(outcomes, key=lambda outcome: (outcome != "refused", outcome != "read"))


def _pictures(ending: str, content: bytes) -> Iterator[bytes | PictureError]:
    if ending != "zip":
        yield content
        return
    yield PictureError("An archive without pictures.")
    yield from (member for _, member in archives.unpack(content))


def _read_picture(content: bytes | PictureError) -> str:
    if isinstance(content, PictureError):
        return "refused"
    predictor, detector = readers()
    outcome = "refused"
    for page in range(1, files.count_pages(content) + 1):
        record = files.read_page("", content, page, predictor, detector=detector)
        if record.error is None:
            outcome = "read"
        elif record.error.startswith(UNEXPECTED):
            return record.error
    return outcome


@cache
def readers() -> tuple[serving.Predictor, serving.Detector | None]:
    return serving.load_predictor(), serving.find_detector()


def _seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _memory(name: str) -> float:
    """Return a figure of this process's memory in MB, by its name in /proc."""
    text = Path("/proc/self/status").read_text()
    (kilobytes,) = re.findall(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
    return int(kilobytes) / 1000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=5000, metavar="N")
    parser.add_argument("--seed", type=int, default=0, help="of the first file")
    options = parser.parse_args()
    seeds = range(options.seed, options.seed + options.files)
    costs = list(
        tqdm(
            workers.in_order(
                measure,
                seeds,
                processes=cpu_count(),
                lost=lambda seed: Cost(seed, *_described(seed)),
            ),
            total=len(seeds),
            unit="file",
        )
    )
    for ending in fuzz.originals():
        mine = [cost for cost in costs if cost.ending == ending]
        if not mine:
            continue
        outcomes = Counter(cost.outcome for cost in mine)
        print(
            f"{ending:<5} {len(mine):>5} files, {outcomes['read']:>4} read, "
            f"{outcomes['refused']:>4} refused; at most {max(c.seconds for c in mine):.2f} s of a "
            f"processor and {max(c.megabytes for c in mine):.0f} MB"
        )
    wrong = [cost for cost in costs if not cost.kept]
    for cost in wrong:
        print(f"NOT KEPT: {cost}")
    print(f"{len(costs):,} files, {len(wrong)} above {SECONDS:g} s or {MEGABYTES:g} MB, or broken")
    return int(bool(wrong))


def _described(seed: int) -> tuple[str, int]:
    ending, content = fuzz.make(seed)
    return ending, len(content)


if __name__ == "__main__":
    sys.exit(main())
