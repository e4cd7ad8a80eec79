"""Which part of an image a place in a feature map sees: its receptive field."""

from dataclasses import dataclass

from mnist_core.config import IMAGE_SIZE

Pair = tuple[int, int]  # of rows, of columns


@dataclass(frozen=True)
class Sight:
    """How the places of a map lie on the image, in pixels.

    Source: A. Araujo, W. Norris and J. Sim, "Computing receptive fields of convolutional neural
    networks" (2019).

    Attributes
    ----------
    start : where what the first place sees begins; below 0 where padding is part of it
    step : from what one place sees to what the next sees
    size : of what each place sees
    """

    start: Pair
    step: Pair
    size: Pair

    def through(self, before: Pair, after: Pair, window: Pair) -> "Sight":
        """Return what the places see behind a window that is moved over the map.

        Parameters
        ----------
        before, after : rows and columns of the maps; how far the window moves, and whether the map
            is padded, follows from them, as `.tflite` files keep it where LiteRT does not show it
        window : its rows and columns
        """
        moved = [_move(*sides) for sides in zip(before, after, window, strict=True)]
        (up, left), (down, right) = zip(*moved, strict=True)
        return Sight(
            (self.start[0] - up * self.step[0], self.start[1] - left * self.step[1]),
            (self.step[0] * down, self.step[1] * right),
            (
                self.size[0] + (window[0] - 1) * self.step[0],
                self.size[1] + (window[1] - 1) * self.step[1],
            ),
        )

    def joined(self, before: Pair, after: Pair, *, blocks: bool = False) -> "Sight | None":
        """Return what the places see once neighbours have become channels; None if not neighbours.

        Parameters
        ----------
        before, after : rows and columns of the maps
        blocks : neighbours of other rows, too; if not, of the same row alone
        """
        if before[0] % after[0] or before[1] % after[1] or (before[0] != after[0] and not blocks):
            return None
        rows, columns = before[0] // after[0], before[1] // after[1]
        return Sight(
            self.start,
            (self.step[0] * rows, self.step[1] * columns),
            (
                self.size[0] + (rows - 1) * self.step[0],
                self.size[1] + (columns - 1) * self.step[1],
            ),
        )

    def corner(self, place: Pair, before: "Sight") -> Pair:
        """Return where the window of a place begins on the map before, which sees `before`."""
        row, column = (
            (start + n * step - first) // stride
            for start, n, step, first, stride in zip(
                self.start, place, self.step, before.start, before.step, strict=True
            )
        )
        return row, column

    def frame(self, row: int, column: int) -> tuple[int, int, int, int]:
        """Return what a place of the map sees: first row and column, and the ones after the last.

        Parts outside the image are left out.
        """
        tops = self.start[0] + row * self.step[0], self.start[1] + column * self.step[1]
        ends = tops[0] + self.size[0], tops[1] + self.size[1]
        top, left = (max(0, start) for start in tops)
        return top, left, min(IMAGE_SIZE, ends[0]), min(IMAGE_SIZE, ends[1])


WHOLE_PIXELS = Sight((0, 0), (1, 1), (1, 1))


def _move(before: int, after: int, window: int) -> Pair:
    """Return the rows that pad a map at its beginning, and how many a window moves at a time."""
    for stride in range(1, before + 1):
        if (before - window) // stride + 1 == after and before >= window:
            return 0, stride
        if -(-before // stride) == after:
            return max((after - 1) * stride + window - before, 0) // 2, stride
    return 0, 1
