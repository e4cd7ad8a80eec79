"""Class imbalance and rebalancing: the images of each digit, and a method against imbalance."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from mnist_core.config import CLASSES
from mnist_core.data.imbalance import PROFILES
from mnist_core.training.config import LIMITS
from mnist_core.training.rebalancing import REBALANCING_METHODS
from ui.charts import base_layout
from ui.style import html
from ui.training.draft import Draft, counts_of, key
from ui.training.widgets import explain
from ui.training.words import label_of

RATIO = "How many times more images the most common digit has than the rarest."
RARE = "How many digits are rare, counted down from 9."
INTRO = (
    "Real data is seldom balanced: some classes are rare, and a network classifies those badly. "
    "Make some digits rare and try a rebalancing method, which makes up for it. The test images "
    "stay balanced, so that every digit counts the same."
)
HEIGHT = 300


def show_balance(draft: Draft) -> None:
    """Show the profile and the rebalancing method; the images of each digit beside them."""
    left, right = st.columns(2, gap="large")
    with left:
        st.caption(INTRO)
        _show_profile(draft)
        _show_method(draft)
    with right, st.container(key="training_balance"):
        st.header("Images of each digit")
        _show_chart(draft)


def _show_profile(draft: Draft) -> None:
    profile = st.selectbox(
        label_of("imbalance"),
        list(PROFILES),
        key=key("profile"),
        format_func=lambda name: PROFILES[name].title,
        persist_state="session",
    )
    record = PROFILES[profile]
    source = f" Source: {record.source}" if record.source else ""
    explain(draft, "imbalance", record.summary + source)
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


def _show_method(draft: Draft) -> None:
    name = st.selectbox(
        label_of("rebalancing"),
        list(REBALANCING_METHODS),
        key=key("rebalancing"),
        format_func=lambda name: REBALANCING_METHODS[name].title,
        persist_state="session",
    )
    method = REBALANCING_METHODS[name]
    st.caption(method.summary + (f" Source: {method.source}." if method.source else ""))
    if name != "none":
        low, high = LIMITS["strength"]
        st.slider(
            label_of("strength"),
            float(low),
            float(high),
            step=0.1,
            format="%.1f",
            key=key("strength"),
            persist_state="session",
        )
        explain(draft, "strength")


def _show_chart(draft: Draft) -> None:
    with st.container(key="training_counts"):  # its height is reserved in style.css
        try:
            counts = counts_of(draft)
        except ValueError as error:
            st.error(str(error), icon=":material/error:")
            return
        known = "synthetic_digits" not in draft.complaints
        synthetic = draft.values["synthetic_digits"] if known else 0
        words = "; ".join(f"{digit}: {count:,}" for digit, count in enumerate(counts))
        st.plotly_chart(
            _figure(counts, synthetic),
            key="training_counts_chart",
            config={"displayModeBar": False},
            alt=f"Training images of each digit. {words}",
        )
    st.caption(f"{sum(counts):,} images of MNIST to train on.")
    if synthetic and draft.values["imbalance"] != "none":
        html(
            f'<p class="dl-note dl-warned">{synthetic:,} synthetic digits are added, equally many '
            "of each digit. That alone rebalances the data.</p>"
        )
        st.button(
            "Leave out the synthetic digits",
            key="training_no_synthetic_digits",
            on_click=_leave_synthetic_digits_out,
        )


def _leave_synthetic_digits_out() -> None:
    st.session_state[key("synthetic_digits")] = 0


def _figure(counts: Sequence[int], synthetic: int) -> dict[str, Any]:
    """Return the bars as Plotly's JSON; building its objects would take ten times as long."""
    added = [len(range(digit, synthetic, CLASSES)) for digit in range(CLASSES)]
    totals = [count + more for count, more in zip(counts, added, strict=True)]
    traces = [_bars("Images of MNIST", counts, counts)]
    if synthetic:
        traces = [_bars("Images of MNIST", counts), _bars("Synthetic digits", added, totals)]
    return {
        "data": traces,
        "layout": {
            **base_layout(HEIGHT),
            "barmode": "stack",
            "bargap": 0.15,
            "showlegend": bool(synthetic),
            "xaxis": {"title": {"text": "Digit"}, "dtick": 1, "fixedrange": True},
            "yaxis": {
                "title": {"text": "Images"},
                "range": [0, 1.1 * max(totals)],
                "tickformat": ",",
                "fixedrange": True,
            },
        },
    }


def _bars(name: str, heights: Sequence[int], labels: Sequence[int] | None = None) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": name,
        "x": list(range(CLASSES)),
        "y": list(heights),
        "text": [f"{count:,}" for count in labels] if labels else None,
        "textposition": "outside",
        "textangle": 0,
        "textfont": {"size": 11},
        "cliponaxis": False,
        "hovertemplate": "%{y:,}",
    }
