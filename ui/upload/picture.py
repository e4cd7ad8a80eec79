"""One picture: the number in it, and its boxes."""

import base64
from dataclasses import dataclass

import numpy as np

from mnist_core.pictures.imaging import Picture
from mnist_core.reading import Reading
from ui.formats import a_digit, percent
from ui.style import html
from ui.upload.result import SURE, Box, Mark, Result

LONGEST = 1000  # pixels of the picture on the page
ROOM = 0.62  # of the window's height, for a picture
NAMED = 6  # digits that are named one by one
NOTHING = "No digits found in this picture."
ADVICE = (
    "Dark ink on light paper or chalk on a board is read best, straight from above, sharp, and "
    "without other writing. If there is one digit that fills the picture, switch on “One digit "
    "per picture”. You can also draw a box around each digit with “Edit boxes”."
)


@dataclass(frozen=True)
class State:
    """How a digit stands, told by a word, a sign, a kind of line and, last of all, a colour."""

    word: str
    sign: str  # after the digit on the picture
    legend: str


STATES = {
    "sure": State("", "", f"at least {SURE:.0%} sure"),
    "doubtful": State("doubtful", "?", "doubtful"),
    "out": State("left out", " ×", "left out: does not look like a digit"),
    "own": State("yours", " ✎", "your own"),
    "own_out": State("left out", " ×", "left out by you"),
}


def show_number(result: Result, as_read: Reading) -> None:
    """The number in large, and in words what to look at again.

    The room that the number as read needs stays, so that nothing moves while it is corrected.
    """
    lines = "".join(f"<div>{''.join(map(_large, line))}</div>" for line in result.lines)
    now, before = (text.split("\n") for text in (result.text, as_read.text))
    letters = max(2, *map(len, now + before))
    size = f"--letters:{letters};--lines:{max(len(now), len(before))}"
    html(
        '<div class="dl-number-room" role="status" aria-live="polite">'
        f'<div class="dl-number" style="{size}" tabindex="0">{lines}</div>'
        f'<div class="dl-told">{_told(result)}</div></div>'
    )


def show_picture(result: Result, preview: str) -> None:
    """The picture with a box around each digit, and what the kinds of boxes mean."""
    boxes = "".join(_box(mark, result) for mark in result.marks)
    read = ", ".join(result.text.split("\n")) or "no digits"
    html(
        f'<div class="dl-page" style="{frame(result)}">'
        f'<img alt="Your picture. Read in it: {read}." src="{preview}">'
        f'<div aria-hidden="true">{boxes}</div></div>{_legend(result)}'
    )


def preview_of(picture: Picture) -> str:
    """A picture for the page, as an address that carries its pixels."""
    import cv2

    pixels = np.ascontiguousarray(picture.pixels[..., ::-1])
    shrink = min(1.0, LONGEST / max(pixels.shape[:2]))
    if shrink < 1:
        pixels = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 85])
    return f"data:image/jpeg;base64,{base64.b64encode(encoded).decode()}"


def frame(result: Result) -> str:
    """The size of a picture on the page: as wide as there is room, but not too high."""
    ratio = result.width / result.height
    return (
        f"aspect-ratio:{result.width}/{result.height};"
        f"width:min(100%,{max(LONGEST * min(1, ratio), 40):.0f}px,{100 * ROOM * ratio:.2f}vh)"
    )


def _told(result: Result) -> str:
    if not result.marks:
        return f"<strong>{NOTHING}</strong><span>{ADVICE}</span>{_about_boxes(result)}"
    parts = [f"<strong>{_several(len(result.counted), 'digit')}</strong>"]
    unlike = [mark for mark in result.counted if mark.unlike]
    doubtful = [m for m in result.counted if m.state == "doubtful" and not m.unlike]
    if doubtful:
        named = [f"{mark.digit} ({percent(mark.read.confidence)} sure)" for mark in doubtful]
        parts.append(f"<span><b>Doubtful:</b> {_named(named)}</span>")
    elif result.lowest is not None:
        parts.append(f"<span>Lowest confidence {percent(result.lowest)}</span>")
    if unlike:
        named = [f"read as {a_digit(mark.digit)}" for mark in unlike]
        parts.append(f"<span><b>Hardly looks like a digit:</b> {_named(named)}</span>")
    if out := [mark for mark in result.marks if mark.state == "out"]:
        most = _named([a_digit(mark.read.digit) for mark in out])
        parts.append(
            f"<span><b>Left out, does not look like a digit:</b> {len(out)}. "
            f"If {'it is one' if len(out) == 1 else 'they are digits'}, most likely {most}</span>"
        )
    if own := result.count("own", "own_out"):
        parts.append(f"<span><b>Changed by you:</b> {own}</span>")
    return "".join(parts) + _about_boxes(result)


def _named(several: list[str]) -> str:
    more = f" and {len(several) - NAMED} more" * (len(several) > NAMED)
    return ", ".join(several[:NAMED]) + more


def _about_boxes(result: Result) -> str:
    if not result.empty:
        return ""
    return f"<span><b>Without ink:</b> {_several(result.empty, 'box', 'boxes')}</span>"


def _several(count: int, one: str, more: str = "") -> str:
    return f"{count} {one if count == 1 else more or one + 's'}"


def _large(mark: Mark) -> str:
    if mark.state == "doubtful":
        return f'<u title="doubtful: {percent(mark.read.confidence)} sure">{mark.digit}</u>'
    return str(mark.digit)


def _box(mark: Mark, result: Result) -> str:
    place = _place(mark.read.box, result)
    return f'<i class="dl-box dl-{mark.state}" style="{place}"><b>{_sign(mark)}</b></i>'


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
