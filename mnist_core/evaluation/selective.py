"""How well a predictor answers where it may abstain."""

import time

from mnist_core.evaluation import metrics


def evaluate_selective(predictor, images, labels, *, coverage=None):
    """Measure a predictor's answers, those alone that it accepts for the accuracy with abstention.

    Parameters
    ----------
    predictor : Predictor
    images : float32 array (n, 28, 28) in [0, 1], white on black
    labels : int array (n,)
    coverage : float in (0, 1] or None; accept this share of the answers, the most confident ones,
        instead of those that look like a digit

    Returns
    -------
    dict : what `metrics.summarise` returns, and the seconds that predicting took
    """
    start = time.perf_counter()
    seen = predictor.predict_full(images)
    seconds = time.perf_counter() - start
    if coverage is None:
        accepted = predictor.accepts(seen.is_digit)
    else:
        accepted = metrics.most_confident(seen.probabilities, coverage)
    summary = metrics.summarise(seen.probabilities, labels, accepted=accepted)
    return {**summary, "seconds": seconds}
