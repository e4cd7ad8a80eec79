"""The current training: its progress, its curves, its mistakes, and the queue behind it."""

from dataclasses import replace
from html import escape

import streamlit as st

from mnist_core import runs
from mnist_core.runs import Status
from mnist_core.training.rebalancing import REBALANCING_METHODS
from ui.pictures import picture, strip, tile
from ui.session import workspace
from ui.style import html
from ui.training.actions import NOW, choose_result, show_way_on, stop, tell
from ui.training.curves import EXPLAINED, show_curves
from ui.training.end import history_of, published_card, show_end, told
from ui.training.words import count, time_left

EVERY, IDLE = 1.0, 5.0  # seconds between two looks, and where nothing is being trained
LIVE = "training_live"  # whether a training is shown here
# Names: of those seen alive, and of the one that ended last.
_SEEN, _ENDED = "training_seen", "training_ended"
BEFORE = (*runs.QUEUED, "preparing")
SHOWN = 20  # mistakes, as many as a training notes
STOP = (
    "Stop ends it soon; the best weights after a finished epoch become a model. You can close this "
    "page: the training continues."
)
MISTAKES = (
    "Some of the validation digits that the network misclassified at its last check. Some are "
    "hard for people too."
)


def show_run() -> None:
    """The training that is going on, looked at every second, or how the last one ended."""
    before = _known(runs.list_runs(workspace=workspace()))
    st.session_state[LIVE] = live = any(before.values())

    def look() -> None:
        now = runs.list_runs(workspace=workspace())
        _note_ends(now)
        if _known(now) != before:  # here, on another page, or in the command line
            st.rerun()  # results show below, and the clock goes faster or slower
        with told():
            _show(now, [status for status in reversed(now) if status.alive])

    st.fragment(look, run_every=EVERY if live else IDLE)()


def _known(now: list[Status]) -> dict[str, bool]:
    """Which trainings there are, and whether each is alive."""
    return {status.name: status.alive for status in now}


def _note_ends(now: list[Status]) -> None:
    """Remember which trainings ended since the last look; the newest one's result shows."""
    state = st.session_state
    alive = {status.name for status in now if status.alive}
    ended = [s.name for s in now if s.name in state.get(_SEEN, set()) - alive]
    state[_SEEN] = alive
    for name in ended[:1]:
        state[_ENDED] = name
        choose_result(name)


def _show(now: list[Status], alive: list[Status]) -> None:
    with st.container(key="training_status"):
        tell(NOW)
        if ended := _last_ended(now, alive):
            _show_ended(ended)
        if not alive:
            if not ended:
                st.caption("No training is running.")
            return
        working = next((s for s in alive if s.state not in runs.QUEUED), alive[0])
        _show_status(working)
        for waiting in alive:
            if waiting is not working:
                _show_waiting(waiting)
    if working.config:
        with st.container(key="training_curves"):
            name = working.name
            show_curves(
                working.config,
                history_of(name),
                runs.steps(name, workspace=workspace()),
                "training_now",
            )
            st.caption(EXPLAINED)
        st.header("Current mistakes")
        _show_mistakes(working)


def _last_ended(now: list[Status], alive: list[Status]) -> Status | None:
    """The training that ended while this page looked, or the newest one if it met with trouble."""
    seen = st.session_state.get(_ENDED)
    for status in now:
        trouble = status is now[0] and status.state in ("failed", "interrupted")
        if not status.alive and (status.name == seen or trouble):
            return None if any(s.created > status.updated for s in alive) else status
    return None


def _show_ended(status: Status) -> None:
    card = published_card(status)
    show_end(status, card, link="[See its result](#results)" if card else "")
    if status.state in ("failed", "interrupted"):
        show_way_on(status, NOW)


def _show_status(status: Status) -> None:
    """One training: its state, how far it is, how well it does now, and the button to stop it."""
    left, right = st.columns([4, 1], vertical_alignment="center")
    with left:
        html(
            f'<p class="dl-state" role="status"><b>{escape(status.name)}</b> '
            f"<span>{_sentence(status)}</span></p>"
        )
    with right:
        _stop_button(status, key="training_stop")
    if status.state in BEFORE:  # one that goes on has older numbers still
        done = max((row["epoch"] for row in history_of(status.name)), default=0)
        coming = min(done + 1, status.epochs)
        status = replace(status, epoch=coming, step=0, loss=None, accuracy=None, seconds_left=None)
    of_epoch = status.step / status.steps if status.steps else 0.0
    epoch = max(status.epoch, 1)
    overall = (epoch - 1 + of_epoch) / max(status.epochs, 1)
    steps = f": step {status.step:,} of {status.steps:,}" if status.steps else ""
    st.progress(min(of_epoch, 1.0), f"Epoch {epoch} of {max(status.epochs, epoch)}{steps}")
    if status.state == "finishing":
        cure = status.config and REBALANCING_METHODS[status.config.rebalancing].finish
        more = (
            f"applying {REBALANCING_METHODS[status.config.rebalancing].title}, then "
            if cure
            else ""
        )
        st.progress(1.0, f"Whole training: finished, {more}measuring the model")
    else:
        remaining = time_left(status.seconds_left)
        st.progress(min(overall, 1.0), f"Whole training: {overall:.0%}, {remaining}")
    html(_numbers(status))
    st.caption(STOP)


def _sentence(status: Status) -> str:
    if status.stopping:
        return "Stopping: keeping and measuring the best weights so far."
    if status.state == "waiting" and status.ahead:
        return _queue(status)
    return escape(runs.STATES[status.state])


def _queue(status: Status) -> str:
    names = ", ".join(map(escape, status.ahead))
    return f"Queued behind {count(len(status.ahead), 'training')}: {names}."


def _show_waiting(status: Status) -> None:
    """A training that waits behind the one that is shown."""
    left, right = st.columns([4, 1], vertical_alignment="center")
    with left:
        html(
            f'<p class="dl-state"><b>{escape(status.name)}</b> <span>{_sentence(status)}</span></p>'
        )
    with right:
        _stop_button(status, key=f"training_stop_{status.name}", label="Cancel")


def _stop_button(status: Status, *, key: str, label: str = "Stop") -> None:
    st.button(
        "Stopping…" if status.stopping else label,
        key=key,
        icon=":material/stop:",
        disabled=status.stopping or status.state == "finishing",
        on_click=stop,
        args=(status.name,),
        width="stretch",
    )


def _numbers(status: Status) -> str:
    """How well it does now, beside its last validation."""
    rows = history_of(status.name)
    best = max((row["val_accuracy"] for row in rows), default=None)
    last = rows[-1]["val_accuracy"] if rows else None
    numbers = {
        "loss in this epoch so far; the lower, the better": _number(status.loss, ".4f"),
        "training accuracy in this epoch so far": _number(status.accuracy, ".2%"),
        "validation accuracy after the last epoch": _number(last, ".2%"),
        "validation accuracy after the best epoch": _number(best, ".2%"),
    }
    items = "".join(
        f"<li><b>{number}</b> <span>{label}</span></li>" for label, number in numbers.items()
    )
    return f'<ul class="dl-numbers">{items}</ul>'


def _number(value: float | None, spec: str) -> str:
    return "…" if value is None else format(value, spec)


def _show_mistakes(status: Status) -> None:
    found = runs.mistakes(status.name, workspace=workspace())
    tiles = [
        tile(
            picture(image / 255.0, f"A {label} of the validation digits"),
            f"<span>{label} read as {digit}</span>",
        )
        for image, label, digit in (
            zip(found["images"], found["labels"], found["digits"], strict=True) if found else ()
        )
    ]
    if found and not tiles:
        told = "The network classified all validation digits of its last check correctly."
    elif found:
        told = MISTAKES
    else:  # their room is kept, so that nothing jumps
        told = "The first ones appear after a few seconds of training."
        empty = '<i class="dl-digit-image dl-no-image" aria-hidden="true"></i>'
        tiles = [tile(empty, '<span aria-hidden="true">…</span>')] * SHOWN
    html(
        f'<div class="dl-mistakes"><p class="dl-note">{told}</p>'
        f"{strip(tiles, 'Misclassified validation digits')}</div>"
    )
