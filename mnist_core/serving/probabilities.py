"""From a model's ten numbers to probabilities."""

from collections.abc import Callable

import numpy as np


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return exp(logits) divided by its sum along each row; (n, 10), rows summing to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def sigmoid(numbers: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-numbers)) of each number; float32."""
    return (1 / (1 + np.exp(-np.clip(numbers, -60, 60)))).astype(np.float32)


def apply_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Soften (above 1) or sharpen (below 1) probabilities, as dividing their logits would.

    Parameters
    ----------
    probabilities : (n, 10), rows summing to 1
    temperature : above 0

    Returns
    -------
    float32 (n, 10), rows summing to 1

    Source: C. Guo et al., "On calibration of modern neural networks", ICML 2017.
    """
    return softmax(np.log(np.maximum(probabilities, 1e-30)) / temperature).astype(np.float32)


def normalise(outputs: np.ndarray) -> np.ndarray:
    """Divide each row by its sum; ten zeros become ten tenths."""
    outputs = np.maximum(outputs, 1e-12)
    return outputs / outputs.sum(axis=1, keepdims=True)


def odds(outputs: np.ndarray) -> np.ndarray:
    """Turn sigmoid outputs s into odds s / (1 - s), and divide each row of these by its sum."""
    outputs = np.clip(outputs.astype(np.float64), 1e-12, 1 - 6e-8)
    return normalise(outputs / (1 - outputs)).astype(np.float32)


def to_probabilities(outputs: np.ndarray, kind: str) -> np.ndarray:
    """Turn a model's ten numbers into probabilities.

    Softmax outputs are probabilities but for rounding. Logits go through softmax. Sigmoid outputs
    are ten separate answers s that need not sum to 1: each becomes odds, s / (1 - s), and is
    divided by the sum of the ten odds. That is the softmax of the numbers before the sigmoid, which
    Keras's cross-entropies train a model with a last sigmoid by.

    Parameters
    ----------
    outputs : (n, 10)
    kind : a key of TO_PROBABILITIES

    Returns
    -------
    (n, 10), rows summing to 1

    Raises
    ------
    ValueError : unknown kind
    """
    if kind not in TO_PROBABILITIES:
        raise ValueError(f"Outputs are one of {', '.join(TO_PROBABILITIES)}, received {kind!r}.")
    return TO_PROBABILITIES[kind](outputs)


TO_PROBABILITIES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "softmax": normalise,
    "sigmoid": odds,
    "logits": softmax,
}
