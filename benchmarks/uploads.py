"""A visitor of the upload page without a browser, and hostile files to bring there."""

import asyncio
import http.client
import io
import re
import uuid
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import cv2
import numpy as np
from PIL import Image
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.load import FINISHED, Visitor

AT_ONCE = 6  # uploads of a browser
SIDE = 7000  # pixels of the large pictures
PAGE = 1600  # pixels of the crowded pages
BOUNDARY = "digit-lab"
Files = dict[str, bytes]


class Uploader(Visitor):
    """A visitor who brings files to the upload page, and notes what is shown."""

    ends = (*FINISHED, ForwardMsg.FINISHED_EARLY_FOR_RERUN)
    page = "upload"

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.shown: list[str] = []
        self._uploader = self._session = ""

    async def bring(self, files: Files) -> None:
        """Upload files as a browser does, and wait until they are read."""
        limit, message = asyncio.Semaphore(AT_ONCE), BackMsg()
        message.rerun_script.page_name = self.page
        state = message.rerun_script.widget_states.widgets.add(id=self._uploader)

        async def one(name: str, content: bytes) -> None:
            file = str(uuid.uuid4())
            async with limit:
                try:
                    status = await asyncio.to_thread(self._put, file, name, content)
                except OSError as error:  # the app ends uploads that have stopped
                    status = error
            if status == 204:
                state.file_uploader_state_value.uploaded_file_info.add(
                    file_id=file, name=name, size=len(content)
                )
            else:
                self.shown.append(f"(the upload got {status})")

        await asyncio.gather(*(one(*pair) for pair in files.items()))
        await self._run(message)

    def _put(self, file: str, name: str, content: bytes) -> int:
        """Upload one file; return the answer's status."""
        link = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=120)
        link.request("GET", "/_stcore/health")
        answer = link.getresponse()
        answer.read()
        token = re.search(r"_streamlit_xsrf=([^;]+)", answer.headers.get("Set-Cookie") or "")
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        if token:
            headers |= {"Cookie": f"_streamlit_xsrf={token[1]}", "X-Xsrftoken": token[1]}
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n\r\n'
        )
        body = head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
        link.request("PUT", f"/_stcore/upload_file/{self._session}/{file}", body, headers)
        status = link.getresponse().status
        link.close()
        return status

    def _note(self, delta: Any) -> None:
        super()._note(delta)
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "file_uploader":
            self._uploader = element.file_uploader.id
        elif kind == "alert":
            self.shown.append(element.alert.body)
        elif kind == "markdown" and "dl-uploads" in element.markdown.body:
            self.shown += re.findall(r'"Remark"[^>]*>([^<]+)<', element.markdown.body)

    def _note_message(self, message: ForwardMsg) -> None:
        if message.WhichOneof("type") == "new_session":
            self._session = message.new_session.initialize.session_id


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Return a picture as the content of a file."""
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def large(kind: str, *, side: int = SIDE, **options: Any) -> Files:
    """Return a blank picture of so many pixels a side."""
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    return {
        f"blank.{kind.lower()}": encoded(Image.new("RGB", (side, side), "white"), kind, **options)
    }


def tall() -> Files:
    """Return a PNG file one pixel wide."""
    return {"tall.png": encoded(Image.new("1", (1, 50_000_000)), "PNG", compress_level=1)}


def many(count: int = 60) -> Files:
    """Return files of 20 MB that are no pictures, but begin like some."""
    noise = np.random.default_rng(0).bytes(19_900_000)
    return {f"{place}.png": b"\x89PNG" + noise for place in range(count)}


def frames(kind: str, side: int = 2000) -> Files:
    """Return a film or a document of many pictures."""
    pages = [Image.new("RGB", (side, side), (place, place, place)) for place in range(12)]
    content = encoded(pages[0], kind, save_all=True, append_images=pages[1:])
    return {f"frames.{kind.lower()}": content}


def crowded(count: int = 4) -> Files:
    """Return a zip of pages full of print, of halftone and of noise."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for place in range(count):
            for name, page in pages(np.random.default_rng(place)):
                archive.writestr(f"{place} {name}.png", encoded(page, "PNG", compress_level=1))
    return {"crowded.zip": content.getvalue()}


def pages(rng: np.random.Generator) -> Iterator[tuple[str, Image.Image]]:
    """Yield pages on which there is far more than can be read."""
    print_ = np.full((PAGE, PAGE), 245, np.uint8)
    for row in range(20, PAGE, 26):
        line = "".join(map(str, rng.integers(0, 10, 110)))
        cv2.putText(print_, line, (5, row), cv2.FONT_HERSHEY_SIMPLEX, 0.75, 20, 2)
    yield "print", Image.fromarray(print_)
    down, across = np.indices((PAGE, PAGE))
    dots = (down % 12 - 6) ** 2 + (across % 12 - 6) ** 2 < (6 * across / PAGE + 1) ** 2
    yield "halftone", Image.fromarray(np.where(dots, 20, 240).astype(np.uint8))
    yield "noise", Image.fromarray(rng.integers(0, 256, (PAGE, PAGE), np.uint8))


FILES: dict[str, Callable[[], Files]] = {
    "60 x 20 MB": many,
    "WebP": lambda: large("WEBP", method=0),
    "HEIC": lambda: large("HEIF", quality=30),
    "AVIF": lambda: large("AVIF", side=3500, speed=10, quality=30),
    "PNG": lambda: large("PNG", compress_level=1),
    "tall PNG": tall,
    "JPEG": lambda: large("JPEG", progressive=True, subsampling=0),
    "one strip": lambda: large("TIFF", compression="tiff_lzw", tiffinfo={278: SIDE}),
    "film": lambda: frames("WEBP"),
    "document": lambda: frames("TIFF"),
    "crowded": crowded,
}
