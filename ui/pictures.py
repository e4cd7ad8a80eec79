"""Digits as HTML: small pictures, what was read in them, and bars."""

import base64
from collections.abc import Collection, Sequence

import numpy as np

MARKS = {True: ("dl-right", "✓", "right"), False: ("dl-wrong", "✗", "wrong")}


def png(image: np.ndarray) -> bytes:
    """A float image in [0, 1] as the bytes of a PNG file."""
    import cv2

    _, encoded = cv2.imencode(".png", (image * 255).round().astype("uint8"))
    return encoded.tobytes()


def picture(image: np.ndarray, alt: str, *, style: str = "dl-digit-image") -> str:
    """An image element that carries its pixels with it."""
    return f'<img class="{style}" alt="{alt}" src="{source(png(image))}">'


def source(content: bytes) -> str:
    """A PNG file as an address."""
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def verdict(digit: int, label: int) -> str:
    """What was read, marked as right or wrong, also for those who do not see colours."""
    style, mark, word = MARKS[bool(digit == label)]
    return f'<span class="{style}"><i title="{word}">{mark}</i> {digit}</span>'


def bars(
    shares: Sequence[float],
    told: Sequence[str],
    label: str,
    *,
    marked: Collection[int] = (),
    beside: Sequence[str] = (),
    style: str = "",
) -> str:
    """Ten bars from 0 to 1, one a digit, with a text beside each, or two; marked ones stand out."""
    rows = "".join(
        f'<div class="dl-bar{" dl-best" if digit in marked else ""}"><span>{digit}</span>'
        f'<i><b style="width:{np.nan_to_num(share):.1%}"></b></i>'
        + "".join(f"<span>{text}</span>" for text in texts)
        + "</div>"
        for digit, (share, *texts) in enumerate(
            zip(shares, told, *([beside] if beside else []), strict=True)
        )
    )
    name = f"dl-bars {style}".strip()
    return f'<div class="{name}" role="img" aria-label="{label}">{rows}</div>'


def tile(*parts: str) -> str:
    return f"<li>{''.join(parts)}</li>"


def strip(tiles: list[str], label: str) -> str:
    """Tiles in a row, which wraps where there is no room."""
    return f'<ul class="dl-strip" aria-label="{label}">{"".join(tiles)}</ul>'
