"""How much visitors may upload, checked while it arrives: a share of the memory that is free."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from mnist_core.config import MAX_BYTES, MAX_PICTURES, MAX_VISIT_BYTES

READING = 300_000_000  # bytes that stay free: decoding and reading a picture take as many
SHARE = 0.5  # of what is left, for one visit
TWICE = 2  # the bytes of an upload are there twice when it is complete, for a moment
MOST_FILES = 2 * MAX_PICTURES  # of a visit; refused ones count, too
STEP = 1_000_000  # bytes from one look at the free memory to the next
IDLE = 60.0  # seconds without a byte that end an upload

# Why a file was not kept, by what then stands for its type.
REFUSALS = {
    "digit-lab/visit-full": (
        "This file was not kept: your files together take as much of this server's memory as one "
        "visit may have. Bring fewer or smaller files at a time."
    ),
    "digit-lab/server-full": (
        "This file was not kept: the server has no memory left for it. Try again in a minute, or "
        "bring fewer or smaller files at a time."
    ),
    "digit-lab/too-many": (
        f"This file was not kept: at most {MAX_PICTURES} files can be there at a time. Remove "
        "some of them, or pack pictures as a zip."
    ),
}
VISIT_FULL, SERVER_FULL, TOO_MANY = REFUSALS


@dataclass(frozen=True)
class Held:
    """What is there already.

    Attributes
    ----------
    of_visit : bytes of the same visit's uploads, complete or under way
    files : of that visit
    free : bytes that this process may still take
    """

    of_visit: int
    files: int
    free: int


def refusal_of(coming: int, held: Held) -> str:
    """Return why so many more bytes cannot be kept, a key of REFUSALS; empty if they can.

    Parameters
    ----------
    coming : bytes that are still to arrive
    """
    if held.files >= MAX_PICTURES:
        return TOO_MANY
    room = held.free - READING
    if TWICE * coming > room:
        return SERVER_FULL
    # What the visit holds is no longer free, but is its own.
    most = min(MAX_VISIT_BYTES, SHARE * (room + held.of_visit))
    return VISIT_FULL if held.of_visit + coming > most else ""


class Arrival:
    """An upload whose bytes are counted while they arrive, and dropped once they are too many.

    The rest of a refused upload is received and forgotten, and what was handed on is made to end
    well: the browser then tells the page, which can say why.

    Parameters
    ----------
    receive : gives the parts of the request
    headers : of the request, by their names in small letters
    held : returns what is there, this upload's bytes so far included

    Attributes
    ----------
    arrived : int, bytes so far
    refused : str, a key of REFUSALS; empty while all is kept
    """

    def __init__(self, receive: Receive, headers: dict[str, str], held: Callable[[], Held]) -> None:
        self._receive, self._held = receive, held
        boundary = re.search(r'boundary="?([^";]+)', headers.get("content-type", ""))
        self._end = f"\r\n--{boundary[1] if boundary else ''}--\r\n".encode("latin-1")
        self._declared = _number(headers.get("content-length", ""))
        self._looked_at = -STEP
        self.arrived, self.refused = 0, ""

    async def receive(self) -> Message:
        """Return the next part of the request, as far as it is kept.

        Raises
        ------
        HTTPException : it never ends, has stopped, or the visit keeps sending what is refused
        """
        if self.refused:
            await self._drop_rest()
            return {"type": "http.request", "body": self._end, "more_body": False}
        if self._looked_at < 0 and self._held().files >= MOST_FILES:
            raise HTTPException(413, REFUSALS[TOO_MANY])
        message = await self._next()
        if self.arrived - self._looked_at >= STEP:
            self._looked_at = self.arrived
            self.refused = refusal_of(max(0, self._declared - self.arrived), self._held())
        return message

    async def _next(self) -> Message:
        try:
            message = await asyncio.wait_for(self._receive(), IDLE)
        except TimeoutError as error:
            raise HTTPException(408, "The upload has stopped.") from error
        self.arrived += len(message.get("body", b""))
        return message

    async def _drop_rest(self) -> None:
        message: dict[str, Any] = {"more_body": True}
        while message.get("more_body"):
            message = dict(await self._next())
            if self.arrived > 2 * MAX_BYTES:
                raise HTTPException(413, "The file is too large.")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 12 else 0
