"""All architectures, and what builds one of them.

To add one, write its function and its record into a module of this package; the training page, the
command line, the estimates and the tests take it from ARCHITECTURES.
"""

from typing import TYPE_CHECKING

from mnist_core.errors import InvalidValueError
from mnist_core.networks.convolutional import CONVOLUTIONAL
from mnist_core.networks.dense import DENSE
from mnist_core.networks.digit_net import DIGIT_NET
from mnist_core.networks.number_net import NUMBER_NET
from mnist_core.networks.outputs import with_rejection
from mnist_core.networks.record import Architecture, Task

if TYPE_CHECKING:
    import keras


def build(
    architecture: str, *, seed: int = 0, half_precision: bool = False, rejecting: bool = False
) -> "keras.Model":
    """Build a model with random weights.

    Parameters
    ----------
    architecture : a key of ARCHITECTURES
    seed : the same seed gives the same weights
    half_precision : compute in bfloat16 up to the last layer, which is faster to train on
        processors that support it; weights stay float32
    rejecting : with a second output, which learns to reject non-digits; see `with_rejection`

    Returns
    -------
    uncompiled

    Raises
    ------
    InvalidValueError : unknown architecture
    """
    if architecture not in ARCHITECTURES:
        raise InvalidValueError(
            f"There is no architecture {architecture!r}; choose one of {', '.join(ARCHITECTURES)}.",
            names=("architecture",),
        )
    import keras

    keras.utils.set_random_seed(seed)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if half_precision else "float32")
    try:
        model = ARCHITECTURES[architecture].build()
        return with_rejection(model) if rejecting else model
    finally:
        keras.config.set_dtype_policy(before)


def architectures_for(task: Task) -> dict[str, Architecture]:
    """Return the records of the architectures for a task, by name."""
    return {name: record for name, record in ARCHITECTURES.items() if record.task == task}


ARCHITECTURES = {
    record.name: record for record in (*DIGIT_NET, *CONVOLUTIONAL, *DENSE, *NUMBER_NET)
}
