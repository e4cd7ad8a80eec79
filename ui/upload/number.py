"""The number in a picture, in large, and which of its digits to check."""

from html import escape

from mnist_core.reading import Reading
from ui.formats import a_digit, percent
from ui.style import html
from ui.upload.result import Mark, Result

NAMED = 6  # digits that are named one by one
NOTHING = "No digits found in this picture."
ADVICE = (
    "Use dark ink on light paper, or chalk on a board. Take the picture straight from above, "
    "sharp and without other writing. If it lies on its side, press “Turn”. If one digit fills "
    "the picture, switch on “One digit per picture”. You can also draw a box around each digit "
    "with “Edit boxes”."
)


# Each press of the button turns it clockwise by 90 degrees.
TURNED = {
    90: "The picture lies on its side: it was read turned clockwise by 90°. Press “Turn” to see "
    "it upright.",
    180: "The picture is upside down: it was read turned by 180°. Press “Turn” twice to see it "
    "upright.",
    270: "The picture lies on its side: it was read turned anticlockwise by 90°. Press “Turn” "
    "three times to see it upright.",
}


def show_number(result: Result, as_read: Reading, *, digits_only: bool) -> None:
    """Show the number in large, and say in words what to check.

    The room that the number as read needs stays, so that nothing moves while it is corrected.

    Parameters
    ----------
    digits_only : without what stands between the digits
    """
    shown = result.text if digits_only else result.written
    lines = "".join(f"<div>{line}</div>" for line in _lines(result, shown))
    before = (as_read.text if digits_only else as_read.written).split("\n")
    now = shown.split("\n")
    letters = max(2, *map(len, now + before))
    size = f"--letters:{letters};--lines:{max(len(now), len(before))}"
    html(
        '<div class="dl-number-room" role="status" aria-live="polite">'
        f'<div class="dl-number" style="{size}" tabindex="0">{lines}</div>'
        f'<div class="dl-summary">{_summary(result)}</div></div>'
    )


def _summary(result: Result) -> str:
    if not result.marks:
        trouble = escape(result.remark) or NOTHING
        return f"<strong>{trouble}</strong><span>{ADVICE}</span>{_about_boxes(result)}"
    parts = [f"<strong>{_several(len(result.counted), 'digit')}</strong>"]
    counted = [(mark, mark.digit) for mark in result.counted if mark.digit is not None]
    unlike = [a_digit(digit) for mark, digit in counted if mark.unlike]
    doubtful = [
        f"{digit} ({percent(mark.read.confidence)} sure)"
        for mark, digit in counted
        if mark.state == "doubtful" and not mark.unlike
    ]
    if doubtful:
        parts.append(f"<span><b>Doubtful:</b> {_named(doubtful)}</span>")
    elif result.lowest is not None:
        parts.append(f"<span>Lowest confidence {percent(result.lowest)}</span>")
    if unlike:
        parts.append(f"<span><b>Hardly looks like a digit:</b> read as {_named(unlike)}</span>")
    if out := [a_digit(mark.read.digit) for mark in result.marks if mark.state == "out"]:
        if_digits = "it is one" if len(out) == 1 else "they are digits"
        parts.append(
            f"<span><b>Left out, does not look like a digit:</b> {len(out)}. "
            f"If {if_digits}, most likely {_named(out)}</span>"
        )
    if own := result.count("own", "own_out"):
        parts.append(f"<span><b>Corrected by you:</b> {own}</span>")
    if result.turned:
        parts.append(f"<span>{TURNED[result.turned]}</span>")
    if result.remark:
        parts.append(f"<span><b>Note:</b> {escape(result.remark)}</span>")
    return "".join(parts) + _about_boxes(result)


def _about_boxes(result: Result) -> str:
    if not result.empty_boxes:
        return ""
    return f"<span><b>No ink in:</b> {_several(result.empty_boxes, 'box', 'boxes')}</span>"


def _named(several: list[str]) -> str:
    more = f" and {len(several) - NAMED} more" * (len(several) > NAMED)
    return ", ".join(several[:NAMED]) + more


def _several(count: int, one: str, more: str = "") -> str:
    return f"{count} {one if count == 1 else more or one + 's'}"


def _lines(result: Result, shown: str) -> list[str]:
    """Return the lines of a number as HTML: each digit stands for a mark, the rest between."""
    marks = iter(result.counted)
    if sum(letter.isdecimal() for letter in shown) != len(result.counted):
        return ["".join(map(_large, line)) for line in result.lines]
    return [
        "".join(_large(next(marks)) if letter.isdecimal() else _between(letter) for letter in line)
        for line in shown.split("\n")
        if line
    ]


def _between(sign: str) -> str:
    return f'<span class="dl-between">{escape(sign)}</span>'


def _large(mark: Mark) -> str:
    if mark.state == "doubtful":
        return f'<u title="doubtful: {percent(mark.read.confidence)} sure">{mark.digit}</u>'
    return str(mark.digit)
