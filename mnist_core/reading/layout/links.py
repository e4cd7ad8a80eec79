"""Which digit stands right of which, and which way the lines slope around each digit."""

from collections.abc import Sequence

import numpy as np

FIRST_GAP, GAP = 1.2, 1.3  # heights between digits that are linked: at first, then along the slope
FIRST_OFF, OFF = 0.8, 0.5  # heights by which one may be higher: at first, then along the slope
UNLIKE = 0.5  # where one is much taller, their middles may be off by so much of the difference
STEEPEST = 1.05  # tangent of the steepest slope, 46 degrees
LEAST_APART = 0.12  # heights; middles of digits side by side are further apart
BY_HEIGHT = 2.0  # what it costs to be a height higher, in heights along the line
MOST_UNLIKE = 3.0  # times; neighbours differ in height by less
AROUND = 4.0  # heights; the slope around a digit is that of links so near
OF_PAGE = 0.02  # weight of links that are farther away
STEADY = 2.0  # heights; the slope of a line so long is believed as much as that of the page
MANY = 3  # digits; a line of so many shows its slope


def slopes_of(boxes: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the tangent of the slope around each digit, and that of the page.

    Parameters
    ----------
    boxes : float (n, 4), at least one

    Returns
    -------
    float (n,) and one number; positive where lines fall
    """
    middles = boxes[:, :2] + boxes[:, 2:] / 2
    flat = np.zeros(len(boxes))
    links = mutual(_costs(boxes, flat, FIRST_GAP, FIRST_OFF))
    chains = [chain for chain in _chained(len(boxes), links) if len(chain) > 1]
    if not chains:
        return flat, 0.0
    slopes = np.array([slope_of(boxes[chain]) for chain in chains])
    sizes = np.array([len(chain) for chain in chains], float)
    weights = np.where(sizes >= MANY, sizes, 0.3)
    page = _median(slopes, weights)
    found = np.full(len(boxes), page)
    own = {digit: k for k, chain in enumerate(chains) for digit in chain if len(chain) >= MANY}
    centres = np.array([middles[chain].mean(axis=0) for chain in chains])
    for digit in range(len(boxes)):
        if digit in own:
            found[digit] = slopes[own[digit]]
            continue
        apart = np.hypot(*(centres - middles[digit]).T) / max(boxes[digit, 3], 1)
        near = np.exp(-((apart / AROUND) ** 2) / 2) + OF_PAGE
        found[digit] = _median(slopes, weights * near)
    return found, page


def chains_of(boxes: np.ndarray, slopes: np.ndarray) -> list[list[int]]:
    """Link digits that stand side by side along the slope around them.

    Returns
    -------
    each digit once; those linked together, from left to right
    """
    return _chained(len(boxes), mutual(_costs(boxes, slopes, GAP, OFF)))


def slope_of(boxes: np.ndarray) -> float:
    """Return the tangent of a line's slope: the median slope of all pairs of its digits.

    Source: P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau" (1968).
    """
    middles = boxes[:, :2] + boxes[:, 2:] / 2
    if len(middles) < 2:
        return 0.0
    first, second = np.triu_indices(len(middles), 1)
    across, down = (middles[second] - middles[first]).T
    apart = np.abs(across) > LEAST_APART * np.median(boxes[:, 3])
    if not apart.any():
        return 0.0
    # Pairs that are far apart tell more about the slope.
    found = _median(down[apart] / across[apart], np.abs(across[apart]))
    return float(np.clip(found, -STEEPEST, STEEPEST))


def steady_slope(boxes: np.ndarray, page: float) -> float:
    """Return the slope of a line: the shorter it is, the more it slopes as the page does.

    Parameters
    ----------
    boxes : float (n, 4), at least one, of its digits
    page : tangent of the page's slope
    """
    height = max(float(np.median(boxes[:, 3])), 1.0)
    length = float(np.ptp(boxes[:, 0] + boxes[:, 2] / 2)) / height
    trust = length**2 / (length**2 + STEADY**2)
    return trust * slope_of(boxes) + (1 - trust) * page


def page_slope(lines: Sequence[np.ndarray]) -> float:
    """Return the slope of most lines, those with many digits counting more; 0 if all are short.

    Parameters
    ----------
    lines : float (n, 4) each, the boxes of a line's digits
    """
    long = [line for line in lines if len(line) >= MANY]
    if not long:
        return 0.0
    slopes = np.array([slope_of(line) for line in long])
    return _median(slopes, np.array([len(line) for line in long], float))


def mutual(costs: np.ndarray) -> list[tuple[int, int]]:
    """Return the pairs (i, j) where j is i's cheapest and i is j's.

    Parameters
    ----------
    costs : float (n, n), infinite where two cannot be linked
    """
    after, before = costs.argmin(axis=1), costs.argmin(axis=0)
    return [
        (i, int(j))
        for i, j in enumerate(after)
        if np.isfinite(costs[i, j]) and before[j] == i and i != j
    ]


def _costs(boxes: np.ndarray, slopes: np.ndarray, reach: float, off: float) -> np.ndarray:
    """Return what it costs to link each digit to each that stands right of it; float (n, n)."""
    x, y, width, height = boxes.astype(np.float32).T
    height = np.maximum(height, 1)
    tall = np.sqrt(height[:, None] * height)
    slope = (slopes[:, None] + slopes).astype(np.float32) / 2
    across = (x + width / 2)[None] - (x + width / 2)[:, None]
    down = (y + height / 2)[None] - (y + height / 2)[:, None] - slope * across
    gap = np.maximum(x[None] - (x + width)[:, None], 0) / tall
    down = np.abs(down) / tall
    larger, smaller = np.maximum(height[:, None], height), np.minimum(height[:, None], height)
    # Of two digits on one line, the taller may rise or hang down by the difference.
    excess = np.maximum(down - UNLIKE * (larger - smaller) / tall, 0)
    cost = np.hypot(gap + np.maximum(across, 0) / tall, BY_HEIGHT * excess)
    fits = (across > LEAST_APART * tall) & (gap <= reach) & (larger <= MOST_UNLIKE * smaller)
    fits &= (excess <= off) & (np.abs(down * tall) <= STEEPEST * across + OFF * tall)
    return np.where(fits, cost, np.inf)


def _chained(count: int, links: list[tuple[int, int]]) -> list[list[int]]:
    following = dict(links)
    heads = sorted(set(range(count)) - set(following.values()))
    chains = []
    for head in heads:
        chain = [head]
        while chain[-1] in following:
            chain.append(following[chain[-1]])
        chains.append(chain)
    return chains


def _median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(total, total[-1] / 2)]])
