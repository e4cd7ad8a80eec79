"""The layers of shipped models at work, against what cards, OpenCV and changed pixels say."""

import cv2
import numpy as np
import pytest

from mnist_core import serving
from mnist_core.config import SHIPPED_MODELS
from mnist_core.errors import ModelError
from mnist_core.serving import Inside, Predictor, contributions
from mnist_core.serving.inside import WHOLE_PIXELS
from mnist_core.serving.inside.steps import KINDS
from mnist_core.workspace import WORKSPACE


def tflite(name: str) -> bytes:
    return (WORKSPACE.models / name / "model.tflite").read_bytes()


@pytest.fixture(scope="module")
def three() -> np.ndarray:
    """A drawn 3, float32 (28, 28)."""
    drawn = np.zeros((28, 28), np.uint8)
    cv2.putText(drawn, "3", (6, 23), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    return drawn.astype(np.float32) / 255


@pytest.mark.parametrize("name", SHIPPED_MODELS)
def test_the_layers_are_those_of_the_card(three, name):
    layers = Inside(tflite(name))(three)
    listed = [
        (layer["kind"], layer["output"])
        for layer in serving.load_card(name).layers
        if layer["kind"] in set(KINDS.values()) and layer["output"][:2] != [1, 1]  # inside gates
    ]
    found = [
        (one.kind, [len(one.maps)] if one.is_row else [*one.maps.shape[1:], len(one.maps)])
        for one in layers
    ]
    assert found == listed
    assert [one.before for one in layers] == [None, *range(len(layers) - 1)]
    for one in layers:
        assert one.maps.dtype == np.float32
        assert one.maps.min() >= 0
        assert one.maps.max() == pytest.approx(1)


@pytest.mark.parametrize("name", ["digit-net", "dense-sigmoid"])
def test_the_last_layer_answers_as_the_predictor_does(three, name):
    *_, last = Inside(tflite(name))(three)
    numbers, *_ = Predictor(tflite(name)).outputs(three[None])
    # 8 bits round a little differently with LiteRT's delegate, which the predictor uses.
    assert last.maps.ravel() * last.highest == pytest.approx(np.maximum(numbers[0], 0), abs=0.2)


def test_a_first_filter_moved_over_the_picture_gives_its_map(three):
    inside = Inside(tflite("cnn-three"))
    first = inside(three)[0]
    for place, values in enumerate(first.maps):
        weights = inside.filter(0, place)
        moved = cv2.filter2D(three, cv2.CV_32F, weights[..., 0])[1:-1, 1:-1]
        bright = values > 0
        bias = values[bright] * first.highest - moved[bright]  # one number, whatever the place
        assert np.ptp(bias) < 1e-4 if bright.any() else moved.max() < 1


def test_maps_that_a_filter_adds_up_give_its_map(three):
    inside = Inside(tflite("cnn-three"))
    _, pool, second, *_ = inside(three)
    weights, values = inside.filter(2, 5), second.maps[5]
    biases = [
        values[place] * second.highest
        - contributions(second, pool, weights, place).sum() * pool.highest
        for place in zip(*np.nonzero(values), strict=True)
    ]
    assert len(biases) > 9
    assert np.ptp(biases) < 1e-3


def test_contributions_are_of_maps_only(three):
    *_, averages, last = Inside(tflite("digit-net"))(three)
    with pytest.raises(ValueError, match="row of numbers"):
        contributions(last, averages, np.zeros((1, 1, 256), np.float32), (0, 0))


def test_a_dense_unit_has_a_weight_for_each_pixel(three):
    inside = Inside(tflite("dense-five"))
    first, *_ = inside(three)
    sums = np.array([(inside.filter(0, unit)[..., 0] * three).sum() for unit in range(200)])
    values = first.maps.ravel() * first.highest
    assert np.corrcoef(sums[values > 0], values[values > 0])[0, 1] > 0.9
    assert inside.filter(1, 0) is None


def test_numbers_of_the_averaging_are_averages_of_maps(three):
    inside = Inside(tflite("digit-net"))
    *before, maps, averages, _ = inside(three)
    means = maps.maps.mean(axis=(1, 2)) * maps.highest
    assert averages.maps.ravel() * averages.highest == pytest.approx(means, abs=0.02)
    assert inside.filter(len(before) + 1, 0) is None


def test_votes_are_the_weights_of_the_answer(three):
    inside = Inside(tflite("cnn-three"))
    *_, before, last = inside(three)
    votes = np.stack([inside.votes(place) for place in range(64)], axis=1)
    logits = votes @ before.maps.ravel() * before.highest
    assert logits.argmax() == last.maps.argmax()


@pytest.mark.parametrize("name", ["digit-net", "cnn-three", "lenet-two"])
def test_a_place_depends_on_the_pixels_that_it_sees_and_on_no_others(three, name):
    check_sight(Inside(tflite(name)), three)


def check_sight(inside: Inside, image: np.ndarray) -> None:
    """Change the pixels outside what a place sees, then those inside."""
    for number, layer in enumerate(inside(image)):
        if layer.sight is None or layer.kind == "Multiply":
            break  # a gate sees the whole image
        rows, columns = layer.maps.shape[1:]
        for place in ((0, 0), (rows // 2, columns // 2), (rows - 1, columns - 1)):
            top, left, bottom, right = layer.sight.frame(*place)
            sees = np.zeros((28, 28), bool)
            sees[top:bottom, left:right] = True

            def numbers(changed: np.ndarray) -> np.ndarray:
                again = inside(changed)[number]  # noqa: B023
                return again.maps[(slice(None), *place)] * again.highest  # noqa: B023

            kept = numbers(image)
            assert numbers(np.where(sees, image, 1 - image)) == pytest.approx(kept, abs=1e-4)
            assert np.abs(numbers(np.where(sees, 1 - image, image)) - kept).max() > 1e-3


def test_the_corners_of_what_is_seen_are_pixels():
    assert WHOLE_PIXELS.frame(27, 3) == (27, 3, 28, 4)
    assert WHOLE_PIXELS.joined((28, 28), (28, 14)).frame(1, 13) == (1, 26, 2, 28)
    assert WHOLE_PIXELS.joined((28, 28), (14, 14)) is None
    assert WHOLE_PIXELS.joined((28, 28), (14, 7), blocks=True).frame(1, 6) == (2, 24, 4, 28)
    assert WHOLE_PIXELS.joined((28, 28), (9, 14), blocks=True) is None
    padded = WHOLE_PIXELS.through((28, 28), (14, 14), (5, 5))
    assert padded.frame(0, 1) == (0, 1, 4, 6)


def test_what_is_no_model_is_refused():
    with pytest.raises(ModelError, match="LiteRT cannot show the layers"):
        Inside(b"TFL3 and no more")
