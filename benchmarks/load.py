"""Many visitors at once, who draw on the draw page: how fast it answers, what each costs.

    python -m benchmarks.load                    1, 10 and 50 visitors
    python -m benchmarks.load --soak 500         visitors that come, draw and go

A browser a visitor would load this machine more than the app does. So this speaks the protocol of
Streamlit's own browser side: each visitor holds a WebSocket open, sends the strokes of a digit as
the canvas does, and waits until the app has run and its answer is there.
"""

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from support.app import serve_app
from support.pen import PLACES, STROKES, paths

VISITORS = (1, 10, 50)
SECONDS = 15  # of drawing, for each number of visitors
PACE = 2.0  # seconds from one stroke of a person to the next
AT_ONCE = 10  # visitors of the soak
KEPT = 0.1  # share by which memory may grow from the first fifth of the soak to its end


FINISHED = (
    ForwardMsg.FINISHED_SUCCESSFULLY,
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
)


@dataclass
class Visitor:
    """One session of the app, on the draw page.

    Attributes
    ----------
    times : list of float, seconds from each stroke sent to its answer
    digits : list of (digit drawn, text of the answer), after the last stroke of each digit
    ends : how a run of the page may end
    page : that is opened, as its address has it; empty for the first one
    """

    url: str
    times: list[float] = field(default_factory=list)
    digits: list[tuple[str, str]] = field(default_factory=list)
    ends: ClassVar[tuple[int, ...]] = FINISHED
    page: ClassVar[str] = ""
    _answer: str = ""
    _canvas: str = ""
    _fragment: str = ""

    async def come(self) -> None:
        """Open the page and wait until it is all there."""
        address = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = await connect(address, subprotocols=["streamlit"], max_size=None)
        message = BackMsg()
        if self.page:
            message.rerun_script.page_name = self.page
        await self._run(message)

    async def draw(self, digit: int, way: str, *, pace: float = 0.0) -> None:
        """Write a digit stroke by stroke, waiting for each answer, then clear the canvas."""
        objects = []
        for path in paths(digit, way, PLACES["middle"]):
            objects.append(_as_fabric(path))
            began = time.monotonic()
            await self._send(objects)
            self.times.append(time.monotonic() - began)
            await asyncio.sleep(max(0.0, pace - self.times[-1]))
        self.digits.append((str(digit), self._answer))
        await self._send([])

    async def go(self) -> None:
        """Close the page."""
        await self._socket.close()

    async def send_drawing(self, text: str) -> None:
        """Send the canvas's JSON, or any other text in its place."""
        message = BackMsg()
        message.rerun_script.fragment_id = self._fragment
        message.rerun_script.widget_states.widgets.add(id=self._canvas, json_value=text)
        await self._run(message)

    async def _send(self, objects: list[dict[str, Any]]) -> None:
        await self.send_drawing(json.dumps({"drawing": {"raw": {"objects": objects}}}))

    async def _run(self, message: BackMsg) -> None:
        """Have the page run, and note the answer that it shows."""
        message.rerun_script.context_info.timezone = "UTC"
        await self._socket.send(message.SerializeToString())
        while True:
            message_back = ForwardMsg.FromString(await self._socket.recv())
            kind = message_back.WhichOneof("type")
            self._note_message(message_back)
            if kind == "delta":
                self._note(message_back.delta)
            elif kind == "script_finished" and message_back.script_finished in self.ends:
                return

    def _note_message(self, message: ForwardMsg) -> None:
        """Note what else the app says; here nothing."""

    def _note(self, delta: Any) -> None:
        element = delta.new_element
        if element.WhichOneof("type") == "bidi_component":
            self._canvas, self._fragment = element.bidi_component.id, delta.fragment_id
        elif (
            element.WhichOneof("type") == "markdown" and 'class="dl-digit"' in element.markdown.body
        ):
            self._answer = element.markdown.body.removesuffix("</div>").rpartition(">")[2]


def _as_fabric(path: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Return a stroke as the canvas reports it."""
    xs, ys = zip(*path, strict=True)
    commands = [["M", *path[0]], *(["L", *point] for point in path[1:])]
    return {
        "type": "Path",
        "path": commands,
        "originX": "center",
        "originY": "center",
        "left": (min(xs) + max(xs)) / 2,
        "top": (min(ys) + max(ys)) / 2,
        "width": max(xs) - min(xs),
        "height": max(ys) - min(ys),
        "strokeWidth": 18,
    }


def ways() -> list[tuple[int, str]]:
    """Return the digits to write, each in its first way: pairs (digit, way)."""
    return [(digit, next(iter(forms))) for digit, forms in STROKES.items()]


async def crowd(
    url: str, count: int, seconds: float, *, pace: float
) -> tuple[list[Visitor], float]:
    """Let so many visitors draw for so long; return them, and the seconds that it took."""
    visitors = [Visitor(url) for _ in range(count)]
    await asyncio.gather(*(visitor.come() for visitor in visitors))
    began = time.monotonic()

    async def visit(number: int, visitor: Visitor) -> None:
        await asyncio.sleep(pace * number / count)  # not all in the same moment
        turn = number
        while time.monotonic() - began < seconds:
            await visitor.draw(*ways()[turn % 10], pace=pace)
            turn += 1

    await asyncio.gather(*(visit(*pair) for pair in enumerate(visitors)))
    return visitors, time.monotonic() - began


async def soak(url: str, count: int, memory: Callable[[], float]) -> list[float]:
    """Let visitors come, draw once and go; return the memory in bytes after each fifth of them."""
    found = []
    for start in range(0, count, AT_ONCE):
        visitors = [Visitor(url) for _ in range(min(AT_ONCE, count - start))]
        await asyncio.gather(*(visitor.come() for visitor in visitors))
        await asyncio.gather(*(v.draw(*ways()[n % 10]) for n, v in enumerate(visitors)))
        await asyncio.gather(*(visitor.go() for visitor in visitors))
        done = start + len(visitors)
        if 5 * done // count > len(found):
            await asyncio.sleep(2)  # the app notices that they have gone
            found.append(memory())
    return found


def megabytes(pid: int) -> float:
    return psutil.Process(pid).memory_info().rss / 1e6


def load(counts: Sequence[int], seconds: float) -> None:
    """Print how fast the app answers so many visitors, at the pace of people and without pause."""
    print("visitors  pace       answers/s  median   95th     slowest  right      MB a visitor")
    for pace in (PACE, 0.0):
        for count in counts:
            with serve_app() as server:
                asyncio.run(crowd(server.url, 1, 1, pace=0))  # what the first visit loads stays
                before = megabytes(server.pid)
                visitors, took = asyncio.run(crowd(server.url, count, seconds, pace=pace))
                each = (megabytes(server.pid) - before) / count
            times = [seconds for visitor in visitors for seconds in visitor.times]
            digits = [pair for visitor in visitors for pair in visitor.digits]
            slow = statistics.quantiles([*times, times[0]], n=20, method="inclusive")[-1]
            right = sum(drawn == read for drawn, read in digits) / len(digits)
            pause = f"{pace:g} s" if pace else "no pause"
            print(
                f"{count:<9} {pause:<10} {len(times) / took:<10.1f} "
                f"{statistics.median(times):<8.3f} {slow:<8.3f} {max(times):<8.3f} "
                f"{right:<10.1%} {each:.1f}",
                flush=True,
            )


def main() -> int:
    """Measure the load, or with --soak whether visitors who have gone give their memory back."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--visitors", type=int, nargs="+", default=VISITORS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--soak", type=int, metavar="N", help="visitors that come and go instead")
    options = parser.parse_args()
    if not options.soak:
        load(options.visitors, options.seconds)
        return 0
    with serve_app() as server:
        found = asyncio.run(soak(server.url, options.soak, lambda: megabytes(server.pid)))
    print(
        f"memory after each fifth of {options.soak} visitors: "
        + ", ".join(f"{size:.0f} MB" for size in found)
    )
    growth = found[-1] / found[0] - 1
    print(f"growth from the first fifth to the end: {growth:+.1%} (at most {KEPT:.0%})")
    return int(growth > KEPT)


if __name__ == "__main__":
    raise SystemExit(main())
