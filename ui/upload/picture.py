"""One picture with a box around each of its digits."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from mnist_core.reading import Box
from ui.formats import SURE
from ui.style import html
from ui.upload.preview import frame_style
from ui.upload.result import Mark, Result

AT_TOP = 0.06  # of a picture's height: a digit so near its edge has its sign beyond it


@dataclass(frozen=True)
class State:
    """How a digit stands: shown by a word, a sign, a kind of line and, last of all, a colour.

    Attributes
    ----------
    sign : after the digit on the picture
    """

    word: str
    sign: str
    legend: str


STATES = {
    "sure": State("", "", f"at least {SURE:.0%} sure"),
    "doubtful": State("doubtful", "?", "doubtful: check it"),
    "out": State("left out", " ×", "left out: does not look like a digit"),
    "own": State("yours", " ✎", "corrected by you"),
    "own_out": State("left out", " ×", "left out by you"),
}


def show_picture(result: Result, preview: str, *, zoomed: bool = False) -> None:
    """Show the picture with a box around each digit, and what the kinds of boxes mean.

    Parameters
    ----------
    preview : the picture as an address, see `preview_of`
    """
    boxes = "".join(_box(mark, result) for mark in result.marks)
    if zoomed and result.marks:
        boxes += _target(_around(result.marks), result)
    read = ", ".join(result.written.split("\n")) or "no digits"
    page = (
        f'<div class="dl-page" style="{frame_style(result.width, result.height, zoomed=zoomed)}">'
        f'<img alt="Your picture. Read in it: {escape(read)}." src="{preview}">'
        f'<div aria-hidden="true">{boxes}</div></div>'
    )
    frame = f'<div class="dl-zoom" tabindex="0">{page}</div>' if zoomed else page
    html(f"{frame}{_legend(result)}")


def _box(mark: Mark, result: Result) -> str:
    place = _place(mark.read.box, result)
    return f'<i class="dl-box dl-{mark.state}" style="{place}"><b>{_sign(mark)}</b></i>'


def _around(marks: Sequence[Mark]) -> Box:
    """Return the box around all digits: where a zoomed picture is first seen."""
    boxes = [mark.read.box for mark in marks]
    left, top = (min(box[axis] for box in boxes) for axis in (0, 1))
    right, bottom = (max(box[axis] + box[axis + 2] for box in boxes) for axis in (0, 1))
    return left, top, right - left, bottom - top


def _target(box: Box, result: Result) -> str:
    """Return the part of a zoomed picture that is seen first; its signs may stick out above."""
    at_top = " dl-at-top" * (box[1] < AT_TOP * result.height)
    return f'<i class="dl-target{at_top}" style="{_place(box, result)}"></i>'


def _place(box: Box, result: Result) -> str:
    x, y, width, height = box
    return (
        f"left:{x / result.width:.3%};top:{y / result.height:.3%};"
        f"width:{width / result.width:.3%};height:{height / result.height:.3%}"
    )


def _sign(mark: Mark) -> str:
    digit = mark.read.digit if mark.digit is None else mark.digit
    return f"{digit}{STATES[mark.state].sign}"


def _legend(result: Result) -> str:
    present = [name for name in STATES if result.count(name)]
    if not present:
        return ""
    items = "".join(
        f'<li><i class="dl-box dl-{name}"></i>{STATES[name].legend}</li>' for name in present
    )
    return f'<ul class="dl-legend" aria-label="What the boxes mean">{items}</ul>'
