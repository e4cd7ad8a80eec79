"""The picture formats that can be read: how each is recognised, named, checked and decoded.

To add a format, add a `PictureFormat` to `FORMATS`: the upload page, the folders that `read`
searches, zip archives and all messages follow.
"""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from mnist_core.errors import PictureError

# Files can make a decoder repeat the same work endlessly. Real ones stay far below these.
MAX_SCANS = 64
MAX_VALUES = 200_000
BYTES_OR_TEXT = {1, 2, 6, 7}  # types of TIFF values that may be long


def pass_unchecked(content: bytes) -> None:
    """Accept any file of a format whose decoder needs no protection."""


def register_nothing() -> None:
    """Do nothing for a format whose decoder comes with Pillow."""


def check_scans(content: bytes) -> None:
    """Refuse JPEG files that draw over the picture again and again.

    Raises
    ------
    ValueError : more than MAX_SCANS scans
    """
    scans = re.findall(rb"\xff\xda\x00(?:\x08\x01|\x0a\x02|\x0c\x03|\x0e\x04)", content)
    if len(scans) > MAX_SCANS:
        raise ValueError(f"{len(scans)} scans")


def check_values(content: bytes) -> None:
    """Refuse TIFF files with a number for each row or pixel; bytes and texts may be long.

    Raises
    ------
    ValueError : more than MAX_VALUES values in one tag
    struct.error : cut off
    """
    order = "<" if content[:1] == b"I" else ">"
    (start,) = struct.unpack_from(f"{order}I", content, 4)
    (entries,) = struct.unpack_from(f"{order}H", content, start)
    directory = content[start + 2 : start + 2 + 12 * entries]
    for _, kind, count in struct.iter_unpack(f"{order}HHI4x", directory):
        if count > MAX_VALUES and kind not in BYTES_OR_TEXT:
            raise ValueError(f"{count} values in one tag")


def register_heif() -> None:
    """Register the HEIC decoder with Pillow when the first such file is opened.

    Raises
    ------
    PictureError : the package pillow-heif is missing
    """
    if "HEIF" in Image.OPEN:
        return
    try:
        import pillow_heif
    except ImportError as error:
        raise PictureError(
            "HEIC pictures need the package pillow-heif: install it, or save the picture as JPEG."
        ) from error
    pillow_heif.register_heif_opener()


@dataclass(frozen=True, kw_only=True)
class PictureFormat:
    """A format that can be read.

    Attributes
    ----------
    decoder : Pillow's name of the format; no other decoder of Pillow ever runs
    title : the format's name for people
    signature : regular expression that the first 64 bytes of a file match
    extensions : lower case, with the dot
    check : raises what Pillow's decoders raise if the file would keep them busy endlessly
    register : makes Pillow know the format
    shrinks : whether the decoder can bring a picture down to 1/2, 1/4 or 1/8 by itself
    """

    decoder: str
    title: str
    signature: bytes
    extensions: tuple[str, ...]
    check: Callable[[bytes], None] = pass_unchecked
    register: Callable[[], None] = register_nothing
    shrinks: bool = False

    @property
    def kind(self) -> str:
        """What a file of this format is, in words."""
        return f"{'an' if self.title[0] in 'AEIO' else 'a'} {self.title} picture"


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


# By Pillow's name. The first signature that fits decides: AVIF files may also look like HEIC.
FORMATS = {
    known.decoder: known
    for known in (
        PictureFormat(decoder="PNG", title="PNG", signature=rb"\x89PNG", extensions=(".png",)),
        PictureFormat(
            decoder="JPEG",
            title="JPEG",
            signature=rb"\xff\xd8\xff",
            extensions=(".jpg", ".jpeg"),
            check=check_scans,
            shrinks=True,
        ),
        PictureFormat(
            decoder="WEBP", title="WebP", signature=rb"RIFF.{4}WEBP", extensions=(".webp",)
        ),
        PictureFormat(
            decoder="BMP",
            title="BMP",
            signature=rb"BM.{12}[\x0c-\x7c]\0\0\0",
            extensions=(".bmp",),
        ),
        PictureFormat(
            decoder="TIFF",
            title="TIFF",
            signature=rb"II\*\0|MM\0\*",
            extensions=(".tif", ".tiff"),
            check=check_values,
        ),
        PictureFormat(decoder="GIF", title="GIF", signature=rb"GIF8[79]a", extensions=(".gif",)),
        PictureFormat(
            decoder="AVIF",
            title="AVIF",
            signature=rb".{4}ftyp(?:avi[fs]|m[is]f1.{0,40}avi[fs])",
            extensions=(".avif",),
        ),
        PictureFormat(
            decoder="HEIF",
            title="HEIC",
            signature=rb".{4}ftyp(?:he[iv][cxms]|m[is]f1)",
            extensions=(".heic", ".heif"),
            register=register_heif,
        ),
    )
}

# What people bring instead of a picture, and how such files begin.
UNREADABLE = {
    "a video or a camera's raw file": rb".{4}ftyp|RIFF.{4}AVI |\x1aE\xdf\xa3",
    "a PDF document": rb"%PDF",
    "a zip archive or an office document": rb"PK[\3\5\7]",
    "a Photoshop document": rb"8BPS",
    "a JPEG XL picture": rb"\xff\x0a|\0\0\0\x0cJXL ",
    "an SVG drawing": rb"\s*(?:<\?xml[^>]*>\s*)?<svg",
    "a web page": rb"\s*<(?i:!doctype html|html)",
}
