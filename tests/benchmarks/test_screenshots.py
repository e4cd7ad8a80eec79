import re
from pathlib import Path

from benchmarks import screenshots

PROJECT = Path(__file__).resolve().parents[2]


def test_the_readme_shows_every_page_of_the_navigation():
    frame = (PROJECT / "ui" / "frame.py").read_text("utf-8")
    navigation = re.findall(r'st\.Page\(.*title="(\w+)"', frame)
    assert list(screenshots.PAGES) == navigation
    shown = re.findall(r"!\[[^]]{20,}\]\(([^)]+)\)", (PROJECT / "README.md").read_text("utf-8"))
    assert [PROJECT / name for name in shown] == list(map(screenshots.picture_of, navigation))
    for file in map(screenshots.picture_of, navigation):
        assert 10_000 < file.stat().st_size < 200_000
