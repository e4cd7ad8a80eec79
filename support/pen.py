"""A hand that writes: strokes for all ten digits, and a pen that draws them with the mouse.

Every way of writing a digit is one stroke or more; a stroke is the points `x,y` that the hand runs
smoothly through, in hundredths of the digit's height, y down. A point given twice is a corner.
"""

import math
import random
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]  # x, y


@dataclass(frozen=True)
class Place:
    """Where on the canvas a digit is written, how large and with which pen, in pixels."""

    left: float
    top: float
    height: float
    pen: int


# Small in each corner, large, thin and bold; every digit is written in more than one place.
PLACES = {
    "middle": Place(55, 50, 180, 18),
    "small_top_left": Place(14, 14, 56, 6),
    "large_bold": Place(50, 25, 228, 28),
    "right_below": Place(150, 120, 120, 12),
    "thin": Place(70, 40, 200, 6),
    "small_bottom_right": Place(200, 200, 64, 10),
    "small_bold": Place(100, 90, 96, 22),
}

STROKES = {
    0: {
        "oval": ("50,0 22,13 10,50 22,88 48,100 76,88 88,50 78,14 52,0 42,3",),
        "slanted": ("62,2 36,18 16,60 24,92 44,98 66,76 78,40 76,12 60,2",),
        "clockwise": ("42,4 72,5 92,38 86,80 55,100 20,90 6,55 16,18 50,2",),
        "narrow": ("45,0 28,20 22,55 30,90 45,100 60,88 68,50 60,15 47,1",),
    },
    1: {
        "straight": ("50,0 49,50 50,100",),
        "slanted": ("68,0 52,50 36,100",),
        "short_upstroke": ("32,20 55,0 55,0 54,50 55,100",),
        "long_upstroke": ("12,46 35,22 58,0 58,0 57,100",),
        "serifs": (
            "30,18 50,0 50,0 50,100",
            "22,100 50,99 80,100",
        ),
    },
    2: {
        "swan": ("10,24 26,5 58,0 82,18 74,46 40,78 8,100 8,100 50,98 95,100",),
        "looped": ("12,22 34,3 70,5 82,30 60,64 26,94 10,94 14,80 32,82 60,96 95,92",),
        "angular": ("10,10 48,0 80,16 68,46 10,100 10,100 90,100",),
        "flat": ("8,20 30,2 66,5 80,24 62,50 12,90 12,90 50,93 100,95",),
    },
    3: {
        "two_bowls": ("15,10 48,0 80,14 72,38 40,47 40,47 76,56 88,78 55,100 10,90",),
        "flat_top": ("12,2 84,2 84,2 44,42 44,42 80,52 88,76 60,100 10,92",),
        "round": ("18,10 56,0 80,20 62,43 42,48 64,52 86,74 60,98 14,92",),
    },
    4: {
        "open": (
            "24,0 18,30 10,56 10,56 50,56 92,54",
            "70,20 69,60 67,100",
        ),
        "closed": (
            "66,0 36,36 6,68 6,68 50,67 96,66",
            "68,0 68,50 67,100",
        ),
        "tall_right": (
            "14,10 10,50 10,50 84,48",
            "70,0 66,50 60,100",
        ),
        "one_stroke": ("62,0 30,36 6,62 6,62 50,62 88,60 88,60 68,40 68,40 66,70 62,100",),
    },
    5: {
        "with_hat": (
            "22,0 16,44 16,44 48,36 82,54 78,86 45,100 10,92",
            "22,0 85,1",
        ),
        "one_stroke": ("84,2 26,2 26,2 18,44 18,44 54,38 84,60 70,92 36,100 10,90",),
        "slanted": ("95,0 42,4 42,4 28,45 28,45 60,42 78,62 62,90 30,100 4,93",),
    },
    6: {
        "curved": ("70,0 36,24 13,64 24,94 56,99 78,78 60,56 30,62 16,78",),
        "straight": ("52,0 30,36 18,72 34,98 66,95 78,74 58,57 24,68",),
        "wide": ("82,5 46,10 14,44 10,80 44,100 82,88 84,64 50,52 14,70",),
    },
    7: {
        "plain": ("6,3 50,3 90,2 90,2 62,50 40,100",),
        "barred": (
            "6,4 50,3 90,2 90,2 62,50 40,100",
            "32,52 60,50 88,48",
        ),
        "curved": ("8,8 50,4 88,4 88,4 56,46 44,100",),
        "serif_and_bar": (
            "10,20 12,4 12,4 90,4 90,4 58,50 38,100",
            "30,50 84,48",
        ),
    },
    8: {
        "one_loop": ("78,14 50,0 22,14 32,38 64,58 80,80 50,100 18,82 34,58 66,38 80,16",),
        "two_circles": (
            "50,0 26,10 25,34 50,46 74,34 73,10 50,0",
            "50,46 20,60 20,88 50,100 80,88 80,60 50,46",
        ),
        "from_the_middle": ("50,47 24,26 50,0 76,24 50,47 20,74 50,100 82,76 52,48",),
    },
    9: {
        "straight_leg": ("78,18 50,0 20,18 26,44 54,47 78,20 78,20 75,60 70,100",),
        "curved_leg": ("80,20 50,2 22,20 30,44 58,44 80,22 82,60 68,92 36,100 16,92",),
        "circle_and_stick": (
            "70,10 44,0 22,20 36,44 62,40 72,14",
            "74,4 73,50 70,100",
        ),
    },
}
WAYS = [(digit, way) for digit, ways in STROKES.items() for way in ways]


def place_of(digit: int, way: str) -> str:
    """Return the name of the place where a way of writing a digit is tried; neighbours differ."""
    return list(PLACES)[(WAYS.index((digit, way)) + digit) % len(PLACES)]


def paths(
    digit: int, way: str, place: Place, *, step: float = 6
) -> list[list[tuple[float, float]]]:
    """Return the pen's paths in canvas pixels, as an unsteady hand writes them.

    Parameters
    ----------
    step : at most so many pixels from one point to the next
    """
    hand = random.Random(f"{digit} {way}")
    unit = place.height / 100

    def written(stroke: str) -> list[tuple[float, float]]:
        points = [tuple(map(int, point.split(","))) for point in stroke.split()]
        misses = {point: (hand.gauss(0, 1.2), hand.gauss(0, 1.2)) for point in points}
        return [
            (place.left + unit * (x + misses[x, y][0]), place.top + unit * (y + misses[x, y][1]))
            for x, y in points
        ]

    return [smooth(written(stroke), step=step) for stroke in STROKES[digit][way]]


def smooth(points: list[tuple[float, float]], *, step: float = 6) -> list[tuple[float, float]]:
    """Points at most `step` apart on a Catmull-Rom curve; a point given twice is a corner."""
    parts = [[points[0]]]
    for previous, point in pairwise(points):
        if previous == point:
            parts.append([point])
        else:
            parts[-1].append(point)
    curve = [points[0]]
    for part in parts:
        padded = [part[0], *part, part[-1]]
        for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
            count = max(1, math.ceil(math.dist(b, c) / step))
            curve += [_between(a, b, c, d, i / count) for i in range(1, count + 1)]
    return curve


def _between(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    x, y = (
        0.5 * (2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t**2)
        + 0.5 * (3 * q - p - 3 * r + s) * t**3
        for p, q, r, s in zip(a, b, c, d, strict=True)
    )
    return x, y
