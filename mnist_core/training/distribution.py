"""Training in several processes at once, on one machine or many, where TF_CONFIG says so.

TensorFlow's `tf.distribute.MultiWorkerMirroredStrategy` connects the workers and adds up their
gradients. Each learns from its part of every batch; the first one, the chief, measures and saves,
with the batch normalisation's statistics of its own part.

Keras 3's own loop cannot be used then: its `train_on_batch` fails ("Invalid reduction dimension 0",
https://github.com/tensorflow/tensorflow/issues/72388), `fit` fails too, `predict` waits for the
other workers, and `keras.distribution` does nothing on TensorFlow. So this module has its own step.
"""

import contextlib
import faulthandler
import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.errors import InvalidValueError, RunError
from mnist_core.networks.outputs import DIGITS, digits_of
from mnist_core.training import backend
from mnist_core.training.targets import Answers, part_of

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

JOIN_SECONDS = 600
Tensors = Any  # one, or one for each output
# Images, answers and weights of a batch -> its loss and accuracy.
Step = Callable[[np.ndarray, Answers, Answers | None], tuple[float, float]]


class SingleProcess:
    """The usual way to train: in this process alone.

    Attributes
    ----------
    chief : whether this process measures and saves
    seeds : what to add to a seed, so that each worker draws random numbers of its own
    """

    chief: bool = True
    seeds: tuple[int, ...] = ()

    def connect(self) -> None:
        """Connect to the other workers; has to come before anything else that TensorFlow does."""

    def scope(self) -> AbstractContextManager[Any]:
        """Return the context to build, compile and load models in; every worker has to, alike."""
        return contextlib.nullcontext()

    def stepper(self, model: "keras.Model", answers: Answers) -> Step:
        """Return a function that learns from a batch, of which each worker takes its part.

        Parameters
        ----------
        answers : of one image, in the form that the loss needs
        """
        # The first step would create these variables, too, but TensorFlow would then trace its
        # graph twice, which takes seconds.
        model.optimizer.build(model.trainable_variables)
        if isinstance(answers, dict):
            given = {name: np.zeros((1, *answer.shape[1:])) for name, answer in answers.items()}
        else:
            given = np.zeros((len(answers), CLASSES), np.float32)
        model.compute_metrics(None, answers, given)
        model.reset_metrics()

        def step(
            images: np.ndarray, answers: Answers, weights: Answers | None = None
        ) -> tuple[float, float]:
            found: Any = model.train_on_batch(images, answers, weights, return_dict=True)
            accuracy = found.get("accuracy", found.get(f"{DIGITS}_accuracy"))
            return float(found["loss"]), float(accuracy)

        return step

    def agree(self, wish: bool) -> bool:
        """Return whether any worker wishes so; all of them have to ask."""
        return wish


class Worker(SingleProcess):
    """One of several processes that train together.

    Parameters
    ----------
    index : from 0; the first one is the chief
    count : of the workers
    """

    def __init__(self, index: int, count: int) -> None:
        self.index, self.count = index, count
        self.chief, self.seeds = index == 0, (index,)
        self._strategy: Any = None

    def connect(self) -> None:
        """Wait for the other workers, ten minutes at most; Ctrl-C ends the waiting.

        Raises
        ------
        RunError : the backend is not TensorFlow
        """
        if self._strategy:
            return
        backend.check_can_distribute()
        import tensorflow as tf

        # TensorFlow waits without end in code that ignores Python's signals, and keeps SIGTERM.
        numbers = [signal.SIGINT, signal.SIGTERM]
        before = [signal.signal(number, signal.SIG_DFL) for number in numbers]
        faulthandler.dump_traceback_later(JOIN_SECONDS, exit=True)
        try:
            self._strategy = tf.distribute.MultiWorkerMirroredStrategy()
        finally:
            faulthandler.cancel_dump_traceback_later()
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)

    def scope(self) -> AbstractContextManager[Any]:
        """Return the context to build, compile and load models in; every worker has to, alike."""
        return self._strategy.scope()

    def stepper(self, model: "keras.Model", answers: Answers) -> Step:  # noqa: ARG002
        """Return a function that learns from a batch; it raises RunError if a worker has ended."""
        import tensorflow as tf

        def learn(images: "tf.Tensor", answers: Tensors, weights: Tensors) -> "tf.Tensor":
            with tf.GradientTape() as tape:
                outputs: Any = model(images, training=True)
                # Keras divides by the number of workers; the optimiser adds up their gradients.
                loss: Any = model.compute_loss(images, answers, outputs, weights)
            variables = model.trainable_variables
            model.optimizer.apply(tape.gradient(loss, variables), variables)
            found, truth, counted = map(digits_of, (outputs, answers, weights))
            truth = tf.argmax(truth, 1) if truth.shape.rank == 2 else tf.cast(truth, tf.int64)
            correct = tf.cast(tf.argmax(found, 1) == truth, tf.float32)
            correct = tf.reduce_sum(correct * tf.cast(counted > 0, tf.float32))
            return self._sum(tf.stack([tf.cast(loss, tf.float32), correct]))

        run = tf.function(
            lambda *part: self._strategy.run(learn, args=part),
            reduce_retracing=True,
            jit_compile=False,
        )
        with self.scope():
            model.optimizer.build(model.trainable_variables)

        def step(
            images: np.ndarray, answers: Answers, weights: Answers | None = None
        ) -> tuple[float, float]:
            with _errors_of_workers():
                loss, correct = run(*self.part(images, answers, weights)).numpy().tolist()
            digits = len(images) if weights is None else np.count_nonzero(digits_of(weights))
            return loss, correct / max(digits, 1)

        return step

    def agree(self, wish: bool) -> bool:
        """Return whether any worker wishes so; all of them wait here for each other."""
        import tensorflow as tf

        # A function's arguments lie on no device, and all_reduce asks for one.
        total = tf.function(lambda value: self._strategy.run(lambda: self._sum(tf.identity(value))))
        with _errors_of_workers():
            return bool(total(tf.constant(float(wish))).numpy())

    def part(
        self, images: np.ndarray, answers: Answers, weights: Answers | None
    ) -> tuple[np.ndarray, Answers, Answers]:
        """Return this worker's part of a batch, its weights such that all parts make the mean.

        A part is never empty: every worker has to take part in every step. Where there are fewer
        images than workers, the first image is taken with no weight.
        """
        part = np.s_[self.index :: self.count] if self.index < len(images) else np.s_[:1]
        whole, counts = len(images), len(images[part]) if self.index < len(images) else 0
        scale = np.float32(self.count * counts / whole)
        weights = np.ones(whole, np.float32) if weights is None else weights
        return images[part], part_of(answers, part), part_of(weights, part, scale)

    def _sum(self, values: "tf.Tensor") -> "tf.Tensor":
        """Add up tensors over all workers."""
        import tensorflow as tf

        return tf.distribute.get_replica_context().all_reduce("SUM", values)


SINGLE_PROCESS = SingleProcess()


def from_environment() -> SingleProcess:
    """Return this process's place among the workers that TF_CONFIG describes.

    Raises
    ------
    InvalidValueError : TF_CONFIG is not as TensorFlow wants it
    """
    text = os.environ.get("TF_CONFIG")
    if not text:
        return SINGLE_PROCESS
    try:
        stored = json.loads(text)
        cluster, task = stored["cluster"], stored["task"]
        chiefs, workers = (len(cluster.get(kind, ())) for kind in ("chief", "worker"))
        if task["type"] not in ("chief", "worker"):
            raise ValueError("the task is neither chief nor worker")
        if not 0 <= task["index"] < len(cluster[task["type"]]):
            raise ValueError("there is no such task in the cluster")
        index = task["index"] + (chiefs if task["type"] == "worker" else 0)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidValueError(
            'TF_CONFIG has to be such as {"cluster": {"worker": ["host:port", "host:port"]}, '
            f'"task": {{"type": "worker", "index": 0}}}}, received {text!r}.'
        ) from error
    return Worker(index, chiefs + workers) if chiefs + workers > 1 else SINGLE_PROCESS


@contextlib.contextmanager
def _errors_of_workers() -> Iterator[None]:
    """Report in words that another worker has ended."""
    import tensorflow as tf

    try:
        yield
    except (tf.errors.UnavailableError, tf.errors.AbortedError) as error:
        raise RunError(
            "Another worker has ended, so this one cannot continue. Start all of them again with "
            "--resume."
        ) from error
