"""A PDF: its pages as pictures, rendered by a process that is ended where it takes too long."""

import contextlib
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mnist_core.errors import PictureError
from mnist_core.pictures.pdf import renderer
from mnist_core.pictures.record import Picture, PictureFormat

RESOLUTION = 300  # pixels an inch at most, as scanners have: a page like a stamp stays small
SECONDS = 15  # that a PDF may take to open, and each of its pages to render
PROGRAM = (sys.executable, "-P", str(Path(renderer.__file__)))

TOO_MUCH = (
    "This PDF takes too much time or memory to render. Print it into a new PDF, or save its pages "
    "as pictures."
)
REFUSED = {
    renderer.DAMAGED: "The PDF is damaged, cut off or has no pages. Copy or download it again.",
    renderer.LOCKED: "The PDF is protected with a password: save a copy without one.",
    renderer.NOT_INSTALLED: (
        "PDFs need the package pypdfium2: install it, or save the pages as pictures."
    ),
}
PAGE_DAMAGED = "This page of the PDF is damaged. Copy or download the PDF again."


@dataclass(frozen=True)
class PdfPages:
    """The pages of a PDF, in a process that renders them."""

    process: "subprocess.Popen[bytes]"
    count: int

    def render(self, page: int, longest: int) -> Picture:
        """Render a page; see `record.Pages`. At most RESOLUTION pixels stand for an inch.

        Raises
        ------
        PictureError : damaged, or it takes too much time or memory, as do all pages after it then
        """
        request = renderer.REQUEST.pack(page - 1, longest, RESOLUTION)
        code, width, height, row, pixels = _ask(self.process, request)
        if code != renderer.GOOD:
            raise PictureError(PAGE_DAMAGED)
        rows = np.frombuffer(pixels, np.uint8).reshape(height, row)
        return Picture(rows[:, : 3 * width].reshape(height, width, 3).copy(), width, height)


@contextmanager
def open_pdf(content: bytes, known: PictureFormat) -> Iterator[PdfPages]:  # noqa: ARG001
    """Open a PDF in a process of its own, which ends with the context.

    Raises
    ------
    PictureError : damaged, without pages or protected with a password, or it takes too long
    """
    process = subprocess.Popen(
        PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        code, count, *_ = _ask(process, renderer.LENGTH.pack(len(content)), content)
        if code != renderer.GOOD or not count:
            raise PictureError(REFUSED.get(code, REFUSED[renderer.DAMAGED]))
        yield PdfPages(process, count)
    finally:
        process.kill()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):  # what was not sent cannot be
                if pipe:
                    pipe.close()
        process.wait()


def _ask(process: "subprocess.Popen[bytes]", *messages: bytes) -> tuple[int, int, int, int, bytes]:
    """Send a process a request, and return its answer: a code, three numbers, and pixels.

    Raises
    ------
    PictureError : it ends without an answer, or takes too long, which ends it
    """
    assert process.stdin, "opened without a pipe"
    assert process.stdout, "opened without a pipe"
    timer = threading.Timer(SECONDS, process.kill)
    timer.start()
    try:
        for message in messages:
            process.stdin.write(message)
        process.stdin.flush()
        code, first, height, row = renderer.ANSWER.unpack(process.stdout.read(renderer.ANSWER.size))
        pixels = process.stdout.read(height * row)
    except (OSError, struct.error) as error:
        raise PictureError(TOO_MUCH) from error
    finally:
        timer.cancel()
    if len(pixels) < height * row:
        raise PictureError(TOO_MUCH)
    return code, first, height, row, pixels
