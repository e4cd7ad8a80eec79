"""What axe-core finds on every page, on a desktop and on a phone, light and dark.

python -m benchmarks.accessibility
"""

from collections import Counter

from support.accessibility import LOOKS, STATES, findings
from support.app import open_browser, serve_app


def main() -> None:
    """Print the findings of each page, and how many there are of each impact."""
    totals = Counter()
    with serve_app() as server, open_browser() as browser:
        pages = {look: browser.new_page(**options) for look, options in LOOKS.items()}
        for name, (path, _) in STATES.items():
            for look, page in pages.items():
                page.goto(server.url + path)
                found = findings(page, name)
                totals.update(finding.impact for finding in found)
                print(f"{name:<14} {look:<14} {len(found)} findings")
                for one in found:
                    print(f"    {one.impact:<9} {one.rule} ({one.places}): {one.first}")
    counts = ", ".join(
        f"{totals[kind]} {kind}" for kind in ("critical", "serious", "moderate", "minor")
    )
    print(f"{len(STATES) * len(LOOKS)} states of pages: {counts}")


if __name__ == "__main__":
    main()
