"""A picture -> the digits on it, the number they make, and how sure that is."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from mnist_core.reading import segmentation
from mnist_core.reading.glyphs import read_pieces
from mnist_core.reading.rows import read_row
from mnist_core.serving import acceptance_threshold

AT_EDGE = 3.0  # nats that it costs to take for ink what lies all along the picture's edge
LEVEL = 3  # degrees; writing that slopes less is read as it is
STEEP = 10  # degrees; where it slopes more, the digits themselves may stand upright


@dataclass(frozen=True)
class Digit:
    """One digit of a picture.

    Attributes
    ----------
    digit : int
    confidence : float in [0, 1], the probability of that digit
    is_digit : float in [0, 1], how much it looks like a digit at all
    accepted : bool, whether that is enough to count it
    box : tuple (x, y, width, height) of int, pixels of the upright picture
    line : int, counted from 0, top to bottom
    image : float32 array (28, 28) in [0, 1], what the network saw
    probabilities : tuple of 10 floats
    """

    digit: int
    confidence: float
    is_digit: float
    accepted: bool
    box: tuple[int, int, int, int]
    line: int
    image: np.ndarray
    probabilities: tuple[float, ...]

    def to_record(self):
        """Return what files and programs are told of it, a dict ready for JSON."""
        return {
            "digit": int(self.digit),
            "confidence": float(self.confidence),
            "is_digit": float(self.is_digit),
            "accepted": bool(self.accepted),
            "box": [int(side) for side in self.box],
        }


@dataclass(frozen=True)
class Reading:
    """What a picture says.

    Attributes
    ----------
    digits : tuple of Digit, line by line, from left to right
    width, height : int, pixels of the upright picture
    """

    digits: tuple[Digit, ...]
    width: int
    height: int

    @property
    def text(self):
        """The accepted digits, lines joined by a newline; empty when nothing was found."""
        rows = {}
        for digit in self.digits:
            if digit.accepted:
                rows.setdefault(digit.line, []).append(str(digit.digit))
        return "\n".join("".join(rows[line]) for line in sorted(rows))


def read(picture, predictor, *, single=False):
    """Read the digits in a picture.

    Parameters
    ----------
    picture : imaging.Picture
    predictor : serving.Predictor
    single : bool, whether the picture holds one digit; whatever is found counts then

    Returns
    -------
    Reading
    """
    best, most = [], -np.inf
    for light in segmentation.polarities(picture.pixels):
        ink = segmentation.find_ink(picture.pixels, light=light)
        found, score = (_read_single if single else _read_lines)(ink, predictor)
        score -= AT_EDGE * segmentation.edge_share(ink.mask)
        if found and score > most:
            best, most = found, score
    threshold = 0.0 if single else acceptance_threshold(predictor.threshold)
    return _reading(best, picture, threshold)


def read_ink(ink, predictor):
    """Read the digits that strokes of known ink make, such as a drawing on a canvas.

    Parameters
    ----------
    ink : float array (h, w) in [0, 1]; 1 is ink
    predictor : serving.Predictor

    Returns
    -------
    Reading; boxes are in pixels of `ink`
    """
    ink = np.asarray(ink, np.float32)
    found, _ = _read_lines(
        segmentation.Ink(ink, (ink > 0.5).astype(np.uint8), scale=1.0, contrast=1.0), predictor
    )
    threshold = acceptance_threshold(predictor.threshold)
    return _reading(found, _Frame(*ink.shape[::-1], scale=1.0), threshold)


def read_boxes(picture, boxes, predictor):
    """Read one digit in each box, such as a person has drawn or corrected them.

    Parameters
    ----------
    picture : imaging.Picture
    boxes : sequence of (x, y, width, height), pixels of the upright picture
    predictor : serving.Predictor

    Returns
    -------
    Reading, in reading order, every digit accepted; boxes without ink are left out

    Raises
    ------
    ValueError : a box is not four finite numbers with a positive width and height
    """
    for box in boxes:
        if len(box) != 4 or not np.isfinite(box).all() or min(box[2:]) <= 0:
            raise ValueError(
                f"Expected boxes (x, y, width, height) with a size above 0, received {box!r}."
            )
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
    """What `_reading` asks of an imaging.Picture, where there is only ink."""

    width: int
    height: int
    scale: float


def _reading(found, frame, threshold):
    digits = tuple(_digit(glyph, line, frame, threshold) for line, glyph in found)
    return Reading(digits, frame.width, frame.height)


def _digit(glyph, line, frame, threshold):
    x, y, width, height = (round(side * frame.scale) for side in glyph.box)
    x, y = min(max(x, 0), frame.width - 1), min(max(y, 0), frame.height - 1)
    return Digit(
        digit=int(glyph.probabilities.argmax()),
        confidence=float(glyph.probabilities.max()),
        is_digit=glyph.is_digit,
        accepted=bool(glyph.is_digit >= threshold),
        box=(x, y, max(1, min(width, frame.width - x)), max(1, min(height, frame.height - y))),
        line=line,
        image=glyph.image,
        probabilities=tuple(map(float, glyph.probabilities)),
    )


def _read_boxes(ink, boxes, picture, predictor):
    scale, glyphs = ink.scale * picture.scale, []
    labels = np.zeros(ink.mask.shape, np.int32)
    for box in boxes:
        left, top = (max(0, int(box[i] / scale)) for i in (0, 1))
        right, bottom = (max(0, int(np.ceil((box[i] + box[i + 2]) / scale))) for i in (0, 1))
        window = np.s_[top:bottom, left:right]
        x, y, width, height = cv2.boundingRect(ink.mask[window])
        if width:
            labels[window] = ink.mask[window]
            whole = segmentation.Piece((1,), (left + x, top + y, width, height))
            glyphs += read_pieces(ink, labels, [whole], predictor)
            labels[window] = 0
    return glyphs


def _read_single(ink, predictor):
    labels, found = _written(ink)
    if not found:
        return [], -np.inf
    piece = segmentation.main_piece(found, labels.shape)
    (glyph,) = read_pieces(ink, labels, [piece], predictor)
    return [(0, glyph)], -glyph.surprise


def _written(ink):
    """Return the labels and pieces of what is written: no rules, nothing from the margins."""
    labels, found = segmentation.pieces(segmentation.without_rules(ink.mask))
    return labels, segmentation.without_margins(found, labels.shape) if found else []


def _read_lines(ink, predictor):
    labels, written = _written(ink)
    if not written:
        return [], -np.inf
    written = sorted(written, key=lambda piece: piece.labels)  # those at the edge came last
    height = segmentation.digit_height(written)
    found = segmentation.gather(written, height)
    falls = segmentation.slope(found, height)
    ways = []
    if abs(falls) >= LEVEL:
        kept = np.isin(labels, [label for piece in written for label in piece.labels])
        ways.append(_read_sloping(replace(ink, mask=kept.astype(np.uint8)), falls, predictor))
    if not LEVEL <= abs(falls) < STEEP:
        ways.append(_read_level(ink, labels, found, height, predictor))
    return max(ways, key=lambda way: way[1])


def _read_sloping(ink, degrees, predictor):
    """Read lines of writing that fall by so many degrees."""
    ink, back = segmentation.rotated(ink, degrees)
    labels, found = segmentation.pieces(ink.mask)
    if not found:
        return [], -np.inf
    height = segmentation.digit_height(found)
    found = segmentation.gather(found, height)
    return _read_level(ink, labels, found, height, predictor, back=back)


def _read_level(ink, labels, found, height, predictor, *, back=None):
    """Read level lines of writing; return them and how well they read."""
    result, costs = [], []
    for line, row in enumerate(segmentation.lines(found)):
        for glyph, cost in read_row(ink, labels, row, height, predictor, back=back):
            result.append((line, glyph))
            costs.append(cost)
    return result, -float(np.mean(costs)) if costs else -np.inf
