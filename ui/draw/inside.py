"""Look inside: what each layer of the network makes of the drawing, while it is drawn."""

import streamlit as st

from mnist_core.serving import Card, Inside, Layer, read_served
from mnist_core.workspace import Workspace
from ui.draw.digit import DrawnDigit
from ui.draw.layer_view import Grid, Step, View, show_view
from ui.draw.map_details import brightness, details
from ui.draw.maps import all_maps, columns, small
from ui.layers import KINDS
from ui.pictures import png, source
from ui.session import workspace
from ui.weights import address

INSIDE = "inside"  # the expander's key; its value is whether it is open
NOTHING = "Draw a digit: every layer shows here what it makes of it, stroke by stroke."
BRIGHT = "A bright square means: at this place the layer has found the pattern that the map is for."
BRIGHT_NUMBER = "A bright square means: the drawing has much of what this number stands for."
SHORT = {
    "Conv2D": "Conv",
    "MaxPooling2D": "Pool",
    "AveragePooling2D": "Pool",
    "GlobalAveragePooling2D": "Average",
    "Add": "Sum",
}
LAYER, MAPS = "inside_layer", "inside_maps"  # session keys: the chosen layer, the map of each


def show_inside(answer: DrawnDigit | None, card: Card | None) -> None:
    """Offer a look at the layers; nothing is loaded or computed before a person asks.

    Parameters
    ----------
    answer : to the drawing
    card : of the model that gave it

    Raises
    ------
    ModelError : the model cannot be loaded
    """
    place = st.expander("Look inside", key=INSIDE, icon=":material/layers:", on_change="rerun")
    if not place.open:
        return
    with place:
        if not answer or not card:
            st.write(NOTHING)
            return
        inside = _inside(card.name, card.version, workspace())
        layers = inside(answer.image)
        state, version = st.session_state, card.version
        chosen = min(max(state.get(LAYER, 0), 0), len(layers) - 2)  # the last one is the answer
        maps = layers[chosen].maps
        contrast = maps.max(axis=(1, 2)) - 0.9 * maps.mean(axis=(1, 2))
        usual = int(contrast.argmax())
        place = min(state.setdefault(MAPS, {}).setdefault((version, chosen), usual), len(maps) - 1)

        def take(layer: int, place: int | None) -> None:
            state[LAYER] = layer
            if place is not None:
                state[MAPS][version, layer] = max(place, 0)

        names = names_of(layers)
        told = details(answer.image, inside, layers, names, (chosen, place))
        hint = BRIGHT_NUMBER if layers[chosen].is_row else BRIGHT
        grid = _grid(layers[chosen], names[chosen], place)
        show_view(View(_steps(answer, layers, names), chosen, grid, hint, told), take)


def names_of(layers: list[Layer]) -> list[str]:
    """Name layers by what they do, with a number where there are several."""
    kinds = [layer.kind for layer in layers]
    return [
        KINDS.get(kind, (kind,))[0]
        + (f" {kinds[: place + 1].count(kind)}" if kinds.count(kind) > 1 else "")
        for place, kind in enumerate(kinds)
    ]


def _steps(answer: DrawnDigit, layers: list[Layer], names: list[str]) -> list[Step]:
    """Return the path from picture to answer."""
    between = [
        Step(
            name,
            name.replace(KINDS.get(layer.kind, (layer.kind,))[0], SHORT.get(layer.kind, "Dense")),
            _size(layer),
            address(small(layer)),
            place,
        )
        for place, (layer, name) in enumerate(zip(layers[:-1], names[:-1], strict=True))
    ]
    digit = str(answer.digit) if answer.accepted else "?"
    return [
        Step("Your drawing", "Picture", ("28 × 28",), source(png(answer.image))),
        *between,
        Step("The answer", "Answer", ("10", "numbers"), answer=digit),
    ]


def _size(layer: Layer) -> tuple[str, ...]:
    count, height, width = layer.maps.shape
    return (f"{count}", "numbers") if layer.is_row else (f"{count} maps", f"{height} × {width}")


def _grid(layer: Layer, name: str, place: int) -> Grid:
    """Return all maps of a layer as one picture."""
    count = len(layer.maps)
    what = "Numbers" if layer.is_row else "Maps"
    return Grid(
        f"{what} of {name}; the arrow keys choose one",
        address(all_maps(layer)),
        count,
        columns(count),
        place,
        f"{place + 1} of {count}, {brightness(layer.maps[place])}",
    )


# The checksums are part of the key, so that a model trained again is looked into afresh.
@st.cache_resource(max_entries=2, show_spinner=False)
def _inside(name: str, version: str, folders: Workspace) -> Inside:  # noqa: ARG001
    from mnist_core.serving import load_card

    return Inside(
        read_served(load_card(name, workspace=folders), workspace=folders)["model.tflite"]
    )
