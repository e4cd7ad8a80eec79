"""Every budget of the project, kept or not, beside an alternative measured in the same run.

    python -m benchmarks.all

On 2 cores this takes about three minutes. The exit code is 1 if a budget was not kept.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import psutil

from benchmarks import fastest, large_picture, load, serving
from mnist_core import data
from mnist_core import serving as stored
from mnist_core.config import CLASSES, DEFAULT_MODEL, MAX_TAUGHT, PROJECT_DIR
from mnist_core.evaluation import robustness
from mnist_core.pixels import to_float
from mnist_core.synthesis.digits import synthetic_digits
from mnist_core.workspace import WORKSPACE
from support.app import open_browser, serve_app
from support.draw_page import DrawPage
from support.expanders import unfold
from support.robustness_page import RobustnessPage
from ui.frame import PAGES

ROUNDS = 3
STARTS = "import sys, keras; keras.saving.load_model(sys.argv[1])"
DESKTOP = {"width": 1280, "height": 800}


@dataclass(frozen=True)
class Budget:
    """A figure, the most that it may be, and the alternative that it is compared with.

    Attributes
    ----------
    what : str
    figure, most : float, in the same unit
    unit : str
    beside : str, what the alternative is; empty if there is none
    other : float, its figure
    """

    what: str
    figure: float
    most: float
    unit: str
    beside: str = ""
    other: float = 0.0

    @property
    def kept(self) -> bool:
        return self.figure <= self.most


def drawing() -> Iterator[Budget]:
    """Time starts and strokes on the draw page, beside TensorFlow's start and predictions."""
    ours, theirs = [], []
    for _ in range(ROUNDS):  # in turns, so that both meet the same disturbances
        first, answers, _ = serving.measure_app(DEFAULT_MODEL)
        ours.append((first, *answers))
        theirs.append(serving.measure_tensorflow(DEFAULT_MODEL))
    loaded = statistics.median(each["loaded"] for each in theirs)
    first = statistics.median(each[0] for each in ours)
    strokes = statistics.median(seconds for each in ours for seconds in each[1:])
    yield Budget(
        "streamlit run to the first answer", first, loaded, "s", "import TensorFlow, load", loaded
    )
    one = statistics.median(each["one"] for each in theirs)
    yield Budget("stroke end to answer in the browser", strokes, 0.5, "s", "model.predict", one)
    with serve_app() as server:
        visitors, _ = asyncio.run(load.crowd(server.url, 1, 5, pace=0))
    times = statistics.median(visitors[0].times[3:])
    yield Budget("of which the app, from stroke to answer", times, 0.03, "s", "model.predict", one)


def robust() -> Iterator[Budget]:
    """Time a move of the severity slider, in the browser and in the core."""
    theirs = serving.measure_tensorflow(DEFAULT_MODEL)["many"]
    with serve_app() as server, open_browser() as browser:
        page = browser.new_page(viewport=DESKTOP)
        page.goto(f"{server.url}/robustness?corruption=rotate&severity=0.1&seed=3")
        shown = RobustnessPage(page)
        shown.wait_for_curve()
        moves = []
        for _ in range(4):
            moves.append(shown.move())
            time.sleep(0.5)
            shown.move()
            time.sleep(0.5)
    beside = "model.predict alone"
    yield Budget(
        "slider moved to new accuracy in the browser",
        statistics.median(moves), 1.0, "s", beside, theirs,
    )  # fmt: skip
    test = data.load_mnist().test
    images, predict = to_float(test.images), stored.load_predictor()
    predict(images)
    took = fastest(
        lambda: robustness.evaluate_corrupted(predict, images, test.labels, "rotate", 0.5), 5
    )
    yield Budget("of which corruption and classification", took, 0.5, "s", beside, theirs)


def memory() -> Iterator[Budget]:
    """Visit every page, drawing on the way."""
    with serve_app() as server, open_browser() as browser:
        page = browser.new_page(viewport=DESKTOP)
        page.goto(server.url)
        drawn = DrawPage(page)
        drawn.write(7, "barred")
        for shown in (*PAGES[1:], PAGES[0]):  # it begins on the first
            drawn.go_to(shown.title)
            page.wait_for_timeout(1500)
        used = psutil.Process(server.pid).memory_info().rss / 1e6
    theirs = serving.measure_tensorflow(DEFAULT_MODEL)["memory"] / 1e6
    yield Budget(
        "memory of the app after every page", used, 350, "MB", "TensorFlow with the model", theirs
    )


def teaching() -> Iterator[Budget]:
    """Teach as many digits as a visit may, and draw with that."""
    labels = np.arange(MAX_TAUGHT, dtype=np.uint8) % CLASSES
    own = data.Split(synthetic_digits(labels, np.random.default_rng(0)), labels)
    with serve_app() as server, open_browser() as browser:
        page = browser.new_page(viewport=DESKTOP)
        page.goto(server.url)
        drawn = DrawPage(page)
        drawn.write(7, "barred")
        unfold(page, "Teach it your handwriting")
        before = psutil.Process(server.pid).memory_info().rss
        page.locator(".st-key-taught_bring button").click()
        page.locator("input[type=file]").set_input_files(
            {"name": "my-digits.npz", "mimeType": "", "buffer": data.to_npz(own)}
        )
        page.get_by_text(f"{MAX_TAUGHT} digits taught from your file.").wait_for()
        page.keyboard.press("Escape")
        drawn.clear()
        drawn.write(7, "barred")
        more = (psutil.Process(server.pid).memory_info().rss - before) / 1e6
    yield Budget(
        f"memory that {MAX_TAUGHT} taught digits take", more, 20, "MB", "the smallest machine", 690
    )


def photo() -> Iterator[Budget]:
    """Time a photograph of twelve megapixels."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo.jpg"
        picture = large_picture.draw_photo(np.random.default_rng(0))
        cv2.imwrite(str(path), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
        ours, theirs = large_picture.ours(DEFAULT_MODEL), large_picture.opencv(DEFAULT_MODEL)
        ours(path)
        mine, other = fastest(lambda: ours(path), 5), fastest(lambda: theirs(path), 5)
    yield Budget(
        "reading a photo of 12 megapixels", mine, 1.0, "s", "OpenCV's threshold alone", other
    )


def disk() -> Iterator[Budget]:
    """Weigh the default model."""
    served, kept = (
        WORKSPACE.models / DEFAULT_MODEL / f"model.{kind}" for kind in ("tflite", "keras")
    )
    size, other = (path.stat().st_size / 1e6 for path in (served, kept))
    yield Budget("the default model as .tflite", size, 2.0, "MB", "as .keras", other)


PARTS = (memory, teaching, drawing, robust, photo, disk)


def main() -> int:
    """Print every budget; return 1 if one was not kept."""
    subprocess.run(  # so that the first measurement does not pay for a cold disk
        [sys.executable, "-c", STARTS, str(WORKSPACE.models / DEFAULT_MODEL / "model.keras")],
        cwd=PROJECT_DIR, check=True, capture_output=True,
    )  # fmt: skip
    failed = 0
    for part in PARTS:
        for budget in part():
            failed += not budget.kept
            beside = f"{budget.beside}: {budget.other:.3g} {budget.unit}"
            print(
                f"{'pass' if budget.kept else 'FAIL'}  {budget.what:<45} {budget.figure:>7.3g} "
                f"{budget.unit:<2} (at most {budget.most:.3g})  {beside}, "
                f"ratio {budget.figure / budget.other:.3f}",
                flush=True,
            )
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
