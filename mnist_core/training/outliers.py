"""Which synthetic non-digits an epoch shows to a network that learns to reject them."""

from collections.abc import Callable

import numpy as np

from mnist_core.pixels import to_float
from mnist_core.synthesis import non_digits
from mnist_core.synthesis.cuttings import cut_non_digits
from mnist_core.training.config import TrainingConfig

MINED = 0.5  # of an epoch's non-digits are the hardest of CANDIDATES times as many
CANDIDATES = 2
Score = Callable[[np.ndarray], np.ndarray]  # float32 images -> `is_digit`, or any such order


class Outliers:
    """A store of synthetic non-digits, of which each epoch shows some: half of them hard ones.

    Source: training on synthetic outliers after D. Hendrycks, M. Mazeika and T. Dietterich, "Deep
    anomaly detection with outlier exposure" (2019); hard ones after A. Shrivastava, A. Gupta and
    R. Girshick, "Training region-based object detectors with online hard example mining" (2016).

    Parameters
    ----------
    config : `non_digits` says how many there are, `seed` which
    digits : how many digits an epoch shows

    Attributes
    ----------
    images : uint8 (n, 28, 28)
    count : how many an epoch shows, so that they are `non_digit_share` of its images
    """

    def __init__(self, config: TrainingConfig, digits: int) -> None:
        self.count = count_of(config, digits)
        self.seed = config.seed
        rng = np.random.default_rng([config.seed, 4])
        held = config.non_digits if self.count else 0
        cut = round(config.page_share * held)
        self.images, _ = non_digits.make(held - cut, rng)
        if cut:
            self.images = np.concatenate([self.images, cut_non_digits(cut, rng)])

    def choose(self, epoch: int, score: Score | None = None) -> np.ndarray:
        """Return the non-digits of an epoch: the same for the same epoch and scores.

        Parameters
        ----------
        score : says how much images look like digits; without it, none is preferred

        Returns
        -------
        uint8 (count, 28, 28)
        """
        rng = np.random.default_rng([self.seed, epoch, 4])
        if score is None or not self.count:
            return self.images[_draw(rng, len(self.images), self.count)]
        candidates = _draw(rng, len(self.images), CANDIDATES * self.count)
        hardest = np.argsort(-score(to_float(self.images[candidates])), kind="stable")
        mined = round(MINED * self.count)
        others = rng.permutation(hardest[mined:])[: self.count - mined]
        return self.images[candidates[np.concatenate([hardest[:mined], others])]]


def count_of(config: TrainingConfig, digits: int) -> int:
    """Return how many non-digits an epoch shows beside so many digits."""
    return round(digits * config.non_digit_share / (1 - config.non_digit_share))


def _draw(rng: np.random.Generator, there: int, wanted: int) -> np.ndarray:
    """Draw places, none a second time before all others have come."""
    rounds = -(-wanted // max(there, 1))
    return np.concatenate([np.zeros(0, int), *(rng.permutation(there) for _ in range(rounds))])[
        :wanted
    ]
