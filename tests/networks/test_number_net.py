import numpy as np
import pytest

from mnist_core import networks
from mnist_core.config import CELL, MARKS, OUTPUTS, STRIDE


@pytest.fixture(scope="module")
def model():
    return networks.build("number-net")


def test_it_gives_21_numbers_for_every_cell_whatever_the_size(model):
    assert 1 + len(MARKS) + 4 == OUTPUTS
    for height, width in [(STRIDE, STRIDE), (48, 80)]:
        answers = model.predict_on_batch(np.zeros((2, height, width, 1), np.float32))
        assert answers.shape == (2, height // CELL, width // CELL, OUTPUTS)


def test_before_it_learns_hardly_any_cell_holds_a_mark(model):
    noise = np.random.default_rng(0).normal(size=(1, 96, 160, 1)).astype(np.float32)
    answers = model.predict_on_batch(noise)
    assert answers[..., 0].max() < -2
    assert np.abs(answers[..., 1:]).max() < 2


def test_residual_blocks_begin_as_the_identity(model):
    zero = [
        layer for layer in model.layers if "conv" in layer.name and not layer.kernel.numpy().any()
    ]
    assert len(zero) == 2 + 3 + 6


def test_a_mark_is_seen_from_the_other_end_of_the_line(model):
    rng = np.random.default_rng(1)
    weights = [w + rng.normal(0, 0.05, w.shape).astype(np.float32) for w in model.get_weights()]
    copy = networks.build("number-net")
    copy.set_weights(weights)
    blank = np.zeros((1, 32, 416, 1), np.float32)
    dotted = blank.copy()
    dotted[0, 16, 408] = 6
    change = np.abs(copy.predict_on_batch(dotted) - copy.predict_on_batch(blank))
    assert change[0, :, :2].max() > 0


def test_in_half_precision_the_answers_are_whole():
    model = networks.build("number-net", half_precision=True)
    assert model.layers[1].compute_dtype == "bfloat16"
    assert model.predict_on_batch(np.zeros((1, 16, 16, 1), np.float32)).dtype == np.float32
