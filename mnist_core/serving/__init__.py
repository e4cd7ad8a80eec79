"""Stored models: their cards and files, and the predictor that runs them."""

from mnist_core.serving.adaptation import Head
from mnist_core.serving.cards import (
    CARD,
    DIGIT_MAP,
    FILES,
    HEAD,
    REPLAY,
    Card,
    check_untaught,
    load_card,
    read_file,
)
from mnist_core.serving.detector import DETECTOR, Detector, Maps, find_detector, load_detector
from mnist_core.serving.digit_map import DigitMap, Located, load_digit_map
from mnist_core.serving.inside import Inside, Layer, contributions
from mnist_core.serving.predictor import (
    Prediction,
    Predictor,
    is_accepted,
    load_predictor,
    load_replay,
    predictor_of,
    read_served,
)
from mnist_core.serving.probabilities import TO_PROBABILITIES, to_probabilities
from mnist_core.serving.store import (
    add_file,
    add_metrics,
    delete_model,
    is_shipped,
    list_models,
    pack_model,
    rename_model,
    save_model,
    title_of,
)

__all__ = [
    "CARD",
    "DETECTOR",
    "DIGIT_MAP",
    "FILES",
    "HEAD",
    "REPLAY",
    "TO_PROBABILITIES",
    "Card",
    "Detector",
    "DigitMap",
    "Head",
    "Inside",
    "Layer",
    "Located",
    "Maps",
    "Prediction",
    "Predictor",
    "add_file",
    "add_metrics",
    "check_untaught",
    "contributions",
    "delete_model",
    "find_detector",
    "is_accepted",
    "is_shipped",
    "list_models",
    "load_card",
    "load_detector",
    "load_digit_map",
    "load_predictor",
    "load_replay",
    "pack_model",
    "predictor_of",
    "read_file",
    "read_served",
    "rename_model",
    "save_model",
    "title_of",
    "to_probabilities",
]
