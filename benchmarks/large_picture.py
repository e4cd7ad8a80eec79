"""A number on a photograph of 12 megapixels: seconds and memory, beside plain OpenCV.

    python -m benchmarks.large_picture

Draws a picture as a phone would take it (paper in uneven light, noise, strokes of a pen), saves it
as JPEG, then opens and reads it in a fresh process. The alternative, in another, is what one would
write first: `cv2.imread`, `adaptiveThreshold` at full size and `connectedComponentsWithStats`,
which finds ink but reads nothing.
"""

import argparse
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil

from mnist_core import reading, serving
from mnist_core.config import DEFAULT_MODEL
from mnist_core.pictures import imaging
from mnist_core.serving.interpreters import BATCH
from mnist_core.synthesis import handwriting

WIDTH, HEIGHT = 4000, 3000
NUMBER = "4071936258"
DIGIT = 300  # pixels high
PEN = 26
BLUE_BLACK = (46, 40, 38)  # of the ink, as RGB

Way = Callable[[Path], str]


def draw_photo(rng: np.random.Generator) -> np.ndarray:
    """Draw a photo-like picture of NUMBER; uint8 array (HEIGHT, WIDTH, 3), RGB."""
    ink = np.zeros((HEIGHT, WIDTH), np.uint8)
    step = (WIDTH - 600) / len(NUMBER)
    for place, digit in enumerate(NUMBER):
        corner = np.array([300 + place * step, HEIGHT / 2 - DIGIT / 2 + rng.uniform(-20, 20)])
        for stroke in handwriting.write_digit(int(digit), rng, variation=0.5):
            points = np.round(stroke * DIGIT + corner).astype(np.int32)
            cv2.polylines(ink, [points], isClosed=False, color=255, thickness=PEN)
    ink = cv2.GaussianBlur(ink, (0, 0), 2)[..., None] / np.float32(255)
    across, down = np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))
    light = (1.0 - 0.35 * across - 0.2 * down**2).astype(np.float32)[..., None]
    photo = (np.float32([235, 230, 218]) * (1 - ink) + np.float32(BLUE_BLACK) * ink) * light
    photo += rng.normal(0, 5, (HEIGHT, WIDTH, 1)).astype(np.float32)
    return np.clip(photo, 0, 255).astype(np.uint8)


def ours(model: str) -> Way:
    """Return what opens and reads a file, ready to run."""
    predictor = serving.load_predictor(model)
    predictor(np.zeros((BATCH, 28, 28), np.float32))
    return lambda path: reading.read(imaging.open_picture(path), predictor).text


def opencv(model: str) -> Way:  # noqa: ARG001 - both are made alike
    """Return what finds ink with OpenCV at full size, ready to run."""

    def find(path: Path) -> str:
        grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        mask = cv2.adaptiveThreshold(
            grey, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY_INV, 151, 25
        )
        count, *_ = cv2.connectedComponentsWithStats(mask)
        return f"{count - 1} pieces of ink"

    return find


def measure(name: str, model: str, path: Path, rounds: int) -> dict[str, Any]:
    """Return what was read, the seconds of each round but the first, and the bytes needed."""
    run = WAYS[name](model)
    before, seconds = psutil.Process().memory_info().rss, []
    for _ in range(rounds + 1):
        begin = time.perf_counter()
        found = run(path)
        seconds.append(time.perf_counter() - begin)
    return {"found": found, "seconds": seconds[1:], "memory": peak_memory() - before}


def peak_memory() -> int:
    """Return the most bytes that this process has held at once."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    import resource  # not on Windows; counts bytes on macOS

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Print the seconds and memory of both ways, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo.jpg"
        photo = draw_photo(np.random.default_rng(options.seed))
        cv2.imwrite(str(path), photo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
        print(f"{WIDTH}x{HEIGHT} pixels, {path.stat().st_size / 1e6:.1f} MB as JPEG: {NUMBER}")
        found = {}
        for name in WAYS:
            context = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(1, mp_context=context) as fresh:
                task = fresh.submit(measure, name, options.model, path, options.rounds)
                found[name] = task.result()
            print(f"{name}: {found[name]['found']}")
    rows = [
        ("open and read, best", [min(f["seconds"]) for f in found.values()], "s"),
        ("open and read, median", [statistics.median(f["seconds"]) for f in found.values()], "s"),
        ("memory above the process with its model", [f["memory"] for f in found.values()], "MB"),
    ]
    units = {"MB": 1e-6, "s": 1}
    print(f"{'':<42}" + "".join(f"{name:>14}" for name in WAYS) + f"{'ratio':>8}")
    for label, (mine, theirs), unit in rows:
        cells = "".join(f"{value * units[unit]:>11.3g} {unit:<2}" for value in (mine, theirs))
        print(f"{label:<42}{cells}{mine / theirs:>8.2f}")


WAYS = {"Digit Lab": ours, "OpenCV": opencv}

if __name__ == "__main__":
    main()
