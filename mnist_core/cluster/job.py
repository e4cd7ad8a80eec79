"""Read files with Ray Data and write their records as Parquet.

Ray Data does the work: `read_binary_files`, `map_batches` with a reader a processor, and
`write_parquet`. It starts readers that died again, and repeats what they were doing.
"""

import contextlib
import importlib.util
import logging
import os
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from mnist_core.cluster import output
from mnist_core.cluster.addresses import Location
from mnist_core.cluster.models import Models
from mnist_core.cluster.reader import Counter, Reader, Task
from mnist_core.cluster.sources import Source
from mnist_core.config import PACKAGE_DIR, cpu_count
from mnist_core.errors import ClusterError, UsageError
from mnist_core.reading.records import Record

if TYPE_CHECKING:
    import ray
    from ray.actor import ActorHandle

FILES_A_BLOCK = 64  # that are read, and if a machine is lost read again, together
BATCH = 8  # files that a reader takes at a time
RETRIES = 2  # of a block whose reader died; then each of its files is tried alone
LOOK = 0.5  # seconds between two looks at the progress
ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",  # what is read is nobody's business
    "RAY_BACKEND_LOG_LEVEL": "fatal",  # its files in /tmp/ray tell the rest
}
TRIES = 3  # at starting Ray, which gives up after 30 s on a machine that is busy
LOST = "This file cannot be opened by the cluster, or makes the process that reads it stop."


def check_installed() -> None:
    """Check that Ray Data is installed, without importing it.

    Raises
    ------
    UsageError : it is missing
    """
    for package in ("ray", "pyarrow"):
        if importlib.util.find_spec(package) is None:
            raise UsageError(
                f"Reading on a cluster needs {package}, which is not installed: pip install "
                "'digit-lab[cluster]', or in a checkout pip install 'ray[data]'."
            )


@contextlib.contextmanager
def connect(address: str | None) -> Iterator[None]:
    """Connect to a Ray cluster, or start one on this machine; leave it as it was at the end.

    Parameters
    ----------
    address : of the cluster, as `ray.init` takes it; None starts one that ends with this

    Raises
    ------
    ClusterError : no cluster answers at the address
    """
    import ray

    if ray.is_initialized():
        yield
        return
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    for tries_left in reversed(range(TRIES)):
        try:
            if address is None:
                ray.init("local", num_cpus=cpu_count(), include_dashboard=False, **quiet)
            else:  # its machines have the packages; the code is sent: it is the same on all
                ray.init(address, runtime_env={"py_modules": [str(PACKAGE_DIR)]}, **quiet)
            break
        except Exception as error:  # Ray raises of many kinds, and plain ones as well
            ray.shutdown()
            if address is None and tries_left:
                continue
            where = "be started here" if address is None else f"be reached at {address!r}"
            raise ClusterError(f"Ray cannot {where}: {error}") from error
    try:
        yield
    finally:
        ray.shutdown()


def read_files(
    sources: Sequence[Source],
    out: Location,
    models: Models,
    *,
    single: bool,
    progress: Callable[[int], None],
) -> None:
    """Read files whose records are not in the output yet, and write these.

    What is lost with a reader that dies is read again. A file over which readers die each time, or
    that cannot be opened, gets a record with an error.

    Parameters
    ----------
    out : as `output.prepare` left it
    single : each picture holds one digit
    progress : called with the number of files read so far, from another thread

    Raises
    ------
    ClusterError : the cluster stopped; what was written stays
    OSError : the output cannot be read or written
    """
    import ray

    counter = cast("ActorHandle", ray.remote(num_cpus=0, max_restarts=-1)(Counter).remote())
    kept = ray.put(models)
    files = sum(len(source.paths) for source in sources)
    with _reported(counter, progress):
        for together in (FILES_A_BLOCK, 1):
            done = output.find_done(out).files
            if together == 1 and not done and files > FILES_A_BLOCK:
                raise ClusterError("The cluster read nothing: see its log, and `ray status`.")
            for source in sources:
                missing = [path for path in source.paths if source.name(path) not in done]
                if missing:
                    task = ray.put(Task(kept, single, source.roots, counter))
                    _read_source(source, missing, out, task, together=together)
    done = output.find_done(out).files
    names = [source.name(path) for source in sources for path in source.paths]
    lost = [Record(name, error=LOST) for name in names if name not in done]
    output.append(out, lost)


def _read_source(
    source: Source, paths: list[str], out: Location, task: "ray.ObjectRef", *, together: int
) -> None:
    """Read files of one file system, so many at a time."""
    import ray.data
    from ray.exceptions import RayError
    from ray.util.annotations import RayDeprecationWarning

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.max_errored_blocks = -1  # what is missing in the end is tried again
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    blocks = -(-len(paths) // together)
    # Readers take all processors; opening and writing files, which is mostly waiting, none.
    beside = min(blocks, max(2, int(ray.cluster_resources().get("CPU", 1)) // 4))
    try:
        files = ray.data.read_binary_files(
            paths,
            filesystem=source.filesystem,
            include_paths=True,
            ignore_missing_paths=True,
            override_num_blocks=blocks,
            concurrency=beside,
            num_cpus=0,
        )
    except ValueError:  # none of them is there any more
        return
    try:
        with warnings.catch_warnings():  # the retries have no other name than that of Ray's core
            warnings.simplefilter("ignore", RayDeprecationWarning)
            found = files.map_batches(
                Reader,
                fn_constructor_kwargs={"task": task},
                batch_size=BATCH,
                batch_format="pyarrow",
                compute=ray.data.ActorPoolStrategy(min_size=1),
                num_cpus=1,
                max_task_retries=RETRIES,
            )
        found.write_parquet(
            out.path,
            filesystem=out.filesystem,
            concurrency=beside,
            ray_remote_args={"num_cpus": 0},
        )
    except RayError as error:
        raise ClusterError(
            f"The cluster stopped: {error}. Run the same again to go on where it was."
        ) from error


@contextlib.contextmanager
def _reported(counter: "ActorHandle", progress: Callable[[int], None]) -> Iterator[None]:
    """Report the progress every now and then, from a thread of its own."""
    import ray
    from ray.exceptions import RayError

    ended = threading.Event()

    def report() -> None:
        while not ended.wait(LOOK):
            with contextlib.suppress(RayError):
                progress(cast("int", ray.get(counter.total.remote())))

    thread = threading.Thread(target=report, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
