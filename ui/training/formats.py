"""Numbers, memory and lengths of time as the training page writes them."""

import time

GIGABYTE = 1e9
# Ranges of time: below so many seconds, in units of so many, named so, rounded to so many of them.
UNITS = ((120, 1, "seconds", 10), (7200, 60, "minutes", 1), (172_800, 3600, "hours", 1))
DAYS = (86_400, "days", 1)


def number(value: float) -> str:
    """Write a number for people: 4,294,967,295 and 0.001."""
    if value % 1 == 0 and abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:.7f}".rstrip("0") if 1e-7 <= abs(value) < 1 else f"{value:g}"


def count(things: int, name: str) -> str:
    """Write how many things there are: "1 training", "3 trainings"."""
    return f"{things:,} {name}{'' if things == 1 else 's'}"


def memory(size: float) -> str:
    """Write bytes as gigabytes: 1234000000 is "1.2 GB"."""
    return f"{size / GIGABYTE:.1f} GB"


def duration(seconds: float) -> str:
    """Write a length of time, rounded: 100 is "2 minutes"."""
    minutes = round(seconds / 60)
    if seconds < 50:
        return f"{max(10, 10 * round(seconds / 10))} seconds"
    if minutes < 90:
        return count(max(minutes, 1), "minute")
    hours, minutes = divmod(10 * round(seconds / 600), 60)
    return count(hours, "hour") + (f" {minutes} minutes" if minutes else "")


def duration_range(low: float, high: float) -> str:
    """Write a range of seconds: (190, 290) is "about 3 to 5 minutes"."""
    _, size, unit, step = next((u for u in UNITS if high < u[0]), (0, *DAYS))
    first, last = (max(round(end / size / step) * step, step) for end in (low, high))
    if first == last:
        return f"about {last} {unit if last > 1 else unit.removesuffix('s')}"
    return f"about {first} to {last} {unit}"


def time_left(seconds: float | None) -> str:
    """Write the remaining time: "about 2 minutes left"."""
    if seconds is None:
        return "remaining time not known yet"
    return "a few seconds left" if seconds < 8 else f"about {duration(seconds)} left"


def ago(moment: float) -> str:
    """Write how long ago a moment was, given in seconds since 1970."""
    minutes = (time.time() - moment) / 60
    for size, unit in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            return f"{count(int(minutes / size), unit)} ago"
    return "just now"
