"""The training page's names for settings, and lengths of time in words."""

import time

LABELS = {
    "architecture": "Network",
    "schedule": "Learning rate schedule",
    "averaging": "Weight averaging",
    "corruption_families": "Corruptions",
    "corrupted_share": "Share of corrupted images",
    "synthetic_digits": "Synthetic digits added",
    "non_digits": "Non-digits to learn from",
    "half_precision": "Half precision while training",
    "precision": "Stored precision",
    "start": "Initial weights",
    "share": "Share of the training images",
    "imbalance": "Imbalance",
    "rebalancing": "Rebalancing method",
    "strength": "Rebalancing strength",
}


def label_of(setting: str) -> str:
    """A setting for people: `batch_size` is "Batch size"."""
    return LABELS.get(setting) or setting.replace("_", " ").capitalize()


def duration(seconds: float) -> str:
    """A length of time, about: 100 is "2 minutes"."""
    minutes = round(seconds / 60)
    if seconds < 50:
        return f"{max(10, 10 * round(seconds / 10))} seconds"
    if minutes < 90:
        return count(max(minutes, 1), "minute")
    hours, minutes = divmod(10 * round(seconds / 600), 60)
    return count(hours, "hour") + (f" {minutes} minutes" if minutes else "")


def time_left(seconds: float | None) -> str:
    """The remaining time: "about 2 minutes left"."""
    if seconds is None:
        return "remaining time not known yet"
    return "a few seconds left" if seconds < 8 else f"about {duration(seconds)} left"


def ago(moment: float) -> str:
    """How long ago a moment was, in seconds since 1970."""
    minutes = (time.time() - moment) / 60
    for size, unit in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            return f"{count(int(minutes / size), unit)} ago"
    return "just now"


def count(number: int, unit: str) -> str:
    """A number with its unit: "1 training", "3 trainings"."""
    return f"{number} {unit}{'' if number == 1 else 's'}"
