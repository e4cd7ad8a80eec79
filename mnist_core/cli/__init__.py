"""The command line, `python -m mnist_core COMMAND`."""

from mnist_core.cli.main import (
    main,
)

__all__ = [
    "main",
]
