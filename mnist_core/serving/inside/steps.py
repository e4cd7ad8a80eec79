"""The layers on the way from the image to the ten numbers, out of a `.tflite`'s operations."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mnist_core.serving.inside.sight import WHOLE_PIXELS, Pair, Sight

# LiteRT's operations that make a layer of their own, by Keras's name of the layer.
KINDS = {
    "CONV_2D": "Conv2D",
    "DEPTHWISE_CONV_2D": "Conv2D",
    "MAX_POOL_2D": "MaxPooling2D",
    "AVERAGE_POOL_2D": "AveragePooling2D",
    "MEAN": "GlobalAveragePooling2D",
    "ADD": "Add",
    "FULLY_CONNECTED": "Dense",
}
POOLS = ("MaxPooling2D", "AveragePooling2D")
SPLIT = 4  # dimensions: more than these have images whose rows and columns were split


@dataclass
class Step:
    """A layer, before it has seen an image.

    Attributes
    ----------
    kind, before, sight : as of `Layer`
    tensor : what it gives
    weights : None if it has none
    """

    kind: str
    tensor: int
    before: int | None
    weights: int | None
    sight: Sight | None


@dataclass
class _Graph:
    """What is known so far.

    Attributes
    ----------
    shapes : of the tensors for one image
    sights : of the tensors that come from the image
    makers : the step that made a tensor, or the last one before it
    split : what tensors were whose rows and columns have been split, to be joined to blocks
    """

    shapes: Mapping[int, tuple[int, ...]]
    sights: dict[int, Sight | None]
    split: dict[int, int] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    makers: dict[int, int] = field(default_factory=dict)

    def follow(self, name: str, inputs: list[int], made: int) -> None:
        """Take one operation, as a layer of its own or as part of the one before."""
        sources = [tensor for tensor in inputs if tensor in self.sights]
        if not sources:
            return
        source, kind = sources[0], KINDS.get(name)
        if kind == "Add" and len(sources) == 1:
            kind = None  # of a constant: what is left of batch normalisation
        weights = inputs[1] if kind in ("Conv2D", "Dense") else None
        sight = self.sights[made] = self._sight(kind, source, made, weights)
        before, shape = self.makers.get(source), self.shapes[made]
        if kind:
            self.steps.append(Step(kind, made, before, weights, sight))
            self.makers[made] = len(self.steps) - 1
        elif before is not None:
            self.makers[made] = before
            if kind is None and shape == self.shapes[self.steps[before].tensor]:
                self.steps[before].tensor = made  # with its activation

    def _sight(self, kind: str | None, source: int, made: int, weights: int | None) -> Sight | None:
        """Return which part of the image each place of a tensor sees."""
        old = self.sights[source]
        if old is None or len(self.shapes[made]) < 3 or kind in ("Dense", KINDS["MEAN"]):
            return None
        if len(self.shapes[made]) > SPLIT:
            self.split[made] = self.split.get(source, source)
            return old
        before, after = self._sides(self.split.get(source, source)), self._sides(made)
        if kind == "Conv2D" and weights is not None:
            return old.through(before, after, self._sides(weights))
        if kind in POOLS:
            return old.through(before, after, (before[0] // after[0], before[1] // after[1]))
        return old if before == after else old.joined(before, after, blocks=source in self.split)

    def _sides(self, tensor: int) -> Pair:
        rows, columns = self.shapes[tensor][1:3]
        return rows, columns


def find_steps(
    operations: Iterable[Mapping[str, Any]],
    details: Mapping[int, Mapping[str, Any]],
    source: int,
    target: int,
) -> list[Step]:
    """Return the layers between the image and the ten numbers, in order.

    What makes "is it a digit" is left out, as is what computes shapes.

    Parameters
    ----------
    operations : as LiteRT lists them: `op_name`, `inputs`, `outputs`
    details : of each tensor: `shape`, `dtype`
    source, target : the tensors of the image and of the ten numbers
    """
    listed = [
        (one["op_name"], [int(tensor) for tensor in one["inputs"]], int(one["outputs"][0]))
        for one in operations
    ]
    makers = {made: inputs for _, inputs, made in listed}
    wanted, waiting = set(), [target]
    while waiting:
        tensor = waiting.pop()
        if tensor not in wanted:
            wanted.add(tensor)
            waiting += makers.get(tensor, [])
    shapes = {tensor: tuple(map(int, one["shape"])) for tensor, one in details.items()}
    graph = _Graph(shapes, {source: WHOLE_PIXELS})
    for name, inputs, made in listed:
        if made in wanted and details[made]["dtype"] in (np.float32, np.int8):
            graph.follow(name, inputs, made)
    return graph.steps
