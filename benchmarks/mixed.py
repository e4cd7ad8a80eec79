"""Visitors of different pages at once: those who draw, beside others who measure or upload.

    python -m benchmarks.mixed                   20 on the robustness page and 10 who upload zips
    python -m benchmarks.mixed --soak 300        visitors that come and go, every other one uploads

Printed are the answers that those who draw get meanwhile (median, 95th percentile, slowest), how
long the others wait, and the app's memory at its highest. With `--soak` the exit code is 1 if
memory grows by more than a tenth from the first fifth of the visits to the last.
"""

import argparse
import asyncio
import io
import statistics
import time
import zipfile
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np

from benchmarks.load import AT_ONCE, KEPT, PACE, Visitor, megabytes, ways
from benchmarks.uploads import Files, Uploader
from support import fuzz
from support.app import Server, serve_app

LOOK = 0.2  # seconds between two looks at the memory
PICTURES = 200  # in a zip: as many as a visit may bring


class Onlooker(Visitor):
    """A visitor of the robustness page."""

    page = "robustness"


@dataclass
class Watched:
    """What an app takes while something goes on."""

    before: float  # MB
    highest: float = 0.0
    drawn: list[float] = field(default_factory=list)  # seconds to each answer


def zipped(count: int, seed: int) -> Files:
    """Return a zip of pictures, a number of three digits on each."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number in range(count):
            rng = np.random.default_rng([seed, number])
            picture = fuzz.draw("".join(map(str, rng.integers(0, 10, 3))), rng)
            page = io.BytesIO()
            picture.save(page, "PNG")
            archive.writestr(f"{number:03}.png", page.getvalue())
    return {f"scans-{seed}.zip": content.getvalue()}


@asynccontextmanager
async def beside(server: Server, drawing: int) -> AsyncIterator[Watched]:
    """Let visitors draw, and watch the app, for as long as the block lasts."""
    watched = Watched(megabytes(server.pid))
    visitors = [Visitor(server.url) for _ in range(drawing)]
    await asyncio.gather(*(visitor.come() for visitor in visitors))
    ended = asyncio.Event()

    async def draw(number: int, visitor: Visitor) -> None:
        await asyncio.sleep(PACE * number / drawing)
        while not ended.is_set():
            await visitor.draw(*ways()[number % 10], pace=PACE)
            number += 1

    async def watch() -> None:
        while not ended.is_set():
            watched.highest = max(watched.highest, megabytes(server.pid))
            await asyncio.sleep(LOOK)

    tasks = [asyncio.create_task(draw(*pair)) for pair in enumerate(visitors)]
    tasks.append(asyncio.create_task(watch()))
    try:
        yield watched
    finally:
        ended.set()
        await asyncio.gather(*tasks)
        watched.drawn = [seconds for visitor in visitors for seconds in visitor.times]


async def timed(task: Awaitable[object]) -> float:
    """Wait for something; return the seconds that it took."""
    began = time.monotonic()
    await task
    return time.monotonic() - began


async def look_on(server: Server, count: int, drawing: int) -> None:
    """Open the robustness page so many times at once."""
    async with beside(server, drawing) as watched:
        waits = await asyncio.gather(*(timed(Onlooker(server.url).come()) for _ in range(count)))
        await asyncio.sleep(3 * PACE)  # for those who draw to go on a little
    report(f"{count} on the robustness page", waits, watched)


async def upload(server: Server, count: int, drawing: int, pictures: int) -> None:
    """Bring so many zips at once, and have them read."""
    files = [zipped(pictures, seed) for seed in range(count)]
    uploaders = [Uploader(server.url) for _ in range(count)]
    await asyncio.gather(*(uploader.come() for uploader in uploaders))
    async with beside(server, drawing) as watched:
        waits = await asyncio.gather(
            *(timed(who.bring(what)) for who, what in zip(uploaders, files, strict=True))
        )
    report(f"{count} uploading {pictures} pictures each", waits, watched)
    await asyncio.gather(*(uploader.go() for uploader in uploaders))


async def soak(server: Server, count: int) -> list[float]:
    """Let visitors come, draw or upload, and go; return the memory after each fifth of them."""
    found: list[float] = []
    files = zipped(4, 0)

    async def visit(number: int) -> None:
        visitor = Uploader(server.url) if number % 2 else Visitor(server.url)
        await visitor.come()
        if isinstance(visitor, Uploader):
            await visitor.bring(files)
        else:
            await visitor.draw(*ways()[number % 10])
        await visitor.go()

    for start in range(0, count, AT_ONCE):
        await asyncio.gather(*(visit(n) for n in range(start, min(start + AT_ONCE, count))))
        if 5 * (start + AT_ONCE) // count > len(found):
            await asyncio.sleep(5)  # the app notices that they have gone
            found.append(megabytes(server.pid))
    return found


def report(what: str, waits: list[float], watched: Watched) -> None:
    """Print what a scene has shown."""
    print(f"{what}: median {statistics.median(waits):.2f} s, slowest {max(waits):.2f} s")
    times = watched.drawn
    slow = statistics.quantiles([*times, times[0]], n=20, method="inclusive")[-1]
    print(
        f"  those who draw meanwhile: median {statistics.median(times):.3f} s, 95th percentile "
        f"{slow:.3f} s, slowest {max(times):.3f} s, {len(times)} answers"
    )
    print(f"  memory: {watched.before:.0f} MB before, {watched.highest:.0f} MB at most", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--drawing", type=int, default=20, metavar="N")
    parser.add_argument("--looking", type=int, default=20, metavar="N")
    parser.add_argument("--uploading", type=int, default=10, metavar="N")
    parser.add_argument("--pictures", type=int, default=PICTURES, metavar="N", help="in each zip")
    parser.add_argument("--soak", type=int, metavar="N", help="visitors that come and go instead")
    options = parser.parse_args()
    if not options.soak:
        with serve_app() as server:
            asyncio.run(look_on(server, options.looking, options.drawing))
        with serve_app() as server:
            task = upload(server, options.uploading, options.drawing, options.pictures)
            asyncio.run(task)
        return 0
    with serve_app() as server:
        found = asyncio.run(soak(server, options.soak))
    sizes = ", ".join(f"{size:.0f} MB" for size in found)
    print(f"memory after each fifth of {options.soak} visitors, half of them uploading: {sizes}")
    growth = found[-1] / found[0] - 1
    print(f"growth from the first fifth to the end: {growth:+.1%} (at most {KEPT:.0%})")
    return int(growth > KEPT)


if __name__ == "__main__":
    raise SystemExit(main())
