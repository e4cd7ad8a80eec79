"""Pictures and documents to upright RGB pixels of a sensible size, safely whatever they hold."""

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from PIL import Image

from mnist_core.config import MAX_BYTES, MAX_PAGES
from mnist_core.errors import PictureError
from mnist_core.pictures import decoding, formats
from mnist_core.pictures.record import Pages, Picture

LONGEST_SIDE = 1600

Source = bytes | bytearray | str | Path


def open_picture(source: Source, *, page: int = 1, longest: int = LONGEST_SIDE) -> Picture:
    """Open a picture file, turn it upright and bring it down to a sensible size.

    The content decides which format it has, whatever the file's name says.

    Parameters
    ----------
    source : content of the file, or its path
    page : of a file with several pages, counted from 1
    longest : pixels; larger pictures are averaged down until their longest side has as many,
        smaller ones stay as they are

    Raises
    ------
    PictureError : no picture, damaged, above `MAX_BYTES` or `MAX_PIXELS`, missing or unreadable;
        or there is no such page among the first MAX_PAGES
    """
    with _opened(source) as (kind, pages):
        if not 1 <= page <= min(pages.count, MAX_PAGES):
            raise _no_such_page(page, pages.count)
        return _render(pages, page, longest, kind)


def open_pages(source: Source, *, longest: int = LONGEST_SIDE) -> Iterator[Picture | PictureError]:
    """Open the pages of a file one after the other; only one is in memory at a time.

    Parameters
    ----------
    source, longest : see `open_picture`

    Yields
    ------
    each page, from the first, or why it cannot be opened. Beyond MAX_PAGES a last PictureError
        says where it stopped.

    Raises
    ------
    PictureError : as `open_picture`, if nothing of the file can be opened
    """
    with _opened(source) as (kind, pages):
        for page in range(1, min(pages.count, MAX_PAGES) + 1):
            yield _render_or_tell(pages, page, longest, kind)
        if pages.count > MAX_PAGES:
            yield _no_such_page(MAX_PAGES + 1, pages.count)


def count_pages(source: Source) -> int:
    """Return how many pages of a file `open_pages` yields, errors included.

    Raises
    ------
    PictureError : as `open_pages`, but most damage shows only when a page is opened
    """
    with _opened(source) as (_, pages):
        return min(pages.count, MAX_PAGES + 1)


@contextmanager
def _opened(source: Source) -> Iterator[tuple[str, Pages]]:
    """Open a file; yield what it is, in words, and its pages."""
    content = bytes(source) if isinstance(source, bytes | bytearray) else _read(Path(source))
    check_length(len(content))
    kind, known = formats.recognise(content)
    if known is None:
        raise PictureError(
            f"The file is {kind}, which cannot be read. "
            + formats.ADVICE.get(kind, f"Expected {formats.titles()}.")
        )
    with ExitStack() as stack:
        with _translated(kind):
            pages = stack.enter_context(known.open(content, known))
        yield kind, pages


def _render(pages: Pages, page: int, longest: int, kind: str) -> Picture:
    with _translated(kind):
        return pages.render(page, longest)


def _render_or_tell(pages: Pages, page: int, longest: int, kind: str) -> Picture | PictureError:
    try:
        return _render(pages, page, longest, kind)
    except PictureError as error:
        return error.with_traceback(None)  # which would keep the pixels in memory


@contextmanager
def _translated(kind: str) -> Iterator[None]:
    """Turn what decoders raise over a file into a PictureError."""
    try:
        with warnings.catch_warnings():
            # Pillow's alone: threads that leave out of turn may leave this filter in place.
            warnings.filterwarnings("ignore", module=r"PIL\.")
            yield
    except (Image.DecompressionBombError, MemoryError) as error:
        raise PictureError(decoding.too_large("far too many pixels")) from error
    except decoding.BROKEN as error:
        raise PictureError(
            f"The file begins like {kind} but is damaged, cut off or of a rare variety. "
            "Copy or download it again, or save it as PNG or JPEG."
        ) from error


def _no_such_page(page: int, count: int) -> PictureError:
    if page > MAX_PAGES:
        return PictureError(
            f"Stopped here, after {MAX_PAGES:,} pages: no more are read of one file. "
            "Split it into several files."
        )
    return PictureError(f"There is no page {page}: the file has {count:,}. Count from 1.")


def _read(path: Path) -> bytes:
    try:
        if not path.exists():
            raise PictureError(f"There is no file {str(path)!r}: check how it is spelled.")
        if not path.is_file():
            raise PictureError(f"{str(path)!r} is a folder or a device: give a picture's name.")
        check_length(path.stat().st_size)
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except PermissionError as error:
        raise PictureError(f"You may not read {str(path)!r}: change its permissions.") from error
    except (OSError, ValueError) as error:
        raise PictureError(f"{str(path)!r} cannot be read ({error}): copy it elsewhere.") from error


def check_length(length: int) -> None:
    """Refuse a file that is empty or too large to be opened.

    Parameters
    ----------
    length : bytes

    Raises
    ------
    PictureError : 0, or above MAX_BYTES
    """
    if length == 0:
        raise PictureError("The file is empty (0 bytes). Copy or download it again.")
    if length > MAX_BYTES:
        raise PictureError(
            f"The file has {length / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:g} MB can be read. "
            "Save the picture smaller, or as JPEG."
        )
