"""What the training page calls things: settings and lengths of time."""

import time

LABELS = {
    "architecture": "Network",
    "schedule": "Learning rate over time",
    "averaging": "Running average of the weights",
    "damaged": "Share of images damaged",
    "made_up": "Made-up digits added",
    "nondigits": "Pictures of what is no digit",
    "half_precision": "Half precision while training",
    "precision": "Numbers of the stored model",
    "start": "Began with the weights of",
    "share": "Share of the training images",
    "imbalance": "Imbalance",
    "rebalance": "Cure for imbalance",
    "strength": "Strength of the cure",
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
        return _count(max(minutes, 1), "minute")
    hours, minutes = divmod(10 * round(seconds / 600), 60)
    return _count(hours, "hour") + (f" {minutes} minutes" if minutes else "")


def time_left(seconds: float | None) -> str:
    """How long it goes on: "about 2 minutes left"."""
    if seconds is None:
        return "time left not known yet"
    return "a few seconds left" if seconds < 8 else f"about {duration(seconds)} left"


def ago(moment: float) -> str:
    """How long ago a moment was, in seconds since 1970."""
    minutes = (time.time() - moment) / 60
    for size, unit in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            return f"{_count(int(minutes / size), unit)} ago"
    return "just now"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"
