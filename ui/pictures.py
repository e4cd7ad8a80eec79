"""Digits as HTML: small pictures, the answers to them, and bars."""

import base64
from collections.abc import Collection, Sequence

import numpy as np

MARKS = {True: ("dl-right", "✓", "correct"), False: ("dl-wrong", "✗", "wrong")}


def png(image: np.ndarray) -> bytes:
    """Encode a float image in [0, 1] as a PNG file."""
    import cv2

    _, encoded = cv2.imencode(".png", (image * 255).round().astype("uint8"))
    return encoded.tobytes()


def picture(image: np.ndarray, alt: str, *, style: str = "dl-digit-image") -> str:
    """Build an image element that carries its pixels with it."""
    return f'<img class="{style}" alt="{alt}" src="{source(png(image))}">'


def source(content: bytes) -> str:
    """Turn a PNG file into an address."""
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def verdict(digit: int, label: int) -> str:
    """Mark an answer as correct or wrong, also for people who do not see colours."""
    style, mark, word = MARKS[bool(digit == label)]
    return f'<span class="{style}"><i title="{word}">{mark}</i> {digit}</span>'


def bars(
    shares: Sequence[float],
    texts: Sequence[str],
    label: str,
    *,
    marked: Collection[int] = (),
    beside: Sequence[str] = (),
    style: str = "",
) -> str:
    """Build ten bars from 0 to 1, one a digit, with one or two texts beside each; some marked."""
    rows = "".join(
        f'<div class="dl-bar{" dl-best" if digit in marked else ""}"><span>{digit}</span>'
        f'<i><b style="width:{np.nan_to_num(share):.1%}"></b></i>'
        + "".join(f"<span>{text}</span>" for text in row)
        + "</div>"
        for digit, (share, *row) in enumerate(
            zip(shares, texts, *([beside] if beside else []), strict=True)
        )
    )
    name = f"dl-bars {style}".strip()
    return f'<div class="{name}" role="img" aria-label="{label}">{rows}</div>'


def tile(*parts: str) -> str:
    """Put the parts of one tile of a strip together."""
    return f"<li>{''.join(parts)}</li>"


def strip(tiles: list[str], label: str) -> str:
    """Put tiles in a row that wraps where there is no room."""
    return f'<ul class="dl-strip" aria-label="{label}">{"".join(tiles)}</ul>'
