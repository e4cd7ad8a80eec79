"""Memory and speed of serving, each beside the same model in TensorFlow, measured in one run.

    python -m benchmarks.serving

Starts the app and draws on its page in a headless browser, then loads and runs the same model's
`.keras` file with TensorFlow in a process of its own.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

import numpy as np
import psutil

from benchmarks import fastest
from mnist_core import serving
from mnist_core.config import DEFAULT_MODEL, PROJECT_DIR
from mnist_core.workspace import WORKSPACE
from support.app import open_browser, serve_app
from support.draw_page import DrawPage

IMAGES = 10_000
STROKES = 4
ROUNDS = 3

TENSORFLOW = """
import json, sys, time
begin = time.perf_counter()
import keras, numpy, tensorflow
model = keras.saving.load_model(sys.argv[1])
loaded = time.perf_counter() - begin
import psutil
from benchmarks import fastest
images = numpy.random.default_rng(0).random((int(sys.argv[2]), 28, 28), numpy.float32)
model.predict(images[:1], verbose=0)
memory = psutil.Process().memory_info().rss

print(json.dumps({
    "loaded": loaded,
    "memory": memory,
    "one": fastest(lambda: model.predict(images[:1], verbose=0), 20),
    "many": fastest(lambda: model.predict(images, verbose=0), 3),
}))
"""


def measure_app(name: str) -> tuple[float, list[float], int]:
    """Return seconds from start to first answer, seconds a stroke, bytes of the app process.

    The browser is open, with an empty page and an empty cache, before the clock starts.
    """
    with open_browser() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        begin = time.perf_counter()
        with serve_app() as server:
            page.goto(f"{server.url}/?model={name}", wait_until="commit")
            draw_page = DrawPage(page)
            draw_page.draw([(80, 60), (200, 60)])
            first = time.perf_counter() - begin
            answers = [draw_page.draw([(200, 60), (190 - 10 * n, 220)]) for n in range(STROKES)]
            memory = psutil.Process(server.pid).memory_info().rss
    return first, answers, memory


def measure_litert(name: str) -> tuple[float, float]:
    """Return the seconds for one image and for all of them."""
    images = np.random.default_rng(0).random((IMAGES, 28, 28), np.float32)
    predict = serving.load_predictor(name)
    return fastest(lambda: predict(images[:1]), 200), fastest(lambda: predict(images), 5)


def measure_tensorflow(name: str) -> dict[str, float]:
    """Return what the TENSORFLOW program prints: seconds to load, bytes, seconds to predict."""
    command = [sys.executable, "-c", TENSORFLOW, str(WORKSPACE.models / name / "model.keras")]
    done = subprocess.run(
        [*command, str(IMAGES)], cwd=PROJECT_DIR, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Print the median of every figure beside TensorFlow's, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", default=DEFAULT_MODEL)
    options = parser.parse_args()

    apps, kerases = [], []
    for _ in range(ROUNDS):  # in turns, so that both meet the same disturbances
        apps.append(measure_app(options.model))
        kerases.append(measure_tensorflow(options.model))
    first, memory = (statistics.median(app[i] for app in apps) for i in (0, 2))
    answers = [seconds for app in apps for seconds in app[1]]
    keras = {name: statistics.median(k[name] for k in kerases) for name in kerases[0]}
    one, many = measure_litert(options.model)
    rows = [
        ("app process after drawing / TensorFlow with the model", memory, keras["memory"], "MB"),
        ("streamlit run to first answer / import and load", first, keras["loaded"], "s"),
        ("one prediction / model.predict", one, keras["one"], "ms"),
        (f"{IMAGES:,} predictions / model.predict", many, keras["many"], "s"),
    ]
    units = {"MB": 1e-6, "s": 1, "ms": 1e3}
    print(f"{options.model:<55} {'ours':>10} {'TensorFlow':>12} {'ratio':>8}")
    for label, ours, theirs, unit in rows:
        ours, theirs = ours * units[unit], theirs * units[unit]
        print(f"{label:<55} {ours:>7.3g} {unit:<2} {theirs:>9.3g} {unit:<2} {ours / theirs:>8.3f}")
    print(f"stroke end to answer in the browser: median {statistics.median(answers):.2f} s")


if __name__ == "__main__":
    main()
