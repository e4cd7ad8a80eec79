import numpy as np
import pytest

from mnist_core import networks
from mnist_core.config import DEFAULT_MODEL
from mnist_core.errors import RunError
from mnist_core.networks import outputs
from mnist_core.training import compiling, export, narrowing, transfer
from mnist_core.training.config import TrainingConfig
from tests.training.test_transfer import IMAGES, answers, chain


def with_spare_channels(*widths):
    """Return a network whose channels beyond `widths` are sums of others, so it can lose them."""
    wide = chain(*widths, flat=False)
    for layer in wide.layers:
        if getattr(layer, "kernel_size", ()):
            kernel, *bias = layer.get_weights()
            half = kernel.shape[-1] // 2
            kernel[..., half:] = 0.5 * kernel[..., :half]
            layer.set_weights([kernel, *bias])
        elif hasattr(layer, "moving_mean"):
            layer.set_weights([np.full(widths[0], value, np.float32) for value in (1, 0, 0, 1)])
    return wide


def test_a_narrower_network_computes_the_same_where_channels_tell_nothing_new():
    wide, narrow = with_spare_channels(6, 8, 5), chain(3, 8, 5, flat=False, seed=1)
    assert np.abs(answers(wide) - answers(narrow)).max() > 1
    narrowing.narrow(wide, narrow, IMAGES)
    expected = answers(wide)
    assert answers(narrow) == pytest.approx(expected, abs=0.02 * np.abs(expected).max())


def test_fewer_channels_than_needed_compute_nearly_the_same():
    wide, narrow = chain(8, 12, 9, flat=False), chain(7, 10, 8, flat=False, seed=1)
    before = wide.get_weights()
    narrowing.narrow(wide, narrow, IMAGES)
    expected, found = answers(wide), answers(narrow)
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.95
    for mine, theirs in zip(wide.get_weights(), before, strict=True):
        assert np.array_equal(mine, theirs)


def test_a_network_with_larger_windows_computes_nearly_the_same():
    small, large = chain(4, 6, 5, flat=False), chain(4, 6, 5, flat=False, kernel=5, seed=1)
    assert not transfer.can_copy(small, large)
    narrowing.narrow(small, large, IMAGES)
    expected, found = answers(small), answers(large)
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.95


def test_the_default_network_begins_with_what_the_wide_one_has_learned(mnist):
    wide = export.load_model("digit-net-wide")
    narrow = networks.build("digit-net", seed=1)
    assert not transfer.can_copy(wide, narrow)
    assert transfer.can_copy(narrow, wide)
    digits = mnist.train.images[:300] / np.float32(255)  # two parts
    narrowing.narrow(wide, narrow, digits)
    images, labels = mnist.validation.images[:500] / np.float32(255), mnist.validation.labels[:500]
    right = (export.keras_outputs(narrow, images).argmax(axis=1) == labels).mean()
    assert right > 0.95


@pytest.mark.parametrize(
    ("widths", "changes", "sentence"),
    [
        ((3, 4, 5), {"classes": 9}, "features of the two models differ"),
        ((3, 5, 5), {}, "has 4 channels, too few to begin a layer of 5 with"),
        ((2, 4, 5), {"flat": True}, "flatten features cannot become narrower"),
    ],
)
def test_networks_that_do_not_fit_are_refused(widths, changes, sentence):
    wide = chain(4, 4, 5, flat=changes.get("flat", False))
    with pytest.raises(ValueError, match=sentence):
        narrowing.narrow(wide, chain(*widths, **({"flat": False} | changes)), IMAGES)


def test_other_layers_are_refused():
    config = TrainingConfig(name="x", architecture="digit-net", start="cnn-three")
    shown = np.zeros((4, 28, 28), np.float32)
    with pytest.raises(RunError, match="cannot begin with the weights of 'cnn-three'"):
        compiling.new_model(
            config, 5, np.arange(10), start=networks.build("cnn-three"), shown=lambda: shown
        )


def test_what_rejects_non_digits_is_taken_over_too():
    config = TrainingConfig(
        name="x", architecture="digit-net", start=DEFAULT_MODEL, non_digit_share=0.2
    )
    start = networks.build("digit-net", seed=5, rejecting=True)
    model = compiling.new_model(config, 5, np.arange(10), start=start)
    for name in (outputs.REJECTION, outputs.IS_DIGIT):
        old, new = start.get_layer(name).get_weights(), model.get_layer(name).get_weights()
        assert all(np.array_equal(mine, theirs) for mine, theirs in zip(old, new, strict=True))
