"""Reads what was uploaded: each picture once, in turns with other visits."""

import logging
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from mnist_core import reading
from mnist_core.config import MAX_READINGS, MAX_VISIT_DIGITS
from mnist_core.errors import PictureError
from mnist_core.pictures.compact import Compact, compact
from mnist_core.pictures.record import Picture
from mnist_core.pictures.turning import turn_picture
from mnist_core.reading import Box, Digit, Reading
from mnist_core.serving import Card
from ui.model_choice import detector
from ui.taught import taught_predictor, version_of
from ui.threshold import apply_threshold, threshold_of
from ui.upload.corrections import Correction, apply_correction
from ui.upload.files import Upload, UploadedFile, UploadKey, content_of, contents
from ui.upload.kept import forget_copies, is_released, keep, kept
from ui.upload.preview import preview_of
from ui.upload.queue import InTurns, in_turn, open_in_turn, turn_to_read
from ui.upload.result import Result

PROGRESS_EVERY = 0.5  # seconds
UNEXPECTED = (
    "This picture could not be read: an unexpected error occurred. The server's log has details."
)
TOO_MANY = (
    "This picture was not read: there are too many digits in all your pictures together. Remove "
    "some of them."
)
_READ = "upload_read"  # session key: what was read, or why it could not be
_CORRECTIONS = "upload_corrections"  # session key: by upload, and whether it is one digit
_OPENED = "upload_opened"  # session key
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Opened:
    """The picture that is shown in full.

    Attributes
    ----------
    copy : as it is turned
    preview : an address that carries its pixels
    """

    key: UploadKey
    copy: Compact
    preview: str


class UploadReader:
    """Reads the pictures of a visit with one model, and keeps what was read and corrected.

    Parameters
    ----------
    uploads : the pictures in `files`
    single : each picture holds one digit

    Raises
    ------
    ModelError : the model or the detector cannot be loaded
    """

    def __init__(
        self, files: Sequence[UploadedFile], uploads: Sequence[Upload], card: Card, *, single: bool
    ) -> None:
        self.files, self.uploads, self.card, self.single = files, uploads, card, single
        self._model = (card.name, version_of(card))
        self._predict, found = taught_predictor(card), detector()
        self._detector = InTurns(found) if found else None
        self._threshold = threshold_of(self._predict)

    def read(self, upload: Upload) -> None:
        """Read one picture that is to be shown, unless it is read."""
        if self._is_missing(upload):
            self._read(upload, show=True)

    def read_rest(self) -> Iterator[None]:
        """Read all pictures that are not read yet, with a pause for progress now and then."""
        paused = time.monotonic()
        for file in self.files:
            missing: dict[int, list[Upload]] = {}
            for upload in self._in_file(file):
                if self._is_missing(upload):
                    missing.setdefault(upload.place, []).append(upload)
            for place, content in self._unpacked(file, missing):
                for upload in missing[place]:
                    # The same picture may have come twice.
                    if self._is_missing(upload) and not isinstance(content, PictureError):
                        self._read(upload, content)
                    if time.monotonic() - paused > PROGRESS_EVERY:
                        yield
                        paused = time.monotonic()

    def result(self, upload: Upload) -> Result:
        """Return what is known about a picture, as the person has corrected it."""
        result = Result(upload.name, page=upload.page, pages=upload.pages, by_hand=upload.turned)
        if upload.error:
            return replace(result, error=upload.error)
        found = st.session_state[_READ].get(self._key(upload))
        if found is None:
            return replace(result, done=False)
        if isinstance(found, str):
            return replace(result, error=found)
        correction = self.correction(upload)
        return apply_correction(
            result,
            self.as_read(upload),
            correction,
            self._in_boxes(upload, correction.boxes) if correction.boxes else (),
            threshold=self._threshold,
        )

    def as_read(self, upload: Upload) -> Reading:
        """Return what was read in a picture, before any correction.

        The rejection threshold decides what counts, unless the person said that it is a digit.
        """
        found = st.session_state[_READ][self._key(upload)]
        return found if self.single else apply_threshold(found, self._threshold)

    def correction(self, upload: Upload) -> Correction:
        """Return what the person has changed in a picture."""
        return st.session_state[_CORRECTIONS].get((upload.key, self.single), Correction())

    def correct(self, upload: Upload, correction: Correction) -> None:
        """Keep what the person has changed in a picture."""
        st.session_state[_CORRECTIONS][upload.key, self.single] = correction

    def open(self, upload: Upload) -> Opened:
        """Open a picture; the last one stays open.

        Raises
        ------
        PictureError : it cannot be opened
        """
        held = st.session_state.get(_OPENED)
        if held is None or held.key != upload.key:
            self._show(upload)
        return st.session_state[_OPENED]

    def _show(self, upload: Upload, content: bytes | None = None) -> Picture:
        """Open a picture and keep what is shown of it."""
        picture = self._open(upload, self._content(upload) if content is None else content)
        shown = Opened(upload.key, compact(picture), preview_of(picture))
        st.session_state[_OPENED] = shown
        return picture

    def _content(self, upload: Upload) -> bytes:
        """Return a picture's content; nothing where there is a copy instead.

        Raises
        ------
        PictureError : it cannot be unpacked, or is known to be no picture
        """
        return b"" if kept(upload) else content_of(upload, self.files)

    def _open(self, upload: Upload, content: bytes) -> Picture:
        """Return a picture as the person has turned it: from its copy, if there is one."""
        picture = kept(upload)
        if picture is None:
            (file,) = (file for file in self.files if file.file_id == upload.file)
            opened: Picture | PictureError
            try:
                opened = open_in_turn(content, upload.page)
            except PictureError as error:
                opened = error.with_traceback(None)
            keep(upload, opened, file, self._in_file(file))
            if isinstance(opened, PictureError):
                raise opened
            picture = opened
        return turn_picture(picture, upload.turned)

    def _in_file(self, file: UploadedFile) -> list[Upload]:
        return [upload for upload in self.uploads if upload.file == file.file_id]

    def _unpacked(
        self, file: UploadedFile, places: Collection[int]
    ) -> Iterator[tuple[int, bytes | PictureError | None]]:
        """Yield the pictures at these places of a file; None where there are copies instead."""
        if is_released(file):
            yield from ((place, None) for place in places)
        elif places:
            for place, _, content in contents(file, only=places):
                yield place, content

    def _key(self, upload: Upload, boxes: tuple[Box, ...] | None = None) -> tuple[Any, ...]:
        return (upload.key, *self._model, self.single if boxes is None else boxes)

    def _is_missing(self, upload: Upload) -> bool:
        return not upload.error and self._key(upload) not in st.session_state[_READ]

    def _read(self, upload: Upload, content: bytes | None = None, *, show: bool = False) -> None:
        kept = st.session_state[_READ]  # looking there may end a run: so not after the work
        outcome: Reading | str
        try:
            self._check_digits()
            content = self._content(upload) if content is None else content
            with turn_to_read(content):
                picture = (self._show if show else self._open)(upload, content)
                found = in_turn(
                    reading.read,
                    picture,
                    self._predict,
                    single=self.single,
                    detector=self._detector,
                )
            outcome = reading.with_remark(found, picture.remark)
        except PictureError as error:
            outcome = str(error)
        except Exception:  # one picture never stops the others
            _log.exception("A picture could not be read")
            outcome = UNEXPECTED
        kept[self._key(upload)] = outcome

    def _check_digits(self) -> None:
        """Make room for the digits of one more picture.

        Raises
        ------
        PictureError : those that this visit has by now are too many
        """
        kept = st.session_state[_READ]
        if _count(kept) > MAX_VISIT_DIGITS:
            for key in [key for key in kept if key[1:] != (*self._model, self.single)]:
                del kept[key]
        if _count(kept) > MAX_VISIT_DIGITS:
            raise PictureError(TOO_MANY)

    def _in_boxes(self, upload: Upload, boxes: tuple[Box, ...]) -> Sequence[Digit]:
        """Read what is in these boxes; of each picture the last ones are kept."""
        kept, key = st.session_state[_READ], self._key(upload, boxes)
        if key not in kept:
            picture = self.open(upload).copy.picture()
            found = in_turn(
                reading.read_boxes, picture, boxes, self._predict, detector=self._detector
            )
            for older in [k for k in kept if k[:3] == key[:3] and isinstance(k[3], tuple)]:
                del kept[older]
            kept[key] = found
        return kept[key].digits


def forget_others(uploads: Sequence[Upload]) -> None:
    """Drop what is kept of pictures that were removed, and what was read long ago."""
    forget_copies(uploads)
    state, here = st.session_state, {upload.key for upload in uploads}
    for name in (_READ, _CORRECTIONS):
        kept = [(key, value) for key, value in state.get(name, {}).items() if key[0] in here]
        state[name] = dict(kept[-MAX_READINGS:])
    if _OPENED in state and state[_OPENED].key not in here:
        del state[_OPENED]


def _count(kept: dict[Any, Reading | str]) -> int:
    return sum(len(found.digits) for found in kept.values() if isinstance(found, Reading))
