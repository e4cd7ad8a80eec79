"""Who may change what: the owner's switch, the administrator's secret, and what visitors made.

Nothing that starts, stops, renames or deletes a training or a model does so without asking here.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mnist_core import atomic

SWITCH = "DIGIT_LAB_TRAINING"  # "off": nobody changes anything
TAUGHT_MODELS = "DIGIT_LAB_TAUGHT_MODELS"  # "on": visitors may store taught models
ADMIN = "DIGIT_LAB_ADMIN_SECRET"  # who knows it may change all
LEAST_SECRET = 16  # letters of that secret; a shorter one counts for nothing
OWNER = ".owner"  # in the folder of a run or of a model: the hash of its owner's token
_ON = ("on", "yes", "1", "true")
_OFF = ("off", "no", "0", "false")


@dataclass(frozen=True)
class Person:
    """Who asks for a change.

    Attributes
    ----------
    token : a secret that this person's browser holds; empty for none
    everything : whether the person may change what others made: at this computer, or with the
        administrator's secret
    """

    token: str = field(default="", repr=False)
    everything: bool = False


LOCAL = Person(everything=True)  # whoever sits at this computer


def read_only_reason() -> str:
    """Return why nobody may change anything here; empty if people may."""
    if os.environ.get(SWITCH, "").strip().lower() in _OFF:
        return "Training is switched off here by the owner of this app."
    return ""


def may_store_taught() -> bool:
    """Return whether the owner lets visitors store what they have taught as a model for all."""
    is_on = os.environ.get(TAUGHT_MODELS, "").strip().lower() in _ON
    return is_on and not read_only_reason()


def refusal(person: Person, folders: Iterable[Path]) -> str:
    """Return why a person may not change trainings or models; empty if the person may.

    Parameters
    ----------
    folders : of what is to be changed; those that are missing do not count
    """
    if reason := read_only_reason():
        return f"{reason} Nothing can be started, stopped, renamed or deleted."
    if person.everything:
        return ""
    for folder in folders:
        if folder.exists() and not _is_owner(person, folder):
            return (
                f"{folder.name!r} was made by someone else. You can change what you have made "
                "yourself, in this browser tab or with the link that it shows."
            )
    return ""


def new_token() -> str:
    """Return a token that nobody can guess: 32 letters, digits, hyphens and underscores."""
    return secrets.token_urlsafe(24)


def is_admin_secret(text: str) -> bool:
    """Return whether a text is the secret that the owner of this app has set."""
    secret = os.environ.get(ADMIN, "").strip()
    return len(secret) >= LEAST_SECRET and hmac.compare_digest(text.encode(), secret.encode())


def write_owner(folder: Path, person: Person) -> None:
    """Note in a folder who made what is in it; nothing where that person has no token."""
    if person.token:
        atomic.write_bytes(folder / OWNER, _hash(person.token).encode())


def copy_owner(source: Path, target: Path) -> None:
    """Note that a folder belongs to whom another one belongs to, if to anybody."""
    if owner := _owner_of(source):
        atomic.write_bytes(target / OWNER, owner.encode())


def _is_owner(person: Person, folder: Path) -> bool:
    owner = _owner_of(folder)
    return bool(owner and person.token) and hmac.compare_digest(owner, _hash(person.token))


def _owner_of(folder: Path) -> str:
    """Return the hash of the token of a folder's owner; empty if nobody is known to be."""
    path = folder / OWNER
    try:
        text = "" if path.is_symlink() else path.read_bytes()[:64].decode("ascii")
    except (OSError, ValueError):
        return ""
    return text if len(text) == 64 else ""


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
