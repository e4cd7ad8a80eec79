"""How fast training is, beside plain `model.fit`, and what accuracy one and three minutes reach.

Both rotate, shift and zoom each image a little: ours by `mnist_core.training.augmentation`, theirs
by Keras's preprocessing layers in front of the network, on float32 images in memory. They take
turns, each time in a fresh process, and the medians of three rounds count.

    python -m benchmarks.training [--rounds 3] [--seconds 60 180]
"""

import argparse
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from mnist_core import data
from mnist_core.config import knows_bfloat16
from mnist_core.pixels import to_float
from mnist_core.training.config import RECIPES, TrainingConfig

NETWORKS = ("digit-net", "cnn-three")
WARM_UP, TIMED = 30, 120  # steps; the first ones build the graph
OVERHEAD, VALIDATION = 8, 5000  # seconds that a training takes besides; images' worth of one
QUICK = {"learning_rate": 5e-3, "label_smoothing": 0.0, "batch_size": 128}


def main() -> None:
    """Time both ways in turns, then train for so many seconds."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, nargs="*", default=[60, 180])
    parser.add_argument("--alone", nargs=2, metavar=("WAY", "NETWORK"), help=argparse.SUPPRESS)
    parser.add_argument("--reach", nargs=2, type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if options.alone:
        way, network = options.alone
        print(WAYS[way](network))
        return
    if options.reach:
        print(reach(*options.reach))
        return
    print(f"{'images a second':<18}{'ours':>8}{'model.fit':>11}{'ratio':>8}")
    speeds = {}
    for network in NETWORKS:
        rounds = [
            [float(_apart("--alone", way, network)) for way in WAYS] for _ in range(options.rounds)
        ]
        ours, theirs = map(statistics.median, zip(*rounds, strict=True))
        print(f"{network:<18}{ours:>8.0f}{theirs:>11.0f}{ours / theirs:>8.2f}", flush=True)
        speeds[network] = ours
    for seconds in options.seconds:
        print(_apart("--reach", str(seconds), str(speeds[NETWORKS[0]])))


def ours(network: str) -> float:
    """Return the images a second of our training."""
    from mnist_core import training

    config = _comparable(network)
    with tempfile.TemporaryDirectory() as folder:
        steps = training.train(config, data.load_mnist(), Path(folder))
        for _ in range(WARM_UP):
            next(steps)
        begin = time.perf_counter()
        for _ in range(TIMED):
            next(steps)
        return TIMED * config.batch_size / (time.perf_counter() - begin)


def plain_fit(network: str) -> float:
    """Return the images a second of `model.fit` with Keras's preprocessing layers."""
    import keras
    import numpy as np

    from mnist_core import networks

    config, mnist = _comparable(network), data.load_mnist()
    model = keras.Sequential(
        [
            keras.layers.Input((28, 28)),
            keras.layers.Reshape((28, 28, 1)),
            keras.layers.RandomRotation(10 / 360, fill_mode="constant"),
            keras.layers.RandomTranslation(0.1, 0.1, fill_mode="constant"),
            keras.layers.RandomZoom(0.1, fill_mode="constant"),
            keras.layers.Reshape((28, 28)),
            networks.build(network),
        ]
    )
    logits = model.layers[-1].layers[-1].activation.__name__ == "linear"
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=logits)
    model.compile("adam", loss, metrics=["accuracy"])
    images = mnist.train.images.astype(np.float32) / 255
    times = []
    note = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda *_, **__: times.append(time.perf_counter())
    )
    count = config.batch_size * (WARM_UP + TIMED)
    model.fit(
        images[:count],
        mnist.train.labels[:count],
        batch_size=config.batch_size,
        callbacks=[note],
        verbose=0,
    )
    return TIMED * config.batch_size / (times[-1] - times[-1 - TIMED])


def reach(seconds: float, speed: float) -> str:
    """Train the default network for so many seconds, validations included; return its accuracy.

    How many images that allows is worked out from the speed, in images a second, so that the
    learning rate has fallen to 0 by then.
    """
    from mnist_core import training
    from mnist_core.evaluation import evaluate
    from mnist_core.training import export

    mnist = data.load_mnist()
    images = speed * (seconds - OVERHEAD)
    epochs = max(1, math.ceil(images / len(mnist.train)))
    share = min(1.0, max(0.01, images / (epochs * len(mnist.train) + (epochs - 1) * VALIDATION)))
    config = replace(
        RECIPES[NETWORKS[0]],
        epochs=epochs,
        share=share,
        corruption_families=(),
        synthetic_digits=0,
        non_digit_share=0.0,
        augmentation="affine",
        half_precision=knows_bfloat16(),
        **QUICK,
    )
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        for _ in training.train(config, mnist, Path(folder)):
            pass
        took = time.perf_counter() - begin
        model = export.load_trained(config.architecture, Path(folder) / training.BEST)
        rows = training.read_history(Path(folder))
    found = evaluate(export.keras_predict(model), to_float(mnist.test.images), mnist.test.labels)
    low, high = found["interval"]
    return (
        f"{config.architecture} after {took:.0f} s ({epochs} epochs of {share:.0%} of the images): "
        f"validation {max(row['val_accuracy'] for row in rows):.4f}, "
        f"test {found['accuracy']:.4f} ({low:.4f} to {high:.4f})"
    )


def _comparable(network: str) -> TrainingConfig:
    """The recipe's network in the faster precision, with an augmentation that Keras has as well."""
    return replace(
        RECIPES[network],
        augmentation="affine",
        corruption_families=(),
        synthetic_digits=0,
        non_digit_share=0.0,
        averaging=0.0,
        batch_size=128,
        half_precision=network == NETWORKS[0] and knows_bfloat16(),
    )


def _apart(*options: str) -> str:
    """Run this file in a process of its own; return the last line that it prints."""
    command = [sys.executable, "-m", "benchmarks.training", *options]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split(
        "\n"
    )[-2]


WAYS = {"ours": ours, "plain_fit": plain_fit}


if __name__ == "__main__":
    main()
