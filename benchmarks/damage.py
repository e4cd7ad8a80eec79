"""How long damage takes, and a new accuracy after the severity has moved, beside tutorials' way.

    python -m benchmarks.damage

Times every corruption on 10,000 images, and damage plus recognition for some of them: ours, and a
loop over the images with scikit-image followed by Keras's `model.predict`, in turns.
"""

import argparse
import json
import subprocess
import sys

import numpy as np

from benchmarks import fastest
from mnist_core import corruptions, serving
from mnist_core.config import DEFAULT_MODEL, MODELS_DIR, PROJECT_DIR
from mnist_core.evaluation import robustness

IMAGES = 10_000
SEVERITY = 0.5
ROUNDS = 3
COMPARED = ("gaussian_noise", "gaussian_blur", "rotate")

# The same damage at the same severity, image by image, then the same model.
TUTORIAL = """
import json, sys
import keras, numpy
from skimage import filters, transform, util
from benchmarks import fastest

ways = {
    "gaussian_noise": lambda image: util.random_noise(image, var=0.25**2),
    "gaussian_blur": lambda image: filters.gaussian(image, 1.25),
    "rotate": lambda image: transform.rotate(image, 25),
}
model = keras.saving.load_model(sys.argv[1])
images = numpy.random.default_rng(0).random((int(sys.argv[2]), 28, 28), numpy.float32)

def run(way):
    damaged = numpy.stack([way(image) for image in images]).astype("float32")
    return model.predict(damaged, verbose=0)

run(ways["rotate"])
print(json.dumps({name: fastest(lambda: run(way), 2) for name, way in ways.items()}))
"""


def main():
    """Print seconds by corruption, then seconds from severity to accuracy and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", default=DEFAULT_MODEL)
    options = parser.parse_args()
    images = np.random.default_rng(0).random((IMAGES, 28, 28), np.float32)
    labels = np.zeros(IMAGES, int)

    print(f"seconds for {IMAGES:,} images at severity {SEVERITY:g}")
    for name in corruptions.ALL_CORRUPTIONS:
        seconds = fastest(lambda: corruptions.corrupt(images, name, SEVERITY), ROUNDS)  # noqa: B023
        print(f"  {name:<22} {seconds:.3f}")

    predict = serving.load_predictor(options.model)
    predict(images)
    command = [sys.executable, "-c", TUTORIAL, str(MODELS_DIR / options.model / "model.keras")]
    ours, theirs = {name: [] for name in COMPARED}, {name: [] for name in COMPARED}
    for _ in range(ROUNDS):  # in turns, so that both meet the same disturbances
        for name in COMPARED:
            ours[name].append(
                fastest(
                    lambda: robustness.evaluate_corrupted(predict, images, labels, name, SEVERITY),  # noqa: B023
                    2,
                )
            )
        done = subprocess.run(
            [*command, str(IMAGES)], cwd=PROJECT_DIR, capture_output=True, text=True, check=True
        )
        for name, seconds in json.loads(done.stdout.splitlines()[-1]).items():
            theirs[name].append(seconds)
    print(f"severity moved to new accuracy, {options.model}: ours, scikit-image and Keras, ratio")
    for name in COMPARED:
        mine, other = np.median(ours[name]), np.median(theirs[name])
        print(f"  {name:<22} {mine:>6.2f} s {other:>6.2f} s {mine / other:>7.3f}")


if __name__ == "__main__":
    main()
