"""The pixels of digits inside the core: float32 (n, 28, 28) in [0, 1], white ink on black."""

import numpy as np

LEAST_CONTRAST = 0.02  # an image that varies less is blank


def to_float(images: np.ndarray) -> np.ndarray:
    """Convert stored pixels to the pixels that models take.

    Parameters
    ----------
    images : uint8 (n, 28, 28)

    Returns
    -------
    float32 (n, 28, 28) in [0, 1]

    Raises
    ------
    ValueError : another shape or type
    """
    images = np.asarray(images)
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28):
        raise ValueError(
            f"Expected uint8 images of shape (n, 28, 28), received {images.dtype} of shape "
            f"{images.shape}."
        )
    return images.astype(np.float32) / np.float32(255)


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Convert the pixels that models take to those that are stored.

    Parameters
    ----------
    images : float32 (n, 28, 28) in [0, 1]

    Returns
    -------
    uint8 (n, 28, 28)
    """
    return np.round(255 * images).astype(np.uint8)


def from_blocks(windows: np.ndarray, block: tuple[int, int]) -> np.ndarray:
    """Put pixels that have become channels back into their places.

    Parameters
    ----------
    windows : (n, h, w, channels), where the channels are the pixels of a block, row by row
    block : rows and columns of a block

    Returns
    -------
    (n, h * rows, w * columns)
    """
    n, height, width, _ = windows.shape
    rows, columns = block
    pixels = windows.reshape(n, height, width, rows, columns).transpose(0, 1, 3, 2, 4)
    return pixels.reshape(n, height * rows, width * columns)


def are_blank(images: np.ndarray) -> np.ndarray:
    """Return which images are of one grey all over, or nearly so.

    Parameters
    ----------
    images : float (n, 28, 28) in [0, 1]

    Returns
    -------
    bool (n,)
    """
    return np.ptp(np.asarray(images), axis=(1, 2)) < LEAST_CONTRAST


def check_images(images: np.ndarray) -> np.ndarray:
    """Return images as the float32 batch (n, 28, 28) that models take, or refuse them.

    Raises
    ------
    ValueError : not of shape (n, 28, 28), or pixels that are not numbers from 0 to 1
    """
    images = np.asarray(images)
    if images.ndim != 3 or images.shape[1:] != (28, 28):
        raise ValueError(f"Expected images of shape (n, 28, 28), received {images.shape}.")
    if images.dtype.kind != "f":
        raise ValueError(
            f"Expected float images in [0, 1], received {images.dtype}; divide uint8 by 255."
        )
    if images.size and not (images.min() >= 0 and images.max() <= 1):
        raise ValueError(
            f"Expected pixels from 0 to 1, received {images.min():g} to {images.max():g}."
        )
    return np.ascontiguousarray(images, np.float32)
