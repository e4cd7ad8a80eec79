"""What runs on the machines of a cluster: a reader, and the count of what was read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2

from mnist_core.cluster.models import Models
from mnist_core.cluster.sources import name_of
from mnist_core.reading import files, parquet

if TYPE_CHECKING:
    import pyarrow as pa
    import ray
    from ray.actor import ActorHandle


class Counter:
    """Counts the files that all readers have read."""

    def __init__(self) -> None:
        self._files = 0

    def add(self, count: int) -> None:
        """Note that so many more files were read."""
        self._files += count

    def total(self) -> int:
        """Return how many files were read."""
        return self._files


@dataclass(frozen=True)
class Task:
    """What every reader needs to know.

    Attributes
    ----------
    models : `Models`, stored in the cluster
    single : each picture holds one digit
    roots : see `name_of`
    counter : of a `Counter`
    """

    models: "ray.ObjectRef"
    single: bool
    roots: Mapping[str, str]
    counter: "ActorHandle"


class Reader:
    """Reads files of any content; an actor of Ray Data.

    Parameters
    ----------
    task : `Task`, stored in the cluster
    """

    def __init__(self, *, task: "ray.ObjectRef") -> None:
        import ray

        cv2.setNumThreads(1)  # there is a reader a processor
        self._task: Task = ray.get(task)
        models: Models = ray.get(self._task.models)
        self._predictor, self._detector = models.open()

    def __call__(self, batch: "pa.Table") -> "pa.Table":
        """Return the records of files.

        Parameters
        ----------
        batch : columns "path" and "bytes", a row a file

        Returns
        -------
        a row a page, columns as in `parquet.schema`
        """
        found = []
        for path, content in zip(batch["path"], batch["bytes"], strict=True):
            name, source = name_of(path.as_py(), self._task.roots), content.as_py()
            for page in range(1, files.count_pages(source) + 1):
                found.append(
                    files.read_page(
                        name,
                        source,
                        page,
                        self._predictor,
                        single=self._task.single,
                        detector=self._detector,
                    )
                )
            self._task.counter.add.remote(1)
        return parquet.to_table(found)
