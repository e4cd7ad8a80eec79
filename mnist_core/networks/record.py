"""What is known about an architecture: one record holds all of it."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import keras


# What a network is for: which digit an image of one shows, or where on a page marks stand.
Task = Literal["classification", "detection"]


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """A network that can be trained.

    Memory is the largest resident set of `train` on all of MNIST, measured at 128 and 4,096 images
    a batch (Linux, TensorFlow 2.21); 0.8 GB of it are TensorFlow, Python and MNIST. Time is
    processor time on two cores at 2.6 GHz with AVX-512, from 2,048 images in batches of 32, 128 and
    1,024, as `benchmarks/training.py` measures it.

    Attributes
    ----------
    name : what people choose; a model trained by its recipe has it too, unless given another
    build : returns the uncompiled network. One for classification takes float32 images (n, 28, 28)
        in [0, 1], white on black, and gives ten numbers an image; its last activation says what
        they are: `softmax`, `sigmoid`, or `linear` for logits. The docstring's first line is the
        title, and its paragraph after "Source: " the source with all deviations
    summary : what to expect of it, for people who choose a network
    recipe : settings it is usually trained with, where they differ from those of TrainingConfig
    trial_epochs : epochs of a first training in the app, which should take minutes
    fixed_megabytes, image_megabytes : memory, and what each image of a batch adds
    non_digit_megabytes : what each non-digit adds, from which a head learns to reject
    step_seconds, image_seconds : time of a training step, and what each image of it adds
    task : decides how it is trained, measured and served
    epoch_images : how many images are made for an epoch; 0 if it sees those of MNIST
    """

    name: str
    build: Callable[[], "keras.Model"]
    summary: str
    recipe: Mapping[str, Any] = field(default_factory=dict)
    trial_epochs: int = 5
    fixed_megabytes: float
    image_megabytes: float
    non_digit_megabytes: float = 0.0
    step_seconds: float
    image_seconds: float
    task: Task = "classification"
    epoch_images: int = 0

    @property
    def title(self) -> str:
        """What the network is made of, in a sentence."""
        return (inspect.getdoc(self.build) or "").partition("\n")[0]

    @property
    def source(self) -> str:
        """Where the network comes from, and what is different here."""
        text = (inspect.getdoc(self.build) or "").partition("Source: ")[2]
        return " ".join(text.split())
