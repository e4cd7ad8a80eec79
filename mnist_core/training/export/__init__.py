"""A finished training -> the models folder: converted, checked, calibrated, measured once."""

from mnist_core.training.export.convert import calibration_images, check_agreement, to_tflite
from mnist_core.training.export.digit_map import make_digit_map, store_digit_map
from mnist_core.training.export.keras_models import (
    keras_is_digit,
    keras_outputs,
    keras_predict,
    load_model,
    load_trained,
    output_kind,
)
from mnist_core.training.export.publishing import (
    publish,
    reexport,
)
from mnist_core.training.export.replay import make_replay, store_replay
from mnist_core.training.export.servable import Servable, make_servable
from mnist_core.training.export.teaching import pack_taught, store_taught

__all__ = [
    "Servable",
    "calibration_images",
    "check_agreement",
    "keras_is_digit",
    "keras_outputs",
    "keras_predict",
    "load_model",
    "load_trained",
    "make_digit_map",
    "make_replay",
    "make_servable",
    "output_kind",
    "pack_taught",
    "publish",
    "reexport",
    "store_digit_map",
    "store_replay",
    "store_taught",
    "to_tflite",
]
