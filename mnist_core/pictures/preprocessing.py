"""Ink to 28x28 images as MNIST's were made: cropped, scaled and centred by mass."""

import cv2
import numpy as np

from mnist_core.config import IMAGE_SIZE

BOX = 20
EDGE_CONTRAST = 4
FINE = 8  # work on a grid this many times finer than the 28x28 image
CENTRE = 14.0  # where MNIST's centres of mass lie, in pixels counted from 0
LARGE_DISC = 8  # with larger ones it is slow to erode
STROKE_WIDTHS = (1.8, 2.8)  # of 28; nine in ten of MNIST's digits have 1.5 to 3.9


def ink_to_digit(ink: np.ndarray) -> np.ndarray:
    """Turn the ink of one digit, anywhere and at any size, into the image that models read.

    The ink's bounding box is scaled to fit 20x20 with its aspect kept, strokes far thinner or
    thicker than MNIST's are brought into its range, and the centre of mass is moved to the middle.

    Parameters
    ----------
    ink : (height, width), float or uint8; 0 where there is no ink, larger where there is more, in
        any scale

    Returns
    -------
    float32 array (28, 28) in [0, 1], white on black

    Raises
    ------
    ValueError : not two-dimensional, or no ink

    Source: Y. LeCun et al., "Gradient-based learning applied to document recognition" (1998),
    section III.A, describes the size, the box and the centre of mass.
    """
    ink = _checked(ink)
    left, top, width, height = cv2.boundingRect((ink > 0.2).astype(np.uint8))
    ink = ink[top : top + height, left : left + width]

    pen = stroke_width(ink)
    # The box holds the pen's path and one stroke width: solve for the scale that makes it 20.
    size = max(width, height)
    path = size - pen
    wanted = np.clip(pen * BOX / size, *STROKE_WIDTHS)
    scale = (BOX - wanted) / path if path > size / 4 else BOX / size / 2

    margin = IMAGE_SIZE * FINE // 4
    fine_size = (max(1, round(width * scale * FINE)), max(1, round(height * scale * FINE)))
    shrinks = fine_size[0] < width
    fine = cv2.resize(ink, fine_size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    fine = cv2.copyMakeBorder(fine, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=0)
    fine = fine / fine.max()  # thin lines fade when a large picture shrinks
    fine = np.clip((fine - 0.5) * EDGE_CONTRAST + 0.5, 0, 1)
    changed = change_width(fine, (wanted - pen * scale) * FINE)
    return place(changed if changed.any() else fine)


def stroke_width(ink: np.ndarray) -> float:
    """Estimate how thick the strokes are.

    Parameters
    ----------
    ink : (height, width) in [0, 1]

    Returns
    -------
    pixels : twice the distance from the strokes' middle to their edge, where strokes are thin;
        where they cross or fill a loop they only look thicker
    """
    distances = ridge(ink > 0.5)
    return float(2 * np.percentile(distances, 10) - 1) if len(distances) else 1.0


def ridge(mask: np.ndarray) -> np.ndarray:
    """Return how far it is from the middle of strokes to their edge, all along them.

    Parameters
    ----------
    mask : bool (height, width), whether there is ink

    Returns
    -------
    float32 array (n,), pixels, all above 0; empty where there is no ink
    """
    distance = inside_distance(mask)
    highest = cv2.dilate(distance, np.ones((3, 3), np.uint8))
    return distance[(distance > 0) & (distance >= highest)]


def inside_distance(mask: np.ndarray) -> np.ndarray:
    """Return how far each pixel of ink is from the nearest pixel without, also beyond the array.

    Parameters
    ----------
    mask : bool (height, width), whether there is ink

    Returns
    -------
    float32 array (height, width), pixels; 0 where there is no ink
    """
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    return cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_5)[1:-1, 1:-1]


def change_width(ink: np.ndarray, pixels: float) -> np.ndarray:
    """Make strokes thicker (above 0) or thinner (below 0) by this many pixels in all."""
    radius = round(abs(pixels) / 2)
    if radius == 0:
        return ink
    if pixels < 0 and radius > LARGE_DISC:
        return np.clip(inside_distance(ink > 0.5) - radius, 0, 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return (cv2.dilate if pixels > 0 else cv2.erode)(ink, disc)


def place(fine: np.ndarray) -> np.ndarray:
    """Centre ink by its mass and average it down to 28x28.

    Parameters
    ----------
    fine : float32 (height, width) in [0, 1], `FINE` times finer than the result

    Returns
    -------
    float32 array (28, 28) in [0, 1]
    """
    moments = cv2.moments(fine)
    x, y = moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]
    middle = CENTRE * FINE + (FINE - 1) / 2
    shift = np.array([[1, 0, middle - x], [0, 1, middle - y]], np.float32)
    centred = cv2.warpAffine(fine, shift, (IMAGE_SIZE * FINE, IMAGE_SIZE * FINE))
    return cv2.resize(centred, (IMAGE_SIZE, IMAGE_SIZE), interpolation=cv2.INTER_AREA)


def _checked(ink: np.ndarray) -> np.ndarray:
    ink = np.asarray(ink)
    if ink.ndim != 2:
        raise ValueError(f"Expected ink of shape (height, width), received {ink.shape}.")
    ink = ink.astype(np.float32)
    darkest = float(ink.max(initial=0))
    if not np.isfinite(ink).all() or darkest <= 0:
        raise ValueError(
            "There is no ink to read: expected a pixel above 0, and no NaN or infinity."
        )
    return np.clip(ink / darkest, 0, 1)
