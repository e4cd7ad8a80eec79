"""Class imbalance and rebalancing: the number of images of each digit, and a method against it."""

import inspect

import streamlit as st

from mnist_core.config import CLASSES
from mnist_core.data.imbalance import PROFILES
from mnist_core.training.config import LIMITS
from mnist_core.training.rebalancing import REBALANCING_METHODS
from ui.charts import base_layout
from ui.style import html
from ui.training.draft import Draft, counts_of, key
from ui.training.settings import complaint_or

TOLD = {  # each profile: its name, and what it does
    "none": ("None", "All digits are about equally frequent, as in MNIST."),
    "step": ("Step", "Some digits are common, all others equally rare."),
    "long-tail": ("Long tail", "Each digit is rarer than the one before by the same factor."),
    "fixed": ("Example", "A fixed example, from 4,000 zeros down to 40 nines."),
    "counts": ("Custom counts", "You set the number of images of each digit."),
}
RATIO = "How many times more images the most common digit has than the rarest."
RARE = "How many digits are rare, counted down from 9."
STRENGTH = (
    "0 treats rare and common digits alike, 1 is what the method's authors propose, more "
    "exaggerates it."
)
WHAT = (
    "Real data is seldom balanced: some classes are rare, and a network classifies those badly. "
    "Make some digits rare and try a rebalancing method, which makes up for it. The test images "
    "stay balanced, so that every digit counts the same."
)
HEIGHT = 300


def show_balance(draft: Draft) -> None:
    """The profile and the rebalancing method; the images of each digit beside them."""
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Class imbalance")
        st.caption(WHAT)
        _show_profile(draft)
        _show_cure(draft)
    with right, st.container(key="training_balance"):
        st.header("Images of each digit")
        _show_chart(draft)


def source_of(profile: str) -> str:
    """Where a profile comes from, as its docstring has it; empty if it is our own."""
    text = inspect.getdoc(PROFILES[profile]) or ""
    return " ".join(text.partition("Source: ")[2].split())


def _show_profile(draft: Draft) -> None:
    profile = st.selectbox(
        "Imbalance",
        list(PROFILES),
        key=key("profile"),
        format_func=lambda name: TOLD[name][0],
        persist_state="session",
    )
    source = source_of(profile)
    complaint_or(draft, "imbalance", TOLD[profile][1] + (f" Source: {source}" if source else ""))
    if profile == "counts":
        _show_counts()
    if profile == "step":
        st.slider("Rare digits", 1, CLASSES - 1, key=key("rare"), persist_state="session")
        st.caption(RARE)
    if profile in ("step", "long-tail"):
        st.number_input(
            "Ratio", value=None, step=10.0, format="%.6g", key=key("ratio"), persist_state="session"
        )
        st.caption(RATIO)


def _show_counts() -> None:
    with st.container(horizontal=True, gap="xsmall"):
        for digit in range(CLASSES):
            st.number_input(
                f"Images of {digit}",
                value=None,
                step=1,
                key=key(f"count_{digit}"),
                width=83,
                persist_state="session",
            )


def _show_cure(draft: Draft) -> None:
    cure = st.selectbox(
        "Rebalancing method",
        list(REBALANCING_METHODS),
        key=key("rebalancing"),
        format_func=lambda name: REBALANCING_METHODS[name].title,
        persist_state="session",
    )
    st.caption(cure_in_words(cure))
    if cure != "none":
        st.slider(
            "Strength",
            *map(float, LIMITS["strength"]),
            step=0.1,
            format="%.1f",
            key=key("strength"),
            persist_state="session",
        )
        complaint_or(draft, "strength", STRENGTH)


def cure_in_words(name: str) -> str:
    """What a rebalancing method does, and where it comes from."""
    cure = REBALANCING_METHODS[name]
    return cure.summary + (f" Source: {cure.source}." if cure.source else "")


def _show_chart(draft: Draft) -> None:
    with st.container(key="training_counts"):  # its height is reserved in style.css
        try:
            counts = counts_of(draft)
        except ValueError as error:
            st.error(str(error), icon=":material/error:")
            return
        made_up = (
            draft.values["synthetic_digits"] if "synthetic_digits" not in draft.complaints else 0
        )
        told = "; ".join(f"{digit}: {count:,}" for digit, count in enumerate(counts))
        st.plotly_chart(
            _figure(counts, made_up),
            key="training_counts_chart",
            config={"displayModeBar": False},
            alt=f"Training images of each digit. {told}",
        )
    st.caption(f"{sum(counts):,} images of MNIST to train on.")
    if made_up and draft.values["imbalance"] != "none":
        html(
            f'<p class="dl-note dl-warned">{made_up:,} synthetic digits are added, equally many of '
            "each digit. That alone rebalances the data.</p>"
        )
        st.button(
            "Leave out the synthetic digits", key="training_no_made_up", on_click=_leave_made_up_out
        )


def _leave_made_up_out() -> None:
    st.session_state[key("synthetic_digits")] = 0


def _figure(counts: list[int], made_up: int) -> dict:
    """The bars as Plotly's JSON; building its objects would take ten times as long."""
    each = [len(range(digit, made_up, CLASSES)) for digit in range(CLASSES)]
    traces = [_bars("Images of MNIST", counts, counts)]
    if made_up:
        totals = [count + added for count, added in zip(counts, each, strict=True)]
        traces = [_bars("Images of MNIST", counts), _bars("Synthetic digits", each, totals)]
    highest = max(count + added for count, added in zip(counts, each, strict=True))
    return {
        "data": traces,
        "layout": {
            **base_layout(HEIGHT),
            "barmode": "stack",
            "bargap": 0.15,
            "showlegend": bool(made_up),
            "xaxis": {"title": {"text": "Digit"}, "dtick": 1, "fixedrange": True},
            "yaxis": {
                "title": {"text": "Images"},
                "range": [0, 1.1 * highest],
                "tickformat": ",",
                "fixedrange": True,
            },
        },
    }


def _bars(name: str, heights: list[int], told: list[int] | None = None) -> dict:
    return {
        "type": "bar",
        "name": name,
        "x": list(range(CLASSES)),
        "y": heights,
        "text": [f"{count:,}" for count in told] if told else None,
        "textposition": "outside",
        "textangle": 0,
        "textfont": {"size": 11},
        "cliponaxis": False,
        "hovertemplate": "%{y:,}",
    }
