"""The settings of a training, in three parts: the network, its images, and what few change."""

import streamlit as st

from mnist_core import serving
from mnist_core.corruptions import FAMILIES, family_title
from mnist_core.networks import ARCHITECTURES, architectures_for
from mnist_core.serving import Card
from mnist_core.training.augmentation import AUGMENTATIONS
from mnist_core.training.config import LOSSES, OPTIMISERS, PRECISIONS, SCHEDULES
from mnist_core.training.rebalancing import REBALANCING_METHODS
from ui.layers import show_layers
from ui.model_choice import models
from ui.training.draft import Draft, change_network, key
from ui.training.preview import show_preview
from ui.training.widgets import choice, explain, in_pairs, number_field, share_slider
from ui.training.words import label_of

# Settings that have no widget on the page: why not.
_LONG = "It pays in trainings that are too long for the page, so the recipe decides."
COMMAND_LINE_ONLY = dict.fromkeys(
    ("start_share", "non_digit_share", "page_share", "teacher", "distillation"), _LONG
)


def show_network(draft: Draft) -> None:
    """Show the choice of the network, its name and how long it learns; its layers beside them."""
    left, right = st.columns(2, gap="large")
    card = _stored_model(draft.values["architecture"])
    with left:
        st.header("The network")
        st.selectbox(
            label_of("architecture"),
            list(architectures_for("classification")),
            key=key("architecture"),
            on_change=change_network,
            persist_state="session",
        )
        st.caption(_description(draft.values["architecture"], card))
        st.text_input("Name", key=key("name"), max_chars=60, persist_state="session")
        explain(draft, "name")
        in_pairs(
            lambda: number_field(draft, "epochs", step=1),
            lambda: share_slider(draft, "share", 0.01),
        )
    with right, st.container(key="training_layers"):
        st.header("Layers")
        show_layers(card)


def show_images(draft: Draft) -> None:
    """Show how its images are augmented and corrupted; examples of that beside it."""
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Training images")
        st.segmented_control(
            label_of("augmentation"),
            list(AUGMENTATIONS),
            required=True,
            key=key("augmentation"),
            format_func=lambda name: AUGMENTATIONS[name].title,
            persist_state="session",
        )
        st.caption(AUGMENTATIONS[draft.values["augmentation"]].summary)
        st.pills(
            label_of("corruption_families"),
            list(FAMILIES),
            selection_mode="multi",
            key=key("corruption_families"),
            format_func=family_title,
            wrap=True,
            persist_state="session",
        )
        explain(draft, "corruption_families")
        uncorrupted = not draft.values["corruption_families"]
        share_slider(draft, "corrupted_share", 0.0, disabled=uncorrupted)
    with right, st.container(key="training_preview"):
        show_preview(draft)


def show_more(draft: Draft) -> None:
    """Show what few people change."""
    with st.expander("More settings", icon=":material/tune:"):
        in_pairs(
            lambda: number_field(draft, "batch_size", step=16),
            lambda: number_field(draft, "learning_rate", step=0.0005, format="%.6g"),
            lambda: choice(draft, "optimiser", OPTIMISERS),
            lambda: choice(draft, "schedule", SCHEDULES),
            lambda: number_field(draft, "weight_decay", step=0.01, format="%.6g"),
            lambda: choice(draft, "loss", LOSSES, _other_loss(draft)),
            lambda: number_field(draft, "label_smoothing", step=0.01, format="%.6g"),
            lambda: number_field(draft, "averaging", step=0.001, format="%.6g"),
            lambda: number_field(draft, "synthetic_digits", step=1000),
            lambda: number_field(draft, "non_digits", step=1000),
            lambda: choice(draft, "precision", PRECISIONS),
            lambda: _show_half_precision(draft),
            lambda: number_field(draft, "seed", step=1),
        )


def _description(architecture: str, card: Card | None) -> str:
    """Say what to expect of an architecture, for people who choose one."""
    parts = [ARCHITECTURES[architecture].summary]
    if card and serving.is_shipped(card.name):
        share = card.metrics["test"]["accuracy"]
        parts.append(f"The app's own model classifies {share:.1%} of the test digits correctly.")
    return " ".join(filter(None, [*parts, "Its recommended settings are filled in below."]))


def _stored_model(architecture: str) -> Card | None:
    """Return a model of this architecture, that of the app if it is there; None if none is."""
    stored = [card for card in models() if card.architecture == architecture]
    return min(stored, key=lambda card: not serving.is_shipped(card.name), default=None)


def _other_loss(draft: Draft) -> str:
    """Say that the rebalancing method replaces the loss, if it does."""
    method = REBALANCING_METHODS[draft.values["rebalancing"]]
    return f" “{method.title}” uses its own loss instead of this one." if method.loss else ""


def _show_half_precision(draft: Draft) -> None:
    st.toggle(label_of("half_precision"), key=key("half_precision"), persist_state="session")
    explain(draft, "half_precision")
