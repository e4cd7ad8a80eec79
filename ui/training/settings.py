"""The settings of a training: its widgets, each with a sentence of what it does."""

from html import escape

import streamlit as st

from mnist_core.config import PRECISIONS, knows_bfloat16
from mnist_core.corruptions import FAMILIES
from mnist_core.serving import Card, title_of
from mnist_core.training.augmentation import AUGMENTATIONS
from mnist_core.training.config import LOSSES, OPTIMISERS, RECIPES, SCHEDULES
from mnist_core.training.rebalancing import REBALANCING_METHODS
from ui.formats import family_title
from ui.layers import show_layers
from ui.model_choice import models
from ui.style import html
from ui.training.draft import Draft, beginnings, fill_in, key
from ui.training.preview import show_preview
from ui.training.words import label_of

EXPLAINED = {
    "name": "The model will be called so in the choice of models on all pages.",
    "epochs": "How often the network sees all its images. More is better, up to a point.",
    "batch_size": "Images it looks at before each change of its weights. Small ones make more, "
    "but shakier changes.",
    "learning_rate": "How far each change goes. Too high and it never settles, too low and it "
    "takes forever.",
    "share": "Of the 50,000 images it may learn from. Less is faster and reads worse.",
    "seed": "Chance decides the first weights, the order of the images and their damage. The same "
    "seed decides the same.",
    "damage": "Some of its images get such damage, so that it learns to read damaged digits. The "
    "Robustness page shows each kind.",
    "damaged": "How many of the images get such damage; the others stay as they are.",
    "label_smoothing": "How far it is told to doubt: at 0.05 the right digit counts 95.5% and "
    "each other one 0.5%.",
    "averaging": "Keeps a running average of the weights, which often reads better than the last "
    "ones. 0 is none; 0.999 looks back over about 1,000 steps.",
    "weight_decay": "Pulls all weights a little towards 0, against learning by heart. For AdamW "
    "alone.",
    "made_up": "Digits written by a made-up hand, in ways that MNIST hardly shows, such as a 7 "
    "with a bar. They join its images.",
    "nondigits": "When it has learned the digits, it learns from so many made-up scribbles, "
    "letters and textures what is no digit.",
    "half_precision": "Compute with 16 instead of 32 bits while it learns: a little faster on "
    "processors that know bfloat16, ten times slower on others. "
    + ("The one of this app knows it." if knows_bfloat16() else "The one of this app does not."),
    "start": "A network usually begins with random weights. One of the same shape can hand down "
    "what it has learned.",
}
CHOICES = {  # each choice of a setting: its name and what it does
    "optimiser": {
        "adam": ("Adam", "Finds a step of its own for each weight. Seldom wrong."),
        "adamw": ("AdamW", "Adam, which can also pull all weights a little towards 0."),
        "sgd": ("SGD", "The plainest: every weight moves straight downhill. Wants a higher rate."),
    },
    "schedule": {
        "constant": ("Constant", "The learning rate stays the same to the end."),
        "cosine": (
            "Cosine",
            "The learning rate rises for a moment, then falls to 0, so that the "
            "last steps are fine ones.",
        ),
    },
    "loss": {
        "categorical_crossentropy": (
            "Categorical cross-entropy",
            "What learning makes small: how "
            "improbable the right digit seemed to it. Allows label smoothing.",
        ),
        "sparse_categorical_crossentropy": (
            "Sparse categorical cross-entropy",
            "The same number, "
            "worked out from the right digit itself instead of ten numbers for it.",
        ),
    },
    "precision": {
        "int8": (
            "8 bits",
            "The finished model is stored in 8-bit numbers: a quarter of the size, "
            "faster, hardly worse.",
        ),
        "float32": ("32 bits", "The finished model is stored as it was trained."),
    },
}
NETWORKS = {  # each architecture, for people who choose one
    "digit-net": "Our own, with six layers that look for patterns. It reads best, damaged digits "
    "too, and takes longest to learn.",
    "cnn-three": "Three layers that look for patterns. A good one to begin with: quick, and it "
    "reads well.",
    "cnn-augmented": "Two layers that look for patterns, made for images that are varied all the "
    "time. Quick.",
    "lenet-two": "Modelled on one of the first networks that read postcodes (1998). It has many "
    "weights, so it learns slowly.",
    "dense-five": "Five layers that take each pixel by itself and look for no patterns. Very "
    "quick, but it reads worse.",
    "dense-sigmoid": "The smallest: three layers that take each pixel by itself. It learns in "
    "seconds and reads worst, which is good for trying things out.",
}
AUGMENTATION = {
    "none": "Every epoch shows the same images. It may learn them by heart.",
    "affine": "Every epoch turns, moves, zooms and slants each image a little, in another way.",
    "handwriting": "Every epoch shows each image as another hand could have written it: slant, "
    "size, wobble, pen and ink differ.",
}
FRESH = "Fresh, random weights"


def show_network(draft: Draft) -> None:
    """Which network, what it is called, how it learns; its layers beside it."""
    left, right = st.columns(2, gap="large")
    with left:
        st.header("The network")
        st.selectbox(
            "Network",
            list(RECIPES),
            key=key("architecture"),
            format_func=title_of,
            on_change=fill_in,
            persist_state="session",
        )
        card = _card(draft.values["architecture"])
        st.caption(f"{_network(card, draft)} Its usual settings are filled in below.")
        st.text_input("Name", key=key("name"), max_chars=60, persist_state="session")
        _explain(draft, "name")
        st.header("How it learns")
        _pairs(
            lambda: _number(draft, "epochs", step=1),
            lambda: _number(draft, "batch_size", step=16),
            lambda: _number(draft, "learning_rate", step=0.0005, format="%.6g"),
            lambda: _choice(draft, "optimiser", OPTIMISERS),
            lambda: _slider(draft, "share", 0.01),
            lambda: _number(draft, "seed", step=1),
        )
    with right, st.container(key="training_layers"):
        st.header("Its layers")
        show_layers(card)


def _network(card: Card | None, draft: Draft) -> str:
    """What to expect of a network, for people who choose one."""
    told = NETWORKS[draft.values["architecture"]]
    if card:
        share = card.metrics["test"]["accuracy"]
        told += f" The one that the app comes with reads {share:.1%} of the test digits right."
    return told


def show_images(draft: Draft) -> None:
    """How its images are varied and damaged; what that looks like beside it."""
    left, right = st.columns(2, gap="large")
    with left:
        st.header("What it sees")
        st.segmented_control(
            "Augmentation",
            list(AUGMENTATIONS),
            required=True,
            key=key("augmentation"),
            format_func=str.capitalize,
            persist_state="session",
        )
        st.caption(AUGMENTATION[draft.values["augmentation"]])
        st.pills(
            "Damage",
            list(FAMILIES),
            selection_mode="multi",
            key=key("damage"),
            format_func=family_title,
            wrap=True,
            persist_state="session",
        )
        _explain(draft, "damage")
        _slider(draft, "damaged", 0.0, disabled=not draft.values["damage"])
    with right, st.container(key="training_preview"):
        show_preview(draft)


def show_more(draft: Draft) -> None:
    """What few people change."""
    with st.expander("More settings", icon=":material/tune:"):
        _pairs(
            lambda: _choice(draft, "schedule", SCHEDULES),
            lambda: _number(draft, "weight_decay", step=0.01, format="%.6g"),
            lambda: _loss(draft),
            lambda: _number(draft, "label_smoothing", step=0.01, format="%.6g"),
            lambda: _number(draft, "averaging", step=0.001, format="%.6g"),
            lambda: _number(draft, "made_up", step=1000),
            lambda: _number(draft, "nondigits", step=1000),
            lambda: _start(draft),
            lambda: _choice(draft, "precision", PRECISIONS),
            lambda: _toggle(draft, "half_precision"),
        )


def complaint_or(draft: Draft, setting: str, text: str) -> None:
    """A sentence under a widget: what is wrong with what was typed, else what it means."""
    if told := draft.complaints.get(setting):
        html(f'<p class="dl-note dl-warned">{escape(told)}</p>')
    else:
        st.caption(text)


def _explain(draft: Draft, setting: str) -> None:
    complaint_or(draft, setting, EXPLAINED[setting])


def _pairs(*widgets) -> None:
    """Widgets two a row, where there is room."""
    for first in range(0, len(widgets), 2):
        for place, widget in zip(st.columns(2), widgets[first : first + 2], strict=False):
            with place:
                widget()


def _number(draft: Draft, setting: str, *, step: float, format: str | None = None) -> None:
    """A number without bounds: what is out of bounds is told instead of taken back."""
    st.number_input(
        label_of(setting),
        value=None,
        step=step,
        format=format,
        key=key(setting),
        persist_state="session",
    )
    _explain(draft, setting)


def _slider(draft: Draft, setting: str, least: float, *, disabled: bool = False) -> None:
    st.slider(
        label_of(setting),
        min_value=least,
        max_value=1.0,
        step=0.01,
        format="percent",
        key=key(setting),
        disabled=disabled,
        persist_state="session",
    )
    _explain(draft, setting)


def _choice(draft: Draft, setting: str, options, more: str = "") -> None:
    told = CHOICES[setting]
    st.selectbox(
        label_of(setting),
        list(options),
        key=key(setting),
        format_func=lambda option: told[option][0],
        persist_state="session",
    )
    complaint_or(draft, setting, f"{told[draft.values[setting]][1]}{more}")


def _loss(draft: Draft) -> None:
    cure = REBALANCING_METHODS[draft.values["rebalance"]]
    own = f" The cure “{cure.title}” has a loss of its own instead of this one."
    _choice(draft, "loss", LOSSES, own if cure.loss else "")


def _toggle(draft: Draft, setting: str) -> None:
    st.toggle(label_of(setting), key=key(setting), persist_state="session")
    _explain(draft, setting)


def _start(draft: Draft) -> None:
    """The model whose weights to begin with."""
    st.selectbox(
        "Begin with the weights of",
        beginnings(draft.values["architecture"]),
        key=key("start"),
        format_func=lambda name: name or FRESH,
        persist_state="session",
    )
    _explain(draft, "start")


def _card(architecture: str) -> Card | None:
    return next((card for card in models() if card.name == architecture), None)
