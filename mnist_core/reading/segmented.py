"""A picture or the ink of a drawing -> a reading, without a detector: ink is cut into pieces."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from mnist_core.pictures.imaging import Picture
from mnist_core.reading import segmentation
from mnist_core.reading.glyphs import Glyph, read_pieces
from mnist_core.reading.remarks import REMARKS
from mnist_core.reading.result import Digit, Reading
from mnist_core.reading.rows import read_row
from mnist_core.reading.segmentation import Ink, Piece
from mnist_core.serving import Predictor, is_accepted

AT_EDGE = 3.0  # nats; the cost of ink that lies all along the picture's edge
LEVEL = 3  # degrees; writing that slopes less is not rotated
STEEP = 10  # degrees; where it slopes more, the digits themselves may stand upright

MOST = 200  # pieces; more are print or noise, and reading takes a fiftieth of a second each

Found = list[tuple[int, Glyph]]  # the line of each glyph, and the glyph


def read(picture: Picture, predictor: Predictor, *, single: bool = False) -> Reading:
    """Read the digits in a picture.

    Parameters
    ----------
    single : whether the picture holds one digit; whatever is found is accepted then
    """
    best: Found = []
    most, many = -np.inf, False
    for light in segmentation.polarities(picture.pixels):
        ink = segmentation.find_ink(picture.pixels, light=light)
        labels, written = _written(ink)
        found, score = (_read_single if single else _read_lines)(ink, labels, written, predictor)
        score -= AT_EDGE * segmentation.edge_share(ink.mask)
        if found and score > most:
            best, most = found, score
            many = not single and len(written) > MOST
    threshold = 0.0 if single else predictor.rejection_threshold
    return replace(_reading(best, picture, threshold), remark=REMARKS["many"] if many else "")


def read_ink(ink: np.ndarray, predictor: Predictor) -> Reading:
    """Read the digits in known ink, such as a drawing on a canvas.

    Parameters
    ----------
    ink : (h, w) in [0, 1]; 1 is ink

    Returns
    -------
    digits with boxes in pixels of `ink`
    """
    ink = np.asarray(ink, np.float32)
    known = Ink(ink, (ink > 0.5).astype(np.uint8), scale=1.0, contrast=1.0)
    found, _ = _read_lines(known, *_written(known), predictor)
    height, width = ink.shape
    threshold = predictor.rejection_threshold
    return _reading(found, _Frame(width, height, scale=1.0), threshold)


def read_boxes(picture: Picture, boxes: Sequence[Sequence[float]], predictor: Predictor) -> Reading:
    """Read one digit in each box that a person has drawn or corrected.

    Parameters
    ----------
    boxes : each (x, y, width, height) in pixels of the upright picture

    Returns
    -------
    digits in reading order, each accepted; boxes without ink are left out
    """
    ways = [
        _read_boxes(segmentation.find_ink(picture.pixels, light=light), boxes, picture, predictor)
        for light in segmentation.polarities(picture.pixels)
    ]
    glyphs = max(ways, key=lambda way: sum(glyph.probabilities.max() for glyph in way))
    height = segmentation.digit_height(glyphs) if glyphs else 0.0
    rows = segmentation.lines(glyphs, falls=segmentation.slope(glyphs, height))
    found = [(line, glyph) for line, row in enumerate(rows) for glyph in row]
    return _reading(found, picture, threshold=0.0)


@dataclass(frozen=True)
class _Frame:
    """What `_reading` needs of a Picture, where there is only ink."""

    width: int
    height: int
    scale: float


def _reading(found: Found, frame: Picture | _Frame, threshold: float) -> Reading:
    digits = tuple(_digit(glyph, line, frame, threshold) for line, glyph in found)
    return Reading(digits, frame.width, frame.height)


def _digit(glyph: Glyph, line: int, frame: Picture | _Frame, threshold: float) -> Digit:
    x, y, width, height = (round(side * frame.scale) for side in glyph.box)
    x, y = min(max(x, 0), frame.width - 1), min(max(y, 0), frame.height - 1)
    return Digit(
        digit=int(glyph.probabilities.argmax()),
        confidence=float(glyph.probabilities.max()),
        is_digit=glyph.is_digit,
        accepted=is_accepted(glyph.is_digit, threshold),
        box=(x, y, max(1, min(width, frame.width - x)), max(1, min(height, frame.height - y))),
        line=line,
        image=glyph.image,
        probabilities=tuple(map(float, glyph.probabilities)),
    )


def _read_boxes(
    ink: Ink, boxes: Sequence[Sequence[float]], picture: Picture, predictor: Predictor
) -> list[Glyph]:
    scale = ink.scale * picture.scale
    glyphs: list[Glyph] = []
    labels = np.zeros(ink.mask.shape, np.int32)
    for box in boxes:
        left, top = (max(0, int(box[i] / scale)) for i in (0, 1))
        right, bottom = (max(0, int(np.ceil((box[i] + box[i + 2]) / scale))) for i in (0, 1))
        window = np.s_[top:bottom, left:right]
        x, y, width, height = cv2.boundingRect(ink.mask[window])
        if width:
            labels[window] = ink.mask[window]
            whole = Piece((1,), (left + x, top + y, width, height))
            glyphs += read_pieces(ink, labels, [whole], predictor)
            labels[window] = 0
    return glyphs


def _read_single(
    ink: Ink, labels: np.ndarray, written: list[Piece], predictor: Predictor
) -> tuple[Found, float]:
    """Read one digit; return it and how well it reads."""
    if not written:
        return [], -np.inf
    piece = segmentation.main_piece(written, labels.shape)
    (glyph,) = read_pieces(ink, labels, [piece], predictor)
    return [(0, glyph)], -glyph.cost


def _written(ink: Ink) -> tuple[np.ndarray, list[Piece]]:
    """Return the labels and pieces of what is written: no rules, nothing from the margins."""
    labels, found = segmentation.pieces(segmentation.without_rules(ink.mask))
    return labels, segmentation.without_margins(found, labels.shape) if found else []


def _read_lines(
    ink: Ink, labels: np.ndarray, written: list[Piece], predictor: Predictor
) -> tuple[Found, float]:
    """Read all lines of writing; return the digits and how well they read."""
    if not written:
        return [], -np.inf
    written = sorted(written, key=lambda piece: -piece.box[2] * piece.box[3])[:MOST]
    written = sorted(written, key=lambda piece: piece.labels)  # those at the edge came last
    height = segmentation.digit_height(written)
    found = segmentation.gather(written, height)
    falls = segmentation.slope(found, height)
    ways: list[tuple[Found, float]] = []
    if abs(falls) >= LEVEL:
        kept = np.isin(labels, [label for piece in written for label in piece.labels])
        ways.append(_read_sloping(replace(ink, mask=kept.astype(np.uint8)), falls, predictor))
    if not LEVEL <= abs(falls) < STEEP:
        ways.append(_read_level(ink, labels, found, height, predictor))
    return max(ways, key=lambda way: way[1])


def _read_sloping(ink: Ink, degrees: float, predictor: Predictor) -> tuple[Found, float]:
    """Read lines of writing that fall by so many degrees."""
    ink, back = segmentation.rotated(ink, degrees)
    labels, found = segmentation.pieces(ink.mask)
    if not found:
        return [], -np.inf
    height = segmentation.digit_height(found)
    found = segmentation.gather(found, height)
    return _read_level(ink, labels, found, height, predictor, back=back)


def _read_level(
    ink: Ink,
    labels: np.ndarray,
    found: list[Piece],
    height: float,
    predictor: Predictor,
    *,
    back: np.ndarray | None = None,
) -> tuple[Found, float]:
    """Read level lines of writing; return them and how well they read."""
    result: Found = []
    costs: list[float] = []
    for line, row in enumerate(segmentation.lines(found)):
        for glyph, cost in read_row(ink, labels, row, height, predictor, back=back):
            result.append((line, glyph))
            costs.append(cost)
    return result, -float(np.mean(costs)) if costs else -np.inf
