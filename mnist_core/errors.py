"""The errors that people see: one base class and its few kinds.

A message is a sentence or two for people: what was received, what was expected, what to do. Code
tells errors apart by their class and their attributes, never by their words.
"""

from pathlib import Path


class DigitLabError(Exception):
    """Something went wrong that was to be expected; the message is for people."""


class InvalidValueError(DigitLabError, ValueError):
    """A value is not one of those that are allowed.

    Attributes
    ----------
    names : tuple of str, the settings that are wrong, or that do not go together; may be empty
    """

    def __init__(self, message: str, *, names: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.names = names


class PictureError(DigitLabError):
    """A picture, a drawing or an archive of pictures cannot be read."""


class DataError(DigitLabError):
    """A data set or a file of images is missing, damaged, or of another kind.

    Attributes
    ----------
    in_public : str, the message without the folders of this computer
    """

    def __init__(self, message: str, *, path: Path | None = None) -> None:
        super().__init__(message)
        self.in_public = message.replace(str(path), path.name) if path else message


class ModelError(DigitLabError):
    """A model is missing, damaged or in the way, or cannot be stored."""


class UnknownModelError(ModelError):
    """There is no model of this name, or there can be none."""


class RunError(DigitLabError):
    """A training cannot be started, changed or continued.

    Attributes
    ----------
    final : bool, whether to try again would come to the same end
    """

    final = False


class DivergedError(RunError):
    """The loss of a training is no longer a number; the best weights before that stay."""

    final = True


class ClusterError(DigitLabError):
    """A Ray cluster cannot be reached, or stopped working."""


class UsageError(DigitLabError):
    """A command was called in a way that cannot work."""
