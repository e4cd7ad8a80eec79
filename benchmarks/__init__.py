"""Measurements: accuracy on strokes, speed and memory, each beside a named alternative."""

import time


def fastest(call, times):
    """Return the seconds that the fastest of several calls took."""
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)
