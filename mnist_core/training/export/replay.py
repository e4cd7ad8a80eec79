"""What a model keeps of its training, so that it can be taught more later.

Imports no TensorFlow.
"""

import numpy as np

from mnist_core import serving
from mnist_core.config import CLASSES
from mnist_core.data import Mnist
from mnist_core.pixels import to_float
from mnist_core.serving import Predictor
from mnist_core.serving.adaptation import NON_DIGIT, Examples, look_at
from mnist_core.synthesis import non_digits
from mnist_core.workspace import WORKSPACE, Workspace

DIGITS_A_CLASS = 150
NON_DIGITS = 300
SEED = 4


def make_replay(predictor: Predictor, mnist: Mnist) -> Examples:
    """Return validation images and synthetic non-digits as a model sees them.

    The weights have not seen these images: of those that they were fitted to, features are too
    good.
    """
    rng = np.random.default_rng(SEED)
    labels = np.asarray(mnist.validation.labels)
    places = [rng.permutation(np.flatnonzero(labels == c))[:DIGITS_A_CLASS] for c in range(CLASSES)]
    digits = mnist.validation.images[np.concatenate(places)]
    others = non_digits.make(NON_DIGITS, rng)[0]
    names = [labels[np.concatenate(places)].astype(int), np.full(len(others), NON_DIGIT)]
    return look_at(predictor, to_float(np.concatenate([digits, others])), np.concatenate(names))


def store_replay(name: str, mnist: Mnist, *, workspace: Workspace = WORKSPACE) -> serving.Card:
    """Add to a model of the models folder what it needs to be taught; the rest stays as it is.

    Returns
    -------
    as stored

    Raises
    ------
    ModelError : there is no such model, it is damaged, it is a detector, or it was taught
        something, which its present replay holds
    """
    card = serving.load_card(name, workspace=workspace)
    serving.check_untaught(card)
    predictor = serving.load_predictor(name, workspace=workspace)
    content = make_replay(predictor, mnist).to_bytes()
    return serving.add_file(name, serving.REPLAY, content, workspace=workspace)
