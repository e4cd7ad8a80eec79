"""Read pictures by RapidOCR, in a virtual environment of its own: paths in, numbers out.

    python benchmarks/rapidocr_worker.py < paths

The environment needs `pip install rapidocr onnxruntime`, nothing of this project. For each path on
a line of standard input one line of JSON comes: {"text": digits alone, lines joined by a newline,
"seconds": of reading}. Pieces of text that stand beside each other make one line, because the
program gives them one by one.
"""

import json
import sys
import time


def main() -> None:
    """Read until standard input ends."""
    from rapidocr import RapidOCR  # pyright: ignore[reportMissingImports] - not of this project

    engine = RapidOCR()
    for path in map(str.strip, sys.stdin):
        begin = time.perf_counter()
        found = engine(path)
        pieces = [] if found.boxes is None else list(zip(found.boxes, found.txts, strict=True))
        lines = in_lines([_piece(box, text) for box, text in pieces])
        answer = {"text": "\n".join(lines), "seconds": time.perf_counter() - begin}
        print(json.dumps(answer), flush=True)


def in_lines(pieces: list[tuple[float, float, float, str]]) -> list[str]:
    """Return the digits of each line.

    Parameters
    ----------
    pieces : left edge, middle, height, text of each
    """
    rows: list[list[tuple[float, float, float, str]]] = []
    for piece in sorted(pieces, key=lambda piece: piece[1]):
        if rows and abs(piece[1] - rows[-1][-1][1]) < 0.5 * min(piece[2], rows[-1][-1][2]):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    texts = ("".join(text for *_, text in sorted(row)) for row in rows)
    digits = ("".join(sign for sign in text if sign in "0123456789") for text in texts)
    return [line for line in digits if line]


def _piece(box: list[list[float]], text: str) -> tuple[float, float, float, str]:
    across, down = zip(*((float(x), float(y)) for x, y in box), strict=True)
    return min(across), (min(down) + max(down)) / 2, max(down) - min(down), text


if __name__ == "__main__":
    main()
