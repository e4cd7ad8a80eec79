"""What people write: whole numbers, amounts, dates, telephone numbers, sums, as text."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.random import Generator

T = TypeVar("T")


def whole(rng: Generator) -> str:
    """Return a whole number of 1 to 8 digits."""
    return _digits(rng, int(rng.choice([1, 2, 3, 4, 5, 6, 7, 8], p=_LENGTHS)))


def round_number(rng: Generator) -> str:
    """Return a number that ends in zeros."""
    return _digits(rng, int(rng.integers(1, 4))) + "0" * int(rng.integers(1, 6))


def repeated(rng: Generator) -> str:
    """Return a number in which digits stand twice and more in a row."""
    runs = (str(rng.integers(10)) * int(rng.integers(1, 5)) for _ in range(rng.integers(1, 4)))
    return "".join(runs)[:9]


def decimal(rng: Generator) -> str:
    """Return a number with a decimal point or comma."""
    before, after = (_digits(rng, int(rng.integers(1, most))) for most in (5, 4))
    return before + _pick(rng, ".,") + after


def grouped(rng: Generator) -> str:
    """Return a large number in groups of three."""
    sign = _pick(rng, "..,, ")
    groups = [_digits(rng, int(rng.integers(1, 4)))]
    for _ in range(rng.integers(1, 3)):
        groups.append("000" if rng.random() < 0.35 else _digits(rng, 3))
    tail = "" if rng.random() < 0.6 else ("," if sign == "." else ".") + _digits(rng, 2)
    return sign.join(groups) + tail


def amount(rng: Generator) -> str:
    """Return an amount of money with what stands before and after it."""
    kind = (whole, round_number, grouped, grouped, decimal)[rng.integers(5)]
    before = _choose(rng, ("", "", "", "$", "€", "*", "#", "=", "**", "(", "- "))
    after = _choose(rng, ("", "", "", ".", ".-", "-", ",-", "/", "/-", "*", "#", "=", " -", "€"))
    return before + kind(rng) + after


def date(rng: Generator) -> str:
    """Return a date in one of the usual ways."""
    day, month, year = rng.integers(1, 32), rng.integers(1, 13), rng.integers(1900, 2100)
    sign = _pick(rng, "//.-")
    pad = rng.random() < 0.6
    parts = [f"{day:02}" if pad else str(day), f"{month:02}" if pad else str(month)]
    rng.shuffle(parts)
    kind = rng.random()
    if kind < 0.5:
        parts.append(str(year))
    elif kind < 0.8:
        parts.append(f"{year % 100:02}")
    elif kind < 0.9:
        parts.insert(0, str(year))
    return sign.join(parts)


def telephone(rng: Generator) -> str:
    """Return a telephone number."""
    lengths = rng.integers(2, 5, rng.integers(2, 5))
    plus = "+" if rng.random() < 0.25 else ""
    return plus + _pick(rng, " -/ ").join(_digits(rng, int(length)) for length in lengths)


def signed(rng: Generator) -> str:
    """Return a number with its sign."""
    return _pick(rng, "+--") + (whole, decimal)[rng.integers(2)](rng)


def fraction(rng: Generator) -> str:
    """Return a fraction or marks out of so many."""
    return f"{rng.integers(1, 101)}/{rng.choice([2, 3, 4, 5, 8, 10, 20, 50, 100])}"


def sum_of(rng: Generator) -> str:
    """Return a sum or a difference."""
    terms = [_digits(rng, int(rng.integers(1, 4))) for _ in range(rng.integers(2, 4))]
    tail = f"={_digits(rng, int(rng.integers(1, 4)))}" if rng.random() < 0.6 else ""
    return _pick(rng, "+-+x").join(terms) + tail


def time_of_day(rng: Generator) -> str:
    """Return a time."""
    return f"{rng.integers(24)}:{rng.integers(60):02}"


def ratio(rng: Generator) -> str:
    """Return a ratio, a score or a scale."""
    return _pick(rng, ":::-").join(_digits(rng, int(rng.integers(1, 3))) for _ in range(2))


def bracketed(rng: Generator) -> str:
    """Return a number in brackets, or behind the bracket that counts it."""
    before, after = _choose(rng, ("()", "()", "[]", "_)", "(_"))
    number = _digits(rng, int(rng.integers(1, 5)))
    return f"{before}{number}{after}".replace("_", "")


def percentage(rng: Generator) -> str:
    """Return a percentage."""
    number = _digits(rng, int(rng.integers(1, 4))) if rng.random() < 0.7 else decimal(rng)
    return number + _choose(rng, ("%", "%", " %"))


def listed(rng: Generator) -> str:
    """Return a number behind the number of its place in a list."""
    return f"{rng.integers(1, 31)}{_pick(rng, '..):')} {whole(rng)}"


def cents(rng: Generator) -> str:
    """Return an amount whose cents are small and raised, as on cheques."""
    small = _choose(rng, ("00", "00", _digits(rng, 2))) + _choose(rng, ("", "", "/100"))
    return f"{(whole, grouped)[rng.integers(2)](rng)}{_choose(rng, ('', '', ' ', '.'))}^{small}"


def worded(rng: Generator) -> str:
    """Return a number among handwritten words or beside its unit."""
    before, after = ("?" * int(length) for length in rng.integers(1, 7, 2))
    near = _choose(rng, ("", " ", " "))
    number = _choose(rng, (whole, whole, decimal, date))(rng)
    return _choose(rng, ("{1}{0}{2}", "{1} {0} {2}", "{0}{2}", "{0} {2}", "{1} {0}")).format(
        number, before + near, near + after[:3]
    )


def counting(rng: Generator) -> str:
    """Return digits in order, as in samples of handwriting."""
    first = int(rng.integers(0, 2))
    row = [str((first + i) % 10) for i in range(rng.integers(4, 11))]
    return _choose(rng, ("", " ")).join(row)


def some_number(rng: Generator) -> str:
    """Return one of all kinds of numbers."""
    return NUMBERS[rng.choice(len(NUMBERS), p=_SHARES)][1](rng)


def _digits(rng: Generator, count: int) -> str:
    return "".join(map(str, rng.integers(0, 10, count)))


def _pick(rng: Generator, letters: str) -> str:
    return letters[rng.integers(len(letters))]


def _choose(rng: Generator, given: tuple[T, ...]) -> T:
    return given[rng.integers(len(given))]


_LENGTHS = np.array([0.12, 0.15, 0.15, 0.18, 0.18, 0.1, 0.07, 0.05])
NUMBERS: tuple[tuple[float, Callable[[Generator], str]], ...] = (
    (0.29, whole),
    (0.06, round_number),
    (0.04, repeated),
    (0.08, decimal),
    (0.06, grouped),
    (0.11, amount),
    (0.08, date),
    (0.05, telephone),
    (0.04, signed),
    (0.03, fraction),
    (0.02, sum_of),
    (0.02, time_of_day),
    (0.01, ratio),
    (0.01, counting),
    (0.02, bracketed),
    (0.02, percentage),
    (0.02, listed),
    (0.01, cents),
    (0.03, worded),
)
_SHARES = np.array([share for share, _ in NUMBERS])
