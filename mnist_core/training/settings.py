"""What a setting of a training may be, read from its annotation, and the check of a value."""

from collections.abc import Collection
from dataclasses import Field, dataclass
from typing import Any, get_args

import msgspec

from mnist_core.errors import InvalidValueError


@dataclass(frozen=True)
class Setting:
    """What a setting may be.

    Attributes
    ----------
    limits : the lowest and the highest value of a number
    choices : its values; a mapping or a tuple
    """

    kind: Any
    description: str
    limits: tuple[float, float] | None = None
    choices: Collection[str] | None = None


def setting_of(field: Field) -> Setting:
    """Return what the annotation of a dataclass's field says of it."""
    kind, meta = get_args(field.type)
    return Setting(
        kind=kind,
        description=meta.description,
        limits=None if meta.ge is None else (meta.ge, meta.le),
        choices=(meta.extra or {}).get("choices"),
    )


def checked(field: Field, value: object) -> object:
    """Return a value as its setting has it: a tuple for a list, a float for a whole number.

    Raises
    ------
    InvalidValueError : it cannot be
    """
    setting = setting_of(field)
    try:
        found = msgspec.convert(value, field.type)
    except msgspec.ValidationError as error:
        raise InvalidValueError(
            f"{field.name} has to be {_wanted(setting)}, received {value!r}.", names=(field.name,)
        ) from error
    if setting.choices is not None:
        for choice in found if isinstance(found, tuple) else (found,):
            if choice not in setting.choices:
                raise InvalidValueError(
                    f"{field.name} is one of {', '.join(setting.choices)}, received {choice!r}.",
                    names=(field.name,),
                )
    return found


def _wanted(setting: Setting) -> str:
    """Describe what a setting may be."""
    kinds = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}
    words = kinds.get(setting.kind, "a list of texts")
    if setting.limits is None:
        return words
    return f"{words} from {setting.limits[0]:,} to {setting.limits[1]:,}"
