"""Teach a model the hands of others: errors before and after, beside what else could be done.

    python -m benchmarks.adaptation STROKES.json.gz [--model M] [--fine-tuning]

The file is that of `benchmarks.strokes`. Each writer teaches 1, 3 and 5 digits of each class and is
measured on all others. Foreign hands teach 1, 3 and 10: scikit-learn's digits of 8x8 pixels
(`pip install scikit-learn`), and an odd hand, which writes as in a mirror. The alternatives get
the same features: the nearest class mean of replay and examples, and a plain logistic regression
on the examples. `--fine-tuning` adds training the whole network on the same examples, for the
writers with most errors: as the training page's preset “Your handwriting” and `train --own-digits`
do it, with a fifth of MNIST as its replay. That takes some eight minutes on two cores.
"""

import argparse
import gzip
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from mnist_core import data, serving
from mnist_core.config import CLASSES, DEFAULT_MODEL
from mnist_core.evaluation import metrics
from mnist_core.pictures import strokes
from mnist_core.pixels import to_float, to_uint8
from mnist_core.serving import Predictor
from mnist_core.serving.adaptation import NON_DIGIT, Examples, adapt, look_at
from mnist_core.serving.adaptation.fitting import minimise
from mnist_core.serving.probabilities import softmax
from mnist_core.training.config import RECIPES, SETTINGS, TrainingConfig
from mnist_core.workspace import WORKSPACE, Workspace
from ui.training.presets import PRESETS

if TYPE_CHECKING:
    import keras

OWN, FOREIGN = (1, 3, 5), (1, 3, 10)  # examples of each class
FINE_TUNED, FEW = 5, (3, 5)  # writers, and examples of each class
VALIDATED = 2000  # images by which the best epoch is chosen

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


def show_fine_tuning(
    card: serving.Card,
    hands: list[Hand],
    replay: Examples,
    threshold: float,
    mnist: data.Mnist,
    space: Workspace,
) -> None:
    """Print what training the whole network comes to for the writers with most errors."""
    from mnist_core.training import export

    start = export.load_model(card.name, workspace=space)
    hands = sorted(hands, key=lambda hand: -errors(hand.seen.logits, hand.seen.labels))[:FINE_TUNED]
    names = ", ".join(hand.name for hand in hands)
    print(f"the {len(hands)} writers with most errors ({names}), the whole network fine-tuned:")
    for n in FEW:
        total, clean = np.zeros(3, int), []
        for hand in hands:
            chosen = split(hand, n)
            rest = hand.seen[~chosen]
            begin = time.perf_counter()
            predict = fine_tuned(card, hand, chosen, mnist, start)
            seconds = time.perf_counter() - begin
            found = (
                rest.logits,
                predict(hand.images[~chosen]),
                taught(hand.seen[chosen], replay, rest, threshold),
            )
            counts = [errors(answers, rest.labels) for answers in found]
            wrong = errors(predict(to_float(mnist.test.images)), mnist.test.labels)
            total += counts
            clean.append(1 - wrong / len(mnist.test))
            print(
                f"   {n} a class, {hand.name}: {counts[0]} errors of {len(rest):,} before, "
                f"{counts[1]} fine-tuned, {counts[2]} taught; MNIST {clean[-1]:.4f}; "
                f"{seconds:.0f} s"
            )
        print(
            f"   {n} a class, all: {total[0]} errors before, {total[1]} fine-tuned, {total[2]} "
            f"taught; MNIST {np.mean(clean):.4f}, worst {min(clean):.4f}"
        )


def fine_tuned(
    card: serving.Card, hand: Hand, chosen: np.ndarray, mnist: data.Mnist, start: "keras.Model"
) -> Callable[[np.ndarray], np.ndarray]:
    """Return `predict` of a network that was trained on these digits of a hand, from `start` on."""
    from mnist_core import training
    from mnist_core.training import export, validation

    own = data.Split(to_uint8(hand.images[chosen]), hand.seen.labels[chosen].astype(np.uint8))
    known = data.Split(*(part[:VALIDATED] for part in vars(mnist.validation).values()))
    settings = {k: v for k, v in PRESETS["own"].values.items() if k in SETTINGS}
    config = replace(
        RECIPES[card.architecture],
        **settings | {"name": "tuned", "architecture": card.architecture, "start": card.name},
        batch_size=TrainingConfig.batch_size,
        own_digits=len(own),
    )
    with tempfile.TemporaryDirectory() as folder:
        seen = replace(mnist, own=own, validation=known)
        for _ in training.train(config, seen, Path(folder), start=start):
            pass
        return export.keras_predict(validation.load_best(config, Path(folder)))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--models", type=Path, default=WORKSPACE.models)
    parser.add_argument("--fine-tuning", action="store_true", help="compare with it (minutes)")
    options = parser.parse_args()

    space = Workspace(options.models)
    predictor = serving.load_predictor(options.model, workspace=space)
    card = serving.load_card(options.model, workspace=space)
    replay = serving.load_replay(card, workspace=space)
    mnist = data.load_mnist()
    test = look_at(predictor, to_float(mnist.test.images), mnist.test.labels)
    clean = 1 - errors(test.logits, test.labels) / len(test)
    *hands, odd = writers(options.file, predictor)
    print(f"{options.model}: MNIST {clean:.4f} before; {len(hands)} writers")
    show_time(predictor, hands[0], replay)
    show_hands(hands, OWN, replay, test, predictor.rejection_threshold)
    if options.fine_tuning:
        show_fine_tuning(card, hands, replay, predictor.rejection_threshold, mnist, space)
    for hand in filter(None, (odd, low_resolution(predictor))):
        print(f"{hand.name}:")
        show_hands([hand], FOREIGN, replay, test, predictor.rejection_threshold)


if __name__ == "__main__":
    main()
