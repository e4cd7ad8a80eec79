import numpy as np
import pytest

from mnist_core import networks, serving
from mnist_core.config import SHIPPED_DETECTORS, SHIPPED_MODELS

# Counted from the definitions: weights and biases, layer by layer.
PARAMETERS = {
    "dense-five": 784 * 200 + 200 + 200 * 100 + 100 + 100 * 60 + 60 + 60 * 30 + 30 + 30 * 10 + 10,
    "dense-sigmoid": 784 * 50 + 50 + 50 * 50 + 50 + 50 * 10 + 10,
    "cnn-three": 93_322,  # as printed in the source's listing 5.2
    "cnn-augmented": 320 + 18_496 + 5 * 5 * 64 * 128 + 128 + 1_290,
    "lenet-two": 20 * 26 + 50 * (20 * 25 + 1) + 7 * 7 * 50 * 500 + 500 + 5_010,
    "digit-net-wide": (
        9 * 4 * 48
        + 9 * (48 * 64 + 64 * 64 + 64 * 192 + 192 * 192 + 192 * 256)
        + 4 * (48 + 64 + 64 + 192 + 192 + 256)
        + 2_570
    ),
    "digit-net": (
        9 * 4 * 32
        + 9 * (32 * 32 + 32 * 48 + 48 * 112 + 112 * 112 + 112 * 208)
        + 4 * (32 + 32 + 48 + 112 + 112 + 208)
        + 2_090
    ),
    "number-net": (
        25 * 16
        + 9 * (16 * 48 + 4 * 48 * 48)  # and two blocks at a quarter
        + 9 * (48 * 96 + 6 * 96 * 96)  # three at an eighth
        + 9 * (96 * 128 + 12 * 128 * 128)  # six at a sixteenth
        + (128 + 96 + 48) * 64
        + 9 * 3 * 64 * 64
        + 64 * 21
        + (16 + 5 * 48 + 7 * 96 + 13 * 128 + 6 * 64 + 21)
    ),
}
SHAPES = {
    "classification": ((None, 28, 28), (None, 10)),
    "detection": ((None, None, None, 1), (None, None, None, 21)),
}


def test_every_architecture_is_counted():
    assert set(PARAMETERS) == set(networks.ARCHITECTURES)


@pytest.mark.parametrize("name", networks.ARCHITECTURES)
def test_parameters_and_shapes(name):
    model = networks.build(name)
    assert model.count_params() == PARAMETERS[name]
    assert (model.input_shape, model.output_shape) == SHAPES[networks.ARCHITECTURES[name].task]
    assert not model.compiled


@pytest.mark.parametrize("name", networks.ARCHITECTURES)
def test_the_seed_decides_the_weights(name):
    first, same, other = (networks.build(name, seed=seed).get_weights()[0] for seed in (1, 1, 2))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


def test_every_architecture_is_described():
    for record in networks.ARCHITECTURES.values():
        assert record.title.endswith(".")
        assert "\n" not in record.title
        assert record.summary.endswith(".")
        assert len(record.source) > 20
        assert "  " not in record.source + record.summary
        assert min(record.fixed_megabytes, record.image_megabytes) > 0
        assert min(record.step_seconds, record.image_seconds) > 0


@pytest.mark.parametrize("name", [*SHIPPED_MODELS, *SHIPPED_DETECTORS])
def test_the_cards_of_shipped_models_quote_the_records(name):
    card = serving.load_card(name)
    record = networks.ARCHITECTURES[card.architecture]
    assert (card.summary, card.source) == (record.title, record.source)


def test_unknown_architectures_are_refused():
    with pytest.raises(ValueError, match="no architecture 'resnet'; choose one of digit-net"):
        networks.build("resnet")


def test_half_precision_ends_in_full_precision_and_leaves_no_trace():
    import keras

    model = networks.build("digit-net", half_precision=True)
    assert model.layers[2].compute_dtype == "bfloat16"
    assert model.layers[2].variable_dtype == "float32"
    assert model.layers[-1].compute_dtype == "float32"
    assert keras.config.dtype_policy().name == "float32"
    assert all(layer.compute_dtype == "float32" for layer in networks.build("digit-net").layers)
