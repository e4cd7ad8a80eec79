"""What a model was taught: a change of its last layer, and of its answer to "is it a digit?"."""

import io
from dataclasses import dataclass

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.errors import ModelError
from mnist_core.serving.probabilities import softmax


@dataclass(frozen=True)
class Head:
    """What is added to a model's logits and to its `is_digit`; linear in its features.

    Attributes
    ----------
    kernel : float32 (k, 10)
    bias : float32 (10,)
    digit_kernel : float32 (k,)
    digit_bias : added to the number whose sigmoid is `is_digit`
    """

    kernel: np.ndarray
    bias: np.ndarray
    digit_kernel: np.ndarray
    digit_bias: float

    def after(self, before: "Head | None") -> "Head":
        """Return what a model was taught by this and, before, by another; None for nothing."""
        if before is None:
            return self
        return Head(
            before.kernel + self.kernel,
            before.bias + self.bias,
            before.digit_kernel + self.digit_kernel,
            before.digit_bias + self.digit_bias,
        )

    def probabilities(self, probabilities: np.ndarray, features: np.ndarray) -> np.ndarray:
        """Return the taught model's probabilities.

        Parameters
        ----------
        probabilities : (n, 10), the untaught model's
        features : (n, k)

        Returns
        -------
        float32 (n, 10), rows summing to 1
        """
        logits = np.log(np.maximum(probabilities, 1e-30)) + features @ self.kernel + self.bias
        return softmax(logits).astype(np.float32)

    def digitness(self, digitness: np.ndarray, features: np.ndarray) -> np.ndarray:
        """Return (n,), the numbers whose sigmoid is the taught model's `is_digit`."""
        return digitness + features @ self.digit_kernel + self.digit_bias

    def to_bytes(self) -> bytes:
        """Return the content of a `head.npz`."""
        file = io.BytesIO()
        np.savez(
            file,
            kernel=self.kernel,
            bias=self.bias,
            digit_kernel=self.digit_kernel,
            digit_bias=self.digit_bias,
        )
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Head":
        """Read the content of a `head.npz`.

        Raises
        ------
        ModelError : it is damaged
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as archive:
                head = cls(
                    archive["kernel"].astype(np.float32),
                    archive["bias"].astype(np.float32),
                    archive["digit_kernel"].astype(np.float32),
                    float(archive["digit_bias"]),
                )
            width = len(head.digit_kernel)
            if head.kernel.shape != (width, CLASSES) or head.bias.shape != (CLASSES,):
                raise ValueError("its arrays do not belong together")
            if not all(map(np.all, map(np.isfinite, vars(head).values()))):
                raise ValueError("it holds numbers that cannot be")
        except Exception as error:  # NumPy and zipfile raise many kinds
            raise ModelError(
                f"What the model was taught cannot be read ({error}): teach it again."
            ) from error
        return head
