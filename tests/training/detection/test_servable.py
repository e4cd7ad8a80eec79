import numpy as np
import pytest

from mnist_core import networks
from mnist_core.errors import ModelError
from mnist_core.training import export
from mnist_core.training.detection import servable
from mnist_core.training.detection.servable import check_agreement, litert_predict
from mnist_core.training.detection.validation import held_out_crops
from tests.training.detection.test_loop import bar


@pytest.fixture
def model(config):
    return networks.build(config.architecture)


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_both_forms_agree_at_any_size(model, precision):
    crops = held_out_crops(bar, 4)
    calibration = crops[0].contrast
    tflite = export.to_tflite(model, precision=precision, calibration=calibration)
    report = check_agreement(model, tflite, crops, precision=precision)
    assert report["largest_difference"] < (1e-3 if precision == "float32" else 0.5)
    wide = np.random.default_rng(0).normal(size=(2, 48, 96, 1)).astype(np.float32)
    found = litert_predict(tflite)(wide)
    assert found.shape == (2, 12, 24, 21)
    assert np.abs(found - model.predict_on_batch(wide)).mean() < 0.05


def test_another_networks_answers_are_refused(model, config):
    crops = held_out_crops(bar, 4)
    other = export.to_tflite(networks.build(config.architecture, seed=7))
    with pytest.raises(ModelError, match="differ from Keras's by up to"):
        check_agreement(model, other, crops, precision="float32")


def test_a_loss_by_8_bits_is_refused(model, monkeypatch):
    crops = held_out_crops(bar, 4)
    tflite = export.to_tflite(model)
    found = iter([{"recall": 0.9, "precision": 0.9}, {"recall": 0.9, "precision": 0.88}])
    monkeypatch.setattr(servable, "measure", lambda *_: next(found))
    with pytest.raises(ModelError, match=r"with a precision of 0\.8800, Keras 0\.9000 with"):
        check_agreement(model, tflite, crops, precision="int8")
