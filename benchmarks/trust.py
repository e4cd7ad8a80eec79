"""How far a model can be trusted: calibration, rejection of non-digits, explanations.

For kinds of non-digits that training never showed, the rejection head is trained again without a
group of kinds and measured on that group; that imports TensorFlow. Everything else classifies
MNIST's test images with the served model.

    python -m benchmarks.trust [--model digit-net] [--digits 500] [--no-held-out]
"""

import argparse
import json
import os
from dataclasses import replace

import numpy as np

from benchmarks import fastest
from mnist_core import corruptions, data, serving
from mnist_core.config import DEFAULT_MODEL
from mnist_core.evaluation import explain, metrics
from mnist_core.pixels import to_float
from mnist_core.synthesis import non_digits
from mnist_core.training.config import TrainingConfig

SEVERITY, COVERAGE = 0.5, 0.98
EACH = 200  # non-digits of a kind
REFERENCE = 20_000
STEPS = 29  # points of a deletion curve
GROUPS = {
    "letters and type": ("letter", "typed", "symbol", "word", "pair"),
    "doodles and scribbles": ("scribble", "doodle", "glyph", "spiral", "star"),
    "lines": ("lines", "zigzag", "hatching"),
    "areas of grey": ("silhouette", "texture", "dots", "blank"),
    "pieces of digits": ("piece",),
}


def main() -> None:
    """Print a line for each question."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--digits", type=int, default=500, help="to explain")
    parser.add_argument("--non-digits", type=int, default=8000, help="to train each head with")
    parser.add_argument("--no-held-out", action="store_true", help="train no head")
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    mnist, predict = data.load_mnist(), serving.load_predictor(options.model)
    images, labels = to_float(mnist.test.images), mnist.test.labels
    seen = predict.predict_full(images)
    show_confidence(predict, seen, images, labels)
    show_rejection(predict, seen)
    show_speed(predict, images)
    show_explanations(predict, mnist, seen, options.digits)
    if not options.no_held_out:
        show_held_out(options.model, mnist, options.non_digits)


def show_confidence(
    predict: serving.Predictor, seen: serving.Prediction, images: np.ndarray, labels: np.ndarray
) -> None:
    """Print calibration, clean and corrupted, and the accuracy of the most confident answers."""
    confidence = seen.probabilities.max(axis=1)
    right = seen.probabilities.argmax(axis=1) == labels
    errors = []
    for name in corruptions.CORRUPTIONS:
        found = predict(corruptions.corrupt(images, name, SEVERITY, seed=0))
        correct = found.argmax(axis=1) == labels
        errors.append(metrics.expected_calibration_error(found.max(axis=1), correct))
    given = metrics.most_confident(seen.probabilities, COVERAGE)
    _line("calibration error, clean", metrics.expected_calibration_error(confidence, right))
    _line(f"calibration error, mean of {len(errors)} corruptions at {SEVERITY}", np.mean(errors))
    _line(f"accuracy of the most confident {COVERAGE:.0%}", right[given].mean())
    accepted = serving.is_accepted(seen.is_digit, predict.rejection_threshold)
    _line("digits accepted as digits", accepted.mean())


def show_rejection(predict: serving.Predictor, seen: serving.Prediction) -> None:
    """Print how well non-digits of the trained kinds are rejected, beside probability alone."""
    highest = seen.probabilities.max(axis=1)
    found, baseline = [], []
    for kind in non_digits.KINDS:
        others, _ = non_digits.make(EACH, np.random.default_rng(77), kinds=[kind])
        there = predict.predict_full(to_float(others))
        found.append(metrics.auroc(seen.is_digit, there.is_digit))
        baseline.append(metrics.auroc(highest, there.probabilities.max(axis=1)))
        _line(f"  AUROC, {kind} (highest probability {baseline[-1]:.4f})", found[-1])
    _line(f"AUROC, mean (highest probability {np.mean(baseline):.4f})", np.mean(found))


def show_speed(predict: serving.Predictor, images: np.ndarray) -> None:
    """Print the time of a single image."""
    _line("milliseconds an image", 1000 * fastest(lambda: predict.predict_full(images[:1]), 200))


def show_explanations(
    predict: serving.Predictor, mnist: data.Mnist, seen: serving.Prediction, count: int
) -> None:
    """Deletion by the occlusion map beside random order, and what neighbours say of errors."""
    images = to_float(mnist.test.images)
    digits = seen.probabilities.argmax(axis=1)
    rng = np.random.default_rng(0)
    by_map, by_chance = [], []
    for image, digit in zip(images[:count], digits[:count], strict=True):
        found = explain.occlusion(predict, image, int(digit))
        order = np.argsort(-found.ravel(), kind="stable")
        by_map.append(_deletion(predict, image, digit, order))
        by_chance.append(_deletion(predict, image, digit, rng.permutation(image.size)))
    _line(f"area under deletion, by the map, {count} digits", np.mean(by_map))
    _line("area under deletion, in random order", np.mean(by_chance))
    _line("  lower by", 1 - np.mean(by_map) / np.mean(by_chance))
    train = mnist.train
    known = explain.reference(
        predict.predict_full, train.images[:REFERENCE], train.labels[:REFERENCE]
    )
    wrong = digits != mnist.test.labels
    parts = [
        explain.neighbours(seen.features[i : i + 500], digits[i : i + 500], known).disagreement
        for i in range(0, len(digits), 500)
    ]
    disagreement = np.concatenate(parts)
    _line(
        "AUROC, errors by the neighbours", metrics.auroc(disagreement[wrong], disagreement[~wrong])
    )
    image, features = images[0], seen.features[:1]
    took = fastest(lambda: explain.occlusion(predict, image, int(digits[0])), 20)
    took += fastest(lambda: explain.neighbours(features, digits[:1], known), 20)
    _line("milliseconds for a map and neighbours", 1000 * took)


def show_held_out(name: str, mnist: data.Mnist, count: int) -> None:
    """Each group of kinds by a head that was trained without it."""
    from mnist_core.training import export, rejection

    model = export.load_model(name)
    config = TrainingConfig.from_json(json.dumps(serving.load_card(name).training))
    config = replace(config, non_digits=count)
    tests = to_float(mnist.test.images)
    for group, kinds in GROUPS.items():
        others = [kind for kind in non_digits.KINDS if kind not in kinds]
        trained = rejection.add_head(model, config, mnist, kinds=others)
        strange, _ = non_digits.make(EACH * len(kinds), np.random.default_rng(78), kinds=kinds)
        scores = [
            trained.predict(shown, batch_size=500, verbose=0)[1][:, 0]
            for shown in (tests, to_float(strange))
        ]
        _line(f"AUROC without having seen any {group}", metrics.auroc(*scores))


def _deletion(
    predict: serving.Predictor, image: np.ndarray, digit: int, order: np.ndarray
) -> float:
    """Return the mean probability of a digit while pixels are deleted in an order."""
    steps = np.linspace(0, image.size, STEPS).astype(int)
    shown = np.repeat(image.reshape(1, -1), STEPS, axis=0)
    for row, deleted in zip(shown, steps, strict=True):
        row[order[:deleted]] = 0
    return float(predict(shown.reshape(-1, *image.shape))[:, digit].mean())


def _line(question: str, answer: float | np.floating) -> None:
    print(f"{question:<64}{answer:>9.4f}", flush=True)


if __name__ == "__main__":
    main()
