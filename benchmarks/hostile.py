"""What a hostile visitor may send, against a running app: memory, what is shown, and the others.

    python -m benchmarks.hostile                 all attacks, each against a fresh app
    python -m benchmarks.hostile --attack nested

Each attack has an app of its own. While it lasts, another visitor draws. Printed are the app's
memory before it and at its highest, what the attacker is shown, and how long the other visitor
waited for an answer at most. With `--limit` the app gets no more than so many MB of address space
beyond what it has before the attack, which stands for the memory of a small machine where a cgroup
cannot be made.
"""

import argparse
import asyncio
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed

from benchmarks.load import FINISHED, Visitor, _as_fabric, ways
from support.app import serve_app
from support.pen import PLACES, STROKES, paths

PATIENCE = 60.0  # seconds for an attack
AFTER = 2.0  # seconds in which the other visitor goes on
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


def highest(pid: int) -> float:
    """Return the most memory that a process ever had, in MB (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


async def try_attack(url: str, pid: int, attack: Callable, limit: float) -> tuple:
    """Run an attack beside another visitor who draws; return what is printed of it."""
    other, attacker = Visitor(url), Attacker(url)
    await other.come()
    await other.draw(*ways()[1])  # what the first drawing loads stays
    await attacker.come()
    before, other.times = psutil.Process(pid).memory_info().rss / 1e6, []
    if limit:
        space = psutil.Process(pid).memory_info().vms + int(limit * 1e6)
        psutil.Process(pid).rlimit(resource.RLIMIT_AS, (space, space))
    ends = asyncio.Event()

    async def go_on() -> None:
        while not ends.is_set():
            await other.draw(*ways()[4], pace=0.2)

    drawing = asyncio.create_task(go_on())
    began = time.monotonic()
    try:
        await asyncio.wait_for(attack(attacker), PATIENCE)
        shown = " / ".join(dict.fromkeys(attacker.shown)) or "nothing"
    except ConnectionClosed as closed:
        shown = f"(disconnected: {closed.rcvd.code if closed.rcvd else 'no reason'})"
    except TimeoutError:
        shown = f"(no answer in {PATIENCE:g} s)"
    seconds = time.monotonic() - began
    await asyncio.sleep(AFTER)
    ends.set()
    await drawing
    return before, highest(pid), seconds, max(other.times), shown


def main() -> int:
    """Try all attacks; the exit code is 1 if one ended the app."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--attack", nargs="+", choices=ATTACKS, default=list(ATTACKS))
    parser.add_argument("--limit", type=float, default=0.0, metavar="MB")
    options = parser.parse_args()
    ended = False
    print("attack        before  highest  took     others wait  shown to the attacker")
    for name in options.attack:
        with serve_app() as server:
            try:
                attack = try_attack(server.url, server.pid, ATTACKS[name], options.limit)
                *figures, shown = asyncio.run(attack)
                before, most, seconds, waited = (f"{figure:.2f}" for figure in figures)
                print(
                    f"{name:<13} {before:<7} {most:<8} {seconds:<8} {waited:<12} {shown}",
                    flush=True,
                )
            except (OSError, ConnectionClosed, psutil.Error) as error:
                ended = True
                most = f"{highest(server.pid):.2f}" if psutil.pid_exists(server.pid) else ""
                print(f"{name:<13} {'':<7} {most:<8} the other visitor was cut off: {error}")
    return int(ended)


if __name__ == "__main__":
    raise SystemExit(main())
