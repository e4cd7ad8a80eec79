"""Draw the example pictures of the upload page again, and read them.

    python -m benchmarks.examples [SEEDS]

Saves them to `ui/upload/pictures/`. With SEEDS, draws each with so many other hands, papers and
cameras as well, saves none of these, and prints how many are read as they were written.
"""

import sys
from pathlib import Path

import cv2

from mnist_core.config import PROJECT_DIR
from mnist_core.pictures.imaging import open_picture
from mnist_core.reading import read
from mnist_core.serving import load_detector, load_predictor
from mnist_core.synthesis.pages import Page
from mnist_core.synthesis.pages.examples import EXAMPLES, draw_example

FOLDER = PROJECT_DIR / "ui" / "upload" / "pictures"
QUALITY = 85


def file_of(page: Page) -> bytes:
    """Return a page as the content of a JPEG file."""
    pixels = cv2.cvtColor(page.pixels, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()


def main() -> None:
    """Save the pictures, and print what is read in them."""
    predictor, detector = load_predictor(), load_detector()
    for name in EXAMPLES:
        page = draw_example(name)
        path = Path(FOLDER, f"{name}.jpg")
        path.write_bytes(file_of(page))
        found = read(open_picture(path.read_bytes()), predictor, detector=detector)
        print(f"{path.name}, {path.stat().st_size / 1e3:.0f} kB: {found.written!r}")
        others = [draw_example(name, seed) for seed in range(int((sys.argv[1:] or ["0"])[0]))]
        if others:
            answers = (
                read(open_picture(file_of(other)), predictor, detector=detector).written
                for other in others
            )
            pairs = zip(answers, others, strict=True)
            right = sum(answer == other.written for answer, other in pairs)
            print(f"    with {len(others)} other seeds, {right} are read as they were written")


if __name__ == "__main__":
    main()
