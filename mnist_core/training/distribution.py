"""Training in several processes at once, on one machine or many, where TF_CONFIG says so.

TensorFlow's `tf.distribute.MultiWorkerMirroredStrategy` connects the workers and adds up their
gradients. Each learns from its part of every batch; the first one, the chief, measures and saves.
Without TF_CONFIG everything here does nothing.

Keras 3's own loop cannot be used then: its `train_on_batch` fails ("Invalid reduction dimension 0",
https://github.com/tensorflow/tensorflow/issues/72388), `fit` fails too, `predict` waits for the
other workers, and `keras.distribution` does nothing on TensorFlow. So there is a step of ours.
"""

import contextlib
import faulthandler
import functools
import json
import os
import signal

import numpy as np

from mnist_core.errors import RunError

JOIN_SECONDS = 600


def join():
    """Connect to the other workers; has to come before anything else that TensorFlow does.

    Waits for workers that are not there yet, ten minutes at most; Ctrl-C ends the waiting.
    """
    if not described() or _strategy.cache_info().currsize:
        return
    # TensorFlow waits without end in code that heeds no signal of Python's, and keeps SIGTERM.
    numbers = [signal.SIGINT, signal.SIGTERM]
    before = [signal.signal(number, signal.SIG_DFL) for number in numbers]
    faulthandler.dump_traceback_later(JOIN_SECONDS, exit=True)
    try:
        _strategy()
    finally:
        faulthandler.cancel_dump_traceback_later()
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def scope():
    """Return the context to build, compile and load models in; every worker has to, alike."""
    return _strategy().scope() if _strategy() else contextlib.nullcontext()


def is_chief():
    """Whether this process measures and saves: the only one, or the first worker."""
    return _place()[0] == 0


def seed():
    """Return what to add to a seed, so that each worker draws random numbers of its own."""
    return [_place()[0]] if _strategy() else []


def stepper(model):
    """Return a function that learns from a batch, of which each worker takes its part.

    Parameters
    ----------
    model : keras.Model, compiled in `scope`

    Returns
    -------
    callable (images, answers, weights or None) -> (loss, accuracy) of the whole batch; raises
        RunError when another worker has ended
    """
    if not _strategy():
        return model.train_on_batch
    import tensorflow as tf

    def learn(images, answers, weights):
        with tf.GradientTape() as tape:
            outputs = model(images, training=True)
            # Keras divides by the number of workers; the optimiser adds up their gradients.
            loss = model.compute_loss(images, answers, outputs, weights)
        variables = model.trainable_variables
        model.optimizer.apply(tape.gradient(loss, variables), variables)
        truth = tf.argmax(answers, 1) if answers.shape.rank == 2 else tf.cast(answers, tf.int64)
        right = tf.cast(tf.argmax(outputs, 1) == truth, tf.float32)
        right = tf.reduce_sum(right * tf.cast(weights > 0, tf.float32))
        told = tf.stack([tf.cast(loss, tf.float32), right])
        return tf.distribute.get_replica_context().all_reduce("SUM", told)

    run = tf.function(
        lambda *part: _strategy().run(learn, args=part), reduce_retracing=True, jit_compile=False
    )
    with scope():
        model.optimizer.build(model.trainable_variables)

    def step(images, answers, weights=None):
        with _telling_of_workers():
            loss, right = run(*_part(images, answers, weights)).numpy().tolist()
        return loss, right / len(images)

    return step


def agree(wish):
    """Return whether any worker wishes so; all of them have to ask."""
    return bool(_together([np.float32(wish)], "SUM")[0]) if _strategy() else wish


def average_statistics(model):
    """Give every worker the mean of all workers' statistics of batch normalisation."""
    if not _strategy():
        return
    mine = [v for v in model.non_trainable_variables if "moving_" in v.path]
    if mine:
        values = _together([v.numpy() for v in mine], "MEAN")
        for variable, value in zip(mine, values, strict=True):
            variable.assign(value)


def alone(model, config):
    """Return a model to predict with in this process alone; the model itself if it is alone."""
    if not _strategy():
        return model
    from mnist_core import networks

    copy = networks.build(config.architecture, half_precision=config.half_precision)
    copy.set_weights(model.get_weights())
    return copy


@functools.cache
def described():
    """Whether TF_CONFIG tells of more workers than this one.

    Raises
    ------
    ValueError : it is not as TensorFlow wants it
    """
    told = os.environ.get("TF_CONFIG")
    if not told:
        return False
    try:
        stored = json.loads(told)
        cluster, task = stored["cluster"], stored["task"]
        if task["type"] not in ("chief", "worker") or not 0 <= task["index"] < len(
            cluster[task["type"]]
        ):
            raise ValueError("there is no such task in the cluster")
        return sum(len(cluster.get(kind, ())) for kind in ("chief", "worker")) > 1
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            'TF_CONFIG has to be such as {"cluster": {"worker": ["host:port", "host:port"]}, '
            f'"task": {{"type": "worker", "index": 0}}}}, received {told!r}.'
        ) from error


@functools.cache
def _strategy():
    """Return the strategy of the cluster, None without one; connects to the other workers."""
    if not described():
        return None
    import tensorflow as tf

    return tf.distribute.MultiWorkerMirroredStrategy()


def _place():
    """Return which worker this is, from 0, and how many there are."""
    if not described():
        return 0, 1
    told = json.loads(os.environ["TF_CONFIG"])
    cluster, task = told["cluster"], told["task"]
    chiefs = len(cluster.get("chief", ()))
    index = task["index"] + (chiefs if task["type"] == "worker" else 0)
    return index, chiefs + len(cluster["worker"])


def _part(images, answers, weights):
    """Return this worker's part of a batch, its weights such that all parts make the mean.

    A part is never empty: every worker has to take part in every step. Where there are fewer
    images than workers, the first image is taken with no weight.
    """
    index, workers = _place()
    part = np.s_[index::workers] if index < len(images) else np.s_[:1]
    images, answers, whole = images[part], answers[part], len(images)
    weights = np.ones(len(images), np.float32) if weights is None else weights[part]
    counts = len(images) if index < whole else 0
    return images, answers, weights * np.float32(workers * counts / whole)


def _together(values, how):
    """Add up arrays over all workers, or take their mean; all wait here for each other."""
    import tensorflow as tf

    values = [tf.convert_to_tensor(value, tf.float32) for value in values]
    with _telling_of_workers():
        return [value.numpy() for value in _reducer(how)(values)]


@contextlib.contextmanager
def _telling_of_workers():
    """Say in words that another worker has ended."""
    import tensorflow as tf

    try:
        yield
    except (tf.errors.UnavailableError, tf.errors.AbortedError) as error:
        raise RunError(
            "Another worker has ended, so this one cannot go on. Start all of them again with "
            "--resume."
        ) from error


@functools.cache
def _reducer(how):
    import tensorflow as tf

    def reduce(values):
        # A function's arguments lie on no device, and all_reduce asks for one.
        values = [tf.identity(value) for value in values]
        return tf.distribute.get_replica_context().all_reduce(how, values)

    return tf.function(lambda values: _strategy().run(reduce, args=(values,)))
