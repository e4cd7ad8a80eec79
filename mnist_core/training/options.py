"""A training as a command line: an option for every setting of a TrainingConfig."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from mnist_core.config import check_name
from mnist_core.data.imbalance import PROFILES
from mnist_core.errors import UsageError
from mnist_core.training import run_folder
from mnist_core.training.config import OLD_NAMES, RECIPES, SETTINGS, TrainingConfig

PROLONGED = ("epochs", "learning_rate")  # what a run may be resumed with, if its rate stays high
OWN = "own_digits"  # its option names what holds the digits; the setting is how many there are
OWN_FILE = "my-digits.npz"  # what the Draw page calls the download
FLAGS = {"architecture": "--arch", "corruption_families": "--corruptions"}  # the others: own names


def add_options(parser: argparse.ArgumentParser) -> None:
    """Give a parser an option for each setting; it is None where it is left out.

    Old spellings are understood, and not shown in the help.
    """
    for name in SETTINGS:
        parser.add_argument(flag(name), dest=name, default=None, help=_help(name), **_kind(name))
    for old, name in OLD_NAMES.items():
        kind: dict[str, Any] = _kind(name) | {"action": OldSpelling}
        parser.add_argument(_spelled(old), dest=name, default=None, help=argparse.SUPPRESS, **kind)


def given(options: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that a command line names."""
    found = {name: getattr(options, name) for name in SETTINGS}
    return {name: value for name, value in found.items() if value is not None}


def settings_of(options: argparse.Namespace, *, own: int = 0) -> TrainingConfig:
    """Return the settings that `train` is asked for.

    With `--resume` they are those of the run, but that a detector, or a run whose schedule is a
    trapezoid, may be trained on for longer, or at another rate; else those of a recipe, with what
    is given.

    Parameters
    ----------
    own : how many digits are in what `--own-digits` names

    Raises
    ------
    UsageError : no recipe is named, or other settings for a run to resume
    InvalidValueError : a value cannot be
    RunError : there is no such run to resume, or its settings cannot be read
    """
    found = given(options)
    if OWN in found:
        found[OWN] = own
    if not options.resume:
        return replace(_recipe(options), **found)
    name = check_name(options.name or _recipe(options).name)
    config = run_folder.read_config(options.workspace.runs / name)
    prolongable = config.task == "detection" or config.schedule == "trapezoid"
    may_differ = PROLONGED if prolongable else ()
    if others := found.keys() - {"name", *may_differ}:
        raise UsageError(
            "--resume continues with the settings of the run; it takes --name alone, and of a "
            f"detector or a trapezoid {' and '.join(map(flag, PROLONGED))}; received "
            f"{', '.join(map(flag, sorted(others)))}."
        )
    return replace(config, **found | {"name": name})


def command(config: TrainingConfig) -> list[str]:
    """Return the command that trains with these settings, as a list of words."""
    return ["python", "-m", "mnist_core", *arguments(config)]


def arguments(config: TrainingConfig, *, own: str = OWN_FILE) -> list[str]:
    """Return what follows the program in the command that trains with these settings.

    It names what differs from the recipe of the architecture, so that people can read it.

    Parameters
    ----------
    own : the file with the digits of one person's hand, if the settings count any
    """
    recipe = RECIPES[config.architecture]
    words = ["train", flag("architecture"), config.architecture, flag("name"), config.name]
    for field in fields(config):
        value = getattr(config, field.name)
        if field.name == "name" or value == getattr(recipe, field.name):
            continue
        if field.name == OWN:
            words += [flag(OWN), own]
        elif isinstance(value, bool):
            words.append(flag(field.name) if value else f"--no-{flag(field.name)[2:]}")
        elif isinstance(value, tuple):
            words += [flag(field.name), *value]
        else:
            words += [flag(field.name), str(value)]
    return words


def flag(setting: str) -> str:
    """Return the option of a setting, such as `--batch-size`."""
    return FLAGS.get(setting) or _spelled(setting)


class OldSpelling(argparse.Action):
    """Store a setting that was given by its old name, and say what it is called now."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Store the values under today's name."""
        print(f"{option_string} is now {flag(self.dest)}.", file=sys.stderr)
        setattr(namespace, self.dest, values)


def _recipe(options: argparse.Namespace) -> TrainingConfig:
    name = options.recipe or options.architecture
    if name not in RECIPES:
        raise UsageError("Name what to train: --recipe or --arch, or --resume with --name.")
    return RECIPES[name]


def _spelled(setting: str) -> str:
    return f"--{setting.replace('_', '-')}"


def _kind(name: str) -> dict[str, Any]:
    """Return how argparse reads a setting."""
    if name == OWN:
        return {"type": Path, "metavar": "EXAMPLES"}
    setting = SETTINGS[name]
    if setting.kind is bool:
        return {"action": argparse.BooleanOptionalAction}
    if setting.kind in (int, float, str):
        listed = {"metavar": "NAME"} if setting.choices else {}  # the help lists them
        return {"type": setting.kind, "choices": setting.choices} | listed
    return {"nargs": "*", "choices": setting.choices, "metavar": "FAMILY"}


def _help(name: str) -> str:
    setting = SETTINGS[name]
    if name == OWN:
        return (
            "digits of one person's hand to fine-tune on, each shown many times an epoch: a file "
            "or folder as `adapt` takes it"
        )
    if name == "imbalance":
        profiles = ", ".join(profile.spelling for profile in PROFILES.values())
        return (
            f"{setting.description}: {profiles}; the numbers are optional, except for "
            "counts, which needs ten"
        )
    choices = f": {', '.join(setting.choices)}" if setting.choices else ""
    limits = f"; from {setting.limits[0]:,} to {setting.limits[1]:,}" if setting.limits else ""
    return setting.description + choices + limits
