"""One map of a layer in detail: where it is bright, what it looks for, and in words."""

import numpy as np

from mnist_core.config import IMAGE_SIZE
from mnist_core.serving import Inside, Layer, contributions
from mnist_core.serving.inside import WHOLE_PIXELS
from ui.draw.maps import over_drawing, spread_out
from ui.pictures import png, source
from ui.weights import address, weights_picture

STRONGEST = 3  # maps of the layer before that are shown
WEIGHTS = "<b>Blue</b>: {0} here makes it brighter. <b>Orange</b>: {0} here makes it darker."
PLACES = (("top left", "top", "top right"), ("left", "middle", "right"))
PLACES += (("bottom left", "bottom", "bottom right"),)


def details(
    image: np.ndarray,
    inside: Inside,
    layers: list[Layer],
    names: list[str],
    chosen: tuple[int, int],
) -> str:
    """Return what there is to say and show of one map, as HTML.

    Parameters
    ----------
    image : (28, 28) in [0, 1], the drawing
    inside, layers, names : of the network, what its layers make of the drawing, and their names
    chosen : the place of a layer, and that of a map in it
    """
    number, place = chosen
    layer = layers[number]
    what = "Number" if layer.is_row else "Map"
    parts = [f"<h2>{what} {place + 1} of {len(layer.maps)}, {names[number]}</h2>"]
    parts.append(_where(image, layer, place) or _of_number(image, layers, names, chosen))
    parts.append(_how(inside, layers, names, chosen))
    if number == layers[-1].before:
        parts.append(_votes(inside.votes(place)))
    return "".join(parts)


def brightness(values: np.ndarray) -> str:
    """Say how bright a map is, and where; values in [0, 1]."""
    highest = float(values.max())
    if highest < 0.005:
        return "dark"
    if values.size == 1:
        return f"brightness {highest:.0%}"
    row, column = np.unravel_index(values.argmax(), values.shape)
    down, along = (
        int(3 * (n + 0.5) / side) for n, side in zip((row, column), values.shape, strict=True)
    )
    return f"brightest at the {PLACES[down][along]}, {highest:.0%}"


def _where(image: np.ndarray, layer: Layer, place: int) -> str:
    """Show where a map is bright; empty for a number."""
    if layer.sight is None:
        return ""
    values = layer.maps[place]
    if not values.max() > 0:
        shown = over_drawing(image, spread_out(values, layer.sight), None)
        return _figure(
            address(shown),
            "Your drawing; the map is dark everywhere",
            "This map is dark: what it looks for is not in your drawing.",
        )
    row, column = np.unravel_index(values.argmax(), values.shape)
    frame = layer.sight.frame(int(row), int(column))
    shown = over_drawing(image, spread_out(values, layer.sight), frame)
    high, wide = frame[2] - frame[0], frame[3] - frame[1]
    sees = f"sees the framed {high} × {wide} pixels"
    if high * wide == IMAGE_SIZE * IMAGE_SIZE:
        sees = "sees the whole picture"
    return _figure(
        address(shown),
        f"Your drawing, blue where the map is bright; {brightness(values)}",
        f"<b>Where it looks.</b> Blue where the map is bright. Its brightest square {sees}.",
    )


def _of_number(
    image: np.ndarray, layers: list[Layer], names: list[str], chosen: tuple[int, int]
) -> str:
    """Show the map that a number is the average of, if it is one."""
    layer = layers[chosen[0]]
    value = f"{float(layer.maps[chosen[1]].max()):.0%} of the highest number of this layer"
    if layer.kind != "GlobalAveragePooling2D" or layer.before is None:
        return f"<p>{value.capitalize()}.</p>"
    before = layers[layer.before]
    shown = over_drawing(
        image, spread_out(before.maps[chosen[1]], before.sight or WHOLE_PIXELS), None
    )
    words = (
        f"<b>What it is.</b> The average of map {chosen[1] + 1} of {names[layer.before]}, here in "
    )
    return _figure(address(shown), f"Your drawing with that map; {value}", f"{words}blue.")


def _how(inside: Inside, layers: list[Layer], names: list[str], chosen: tuple[int, int]) -> str:
    """Show by which weights a map comes about, or say how."""
    number, place = chosen
    layer = layers[number]
    before = names[layer.before] if layer.before is not None else "the picture"
    weights = inside.filter(number, place)
    if weights is not None and layer.before is None:
        size = " × ".join(map(str, weights.shape[:2]))
        alt = f"The weights, {size}"
        shown = weights_picture(weights.transpose(2, 0, 1), alt)
        words = f"<b>Its filter</b>, {size} weights. {WEIGHTS.format('ink')}"
        return f"<figure>{shown}<figcaption>{words}</figcaption></figure>"
    if weights is not None and layer.sight and layer.before is not None:
        return _strongest(layers, names, chosen, weights)
    if layer.kind == "MaxPooling2D":
        return f"<p>Map {place + 1} of {before} made smaller: the brightest neighbours stay.</p>"
    if layer.kind == "Dense":
        return f"<p>It weighs and adds all numbers of {before}.</p>"
    return ""


def _strongest(
    layers: list[Layer], names: list[str], chosen: tuple[int, int], weights: np.ndarray
) -> str:
    """Show what a filter looks for in the maps that add most to the brightest place."""
    layer = layers[chosen[0]]
    before = layers[layer.before or 0]
    values = layer.maps[chosen[1]]
    row, column = np.unravel_index(values.argmax(), values.shape)
    place = int(row), int(column)
    added = contributions(layer, before, weights, place)
    most = np.argsort(-added)[:STRONGEST]
    pictures = "".join(
        f"<span>{weights_picture(weights[None, :, :, n], f'Weights for map {n + 1}')}"
        f'<img alt="Map {n + 1}" src="{source(png(before.maps[n]))}">'
        f"<small>map {n + 1}</small></span>"
        for n in most
    )
    words = (
        f"<b>Its filter</b> adds up all {len(before.maps)} maps of {names[layer.before or 0]}. "
        f"Shown: its weights for the {len(most)} that add most to its brightest square. "
        + WEIGHTS.format("light")
    )
    return (
        f'<figure class="dl-strongest"><div>{pictures}</div>'
        f"<figcaption>{words}</figcaption></figure>"
    )


def _votes(weights: np.ndarray) -> str:
    """Say which answers a number speaks for."""
    *_, second, first = np.argsort(weights)
    return (
        f"<p><b>Its vote.</b> The brighter, the more it speaks for {first}, then {second}, and "
        f"against {weights.argmin()}.</p>"
    )


def _figure(address: str, alt: str, words: str) -> str:
    return f'<figure><img alt="{alt}" src="{address}"><figcaption>{words}</figcaption></figure>'
