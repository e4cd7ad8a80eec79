"""A network's layers as a list that shows how the image shrinks and where the weights are."""

from html import escape
from typing import Any

from mnist_core.serving import Card
from ui.style import html

# Each kind of layer in words, and what it does.
BLOCKS = "Blocks"
KINDS = {
    BLOCKS: ("Blocks", "turn the pixels of each small square into channels, which is faster"),
    "Conv2D": ("Convolution", "looks for small patterns everywhere in the image"),
    "MaxPooling2D": ("Max-pooling", "halves the image, keeping the strongest responses"),
    "AveragePooling2D": ("Average-pooling", "halves the image, averaging the responses"),
    "GlobalAveragePooling2D": ("Averaging", "averages each pattern over the whole image"),
    "Flatten": ("Flattening", "puts all numbers into one row"),
    "Dropout": ("Dropout", "drops random numbers during training, to prevent memorising"),
    "Add": ("Sum", "adds a layer's output to that of an earlier one"),
    "UpSampling2D": ("Enlargement", "repeats every number in both directions"),
    "Concatenate": ("Joining", "puts the numbers of several layers side by side"),
    "Dense": ("Dense", "every unit combines all numbers of the layer before"),
}
# Terms in the layers' details that a beginner may not know.
TERMS = {
    "filters": ("Each filter", "looks for one small pattern"),
    "normalised": ("Normalised", "means that the numbers are brought to a common scale"),
    "ReLU": ("ReLU", "replaces negative numbers by 0"),
    "softmax": ("Softmax", "turns ten numbers into probabilities that add up to 1"),
    "sigmoid": ("Sigmoid", "squeezes each number between 0 and 1"),
}
# These change numbers but no shape, and belong to the layer before.
FOLDED = {"BatchNormalization": "normalised", "Activation": ""}
ACTIVATIONS = {"relu": "ReLU"}
LEFT_OUT = ("Reshape", "Permute")
DEPTHS = (1, 16, 48, 128)  # channels from which on an image is drawn as so many sheets


def show_layers(card: Card | None) -> None:
    """Show all layers in order, with the size of their outputs and their numbers of weights.

    Parameters
    ----------
    card : of a model with these layers, which its training wrote there; None if there is none yet
    """
    if not card:
        html("<p class='dl-note'>Shown after its first training.</p>")
        return
    if not card.layers:
        html(f"<p class='dl-note'>The card of {escape(card.name)} does not list its layers.</p>")
        return
    shown = blocks(card.layers)
    if card.is_detector:
        begin, end = "a picture, of any size,", "digits and signs"
        first = shown[0]["output"]  # half the picture
        image = [2 * first[0], 2 * first[1], 1]
        rows = [_row(image, "A picture", "its local contrast", "", scale=28 / image[0])]
    else:
        begin, end, image = "the image", "ten digits", [28, 28, 1]
        rows = [_row(image, "The image", "28 × 28 grey pixels", "")]
    for layer in shown:
        name = KINDS.get(layer["kind"], (layer["kind"],))[0]
        weights = f"{layer['parameters']:,} weights" if layer["parameters"] else "no weights"
        scale = 28 / image[0]
        rows.append(_row(layer["output"], name, layer["detail"], weights, scale=scale))
    used = dict.fromkeys(layer["kind"] for layer in shown if layer["kind"] in KINDS)
    details = " ".join(layer["detail"] for layer in shown)
    words = [KINDS[kind] for kind in used] + [TERMS[term] for term in TERMS if term in details]
    terms = "; ".join("<b>{}</b> {}".format(*word) for word in words)
    html(
        f"<p class='dl-note'><b>{card.parameters:,} weights</b>, from {begin} to the {end}. "
        "At the right: the size of each layer's output, and its number of weights.</p>"
        f'<ol class="dl-layers" aria-label="The layers in order">{"".join(rows)}</ol>'
        f"<p class='dl-note'>{terms}.</p>"
    )


def blocks(layers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Merge layers that change no shape into the layer before.

    Layers that put the pixels of squares into channels (`networks.digit_net`) become one.
    """
    found = []
    for previous, layer in zip([None, *layers], layers, strict=False):
        if previous and previous["kind"] == "Permute" and layer["kind"] == "Reshape":
            sides = " × ".join(map(str, previous["output"][2:]))
            detail = f"{sides} pixels as {layer['output'][-1]} channels"
            found.append(layer | {"kind": BLOCKS, "detail": detail})
        if layer["kind"] in FOLDED and found:
            extra = FOLDED[layer["kind"]] or _words(layer["detail"])
            before = found[-1]
            found[-1] = before | {
                "detail": ", ".join(filter(None, (before["detail"], extra))),
                "parameters": before["parameters"] + layer["parameters"],
            }
        elif layer["kind"] not in LEFT_OUT:
            found.append(layer | {"detail": _words(layer["detail"])})
    return found


def _row(output: list[int], name: str, detail: str, weights: str, *, scale: float = 1.0) -> str:
    return (
        f'<li><i class="dl-deep-{_depth(output)}" aria-hidden="true">'
        f'<b style="{_shape(output, scale)}"></b></i>'
        f"<span><b>{escape(name)}</b> {escape(detail)}</span>"
        f"<span>{' × '.join(f'{side:,}' for side in output)}</span><span>{weights}</span></li>"
    )


def _shape(output: list[int], scale: float) -> str:
    """Draw a layer's output as a rectangle for images or an upright bar for a row of numbers."""
    if len(output) == 3:
        height, width = (round(scale * side) + 4 for side in output[:2])
        return f"width:{width}px;height:{height}px"
    return f"width:6px;height:{8 + min(output[0] // 20, 24)}px"


def _depth(output: list[int]) -> int:
    """Return how many sheets an image is drawn as, by its number of channels."""
    return sum(output[-1] >= least for least in DEPTHS) if len(output) == 3 else 0


def _words(detail: str) -> str:
    parts = [ACTIVATIONS.get(part, part) for part in detail.replace(" x ", " × ").split(", ")]
    return ", ".join(parts)
