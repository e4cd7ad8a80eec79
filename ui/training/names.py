"""Names for new trainings: which are free, and why one cannot be used."""

import re

from mnist_core import serving
from mnist_core.config import check_name
from ui.session import workspace

LONGEST = 41  # characters, as `check_name` allows


def free_name(name: str) -> str:
    """Return a name that neither a model nor a training has: itself, or with a number."""
    stem, number, free = re.sub(r"-\d+$", "", name), 1, name
    while _is_taken(free):
        number += 1
        end = f"-{number}"
        free = stem[: LONGEST - len(end)] + end
    return free


def problem_of(name: str) -> str:
    """Explain why a training cannot have this name; empty if it can."""
    try:
        check_name(name)
    except ValueError:
        return (
            f"{'This is not a valid name.' if name else 'Enter a name.'} Use 1 to {LONGEST} "
            "lowercase letters, digits and hyphens, starting with a letter or digit."
        )
    if serving.is_shipped(name):
        return f"{name} comes with the app. {free_name(f'my-{name}')} is free."
    if _is_taken(name):
        return f"There is already a model or training called {name}. {free_name(name)} is free."
    return ""


def _is_taken(name: str) -> bool:
    folders = workspace()
    return serving.is_shipped(name) or any(
        (folder / name).exists() for folder in (folders.models, folders.runs)
    )
