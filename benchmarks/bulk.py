"""Many pictures read by the local command and by a Ray cluster of two nodes: rates, and equality.

    python -m benchmarks.bulk                 2,000 pictures
    python -m benchmarks.bulk --pictures 200

When a third is read, a reader on one of the nodes is killed. Printed are pictures a second of both,
the memory of the local command after a quarter of the pictures and at its highest, and whether the
cluster's records are the local ones, each once. The exit code is 1 if they are not.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import psutil
import pyarrow.parquet as pq
from ray.cluster_utils import Cluster
from tqdm import tqdm

from mnist_core.config import cpu_count
from mnist_core.synthesis import handwriting

HEIGHT = 64  # pixels of a digit
COMMAND = [sys.executable, "-m", "mnist_core", "read"]
LOOK = 0.25  # seconds


def draw_picture(rng: np.random.Generator) -> np.ndarray:
    """Write a number of two to eight digits with a pen on grey paper."""
    digits = rng.integers(10, size=rng.integers(2, 9))
    paper = np.full((3 * HEIGHT, HEIGHT * (len(digits) + 2)), 235, np.uint8)
    for column, digit in enumerate(digits):
        corner = np.array([column + 1, 1]) * HEIGHT
        for stroke in handwriting.write_digit(int(digit), rng):
            points = np.round(stroke * HEIGHT * 0.8 + corner).astype(np.int32)
            cv2.polylines(paper, [points], False, 40, HEIGHT // 12, cv2.LINE_AA)
    noise = rng.normal(0, 4, paper.shape)
    return np.clip(paper + noise, 0, 255).astype(np.uint8)


def write_pictures(folder: Path, count: int) -> None:
    """Write so many pictures, and beside them one that is broken."""
    for number in tqdm(range(count - 1), unit="picture", leave=False):
        picture = draw_picture(np.random.default_rng(number))
        cv2.imwrite(str(folder / f"{number:06}.png"), picture)
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n")


def memory(process: psutil.Process) -> float:
    """Return the memory of a process and those that it started, in MB."""
    total = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            total += one.memory_full_info().pss
        except psutil.Error:
            continue
    return total / 1e6


def read(arguments: list[str], look: Callable[[psutil.Process], None]) -> float:
    """Run `read`; return its seconds. `look` is called every now and then meanwhile."""
    began = time.perf_counter()
    process = subprocess.Popen([*COMMAND, *arguments], stderr=subprocess.DEVNULL)
    while process.poll() is None:
        look(psutil.Process(process.pid))
        time.sleep(LOOK)
    return time.perf_counter() - began


def kill_reader(out: Path, count: int) -> Iterator[None]:
    """Kill a reader of the cluster once a third of the pictures is read."""
    killed = False
    while True:
        if not killed and written(out) > count / 3:
            readers = [
                process
                for process in psutil.process_iter()
                if process.username() == psutil.Process().username()
                and process.name().startswith("ray::MapWorker")
            ]
            if readers:
                readers[0].kill()
                killed = True
                print(f"  killed a reader, one of {len(readers)}")
        yield


def written(out: Path) -> int:
    """Return how many records the cluster has written so far."""
    total = 0
    for path in out.glob("*.parquet"):
        try:
            total += pq.read_metadata(path).num_rows
        except (OSError, ValueError):
            continue
    return total


def rows(path: Path) -> list[dict]:
    return sorted(pq.read_table(path).to_pylist(), key=lambda row: (row["file"], row["page"]))


def measure_local(folder: Path, out: Path, count: int) -> float:
    """Print rate and memory of the local command; return its seconds."""
    used: list[float] = []
    seconds = read([str(folder), "--out", str(out)], lambda process: used.append(memory(process)))
    quarter = max(used[: max(1, len(used) // 4)])
    print(f"  {count / seconds:.2f} pictures a second, {seconds:.0f} s")
    print(
        f"  memory, all processes: {quarter:.0f} MB in the first quarter, {max(used):.0f} MB ever"
    )
    return seconds


def measure_cluster(folder: Path, out: Path, count: int) -> float:
    """Print the rate of a cluster of two nodes; return its seconds."""
    cores = max(1, cpu_count() // 2)
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": cores})
    try:
        cluster.add_node(num_cpus=cores)
        turns = kill_reader(out, count)
        arguments = [str(folder), "--on", f"ray:{cluster.address}", "--out", str(out)]
        seconds = read(arguments, lambda _: next(turns))
    finally:
        cluster.shutdown()
    print(f"  {count / seconds:.2f} pictures a second, {seconds:.0f} s with Ray's start")
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pictures", type=int, default=2000, metavar="N")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "pictures"
        folder.mkdir()
        write_pictures(folder, options.pictures)
        print(f"{options.pictures:,} pictures, local command, {cpu_count()} cores")
        local = measure_local(folder, Path(work) / "local.parquet", options.pictures)
        print("the same on a Ray cluster of two nodes on this machine, a reader killed midway")
        on_ray = measure_cluster(folder, Path(work) / "cluster", options.pictures)
        expected, found = rows(Path(work) / "local.parquet"), rows(Path(work) / "cluster")
    same = found == expected
    print(
        f"  {len(found):,} records; equal to the local ones, each once: {'yes' if same else 'NO'}"
    )
    print(f"  {local / on_ray:.2f} times as fast as the local command")
    return int(not same)


if __name__ == "__main__":
    sys.exit(main())
