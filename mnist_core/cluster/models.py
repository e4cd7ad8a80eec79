"""The models that read, as content that can be sent to other machines."""

from dataclasses import dataclass

from mnist_core import serving
from mnist_core.serving import Card, Detector, Predictor
from mnist_core.workspace import Workspace


@dataclass(frozen=True)
class Models:
    """A classifier and the detector beside it.

    Attributes
    ----------
    classifier : contents of the files that it runs by, by their names
    detector : content of its `.tflite`; None where there is none
    """

    card: Card
    classifier: dict[str, bytes]
    detector: bytes | None

    def open(self) -> tuple[Predictor, Detector | None]:
        """Return both, ready to run.

        Raises
        ------
        ModelError : LiteRT cannot run the classifier
        """
        detector = None if self.detector is None else Detector(self.detector)
        return serving.predictor_of(self.card, self.classifier), detector


def load_models(name: str, *, workspace: Workspace) -> Models:
    """Load a classifier by its name, and the detector of the same models folder.

    Raises
    ------
    ModelError : a model is missing or damaged
    """
    card = serving.load_card(name, workspace=workspace)
    classifier = serving.read_served(card, workspace=workspace)
    if serving.find_detector(workspace=workspace) is None:
        return Models(card, classifier, None)
    found = serving.load_card(serving.DETECTOR, workspace=workspace)
    return Models(card, classifier, serving.read_file(found, "model.tflite", workspace=workspace))
