"""What a hostile visitor may send, against a running app: memory, what is shown, and the others.

    python -m benchmarks.hostile                 all attacks, each against a fresh app
    python -m benchmarks.hostile --attack nested

Each attack has an app of its own, in 690 MB of memory where the system lets a control group be
made. While it lasts, another visitor draws, and where the attack brings files a third one brings a
small picture again and again. Printed are the app's memory before the attack and at its highest
(its processes together, where there is a control group), what the attacker is shown, how long the
others waited for an answer at most, and the memory some time after the attacker has left.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed

from benchmarks.load import FINISHED, Visitor, _as_fabric, ways
from benchmarks.uploads import FILES, Files, Uploader, encoded
from support.pen import PLACES, STROKES, paths
from support.small_machine import serve_small_app
from support.upload_page import sheet

PATIENCE = 120.0  # seconds for an attack
AFTER = 2.0  # seconds in which the other visitor goes on
LATER = 50.0  # seconds after which memory has come back
BYTES = 20_000_000  # of the large messages


class Attacker(Visitor):
    """A visitor who sends anything, and notes what is shown."""

    ends = (*FINISHED, ForwardMsg.FINISHED_EARLY_FOR_RERUN)

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.shown: list[str] = []

    async def send_widgets(self, count: int) -> None:
        """Send the states of so many widgets that no page has."""
        message = BackMsg()
        for number in range(count):
            message.rerun_script.widget_states.widgets.add(id=f"{number:x}", bool_value=True)
        await self._run(message)

    def _note(self, delta: Any) -> None:
        super()._note(delta)
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "alert":
            self.shown.append(element.alert.body)
        elif kind == "exception":
            self.shown.append(element.exception.message)


def a_drawing(size: int) -> str:
    """Return a drawing of about so many bytes."""
    stroke = _as_fabric(paths(3, next(iter(STROKES[3])), PLACES["middle"])[0])
    count = size // len(json.dumps(stroke))
    return json.dumps({"drawing": {"raw": {"objects": [stroke] * count}}})


def in_drawing(text: str) -> str:
    """Put a text of JSON where the canvas's objects are."""
    return '{"drawing": {"raw": {"objects": ' + text + "}}}"


ATTACKS: dict[str, Callable] = {
    "large": lambda attacker: attacker.send_drawing(a_drawing(BYTES)),
    "just below": lambda attacker: attacker.send_drawing(a_drawing(2_900_000)),
    "nested": lambda attacker: attacker.send_drawing(in_drawing("[" * 900 + "]" * 900)),
    "too nested": lambda attacker: attacker.send_drawing(in_drawing("[" * 100_000)),
    "empty lists": lambda attacker: attacker.send_drawing(
        in_drawing("[" + "[]," * 900_000 + "[]]")
    ),
    "not numbers": lambda attacker: attacker.send_drawing(
        in_drawing('[{"type": "path", "left": NaN, "path": [["M", 1, 2], ["L", 5, 6]]}]')
    ),
    "infinite": lambda attacker: attacker.send_drawing(
        in_drawing('[{"type": "path", "path": [["M", 1, 2], ["L", 1e999, 6]]}]')
    ),
    "no drawing": lambda attacker: attacker.send_drawing('{"drawing": [3]}'),
    "widgets": lambda attacker: attacker.send_widgets(200_000),
}


def bringing(make: Callable[[], Files]) -> Callable:
    """Return the attack that brings files to the upload page."""
    return lambda attacker: attacker.bring(make())


BROUGHT = {name: bringing(make) for name, make in FILES.items()}


def highest(pid: int, peak: Path | None) -> float:
    """Return the most memory that a process ever had, in MB, its children's too where known."""
    if peak is not None and peak.exists():
        return int(peak.read_text()) / 1e6
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


async def try_attack(url: str, pid: int, name: str, peak: Path | None) -> tuple:
    """Run an attack beside others; return what is printed of it."""
    process, brings = psutil.Process(pid), name in BROUGHT
    other, small = Visitor(url), Uploader(url)
    attacker = Uploader(url) if brings else Attacker(url)
    await other.come()
    await other.draw(*ways()[1])  # what the first drawing loads stays
    await attacker.come()
    await small.come()
    if brings:
        await small.bring({"0.png": number(0)})
    before, other.times = process.memory_info().rss / 1e6, []
    ends, waits = asyncio.Event(), [0.0]

    async def draw() -> None:
        while not ends.is_set():
            await other.draw(*ways()[4], pace=0.2)

    async def bring() -> None:
        while brings and not ends.is_set():
            content, began = number(len(waits)), time.monotonic()
            await small.bring({"number.png": content})
            waits.append(time.monotonic() - began)
            await asyncio.sleep(1)

    others = [asyncio.create_task(draw()), asyncio.create_task(bring())]
    began = time.monotonic()
    try:
        attack = (BROUGHT if brings else ATTACKS)[name]
        await asyncio.wait_for(attack(attacker), PATIENCE)
        shown = " / ".join(dict.fromkeys(text for text in attacker.shown if text != "waiting"))
    except ConnectionClosed as closed:
        shown = f"(disconnected: {closed.rcvd.code if closed.rcvd else 'no reason'})"
    except TimeoutError:
        shown = f"(no answer in {PATIENCE:g} s)"
    seconds = time.monotonic() - began
    await asyncio.sleep(AFTER)
    ends.set()
    await asyncio.gather(*others)
    await attacker.go()
    await asyncio.sleep(LATER)
    after = process.memory_info().rss / 1e6
    return before, highest(pid, peak), after, seconds, max(other.times), max(waits), shown


def number(value: int) -> bytes:
    """Return a small picture of a number."""
    return encoded(sheet(f"{value:04}").resize((400, 200)), "PNG")


def main() -> int:
    """Try all attacks; the exit code is 1 if one ended the app."""
    names = [*ATTACKS, *BROUGHT]
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--attack", nargs="+", choices=names, default=names)
    options = parser.parse_args()
    ended = False
    for place, name in enumerate(options.attack):
        with serve_small_app() as (server, peak):
            if not place:
                print("in 690 MB of memory" if peak else "without a limit: none can be set here")
                print(HEAD)
            try:
                *figures, shown = asyncio.run(try_attack(server.url, server.pid, name, peak))
                cells = "".join(f"{figure:<9.2f}" for figure in figures)
                print(f"{name:<13} {cells} {shown or 'nothing'}", flush=True)
            except (OSError, ConnectionClosed, psutil.Error) as error:  # the app is no longer there
                ended = True
                print(f"{name:<13} the other visitor was cut off: {error}", flush=True)
    return int(ended)


HEAD = f"{'attack':<13} before   highest  after    took     drawing  small    shown to the attacker"

if __name__ == "__main__":
    raise SystemExit(main())
