"""The folder of a training run: the one owner of its file names, their formats and readers.

Each file is written whole or not at all, and read with distrust: a trainer may have died at any
moment, and a file may hold anything.

=================  ==========================================  ====================================
file               written by                                  read by
=================  ==========================================  ====================================
config.json        runs.control                                training.options, loop, runs.listing
status.json        runs.control, runs.trainer                  runs.listing, runs.trainer
history.csv        training.loop                               training.loop, runs, the page
steps.csv          runs.trainer                                runs.results, for the page
mistakes.npz       training.validation                         runs.results, for the page
first_layer.npz    training.first_layer                        runs.results, for the page
given.npz          cli.given, runs.control: digits that        cli.given, to train and publish
                   people gave
own.npz            cli.given, runs.control: digits of one      cli.given, to train and publish
                   person, to fine-tune on
best.keras         training.validation                         training, cli.train, to publish it
last.keras         training.loop                               training.loop, to resume
begun.keras        training.loop                               training.loop, to resume
rebalanced.keras   training.loop                               cli.train, to publish it
stop               runs.control                                runs.trainer, listing, watch
discard            runs.control                                runs.watch
exit.json          runs.control, when the process has ended    runs.liveness
log.txt            the trainer's process                       runs.liveness: its last line
.lock              held by runs.trainer                        runs.liveness, runs.control
.reserve           runs.trainer: room on the disk for its end  nobody
=================  ==========================================  ====================================
"""

from mnist_core.training.run_folder.arrays import write_digits
from mnist_core.training.run_folder.first_layer import (
    SHOWN_UNITS,
    read_first_layer,
    write_first_layer,
)
from mnist_core.training.run_folder.layout import (
    BEGUN,
    BEST,
    CONFIG,
    DELETED,
    DISCARD,
    EXIT,
    FIRST_LAYER,
    GIVEN,
    HISTORY,
    LAST,
    LOCK,
    LOG,
    MISTAKES,
    OWN,
    REBALANCED,
    RESERVE,
    START_LOCK,
    STATUS,
    STEPS,
    STOP,
    TURN_LOCK,
    clear,
    find,
    is_discard_requested,
    is_held,
    is_stop_requested,
    last_line,
    list_folders,
    remove_parts,
    request_discard,
    request_stop,
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
    DETECTION_COLUMNS,
    append_step,
    drop_steps_after,
    read_history,
    read_steps,
    write_history,
)
from mnist_core.training.run_folder.weights import load, save

__all__ = [
    "BEGUN",
    "BEST",
    "COLUMNS",
    "CONFIG",
    "DELETED",
    "DETECTION_COLUMNS",
    "DISCARD",
    "EXIT",
    "FIRST_LAYER",
    "GIVEN",
    "HISTORY",
    "LAST",
    "LOCK",
    "LOG",
    "MISTAKES",
    "OWN",
    "REBALANCED",
    "RESERVE",
    "SHOWN_MISTAKES",
    "SHOWN_UNITS",
    "START_LOCK",
    "STATUS",
    "STEPS",
    "STOP",
    "TURN_LOCK",
    "ExitRecord",
    "Outcome",
    "State",
    "StatusRecord",
    "append_step",
    "clear",
    "drop_steps_after",
    "find",
    "is_discard_requested",
    "is_held",
    "is_stop_requested",
    "last_line",
    "list_folders",
    "load",
    "open_run",
    "read_config",
    "read_exit",
    "read_first_layer",
    "read_history",
    "read_mistakes",
    "read_record",
    "read_steps",
    "remove_parts",
    "request_discard",
    "request_stop",
    "save",
    "write_config",
    "write_digits",
    "write_exit",
    "write_first_layer",
    "write_history",
    "write_mistakes",
    "write_status",
]
