import shutil

import numpy as np
import pytest

from mnist_core import networks, serving
from mnist_core.config import SHIPPED_MODELS
from mnist_core.errors import ModelError
from mnist_core.pixels import to_float
from mnist_core.training import export, first_layer
from mnist_core.training.export import descriptions
from mnist_core.workspace import WORKSPACE, Workspace
from tests.serving.test_inside import check_sight


@pytest.fixture(scope="module")
def model():
    return networks.build("cnn-three", seed=1)


@pytest.fixture(scope="module")
def real(mnist):
    chosen = mnist.validation
    return to_float(chosen.images[:2000]), chosen.labels[:2000]


def test_the_output_is_recognised():
    names = networks.architectures_for("classification")
    kinds = {name: export.output_kind(networks.build(name)) for name in names}
    assert kinds["digit-net"] == "logits"
    assert kinds["dense-sigmoid"] == "sigmoid"
    assert set(kinds.values()) == {"softmax", "sigmoid", "logits"}


def test_another_output_is_refused():
    from keras import Sequential, layers

    model = Sequential([layers.Input((28, 28)), layers.Flatten(), layers.Dense(10, "tanh")])
    with pytest.raises(ValueError, match="activation is 'tanh'"):
        export.output_kind(model)


def test_float32_agrees_with_keras(model, real):
    report = export.check_agreement(model, export.to_tflite(model), *real, precision="float32")
    assert report["largest_difference"] < 1e-4
    assert report["keras"] == report["tflite"]


def test_another_model_is_refused(model, real):
    other = export.to_tflite(networks.build("cnn-three", seed=2))
    with pytest.raises(ModelError, match="differ from Keras's"):
        export.check_agreement(model, other, *real, precision="float32")
    with pytest.raises(ModelError, match="Accuracy is"):
        export.check_agreement(model, other, *real, precision="int8")


def test_int8_is_a_quarter_of_the_size(model, real):
    small = export.to_tflite(model, precision="int8", calibration=real[0])
    assert len(small) < 0.4 * len(export.to_tflite(model))


def test_int8_needs_calibration_images(model):
    with pytest.raises(ValueError, match="needs calibration images"):
        export.to_tflite(model, precision="int8")


def test_other_precisions_are_refused(model):
    with pytest.raises(ValueError, match="one of float32, int8"):
        export.to_tflite(model, precision="float16")


def test_keras_predict_works_in_batches(model):
    images = np.random.default_rng(0).random((1203, 28, 28), np.float32)
    assert export.keras_predict(model)(images) == pytest.approx(
        model.predict(images, verbose=0), abs=1e-6
    )


def test_a_model_of_the_folder_is_loaded(digits):
    model = export.load_model("dense-sigmoid")
    assert model.count_params() == serving.load_card("dense-sigmoid").parameters
    assert not model.compiled
    served, *_ = serving.load_predictor("dense-sigmoid").outputs(digits)
    assert export.keras_outputs(model, digits) == pytest.approx(served, abs=1e-4)


def test_what_a_model_was_taught_is_part_of_its_keras_model(tmp_path, digits):
    space, name = Workspace(tmp_path), "dense-five"
    shutil.copytree(WORKSPACE.models / name, tmp_path / name)
    card, rng = serving.load_card(name), np.random.default_rng(0)
    width = serving.load_predictor(name).predict_full(digits).features.shape[1]
    kernel, bias = rng.normal(0, 0.1, (width, 10)), rng.normal(0, 0.1, 10)
    head = serving.Head(kernel, bias, np.zeros(width), 0.0)
    contents = {file: serving.read_file(card, file) for file in serving.FILES}
    contents[serving.HEAD] = head.to_bytes()
    serving.save_model(card, contents, workspace=space, replace=True)
    served = serving.load_predictor(name, workspace=space)
    outputs = export.keras_outputs(export.load_model(name, workspace=space), digits)
    found = serving.to_probabilities(outputs, "softmax")
    expected = serving.probabilities.apply_temperature(found, card.temperature)
    assert served(digits) == pytest.approx(expected, abs=1e-3)
    with pytest.raises(ModelError, match="was taught handwriting"):
        export.reexport(name, None, workspace=space)


@pytest.mark.parametrize(("name", "words"), [("nobody", "no model"), ("../x", "cannot be")])
def test_models_that_are_not_there_are_reported(tmp_path, name, words):
    with pytest.raises(ModelError, match=words):
        export.load_model(name, workspace=Workspace(tmp_path))


def test_damaged_models_are_not_loaded(tmp_path):
    shutil.copytree(WORKSPACE.models / "dense-sigmoid", tmp_path / "dense-sigmoid")
    (tmp_path / "dense-sigmoid" / "model.keras").write_bytes(b"PK")
    with pytest.raises(ModelError, match=r"model\.keras .* is damaged"):
        export.load_model("dense-sigmoid", workspace=Workspace(tmp_path))


@pytest.mark.parametrize("name", SHIPPED_MODELS)
def test_the_cards_of_shipped_models_describe_their_layers(name):
    card = serving.load_card(name)
    assert card.layers == descriptions.describe_layers(networks.build(card.architecture))
    assert sum(layer["parameters"] for layer in card.layers) == card.parameters
    assert card.layers[-1]["output"] == [10]


def test_joined_pixels_can_be_looked_into(digits):
    model = networks.build("digit-net", seed=1, rejecting=True)
    inside = serving.Inside(export.to_tflite(model))
    layers = inside(digits[0])
    shapes = {tuple(layer.output.shape[1:]) for layer in model.layers}
    convolutions = [*["Conv2D"] * 3, "MaxPooling2D", *["Conv2D"] * 3]
    assert [one.kind for one in layers] == [*convolutions, "GlobalAveragePooling2D", "Dense"]
    assert {(*one.maps.shape[1:], len(one.maps)) for one in layers if not one.is_row} <= shapes
    assert layers[0].sight.size == (6, 6)  # of 3 x 3 blocks
    first = first_layer.weights_of(model)[3]
    scale = np.linalg.norm(inside.filter(0, 3)) / np.linalg.norm(first)  # by batch normalisation
    assert inside.filter(0, 3)[..., 0] == pytest.approx(first * scale, abs=1e-5)
    check_sight(inside, digits[0])
