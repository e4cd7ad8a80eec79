"""A picture as the page shows it: its pixels, and its size."""

import base64

import numpy as np

from mnist_core.pictures.imaging import Picture

LONGEST = 1000  # pixels of the picture on the page
HIGHEST = 0.62  # of the window's height
ZOOM = 2.5  # times as wide as there is room


def preview_of(picture: Picture) -> str:
    """Return a picture as an address that carries its pixels."""
    import cv2

    pixels = np.ascontiguousarray(picture.pixels[..., ::-1])
    shrink = min(1.0, LONGEST / max(pixels.shape[:2]))
    if shrink < 1:
        pixels = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 85])
    return f"data:image/jpeg;base64,{base64.b64encode(encoded.tobytes()).decode()}"


def frame_style(width: int, height: int, *, zoomed: bool = False) -> str:
    """Return the CSS of a picture's frame: as wide as there is room, but not too high.

    A picture that is zoomed is larger than its frame, which scrolls.

    Parameters
    ----------
    width, height : pixels of the upright picture
    """
    ratio = width / height
    if zoomed:
        return f"aspect-ratio:{width}/{height};width:{ZOOM:.0%}"
    return (
        f"aspect-ratio:{width}/{height};"
        f"width:min(100%,{max(LONGEST * min(1, ratio), 40):.0f}px,{100 * HIGHEST * ratio:.2f}vh)"
    )
