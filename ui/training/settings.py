"""The settings of a training: a widget each, and below it a sentence on what it does."""

from html import escape

import streamlit as st

from mnist_core.config import PRECISIONS, knows_bfloat16
from mnist_core.corruptions import FAMILIES
from mnist_core.serving import Card
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
    "name": "The finished model appears under this name in the choice of models on all pages.",
    "epochs": "One epoch is one pass over all training images. More epochs help, up to a point.",
    "batch_size": "The number of images before each update of the weights. Small batches give "
    "more, but noisier updates.",
    "learning_rate": "The size of each update. Too high and training never settles, too low and "
    "it takes forever.",
    "share": "The share of the 50,000 training images to use. Fewer images train faster, but give "
    "a less accurate model.",
    "seed": "Controls all randomness: the initial weights, the order of the images and their "
    "corruption.",
    "corruption_families": "Some training images are corrupted in these ways, so that the network "
    "learns to classify corrupted digits. The Robustness page shows each corruption.",
    "corrupted_share": "The share of images that are corrupted. The others stay clean.",
    "label_smoothing": "How much doubt to teach: at 0.05 the right digit counts 95.5% and each "
    "other digit 0.5%.",
    "averaging": "Keeps a running average of the weights, often more accurate than the last ones. "
    "0 turns it off; 0.999 averages over about 1,000 updates.",
    "weight_decay": "Pulls all weights a little towards 0, which helps against overfitting "
    "(learning the images by heart). AdamW only.",
    "synthetic_digits": "Digits in synthetic handwriting, in styles that MNIST hardly contains, "
    "such as a 7 with a bar. They are added to the MNIST images.",
    "non_digits": "After the digits, the network learns to reject non-digits: this many synthetic "
    "scribbles, letters and textures.",
    "half_precision": "Computes with 16 instead of 32 bits: slightly faster on processors that "
    "support bfloat16, ten times slower on others. "
    + f"This app's processor {'supports' if knows_bfloat16() else 'does not support'} it.",
    "start": "A network usually starts with random weights. It can also start from a model of the "
    "same architecture.",
}
CHOICES = {  # each choice of a setting: its name and what it does
    "optimiser": {
        "adam": ("Adam", "Adapts the step of each weight. A safe choice."),
        "adamw": ("AdamW", "Adam with weight decay."),
        "sgd": (
            "SGD",
            "The simplest: every weight moves straight downhill. Needs a higher learning rate.",
        ),
    },
    "schedule": {
        "constant": ("Constant", "The learning rate stays the same to the end."),
        "cosine": (
            "Cosine",
            "The learning rate rises briefly, then falls to 0, so that the last updates are fine.",
        ),
    },
    "loss": {
        "categorical_crossentropy": (
            "Categorical cross-entropy",
            "What training minimises: how improbable the network found the right digit. Allows "
            "label smoothing.",
        ),
        "sparse_categorical_crossentropy": (
            "Sparse categorical cross-entropy",
            "The same loss, computed from the digit itself instead of ten target numbers. No "
            "label smoothing.",
        ),
    },
    "precision": {
        "int8": (
            "8 bits",
            "The finished model is stored in 8-bit integers: a quarter of the size, faster, hardly "
            "less accurate.",
        ),
        "float32": ("32 bits", "The finished model is stored as trained."),
    },
}
NETWORKS = {  # each architecture, for people who choose one
    "digit-net": "Our own, with six convolution layers, which look for patterns. The most "
    "accurate, also on corrupted digits, and the slowest to train.",
    "cnn-three": "Three convolution layers, which look for patterns. A good first choice: quick "
    "and accurate.",
    "cnn-augmented": "Two convolution layers, which look for patterns, made for augmented images. "
    "Quick.",
    "lenet-two": "Modelled on one of the first networks that read postcodes (1998). It has many "
    "weights, so it trains slowly.",
    "dense-five": "Five dense layers, which look at each pixel by itself and not for patterns. "
    "Very quick, but less accurate.",
    "dense-sigmoid": "The smallest: three dense layers, which look at each pixel by itself. It "
    "trains in seconds and is the least accurate, which is good for trying things out.",
}
AUGMENTATION = {
    "none": "Augmentation varies the images in every epoch. Without it, the network may overfit: "
    "learn the images by heart.",
    "affine": "Every epoch turns, shifts, zooms and slants each image a little, differently each "
    "time.",
    "handwriting": "Every epoch shows each image as another hand might have written it: slant, "
    "size, wobble, pen and ink vary.",
}
FRESH = "Random weights"


def show_network(draft: Draft) -> None:
    """Which network, what it is called, how it learns; its layers beside it."""
    left, right = st.columns(2, gap="large")
    with left:
        st.header("The network")
        st.selectbox(
            "Network",
            list(RECIPES),
            key=key("architecture"),
            on_change=fill_in,
            persist_state="session",
        )
        card = _card(draft.values["architecture"])
        st.caption(f"{_network(card, draft)} Its recommended settings are filled in below.")
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
    """What to expect of an architecture, for people who choose one."""
    told = NETWORKS[draft.values["architecture"]]
    if card:
        share = card.metrics["test"]["accuracy"]
        told += f" The app's own one classifies {share:.1%} of the test digits correctly."
    return told


def show_images(draft: Draft) -> None:
    """How its images are augmented and corrupted; examples of that beside it."""
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Its training images")
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
            "Corruptions",
            list(FAMILIES),
            selection_mode="multi",
            key=key("corruption_families"),
            format_func=family_title,
            wrap=True,
            persist_state="session",
        )
        _explain(draft, "corruption_families")
        _slider(draft, "corrupted_share", 0.0, disabled=not draft.values["corruption_families"])
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
            lambda: _number(draft, "synthetic_digits", step=1000),
            lambda: _number(draft, "non_digits", step=1000),
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
    """A number without bounds: what is out of bounds is explained instead of taken back."""
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
    cure = REBALANCING_METHODS[draft.values["rebalancing"]]
    own = f" “{cure.title}” uses its own loss instead of this one."
    _choice(draft, "loss", LOSSES, own if cure.loss else "")


def _toggle(draft: Draft, setting: str) -> None:
    st.toggle(label_of(setting), key=key(setting), persist_state="session")
    _explain(draft, setting)


def _start(draft: Draft) -> None:
    """The model whose weights to begin with."""
    st.selectbox(
        label_of("start"),
        beginnings(draft.values["architecture"]),
        key=key("start"),
        format_func=lambda name: name or FRESH,
        persist_state="session",
    )
    _explain(draft, "start")


def _card(architecture: str) -> Card | None:
    return next((card for card in models() if card.name == architecture), None)
