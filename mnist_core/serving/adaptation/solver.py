"""The minimum of a smooth convex function of many numbers."""

from collections import deque
from collections.abc import Callable

import numpy as np

REMEMBERED = 10  # steps by which the curvature is estimated
HALVINGS = 20  # of a step that goes too far
ENOUGH = 1e-4  # share of the promised decrease that a step has to bring
TOLERANCE = 1e-5  # relative decrease at which the search ends

Gradient = Callable[[np.ndarray], tuple[float, np.ndarray]]


def minimise(function: Gradient, start: np.ndarray, *, steps: int) -> np.ndarray:
    """Search for the minimum by the limited-memory quasi-Newton method L-BFGS.

    Parameters
    ----------
    function : from (n,) to its value and its gradient (n,)
    start : (n,)
    steps : the most that are taken

    Returns
    -------
    float64 (n,)

    Source: J. Nocedal, "Updating quasi-Newton matrices with limited storage" (1980); steps are
    halved until they bring enough (L. Armijo, 1966).
    """
    point = np.asarray(start, np.float64)
    value, gradient = function(point)
    history: deque[tuple[np.ndarray, np.ndarray]] = deque(maxlen=REMEMBERED)
    for _ in range(steps):
        direction = -_apply_inverse(history, gradient)
        slope = float(gradient @ direction)
        if not history:  # nothing is known of the scale yet
            direction, slope = (x / (1 + np.linalg.norm(gradient)) for x in (direction, slope))
        length = 1.0
        for _ in range(HALVINGS):
            new = point + length * direction
            found, change = function(new)
            if found <= value + ENOUGH * length * slope:
                break
            length /= 2
        else:
            return point
        history.append((new - point, change - gradient))
        decrease = value - found
        point, value, gradient = new, found, change
        if decrease <= TOLERANCE * max(abs(value), 1e-3):
            break
    return point


def _apply_inverse(
    history: deque[tuple[np.ndarray, np.ndarray]], gradient: np.ndarray
) -> np.ndarray:
    """Return the estimated inverse of the curvature times the gradient."""
    result, shares = gradient.copy(), []
    for step, change in reversed(history):
        share = float(step @ result) / float(step @ change)
        shares.append(share)
        result -= share * change
    if history:
        step, change = history[-1]
        result *= float(step @ change) / float(change @ change)
    for (step, change), share in zip(history, reversed(shares), strict=True):
        result += step * (share - float(change @ result) / float(step @ change))
    return result
