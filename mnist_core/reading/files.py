"""From a file to the record of each of its pages: the same for one machine and for many."""

from pathlib import Path

from mnist_core.errors import PictureError
from mnist_core.pictures import imaging
from mnist_core.reading import reader, records
from mnist_core.reading.detection import FindsMarks
from mnist_core.reading.records import Record
from mnist_core.reading.result import with_remark
from mnist_core.serving import Predictor


def read_page(
    file: str,
    source: bytes | Path,
    page: int,
    predictor: Predictor,
    *,
    single: bool = False,
    detector: FindsMarks | None = None,
) -> Record:
    """Read one page of a file; whatever is wrong with it becomes the record's error.

    Parameters
    ----------
    file : its name for the record
    source : its content, or its path
    page : counted from 1
    single, detector : as in `reading.read`
    """
    try:
        picture = imaging.open_picture(source, page=page)
        found = reader.read(picture, predictor, single=single, detector=detector)
        return records.from_reading(file, with_remark(found, picture.remark), page=page)
    except PictureError as wrong:
        return Record(file, page, error=str(wrong))
    except Exception as wrong:  # an unexpected error must not stop the other pages
        words = f"This file could not be read ({type(wrong).__name__}: {wrong})."
        return Record(file, page, error=words)


def count_pages(source: bytes | Path) -> int:
    """Return how many records a file has: one a page, and one if it cannot be opened."""
    try:
        return imaging.count_pages(source)
    except PictureError:  # reading it will say so, too
        return 1
