"""A model's map of test digits in two dimensions, made once by t-SNE.

Imports no TensorFlow, and scikit-learn only when called.
"""

import importlib.util
from collections.abc import Sequence

import numpy as np

from mnist_core import serving
from mnist_core.data import Mnist
from mnist_core.errors import UsageError
from mnist_core.pixels import to_float
from mnist_core.serving import DIGIT_MAP, Predictor
from mnist_core.serving.digit_map import DigitMap, directions, shorten
from mnist_core.training.config import TrainingConfig
from mnist_core.workspace import WORKSPACE, Workspace

DIGITS = 5000
DIMENSIONS = 16  # of the features that it keeps; nearest neighbours are as good as in all of them
ITERATIONS = 500
PERPLEXITY = 30
SEED = 5
# Where the digits 0 to 9 usually lie: their middles on the maps of the shipped models, all turned.
USUAL = (
    *((0.0, -0.8), (-0.8, 0.0), (0.2, 0.2), (1.0, 0.3), (-0.8, 0.4)),
    *((0.7, -0.2), (-0.2, -1.0), (-0.1, 1.0), (0.2, -0.2), (-0.2, 0.4)),
)
LEAST_SEEN = 1_000_000  # images: after a shorter training, the map would take longer than that


def make_digit_map(predictor: Predictor, mnist: Mnist) -> DigitMap:
    """Lay test digits out, so that those lie together which a model finds similar.

    t-SNE and not PCA: by its first two principal components a digit's neighbours have its label in
    63% (`dense-sigmoid`) to 90% (`digit-net`) of cases, by t-SNE in 96% to 99%. Nor UMAP, whose
    compiler takes more room than the rest of the training.

    Source: L. van der Maaten and G. Hinton, "Visualizing data using t-SNE" (2008).

    Raises
    ------
    UsageError : scikit-learn is not installed
    """
    if not can_make_digit_map():
        raise UsageError(
            "A map of digits is made by scikit-learn, which is not installed: "
            "pip install scikit-learn."
        )
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(SEED)
    places = np.sort(rng.permutation(len(mnist.test))[:DIGITS])
    found = predictor.with_head(None).predict_full(to_float(mnist.test.images[places]))
    features = directions(found.features)
    few = PCA(min(DIMENSIONS, *features.shape), random_state=SEED).fit(features)
    middle, axes = (np.asarray(part, np.float32) for part in (few.mean_, few.components_))
    short = shorten(found.features, middle, axes.T)
    lay_out = TSNE(
        init="pca",
        max_iter=ITERATIONS,
        perplexity=min(PERPLEXITY, len(places) / 4),
        random_state=SEED,
    )
    # Its threads wait for each other busily: beside other work they took 40 times as long as one.
    with threadpool_limits(1):
        spread = lay_out.fit_transform(short)
    labels = np.asarray(mnist.test.labels)[places]
    return DigitMap(
        points=fitted(turned(spread, labels)),
        labels=labels,
        answers=found.probabilities.argmax(axis=1).astype(np.uint8),
        places=places.astype(np.uint16),
        features=short,
        middle=middle,
        axes=axes.T,
    )


def can_make_digit_map() -> bool:
    """Return whether scikit-learn is installed."""
    return importlib.util.find_spec("sklearn") is not None


def is_worth_a_map(config: TrainingConfig, mnist: Mnist, history: Sequence[object]) -> bool:
    """Return whether a finished training gets a map by itself: it can be made, and soon enough."""
    seen = len(history) * config.share * len(mnist.train)
    return config.task == "classification" and seen >= LEAST_SEEN and can_make_digit_map()


def store_digit_map(name: str, mnist: Mnist, *, workspace: Workspace = WORKSPACE) -> serving.Card:
    """Add a map of digits to a model of the models folder; the rest stays as it is.

    Returns
    -------
    as stored

    Raises
    ------
    ModelError : there is no such model, it is damaged, or it is a detector
    UsageError : scikit-learn is not installed
    """
    predictor = serving.load_predictor(name, workspace=workspace)
    content = make_digit_map(predictor, mnist).to_bytes()
    return serving.add_file(name, DIGIT_MAP, content, workspace=workspace)


def turned(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Turn a map, and mirror it if need be, so that digits lie near their usual places.

    t-SNE leaves this open. The maps of two models can be compared once a digit lies in about the
    same place on both. Distances stay as they are.

    Source: P. Schönemann, "A generalized solution of the orthogonal Procrustes problem" (1966).

    Parameters
    ----------
    points : (n, 2)
    labels : (n,)

    Returns
    -------
    (n, 2), the middle of the digits' middles at 0
    """
    digits = np.unique(labels)
    middles = np.array([points[labels == digit].mean(axis=0) for digit in digits])
    usual = np.array(USUAL)[digits]
    centre = middles.mean(axis=0)
    left, _, right = np.linalg.svd((middles - centre).T @ (usual - usual.mean(axis=0)))
    return (points - centre) @ (left @ right)


def fitted(points: np.ndarray) -> np.ndarray:
    """Return points moved and scaled into [0, 1], the longer side all of it."""
    low, high = points.min(axis=0), points.max(axis=0)
    side = float((high - low).max())
    return ((points - (low + high) / 2) / side + 0.5).clip(0, 1).astype(np.float32)
