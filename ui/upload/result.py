"""What is known about a picture: its digits as read and as they count."""

from dataclasses import dataclass, replace

from mnist_core.boxes import turn_box
from mnist_core.reading import Digit
from mnist_core.reading.records import Record, from_correction, from_digit
from ui.formats import SURE


@dataclass(frozen=True)
class Mark:
    """One digit of a picture.

    Attributes
    ----------
    read : as it was read
    digit : as it counts; None if it is left out of the number
    own : whether a person gave `digit`
    unlike : it counts, but hardly looks like a digit
    """

    read: Digit
    digit: int | None
    own: bool
    unlike: bool = False

    @property
    def state(self) -> str:
        """How it stands: a key of `ui.upload.picture.STATES`."""
        if self.own:
            return "own" if self.digit is not None else "own_out"
        if self.digit is None:
            return "out"
        return "sure" if self.read.confidence >= SURE and not self.unlike else "doubtful"


@dataclass(frozen=True)
class Result:
    """What is known about one picture, or one page.

    Attributes
    ----------
    page, pages : which of how many it is, counted from 1
    by_hand : 0, 90, 180 or 270; how far the person has turned it clockwise
    width, height : pixels of the upright picture
    written : the number with what stands between its digits, as corrected
    cells : the rows of a table, as corrected; empty if the digits form none
    turned : 0, 90, 180 or 270; how far it had to be turned clockwise to be read, besides `by_hand`
    remark : a sentence about what may be wrong; empty if there is nothing to say
    error : why it could not be read; empty if it was
    empty_boxes : how many boxes of the person's contain no ink
    done : False while it waits to be read
    """

    name: str
    marks: tuple[Mark, ...] = ()
    page: int = 1
    pages: int = 1
    by_hand: int = 0
    width: int = 0
    height: int = 0
    written: str = ""
    cells: tuple[tuple[str, ...], ...] = ()
    turned: int = 0
    remark: str = ""
    error: str = ""
    corrected: bool = False
    empty_boxes: int = 0
    done: bool = True

    @property
    def lines(self) -> list[list[Mark]]:
        """The marks that count, line by line."""
        lines: dict[int, list[Mark]] = {}
        for mark in self.marks:
            if mark.digit is not None:
                lines.setdefault(mark.read.line, []).append(mark)
        return [lines[line] for line in sorted(lines)]

    @property
    def counted(self) -> list[Mark]:
        """The marks that count."""
        return [mark for line in self.lines for mark in line]

    @property
    def text(self) -> str:
        """The number read, lines joined by a newline."""
        return "\n".join("".join(str(mark.digit) for mark in line) for line in self.lines)

    @property
    def lowest(self) -> float | None:
        """The lowest confidence of the digits that count and that no person has given."""
        return min((mark.read.confidence for mark in self.counted if not mark.own), default=None)

    def count(self, *states: str) -> int:
        """Count the digits in these states."""
        return sum(mark.state in states for mark in self.marks)


def record_of(result: Result) -> Record:
    """Return a result as the record that downloads contain.

    Its boxes lie on the picture as it came, however the person has turned it.
    """
    digits = (
        from_correction(mark.read, mark.digit) if mark.own else from_digit(mark.read)
        for mark in result.marks
    )
    size = (result.width, result.height)
    return Record(
        result.name,
        page=result.page,
        text=result.text,
        written=result.written,
        digits=tuple(
            replace(digit, box=turn_box(digit.box, -result.by_hand, size)) for digit in digits
        ),
        turned=(result.by_hand + result.turned) % 360,
        remark=result.remark or None,
        error=result.error or None,
        corrected=result.corrected,
    )
