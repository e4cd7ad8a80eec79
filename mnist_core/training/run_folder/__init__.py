"""The folder of a training run: the one owner of its file names, their formats and readers.

Each file is written whole or not at all, and read with distrust: a trainer may have died at any
moment, and a file may hold anything.
"""

from mnist_core.training.run_folder.layout import (
    BEST,
    CONFIG,
    EXIT,
    HISTORY,
    LAST,
    LOCK,
    LOG,
    MISTAKES,
    REBALANCED,
    RESERVE,
    STATUS,
    STEPS,
    STOP,
    clear,
    find,
    is_held,
    last_line,
    list_folders,
    remove_parts,
)
from mnist_core.training.run_folder.mistakes import SHOWN_MISTAKES, read_mistakes, write_mistakes
from mnist_core.training.run_folder.records import (
    ExitRecord,
    Outcome,
    State,
    StatusRecord,
    read_exit,
    read_record,
    write_exit,
    write_status,
)
from mnist_core.training.run_folder.settings import open_run, read_config, write_config
from mnist_core.training.run_folder.tables import (
    COLUMNS,
    append_step,
    drop_steps_after,
    read_history,
    read_steps,
    write_history,
)
from mnist_core.training.run_folder.weights import load, save

__all__ = [
    "BEST",
    "COLUMNS",
    "CONFIG",
    "EXIT",
    "HISTORY",
    "LAST",
    "LOCK",
    "LOG",
    "MISTAKES",
    "REBALANCED",
    "RESERVE",
    "SHOWN_MISTAKES",
    "STATUS",
    "STEPS",
    "STOP",
    "ExitRecord",
    "Outcome",
    "State",
    "StatusRecord",
    "append_step",
    "clear",
    "drop_steps_after",
    "find",
    "is_held",
    "last_line",
    "list_folders",
    "load",
    "open_run",
    "read_config",
    "read_exit",
    "read_history",
    "read_mistakes",
    "read_record",
    "read_steps",
    "remove_parts",
    "save",
    "write_config",
    "write_exit",
    "write_history",
    "write_mistakes",
    "write_status",
]
