"""The detector's interpreter, with a small network whose answers are known."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mnist_core.errors import ModelError
from mnist_core.serving import Detector, detector, find_detector, load_detector
from mnist_core.workspace import Workspace


def converted(width=21, *, int8=False):
    """A model that averages cells of 4 x 4 pixels; its first output is that times 10 minus 5."""
    import keras
    import tensorflow as tf

    inputs = keras.layers.Input((None, None, 1))
    answer = keras.layers.Conv2D(width, 4, 4, "same")
    model = keras.Model(inputs, answer(inputs))
    kernel = np.zeros((4, 4, 1, width), np.float32)
    kernel[..., 0] = 10 / 16
    bias = np.zeros(width, np.float32)
    bias[0], bias[min(8, width - 1)] = -5, 3
    answer.set_weights([kernel, bias])
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if int8:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        sample = np.linspace(-1, 1, 32 * 32, dtype=np.float32).reshape(1, 32, 32, 1)
        converter.representative_dataset = lambda: [[sample]]
        converter.inference_input_type = converter.inference_output_type = tf.int8
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    return converter.convert()


@pytest.fixture(scope="module")
def model():
    return converted()


@pytest.mark.parametrize("size", [(16, 16), (50, 33), (1, 1), (128, 320)])
def test_each_cell_has_its_answer_whatever_the_size(model, size):
    contrast = np.random.default_rng(0).uniform(-1, 1, size).astype(np.float32)
    maps = Detector(model).maps(contrast)
    rows, columns = (-(-side // 4) for side in size)
    assert maps.objectness.shape == (rows, columns)
    assert maps.classes.shape == (rows, columns, 16)
    assert maps.boxes.shape == (rows, columns, 4)
    padded = np.zeros((4 * rows, 4 * columns), np.float32)
    padded[: size[0], : size[1]] = contrast
    means = padded.reshape(rows, 4, columns, 4).mean(axis=(1, 3))
    assert np.allclose(maps.objectness, 1 / (1 + np.exp(5 - 10 * means)), atol=1e-4)
    assert np.allclose(maps.classes.sum(axis=-1), 1, atol=1e-5)
    assert (maps.classes.argmax(axis=-1) == 7).all()
    assert np.allclose(maps.boxes[0, 0], [2 - 8, 2 - 8, 16, 16])
    assert np.allclose(maps.boxes[-1, -1], [4 * columns - 10, 4 * rows - 10, 16, 16])


def test_interpreters_that_nobody_needs_any_more_are_let_go(model):
    opened = Detector(model)
    opened.maps(np.zeros((32, 32), np.float32))
    assert not opened.forget_idle()
    assert opened.forget_idle(0)
    assert not opened.forget_idle(0)
    assert opened.maps(np.zeros((32, 32), np.float32)).objectness.shape == (8, 8)


def test_int8_models_agree_within_their_steps(model):
    contrast = np.random.default_rng(1).uniform(-1, 1, (64, 48)).astype(np.float32)
    exact, coarse = Detector(model).maps(contrast), Detector(converted(int8=True)).maps(contrast)
    assert np.abs(exact.objectness - coarse.objectness).max() < 0.05


def test_many_threads_may_ask_at_once_and_memory_is_bounded(model, monkeypatch):
    monkeypatch.setattr(detector, "MOST_KEPT", 2)
    found = Detector(model)
    rng = np.random.default_rng(2)
    pictures = [rng.uniform(-1, 1, (16 * n, 32)).astype(np.float32) for n in (1, 2, 3, 4)] * 5
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(found.maps, pictures))
    for contrast, maps in zip(pictures, answers, strict=True):
        assert np.array_equal(maps.objectness, Detector(model).maps(contrast).objectness)
    assert len(found._free) <= 2


@pytest.mark.parametrize("shape", [(3,), (2, 2, 1), (0, 5)])
def test_what_is_no_picture_is_refused(model, shape):
    with pytest.raises(ValueError, match=r"Expected contrast of shape \(h, w\)"):
        Detector(model).maps(np.zeros(shape, np.float32))


def test_the_model_of_something_else_is_refused():
    with pytest.raises(ValueError, match="A detector gives 21 numbers a cell"):
        Detector(converted(width=10))


def test_without_a_model_there_is_no_detector(tmp_path):
    assert find_detector(workspace=Workspace(tmp_path)) is None
    with pytest.raises(ModelError, match="There is no model 'number-net'"):
        load_detector(workspace=Workspace(tmp_path))
