"""One drawing that somebody gave, and the code by which it can be deleted."""

import hashlib
import json
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from mnist_core.config import CLASSES, IMAGE_SIZE, MAX_POINTS
from mnist_core.errors import InvalidValueError

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # without those that look alike
PARTS, LENGTH = 4, 4  # 31 ** 16 codes: none can be guessed
ROUNDING = 1  # decimals of a pen's point, in pixels


@dataclass(frozen=True)
class Drawing:
    """A digit that somebody drew, what it is, and what the model took it for.

    Nothing says who drew it: no address, no name.

    Attributes
    ----------
    image : uint8 (28, 28), white on black, as the model saw it
    label : 0 to 9, what the person says it is
    strokes : arrays (n, 2) of the pen's points, in pixels of the canvas; none for a photo
    model : the name of the model that answered
    answer : 0 to 9, what the model took it for
    confidence : in [0, 1], the probability of that answer
    key : tells drawings apart, so that one that is sent twice is stored once
    given_at : when, with its time zone
    """

    image: np.ndarray
    label: int
    strokes: tuple[np.ndarray, ...]
    model: str
    answer: int
    confidence: float
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    given_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        """Refuse what is no drawing: browsers can send anything."""
        image = np.asarray(self.image)
        if image.shape != (IMAGE_SIZE, IMAGE_SIZE) or image.dtype != np.uint8:
            raise InvalidValueError(
                f"Expected an image uint8 (28, 28), received {image.dtype} {image.shape}."
            )
        if self.label not in range(CLASSES) or self.answer not in range(CLASSES):
            raise InvalidValueError(
                f"Label and answer are digits from 0 to 9, received {self.label!r} and "
                f"{self.answer!r}."
            )
        points = sum(map(len, self.strokes))
        if points > MAX_POINTS or not all(np.isfinite(stroke).all() for stroke in self.strokes):
            raise InvalidValueError(
                f"A drawing has at most {MAX_POINTS:,} points, all of them numbers; received "
                f"{points:,}."
            )

    def to_row(self, code: str) -> dict[str, Any]:
        """Return the columns of the database."""
        strokes = [np.round(stroke, ROUNDING).tolist() for stroke in self.strokes]
        return {
            "key": self.key,
            "code_hash": hash_code(code),
            "label": int(self.label),
            "image": np.asarray(self.image).tobytes(),
            "strokes": json.dumps(strokes),
            "model": self.model,
            "answer": int(self.answer),
            "confidence": float(self.confidence),
            "given_at": self.given_at.astimezone(UTC).replace(tzinfo=None),
        }

    @classmethod
    def from_row(cls, row: Any) -> "Drawing":  # noqa: ANN401 - a row of SQLAlchemy
        """Return the drawing of a row of the database."""
        return cls(
            image=np.frombuffer(row.image, np.uint8).reshape(IMAGE_SIZE, IMAGE_SIZE),
            label=row.label,
            strokes=tuple(np.array(stroke, float) for stroke in json.loads(row.strokes)),
            model=row.model,
            answer=row.answer,
            confidence=row.confidence,
            key=row.key,
            given_at=row.given_at.replace(tzinfo=UTC),
        )


def new_code() -> str:
    """Return a code by which a visitor can later delete what he or she gave."""
    parts = ("".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(PARTS))
    return "-".join(parts)


def hash_code(code: str) -> str:
    """Return what the database keeps of a code: who reads the database can delete nothing by it."""
    return hashlib.sha256(code.strip().lower().encode()).hexdigest()
