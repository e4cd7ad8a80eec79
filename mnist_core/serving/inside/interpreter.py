"""An interpreter of its own, which keeps what lies between the image and the ten numbers."""

import threading

import numpy as np

from mnist_core.config import CLASSES, IMAGE_SIZE
from mnist_core.errors import ModelError
from mnist_core.pixels import check_images, from_blocks
from mnist_core.serving.inside.layer import Layer
from mnist_core.serving.inside.steps import find_steps


class Inside:
    """Shows the layers of a `.tflite` classifier at work; safe to call from many threads.

    Parameters
    ----------
    model : content of a `.tflite` file as `Predictor` takes it

    Raises
    ------
    ModelError : LiteRT cannot run it
    """

    def __init__(self, model: bytes) -> None:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        try:
            # Delegates compute several layers at once and keep nothing between them.
            self._interpreter = Interpreter(
                model_content=model,
                num_threads=1,
                experimental_preserve_all_tensors=True,
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            )
            self._source = int(self._interpreter.get_input_details()[0]["index"])
            self._interpreter.resize_tensor_input(self._source, [1, IMAGE_SIZE, IMAGE_SIZE])
            self._interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"LiteRT cannot show the layers of this model: {error}") from error
        self._lock = threading.Lock()
        self._details = {one["index"]: one for one in self._interpreter.get_tensor_details()}
        outputs = self._interpreter.get_output_details()
        target = next(int(one["index"]) for one in outputs if one["shape"][-1] == CLASSES)
        # LiteRT has no public name for its list of operations; its own analyzer reads this one.
        operations = self._interpreter._get_ops_details()
        self._steps = find_steps(operations, self._details, self._source, target)

    def __call__(self, image: np.ndarray) -> list[Layer]:
        """Return what the layers make of an image, from the first to the ten numbers.

        Parameters
        ----------
        image : float32 (28, 28) in [0, 1], white on black

        Raises
        ------
        ValueError : another shape, or pixels that are not numbers from 0 to 1
        """
        images = check_images(image[None])
        with self._lock:
            self._interpreter.set_tensor(self._source, images)
            self._interpreter.invoke()
            found = [self._read(step.tensor) for step in self._steps]
        return [
            Layer.of(values, step.kind, step.before, step.sight)
            for step, values in zip(self._steps, found, strict=True)
        ]

    def filter(self, layer: int, place: int) -> np.ndarray | None:
        """Return the weights by which a layer makes one of its maps.

        Parameters
        ----------
        layer : its place among the layers
        place : of the map in it

        Returns
        -------
        float32 (h, w, n), for each of the n maps that it reads; a unit that reads the image has
        28 x 28. None where it has no weights, or a number for each of a row of numbers
        """
        step = self._steps[layer]
        if step.weights is None:
            return None
        weights = self._weights(step.weights)
        if step.kind == "Dense":
            readable = step.before is None and weights.shape[1] == IMAGE_SIZE * IMAGE_SIZE
            return weights[place].reshape(IMAGE_SIZE, IMAGE_SIZE, 1) if readable else None
        if weights.shape[0] == 1:  # depthwise: (1, h, w, n)
            return weights[0, :, :, place, None]
        chosen = weights[place]
        if step.before is None and step.sight:  # neighbours may have become channels: put them back
            (height, width, _), seen = chosen.shape, step.sight.size
            block = seen[0] // height, seen[1] // width
            return from_blocks(chosen[None], block)[0, :, :, None]
        return chosen

    def votes(self, place: int) -> np.ndarray:
        """Return how much one of the numbers that the last layer reads counts for each digit.

        Parameters
        ----------
        place : of the number in the layer before the last

        Returns
        -------
        float32 (10,)
        """
        tensor = self._steps[-1].weights
        if tensor is None:
            raise ModelError("The last layer of this model has no weights.")
        return self._weights(tensor)[:, place]

    def _weights(self, tensor: int) -> np.ndarray:
        with self._lock:
            return self._read(tensor)

    def _read(self, tensor: int) -> np.ndarray:
        """Return a tensor as float32, its 8-bit steps turned into numbers."""
        values = self._interpreter.get_tensor(tensor)
        if values.dtype != np.int8:
            return values
        steps = self._details[tensor]["quantization_parameters"]
        along = [1] * values.ndim
        if len(steps["scales"]) > 1:
            along[steps["quantized_dimension"]] = -1
        scale, zero = (np.reshape(steps[part], along) for part in ("scales", "zero_points"))
        return ((values.astype(np.float32) - zero) * scale).astype(np.float32)
