"""Small pictures of digits as HTML, with what was read in them."""

import base64

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


def tile(*parts: str) -> str:
    return f"<li>{''.join(parts)}</li>"


def strip(tiles: list[str], label: str) -> str:
    """Tiles in a row, which wraps where there is no room."""
    return f'<ul class="dl-strip" aria-label="{label}">{"".join(tiles)}</ul>'
