"""How pieces of text that RapidOCR finds become lines."""

from benchmarks import rapidocr_worker


def test_pieces_beside_each_other_make_one_line():
    pieces = [(90, 20, 30, "45 6"), (10, 22, 30, "123-"), (10, 80, 28, "7a8"), (50, 140, 30, "xy")]
    assert rapidocr_worker.in_lines(pieces) == ["123456", "78"]
