"""What classifiers give: ten numbers an image; one more if they reject non-digits themselves."""

from typing import TYPE_CHECKING, Any

from mnist_core.config import CLASSES

if TYPE_CHECKING:
    import keras

Layer = Any  # Keras does not say which attributes its layers have
Outputs = Any  # arrays or tensors of any backend
HIDDEN = 64
DIGITS, IS_DIGIT = "digits", "is_digit"
REJECTION = "digit_hidden"  # the layer before `is_digit`


def with_rejection(model: "keras.Model") -> "keras.Model":
    """Give a network a second output, which learns along whether it is a digit at all.

    A hidden layer on the features that its last layer decides by, and one number.

    Returns
    -------
    takes images; gives `digits`, the network's ten numbers, and `is_digit`, float32 (n, 1), whose
    sigmoid says how much an image looks like a digit
    """
    import keras

    hidden = keras.layers.Dense(HIDDEN, activation="relu", name=REJECTION)
    last = keras.layers.Dense(1, dtype="float32", name=IS_DIGIT)
    score = last(hidden(model.layers[-1].input))
    (digits,) = model.outputs
    return keras.Model(model.inputs, {DIGITS: digits, IS_DIGIT: score}, name=model.name)


def copy_rejection(source: "keras.Model", target: "keras.Model") -> None:
    """Give a network the second output of another one, where it reads as many features.

    Parameters
    ----------
    source, target : both reject non-digits
    """
    if digits_layer(source).input.shape != digits_layer(target).input.shape:
        return
    for name in (REJECTION, IS_DIGIT):
        target.get_layer(name).set_weights(source.get_layer(name).get_weights())


def rejects(model: "keras.Model") -> bool:
    """Return whether a classifier has learned to reject non-digits itself."""
    return len(model.outputs) > 1


def digits_layer(model: "keras.Model") -> Layer:
    """Return the layer that gives a classifier's ten numbers; its input is the features."""
    if not rejects(model):
        return model.layers[-1]
    return [layer for layer in model.layers if getattr(layer, "units", 0) == CLASSES][-1]


def digits_of(outputs: Outputs) -> Outputs:
    """Return the ten numbers of what a classifier gave, whether it rejects non-digits or not."""
    return outputs[DIGITS] if isinstance(outputs, dict) else outputs


def classifier_of(model: "keras.Model") -> "keras.Model":
    """Return the part of a network that gives the ten numbers; it shares the weights."""
    import keras

    if not rejects(model):
        return model
    both: Outputs = model.output
    return keras.Model(model.inputs, both[DIGITS])
