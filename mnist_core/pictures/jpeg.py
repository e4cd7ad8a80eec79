"""What decoding a JPEG file takes, by its header: one of several scans is kept whole in between.

Source: ITU-T T.81 (1992), annex B; libjpeg-turbo, `libjpeg.txt`, "Really raw data: DCT
coefficients".
"""

import re
import struct

from mnist_core.config import MAX_PIXELS

# Files can make a decoder draw over the picture again and again. Real ones stay far below this.
MAX_SCANS = 64
MAX_SCANNED = 800_000_000  # scans times pixels: ordinary progressive files have 10 scans
FRAMES = {0xC0, 0xC1, 0xC2, 0xC9, 0xCA}  # markers of what libjpeg decodes
COEFFICIENT = 2  # bytes
SHRUNK = 0.6  # bytes a pixel at most of the picture itself, which is decoded at half the size


def check_scans(content: bytes) -> None:
    """Refuse JPEG files that draw over the picture again and again.

    Raises
    ------
    ValueError : more than MAX_SCANS scans, or MAX_SCANNED scanned pixels
    """
    scans = _scans(content)
    height, width, _ = _frame(content)
    if len(scans) > MAX_SCANS or len(scans) * height * width > MAX_SCANNED:
        raise ValueError(f"{len(scans)} scans")


def memory(content: bytes, pixels: int) -> float:
    """Return how many bytes decoding takes at most, of a picture with so many pixels."""
    _, _, sampling = _frame(content)
    scans = _scans(content)
    kept = 0.0
    if len(scans) != 1:
        most = max(s >> 4 for s in sampling) * max(s & 15 for s in sampling)
        kept = COEFFICIENT * sum((s >> 4) * (s & 15) for s in sampling) / max(most, 1)
    return pixels * (kept + SHRUNK)


def _scans(content: bytes) -> list[bytes]:
    return re.findall(rb"\xff\xda\x00(?:\x08\x01|\x0a\x02|\x0c\x03|\x0e\x04)", content)


def _frame(content: bytes) -> tuple[int, int, list[int]]:
    """Return the height, the width and the sampling factors of each channel, or the worst."""
    place = 2
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker == 0xFF:  # fills up
            place += 1
            continue
        (length,) = struct.unpack_from(">H", content, place + 2)
        if marker in FRAMES and place + 13 <= len(content):
            height, width, channels = struct.unpack_from(">HHB", content, place + 5)
            return height, width, list(content[place + 11 : place + 10 + 3 * channels : 3])
        place += 2 + length
    return 1, MAX_PIXELS, [0x11] * 4
