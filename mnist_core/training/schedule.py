"""A learning rate that rises, stays, and falls at the end."""

WARM_UP = 500  # steps in which the learning rate rises
FALL = 0.25  # of all steps; in the last ones the learning rate falls to 0


def trapezoid(highest: float, done: int, total: int) -> float:
    """Return the learning rate of a step.

    That it stays lets a training be prolonged after the fact, unlike a cosine.

    Source: A. Hägele and others, "Scaling laws and compute-optimal training beyond fixed training
    durations" (2024), who find it as good as a cosine.

    Parameters
    ----------
    done : steps before this one
    total : steps of the whole training
    """
    rising = (done + 1) / min(WARM_UP, total)
    falling = (total - done) / max(FALL * total, 1)
    return highest * min(1.0, rising, falling)
