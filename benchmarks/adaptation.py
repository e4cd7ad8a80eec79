"""Teach a model the hands of others: errors before and after, beside what else could be done.

    python -m benchmarks.adaptation STROKES.json.gz [--model M] [--fine-tune]

The file is that of `benchmarks.strokes`. Each writer teaches 1, 3 and 5 digits of each class and is
measured on all others. Foreign hands teach 1, 3 and 10: scikit-learn's digits of 8x8 pixels
(`pip install scikit-learn`), and an odd hand, which writes as in a mirror. The alternatives get
the same features: the nearest class mean of replay and examples, and a plain logistic regression
on the examples. `--fine-tune` adds training the whole network by Keras on the examples and on
1,000 of MNIST's training images, for the writers with most errors.
"""

import argparse
import gzip
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from mnist_core import data, serving
from mnist_core.config import CLASSES, DEFAULT_MODEL
from mnist_core.evaluation import metrics
from mnist_core.pictures import strokes
from mnist_core.pixels import to_float
from mnist_core.serving import Predictor
from mnist_core.serving.adaptation import NON_DIGIT, Examples, adapt, look_at
from mnist_core.serving.adaptation.fitting import minimise
from mnist_core.serving.probabilities import softmax
from mnist_core.workspace import WORKSPACE, Workspace

OWN, FOREIGN = (1, 3, 5), (1, 3, 10)  # examples of each class
FINE_TUNED = 3  # writers
EPOCHS, RATE, REPLAYED = 10, 1e-4, 1000

Way = Callable[[Examples, Examples, Examples, float], np.ndarray]


@dataclass(frozen=True)
class Hand:
    """Digits of one hand, as images and as the model sees them."""

    name: str
    images: np.ndarray
    seen: Examples


def taught(examples: Examples, replay: Examples, shown: Examples, threshold: float) -> np.ndarray:
    """Return the probabilities of a taught model."""
    head = adapt(examples, replay, threshold=threshold)
    return head.probabilities(np.exp(shown.logits), shown.features)


def nearest_mean(examples: Examples, replay: Examples, shown: Examples, _: float) -> np.ndarray:
    """Return 1 for the class whose mean feature, of replay and examples, is nearest."""
    means = np.stack(
        [
            np.mean(
                [part.features[part.labels == c].mean(axis=0) for part in (examples, replay)],
                axis=0,
            )
            for c in range(CLASSES)
        ]
    )
    distances = np.square(shown.features[:, None] - means).sum(axis=2)
    return np.eye(CLASSES)[distances.argmin(axis=1)]


def regression(examples: Examples, replay: Examples, shown: Examples, _: float) -> np.ndarray:
    """Return the probabilities of a logistic regression on the examples alone."""
    centre, spread = replay.features.mean(axis=0), replay.features.std(axis=0).mean()

    def scaled(these: Examples) -> np.ndarray:
        return np.hstack([(these.features - centre) / spread, np.ones((len(these), 1))])

    known, true = scaled(examples), np.eye(CLASSES)[examples.labels]

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(-1, CLASSES)
        found = softmax(known @ weights)
        gradient = known.T @ (found - true) + weights
        return float(flat @ flat / 2 - np.log(found[true > 0] + 1e-30).sum()), gradient.ravel()

    weights = minimise(loss, np.zeros(known.shape[1] * CLASSES), steps=100)
    return softmax(scaled(shown) @ weights.reshape(-1, CLASSES))


WAYS: dict[str, Way] = {
    "taught": taught,
    "nearest mean": nearest_mean,
    "regression": regression,
}


def writers(path: Path, predictor: Predictor) -> Iterator[Hand]:
    """Yield the hand of each writer of a file of strokes, and the odd one."""
    samples = json.loads(gzip.decompress(path.read_bytes()))["samples"]
    names = np.array([sample["writer"] for sample in samples])
    labels = np.array([int(sample["label"]) for sample in samples])
    paths = [[np.asarray(s, float) for s in sample["strokes"]] for sample in samples]
    images = np.stack([strokes.to_image(path) for path in paths])
    for name in np.unique(names):
        own = names == name
        yield Hand(name, images[own], look_at(predictor, images[own], labels[own]))
    mirrored = [[stroke * (-1, 1) for stroke in path] for path in paths[::4]]
    images = np.stack([strokes.to_image(path) for path in mirrored])
    yield Hand("mirrored", images, look_at(predictor, images, labels[::4]))


def low_resolution(predictor: Predictor) -> Hand | None:
    """Return scikit-learn's digits, 8x8 pixels enlarged to 20x20; None where it is missing."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        return None
    found = load_digits()
    small = (found.images / 16).astype(np.float32)
    images = np.stack([np.pad(cv2.resize(image, (20, 20)), 4) for image in small])
    return Hand("8x8 pixels", images, look_at(predictor, images, found.target))


def split(hand: Hand, n: int, seed: int = 0) -> np.ndarray:
    """Return which digits are taught, n of each class; bool."""
    rng, chosen = np.random.default_rng(seed), np.zeros(len(hand.seen), bool)
    for label in range(CLASSES):
        chosen[rng.permutation(np.flatnonzero(hand.seen.labels == label))[:n]] = True
    return chosen


def errors(probabilities: np.ndarray, labels: np.ndarray) -> int:
    """Return how many answers are wrong."""
    return int((probabilities.argmax(axis=1) != labels).sum())


def show_hands(
    hands: list[Hand], counts: tuple[int, ...], replay: Examples, test: Examples, threshold: float
) -> None:
    """Print a table: a row for each number of examples and way of teaching."""
    digits = replay[replay.labels != NON_DIGIT]
    for n in counts:
        chosen = [split(hand, n) for hand in hands]
        rest = [hand.seen[~taken] for hand, taken in zip(hands, chosen, strict=True)]
        before = [errors(shown.logits, shown.labels) for shown in rest]
        total = sum(map(len, rest))
        print(f"{n:>2} a class: {sum(before)} errors of {total:,} before, worst {max(before)}")
        for name, way in WAYS.items():
            known = replay if name == "taught" else digits
            given = [hand.seen[taken] for hand, taken in zip(hands, chosen, strict=True)]
            begin = time.process_time()
            found = [
                way(some, known, shown + test, threshold)
                for some, shown in zip(given, rest, strict=True)
            ]
            seconds = (time.process_time() - begin) / len(hands)
            after = [errors(p[: len(s)], s.labels) for p, s in zip(found, rest, strict=True)]
            clean = [1 - errors(p[-len(test) :], test.labels) / len(test) for p in found]
            own = np.concatenate([p[: len(s)] for p, s in zip(found, rest, strict=True)])
            correct = own.argmax(axis=1) == np.concatenate([shown.labels for shown in rest])
            ece = metrics.expected_calibration_error(own.max(axis=1), correct)
            print(
                f"   {name:<13} {sum(after):>5} errors, worst {max(after):>4}; MNIST "
                f"{np.mean(clean):.4f}, worst {min(clean):.4f}; calibration error {ece:.4f}; "
                f"{seconds:.3f} s"
            )


def show_time(predictor: Predictor, hand: Hand, replay: Examples) -> None:
    """Print how long it takes to teach 50 images, from the images on."""
    chosen = split(hand, 5)
    images, labels = hand.images[chosen], hand.seen.labels[chosen]
    took = []
    for _ in range(5):
        begin = time.perf_counter(), time.process_time()
        seen = look_at(predictor, images, labels)
        adapt(seen, replay, threshold=predictor.rejection_threshold)
        took.append((time.perf_counter() - begin[0], time.process_time() - begin[1]))
    elapsed, processor = np.min(took, axis=0)
    print(f"{len(labels)} examples are taught in {elapsed:.3f} s ({processor:.3f} s of processor)")


def show_fine_tuning(name: str, hands: list[Hand], mnist: data.Mnist, space: Workspace) -> None:
    """Print what full fine-tuning by Keras comes to for the writers with most errors."""
    import keras

    from mnist_core.training import export

    hands = sorted(hands, key=lambda hand: -errors(hand.seen.logits, hand.seen.labels))[:FINE_TUNED]
    old, test = mnist.train.images[:REPLAYED], to_float(mnist.test.images)
    for hand in hands:
        chosen = split(hand, OWN[-1])
        begin = time.perf_counter()
        model = export.load_model(name, workspace=space)
        keras.utils.set_random_seed(0)
        kind = export.output_kind(model)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=kind == "logits")
        model.compile(keras.optimizers.Adam(RATE), loss)
        images = np.concatenate([hand.images[chosen], to_float(old)])
        labels = np.concatenate([hand.seen.labels[chosen], mnist.train.labels[:REPLAYED]])
        weights = np.repeat([1.0, 0.3], [chosen.sum(), REPLAYED])
        model.fit(images, labels, 64, EPOCHS, sample_weight=weights, verbose=0)
        seconds = time.perf_counter() - begin
        predict = export.keras_predict(model)
        rest = hand.seen.labels[~chosen]
        before = errors(hand.seen.logits[~chosen], rest)
        after = errors(predict(hand.images[~chosen]), rest)
        clean = 1 - errors(predict(test), mnist.test.labels) / len(test)
        print(
            f"   {hand.name} fine-tuned: {before} errors before, {after} after; MNIST {clean:.4f}; "
            f"{seconds:.1f} s"
        )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--models", type=Path, default=WORKSPACE.models)
    parser.add_argument("--fine-tune", action="store_true", help="compare with Keras (minutes)")
    options = parser.parse_args()

    space = Workspace(options.models)
    predictor = serving.load_predictor(options.model, workspace=space)
    replay = serving.load_replay(serving.load_card(options.model, workspace=space), workspace=space)
    mnist = data.load_mnist()
    test = look_at(predictor, to_float(mnist.test.images), mnist.test.labels)
    clean = 1 - errors(test.logits, test.labels) / len(test)
    *hands, odd = writers(options.file, predictor)
    print(f"{options.model}: MNIST {clean:.4f} before; {len(hands)} writers")
    show_time(predictor, hands[0], replay)
    show_hands(hands, OWN, replay, test, predictor.rejection_threshold)
    if options.fine_tune:
        show_fine_tuning(options.model, hands, mnist, space)
    for hand in filter(None, (odd, low_resolution(predictor))):
        print(f"{hand.name}:")
        show_hands([hand], FOREIGN, replay, test, predictor.rejection_threshold)


if __name__ == "__main__":
    main()
