"""The picture formats that can be read: how each is recognised, named, checked and decoded.

To add a format, add a `PictureFormat` to `FORMATS`: the upload page, the folders that `read`
searches, zip archives and all messages follow.
"""

import re

from mnist_core.pictures import jpeg
from mnist_core.pictures.decoding import open_image
from mnist_core.pictures.heic import open_heic
from mnist_core.pictures.pdf import open_pdf
from mnist_core.pictures.record import PictureFormat, taking
from mnist_core.pictures.tiff import check_values, memory_of_tiff, open_tiff


def recognise(content: bytes) -> tuple[str, PictureFormat | None]:
    """Recognise a file by how it begins, whatever its name says.

    Returns
    -------
    what the file is, in words
    its format; None if it is no picture, or one that cannot be read
    """
    start = content[:64]
    for known in FORMATS.values():
        if re.match(known.signature, start, re.DOTALL):
            return known.kind, known
    for kind, signature in UNREADABLE.items():
        if re.match(signature, start, re.DOTALL):
            return kind, None
    is_text = not re.search(rb"[\x00-\x08\x0e-\x1f\x7f]", content[:1000])
    return ("a text" if is_text else "something unknown"), None


def extensions() -> tuple[str, ...]:
    """Return how the names of picture files end: lower case, with the dot."""
    return tuple(ending for known in FORMATS.values() for ending in known.extensions)


def has_picture_name(name: str) -> bool:
    """Return whether a file's name ends like a picture's."""
    return name.lower().endswith(extensions())


def titles() -> str:
    """Return the names of all formats as a list for people."""
    *others, last = (known.title for known in FORMATS.values())
    return f"{', '.join(others)} or {last}"


# By Pillow's name; PDF is one, too. The first signature that fits decides: AVIF files may also
# look like HEIC.
FORMATS = {
    known.decoder: known
    for known in (
        PictureFormat(
            decoder="PNG",
            title="PNG",
            signature=rb"\x89PNG",
            extensions=(".png",),
            open=open_image,
            animates=True,
        ),
        PictureFormat(
            decoder="JPEG",
            title="JPEG",
            signature=rb"\xff\xd8\xff",
            extensions=(".jpg", ".jpeg"),
            open=open_image,
            check=jpeg.check_scans,
            memory=jpeg.memory,
            shrinks=True,
        ),
        PictureFormat(
            decoder="WEBP",
            title="WebP",
            signature=rb"RIFF.{4}WEBP",
            extensions=(".webp",),
            open=open_image,
            memory=taking(16.2),  # four copies, two of them to play films
            animates=True,
        ),
        PictureFormat(
            decoder="BMP",
            title="BMP",
            signature=rb"BM.{12}[\x0c-\x7c]\0\0\0",
            extensions=(".bmp",),
            open=open_image,
        ),
        PictureFormat(
            decoder="TIFF",
            title="TIFF",
            signature=rb"II\*\0|MM\0\*",
            extensions=(".tif", ".tiff"),
            open=open_tiff,
            check=check_values,
            memory=memory_of_tiff,
        ),
        PictureFormat(
            decoder="GIF",
            title="GIF",
            signature=rb"GIF8[79]a",
            extensions=(".gif",),
            open=open_image,
            animates=True,
        ),
        PictureFormat(
            decoder="AVIF",
            title="AVIF",
            signature=rb".{4}ftyp(?:avi[fs]|m[is]f1.{0,40}avi[fs])",
            extensions=(".avif",),
            open=open_image,
            memory=taking(20),  # where it has 10 bits and is transparent
            animates=True,
        ),
        PictureFormat(
            decoder="HEIF",
            title="HEIC",
            signature=rb".{4}ftyp(?:he[iv][cxms]|m[is]f1)",
            extensions=(".heic", ".heif"),
            open=open_heic,
            animates=True,
        ),
        PictureFormat(
            decoder="PDF",
            title="PDF",
            noun="document",
            signature=rb"%PDF",
            extensions=(".pdf",),
            open=open_pdf,
        ),
    )
}

ZIP = "a zip archive or an office document"

# What people bring instead of a picture, and how such files begin.
UNREADABLE = {
    "a video or a camera's raw file": rb".{4}ftyp|RIFF.{4}AVI |\x1aE\xdf\xa3",
    ZIP: rb"PK[\3\5\7]",
    "a Photoshop document": rb"8BPS",
    "a JPEG XL picture": rb"\xff\x0a|\0\0\0\x0cJXL ",
    "an SVG drawing": rb"\s*(?:<\?xml[^>]*>\s*)?<svg",
    "a web page": rb"\s*<(?i:!doctype html|html)",
}
ADVICE = {ZIP: "Unpack an archive first; save a document as PDF."}
