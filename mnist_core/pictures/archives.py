"""Pictures in zip archives, unpacked safely in memory whatever the archive holds or claims."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from mnist_core.config import MAX_BYTES, MAX_PICTURES, MAX_ZIP_BYTES, MAX_ZIP_ENTRIES
from mnist_core.errors import PictureError
from mnist_core.pictures.formats import has_picture_name

NAME_LENGTH = 120

METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # only these unpack in bounded steps
ENCRYPTED = 0x1

# What zipfile raises on broken archives, and Python on the absurd numbers in them.
ABSURD = (TypeError, AttributeError, LookupError, ArithmeticError, RuntimeError, MemoryError)
BROKEN = (zipfile.BadZipFile, OSError, ValueError, EOFError, struct.error, zlib.error, *ABSURD)


class StoppedError(PictureError):
    """An archive is unpacked no further than here.

    Attributes
    ----------
    rest : how many of its pictures were not unpacked
    """

    def __init__(self, message: str, rest: int) -> None:
        super().__init__(message)
        self.rest = rest


def is_zip(content: bytes | bytearray) -> bool:
    """Return whether the bytes of a file begin like a zip archive, an empty one included."""
    return bytes(content[:4]) in {b"PK\3\4", b"PK\5\6", b"PK\7\10"}


def unpack(
    content: bytes,
    *,
    only: Collection[int] | None = None,
    max_files: int = MAX_PICTURES,
    max_bytes: int = MAX_BYTES,
    max_total: int = MAX_ZIP_BYTES,
) -> Iterator[tuple[str, bytes | PictureError]]:
    """Unpack the pictures in a zip archive, one at a time; nothing is written to disk.

    Folders, hidden files and files without a picture's suffix are skipped, archives in the
    archive too.

    Parameters
    ----------
    content : of the archive
    only : places, among all that would be returned, of the pictures to unpack; None for all
    max_files : how many pictures are unpacked at most
    max_bytes : how large one of them may be
    max_total : how large those within `max_bytes` may be together, packed or unpacked, whichever
        is more

    Returns
    -------
    (name, content or PictureError) of each picture, sorted by name, 2 before 10; names are for
        showing only, and two may be the same. Beyond `max_files` or `max_total` a last
        StoppedError says where it stopped.

    Raises
    ------
    PictureError : not a zip archive, or damaged as a whole
    """
    archive, members = _open(content, max_files, max_bytes, max_total)
    return (
        (member.name, _unpack(archive, member, max_bytes))
        for place, member in enumerate(members)
        if only is None or place in only
    )


@dataclass(frozen=True)
class _Member:
    """A picture that an archive lists.

    Attributes
    ----------
    size : bytes, packed or unpacked, whichever is more
    stop : why the archive is unpacked no further than here; empty if it is
    rest : how many pictures that leaves out, this one included
    """

    name: str
    info: zipfile.ZipInfo
    size: int
    stop: str = ""
    rest: int = 0


def _open(
    content: bytes, max_files: int, max_bytes: int, max_total: int
) -> tuple[zipfile.ZipFile, list[_Member]]:
    """Open an archive and list its pictures, as far as the limits allow."""
    if not is_zip(content):
        raise PictureError("The file is not a zip archive: pack the pictures as .zip.")
    if content.count(b"PK\1\2") > MAX_ZIP_ENTRIES:
        raise PictureError(
            f"The archive lists more than {MAX_ZIP_ENTRIES:,} files: pack only the pictures."
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except BROKEN as error:
        raise PictureError(
            "The zip archive is damaged or cut off: copy or download it again."
        ) from error
    pictures = [(shown_name(info.filename), info) for info in archive.infolist() if _wanted(info)]
    pictures.sort(key=lambda picture: natural_order(picture[0]))
    members, total = [], 0
    for count, (name, info) in enumerate(pictures):
        # Packed bytes count as well: they cost time even where nothing comes out of them.
        size = max(info.file_size, info.compress_size)
        total += size if size <= max_bytes else 0
        if count == max_files or total > max_total:
            limit = f"{max_files:,} files" if count == max_files else f"{max_total / 1e6:g} MB"
            stop = (
                f"Stopped here, after {count:,} of {len(pictures):,} pictures: at most {limit} "
                "of one archive are unpacked. Pack the rest as another archive."
            )
            members.append(_Member(name, info, size, stop, len(pictures) - count))
            break
        members.append(_Member(name, info, size))
    return archive, members


def _wanted(info: zipfile.ZipInfo) -> bool:
    parts = _parts(info.filename)
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    is_folder = info.filename.endswith(("/", "\\"))
    return bool(parts) and has_picture_name(parts[-1]) and not hidden and not is_folder


def _unpack(archive: zipfile.ZipFile, member: _Member, max_bytes: int) -> bytes | PictureError:
    """Return the content of a member, or the PictureError that says why not."""
    if member.stop:
        return StoppedError(member.stop, member.rest)
    if member.info.flag_bits & ENCRYPTED:
        return PictureError("The file is locked with a password: pack it without one.")
    if member.info.compress_type not in METHODS:
        return PictureError("The file is packed in an unusual way: pack it as an ordinary zip.")
    if member.size > max_bytes:
        return PictureError(
            f"The file unpacks to {member.size / 1e6:,.1f} MB; at most {max_bytes / 1e6:g} MB "
            "can be read."
        )
    try:
        with archive.open(member.info) as file:
            # zipfile stops at the size that the archive claims, which was checked above.
            return file.read(max_bytes + 1)
    except BROKEN as error:
        damaged = PictureError("The file is damaged in the archive: pack it again.")
        damaged.__cause__ = error.with_traceback(None)  # which would keep the bytes in memory
        return damaged


def _parts(path: str) -> list[str]:
    """Split a member's path at both kinds of slashes; drop drives, `..` and odd characters."""
    printable = "".join(letter for letter in path if letter.isprintable())
    parts = [re.sub("^(.:)+", "", part) for part in re.split(r"[/\\]", printable)]
    return [part for part in parts if part not in {"", ".", ".."}]


def shown_name(path: str) -> str:
    """Return a member's path as it can be shown: relative, one line, at most 120 letters."""
    name = "/".join(_parts(path))
    return name if len(name) <= NAME_LENGTH else f"…{name[1 - NAME_LENGTH :]}"


def natural_order(name: str) -> tuple[list[Any], str]:
    """Return the key that sorts names as people do: ignoring case, and 2 before 10."""
    parts: list[Any] = re.split("([0-9]+)", name.casefold())
    parts[1::2] = [(len(digits.lstrip("0")), digits.lstrip("0")) for digits in parts[1::2]]
    return parts, name
