import re
from pathlib import Path

from benchmarks import screenshots
from support.accessibility import STATES
from ui.frame import PAGES

PROJECT = Path(__file__).resolve().parents[2]
FILM = PROJECT / "docs" / "film.webp"
TITLES = [page.title for page in PAGES]


def test_the_readme_shows_every_page_of_the_navigation():
    assert list(screenshots.ACTIONS) == TITLES
    assert set(screenshots.QUERIES) <= set(TITLES)
    shown = re.findall(r"!\[[^]]{20,}\]\(([^)]+)\)", (PROJECT / "README.md").read_text("utf-8"))
    files = [*map(screenshots.picture_of, TITLES), screenshots.SAMPLES]
    assert [PROJECT / name for name in shown] == [FILM, *files]
    assert 100_000 < FILM.stat().st_size < 1_500_000
    for file in files:
        assert 10_000 < file.stat().st_size < 200_000


def test_every_file_of_a_page_is_in_the_table_and_checked_for_accessibility():
    files = [str(path.relative_to(PROJECT)) for path in sorted((PROJECT / "pages").glob("*.py"))]
    assert sorted(page.file for page in PAGES) == files
    assert [page.path for page in PAGES] == ["/", *(f"/{Path(p.file).stem}" for p in PAGES[1:])]
    assert {page.title.lower() for page in PAGES} <= set(STATES)
