import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from mnist_core import networks, serving
from mnist_core.config import SHIPPED_MODELS
from mnist_core.errors import ModelError
from mnist_core.evaluation import evaluate_selective, metrics
from mnist_core.serving import interpreters, predictor, store
from mnist_core.serving.probabilities import apply_temperature
from mnist_core.training import export
from mnist_core.workspace import Workspace


@pytest.fixture(scope="module")
def models():
    """A small Keras model of each kind of output, untrained, and its `.tflite`."""
    names = {"softmax": "dense-five", "sigmoid": "dense-sigmoid", "logits": "digit-net"}
    built = {kind: networks.build(name) for kind, name in names.items()}
    return {kind: (model, export.to_tflite(model)) for kind, model in built.items()}


def test_probabilities_for_any_number_of_images(models):
    for kind in serving.TO_PROBABILITIES:
        for n in [0, 1, 3, interpreters.BATCH, 3 * interpreters.BATCH + 7]:
            case = kind, n
            model, tflite = models[kind]
            images = np.random.default_rng(n).random((n, 28, 28), np.float32)
            probabilities = predictor.Predictor(tflite, output=kind)(images)
            assert probabilities.shape == (n, 10), case
            assert probabilities.dtype == np.float32, case
            assert probabilities.sum(axis=1) == pytest.approx(np.ones(n), abs=1e-5), case
            if n:
                assert probabilities == pytest.approx(
                    export.keras_predict(model)(images), abs=1e-5
                ), case


def test_sigmoids_give_the_softmax_of_what_they_were_made_from():
    # Odds of 3 and 1 to 1, the others none: 3 of 4 and 1 of 4.
    outputs = np.array([[0.75, 0.5] + [0] * 8])
    expected = [0.75, 0.25] + [0] * 8
    assert serving.to_probabilities(outputs, "sigmoid")[0] == pytest.approx(expected, abs=1e-6)
    logits = np.random.default_rng(0).normal(0, 3, (50, 10))
    sigmoids = 1 / (1 + np.exp(-logits))
    assert serving.to_probabilities(sigmoids, "sigmoid") == pytest.approx(
        serving.to_probabilities(logits, "logits"), abs=1e-6
    )


@pytest.mark.parametrize("saturated", [0.0, 1.0])
def test_sigmoids_that_are_all_alike_are_ten_tenths(saturated):
    outputs = np.full((1, 10), saturated)
    assert serving.to_probabilities(outputs, "sigmoid")[0] == pytest.approx(np.full(10, 0.1))


def test_keras_trains_sigmoids_as_the_softmax_behind_them():
    model = networks.build("dense-sigmoid")
    model.compile(loss="sparse_categorical_crossentropy")
    images = np.random.default_rng(0).random((20, 28, 28), np.float32)
    labels = np.arange(20) % 10
    expected = metrics.log_loss(export.keras_predict(model)(images), labels)
    assert float(model.train_on_batch(images, labels)) == pytest.approx(expected, rel=1e-4)


def test_logits_go_through_softmax():
    outputs = np.log(np.array([[1, 2, 3, 4, 5, 6, 7, 8, 9, 5]])) + 700
    assert serving.to_probabilities(outputs, "logits")[0, 8] == pytest.approx(9 / 50)


def test_other_outputs_are_refused():
    with pytest.raises(ValueError, match="one of softmax, sigmoid, logits"):
        serving.to_probabilities(np.zeros((1, 10)), "tanh")


def test_temperature_and_threshold_are_applied(models):
    _, tflite = models["softmax"]
    images = np.random.default_rng(0).random((5, 28, 28), np.float32)
    plain = predictor.Predictor(tflite)(images)
    cold = predictor.Predictor(tflite, temperature=0.5, threshold=0.3)
    assert cold(images) == pytest.approx(apply_temperature(plain, 0.5), abs=1e-6)
    assert cold.rejection_threshold == 0.3


def test_no_model_asks_for_more_than_the_largest_threshold(models):
    _, tflite = models["softmax"]
    strict = predictor.Predictor(tflite, threshold=0.9)
    assert strict.rejection_threshold == predictor.LARGEST_THRESHOLD == 0.4


def test_what_reaches_the_threshold_is_accepted():
    accepted = predictor.is_accepted(np.array([0.3, 0.29]), 0.3)
    assert accepted.tolist() == [True, False]
    assert predictor.is_accepted(0.3, 0.3) is True
    assert predictor.is_accepted(np.float32(0.29), 0.3) is False


def test_without_a_head_the_highest_probability_recognises_digits(models):
    _, tflite = models["softmax"]
    seen = predictor.Predictor(tflite).predict_full(np.random.default_rng(0).random((3, 28, 28)))
    assert (seen.is_digit == seen.probabilities.max(axis=1)).all()
    assert seen.features.shape == (3, 10)


def test_an_image_of_one_grey_is_rejected(models):
    _, tflite = models["softmax"]
    images = np.stack([np.full((28, 28), grey, np.float32) for grey in (0, 0.5, 1)] + [np.eye(28)])
    is_digit = predictor.Predictor(tflite).predict_full(images).is_digit
    assert (is_digit[:3] == 0).all()
    assert is_digit[3] > 0


def test_a_model_with_more_outputs_gives_them_all():
    from keras import Model, layers

    model = networks.build("dense-five")
    below = model.layers[-1].input
    wide = Model(model.inputs, [below, layers.Dense(1)(below), model.layers[-1].output])
    predict = predictor.Predictor(export.to_tflite(wide))
    for n in [0, 1, interpreters.BATCH + 2]:
        images = np.random.default_rng(n).random((n, 28, 28), np.float32)
        seen = predict.predict_full(images)
        assert seen.probabilities.shape == (n, 10), n
        assert seen.is_digit.shape == (n,), n
        assert seen.features.shape == (n, 30), n
        if n:
            features, numbers, probabilities = wide.predict(images, verbose=0)
            assert seen.features == pytest.approx(features, abs=1e-4), n
            assert seen.is_digit == pytest.approx(1 / (1 + np.exp(-numbers[:, 0])), abs=1e-4), n
            assert seen.probabilities == pytest.approx(probabilities, abs=1e-4), n


def test_what_is_accepted_counts_for_the_accuracy_with_abstention():
    class Looks:
        rejection_threshold = 0.5

        def predict_full(self, images):
            rows = np.eye(10)[[1, 2, 3, 3]] * 0.9 + 0.01
            rows[3] = np.eye(10)[3] * 0.5 + 0.05
            return predictor.Prediction(rows, np.array([0.9, 0.1, 0.9, 0.9]), rows)

    images, labels = np.zeros((4, 28, 28)), np.array([1, 0, 3, 0])
    found = evaluate_selective(Looks(), images, labels)
    assert (found["accuracy"], found["coverage"]) == (0.5, 0.75)
    assert found["selective_accuracy"] == pytest.approx(2 / 3)
    found = evaluate_selective(Looks(), images, labels, coverage=0.75)
    assert (found["coverage"], found["selective_accuracy"]) == (0.75, pytest.approx(2 / 3))
    assert found["seconds"] >= 0


def test_many_threads_share_one_predictor(models):
    _, tflite = models["logits"]
    predict = predictor.Predictor(tflite, output="logits")
    rng = np.random.default_rng(0)
    batches = [rng.random((n, 28, 28), np.float32) for n in (1, 2, 150, 1, 320, 5) * 5]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(predict, batches))
    expected = [predict(batch) for batch in batches]
    assert all(np.array_equal(a, b) for a, b in zip(expected, found, strict=True))


@pytest.mark.parametrize(
    ("images", "complaint"),
    [
        (np.zeros((28, 28), np.float32), "shape"),
        (np.zeros((1, 28, 28, 1), np.float32), "shape"),
        (np.zeros((1, 28, 28), np.uint8), "divide uint8 by 255"),
        (np.full((1, 28, 28), 1.5), "from 0 to 1"),
        (np.full((1, 28, 28), -0.1), "from 0 to 1"),
        (np.full((1, 28, 28), np.nan), "from 0 to 1"),
    ],
)
def test_other_images_are_refused(models, images, complaint):
    with pytest.raises(ValueError, match=complaint):
        predictor.Predictor(models["softmax"][1])(images)


def test_missing_models_are_named(tmp_path):
    with pytest.raises(ModelError, match="no model"):
        predictor.load_predictor("nobody", workspace=Workspace(tmp_path))


def test_models_that_litert_cannot_run_are_reported(tmp_path):
    card = replace(store.load_card("digit-net"), name="odd")
    contents = {"model.keras": b"", "model.tflite": b"no model at all"}
    store.save_model(card, contents, workspace=Workspace(tmp_path))
    with pytest.raises(ModelError, match="LiteRT cannot run the model 'odd'"):
        predictor.load_predictor("odd", workspace=Workspace(tmp_path))


def test_every_shipped_model_reads_a_batch(digits):
    cards = store.list_models(classifiers_only=True)
    assert {card.name for card in cards} >= set(SHIPPED_MODELS)
    for card in cards:
        probabilities = predictor.load_predictor(card.name)(digits)
        # Clearly written digits: even the weakest model reads most of them.
        assert (probabilities.argmax(axis=1) == np.arange(10)).sum() >= 7, card.name


def test_serving_never_imports_tensorflow():
    code = (
        "import sys, numpy; from mnist_core import serving;"
        "serving.load_predictor()(numpy.zeros((2, 28, 28)));"
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
