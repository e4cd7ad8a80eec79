"""Render the pages of one PDF: a program of its own, so that no document can harm who opens it.

PDFium is written in C++ and was made for documents by strangers, but a process with limits is the
only bound on the memory and time that it takes. This module imports nothing of the package.

Standard input: the document's length and content, then a page, a number of pixels and a resolution
for each page that is wanted. Standard output: an answer to each, the first on the document.
"""

import contextlib
import struct
import sys
from typing import BinaryIO

LENGTH = struct.Struct("<Q")
REQUEST = struct.Struct("<IId")  # page from 0, pixels of the longest side at most, pixels an inch
ANSWER = struct.Struct("<IIII")  # code; then number of pages, or width, height, bytes a row
GOOD, DAMAGED, LOCKED, NOT_INSTALLED = range(4)  # codes

MAX_MEMORY = 250_000_000  # bytes
MAX_SECONDS = 600  # of the processor, if nobody ends it; `document` waits less long for a page
POINTS = 72  # an inch


def main() -> None:
    """Answer requests until there are no more."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    (length,) = LENGTH.unpack(source.read(LENGTH.size))
    content = source.read(length)
    try:
        import pypdfium2
    except ImportError:
        answer(target, NOT_INSTALLED)
        return
    limit_itself()
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD
        answer(target, LOCKED if locked else DAMAGED)
        return
    with contextlib.suppress(pypdfium2.PdfiumError):
        document.init_forms()  # what was typed into fields is shown
    answer(target, GOOD, len(document))
    while request := source.read(REQUEST.size):
        page, longest, resolution = REQUEST.unpack(request)
        try:
            loaded = document[page]
            scale = min(resolution / POINTS, longest / max(loaded.get_size()))
            bitmap = loaded.render(scale=scale, rev_byteorder=True)
        except (pypdfium2.PdfiumError, ArithmeticError, ValueError):
            answer(target, DAMAGED)
            continue
        answer(target, GOOD, bitmap.width, bitmap.height, bitmap.stride, memoryview(bitmap.buffer))
        bitmap.close()
        loaded.close()


def answer(
    target: BinaryIO,
    code: int,
    first: int = 0,
    second: int = 0,
    third: int = 0,
    pixels: memoryview | None = None,
) -> None:
    """Write an answer."""
    target.write(ANSWER.pack(code, first, second, third))
    if pixels is not None:
        target.write(pixels)
    target.flush()


def limit_itself() -> None:
    """Let the system end this process where it takes too much, if the system knows how."""
    try:
        import resource
    except ImportError:  # on Windows
        return
    for kind, limit in (
        (resource.RLIMIT_DATA, MAX_MEMORY),
        (resource.RLIMIT_CPU, MAX_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (limit, limit))


if __name__ == "__main__":
    main()
