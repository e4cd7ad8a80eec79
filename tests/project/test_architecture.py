"""Who may import whom, as the design has it."""

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
CORE = sorted((PROJECT / "mnist_core").rglob("*.py"))
APP = [PROJECT / "app.py", *sorted((PROJECT / "pages").glob("*.py"))]
UI = sorted((PROJECT / "ui").rglob("*.py"))
UI_ROOMS = {path.parent.name for path in UI} - {"ui"}  # one a page; beside them what they share

FOUNDATION = {"config", "errors", "pixels", "workspace"}
# What each room of the core may import of the others, besides FOUNDATION; cli may import all.
MAY_IMPORT = {
    "config": set(),
    "errors": set(),
    "workspace": set(),
    "pixels": set(),
    "corruptions": set(),
    "data": set(),
    "evaluation": {"corruptions", "serving"},
    "networks": set(),
    "pictures": set(),
    "reading": {"pictures", "serving"},
    "runs": {"data", "serving", "training"},
    "serving": {"networks"},
    "synthesis": {"pictures"},
    "training": {"corruptions", "data", "evaluation", "networks", "serving", "synthesis"},
}
TENSORFLOW = {"networks", "training"}


def imports(path, *, top_level=False):
    """Return the dotted names that a file imports, anywhere or only when it is loaded."""
    tree = ast.parse(path.read_text("utf-8"))
    found = set()
    for node in tree.body if top_level else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def packages(path, **options):
    return {name.partition(".")[0] for name in imports(path, **options)}


def module(path):
    """Return the part of the core that a file belongs to: `blur.py` to `corruptions`."""
    return path.relative_to(PROJECT / "mnist_core").with_suffix("").parts[0]


def name(path):
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts)


@pytest.mark.parametrize("path", CORE, ids=name)
def test_the_core_imports_what_it_may(path):
    if module(path) in {"__init__", "__main__", "cli"}:
        return
    names = imports(path)
    modules = {module(other) for other in CORE}
    used = {name.split(".")[1] for name in names if name.startswith("mnist_core.")} & modules
    assert used - {*FOUNDATION, module(path)} <= MAY_IMPORT[module(path)]


@pytest.mark.parametrize("path", CORE, ids=name)
def test_the_core_knows_no_user_interface(path):
    assert not packages(path) & {"streamlit", "plotly", "pandas", "ui", "pages"}


@pytest.mark.parametrize("path", CORE, ids=name)
def test_tensorflow_is_imported_only_where_models_are_made_and_only_when_called(path):
    assert not packages(path, top_level=True) & {"tensorflow", "keras"}
    if module(path) not in TENSORFLOW:
        assert not packages(path) & {"tensorflow", "keras"}


@pytest.mark.parametrize("path", APP, ids=lambda path: path.stem)
def test_pages_import_the_ui_and_the_core_but_not_each_other(path):
    assert not packages(path) & {"pages", "tensorflow", "keras"}


@pytest.mark.parametrize("path", UI, ids=name)
def test_a_room_of_the_ui_imports_no_other_room_and_what_they_share_imports_none(path):
    names = imports(path)
    assert not {name.partition(".")[0] for name in names} & {"pages", "app", "tensorflow", "keras"}
    own = {path.parent.name} & UI_ROOMS
    used = {name.split(".")[1] for name in names if name.startswith("ui.")} & UI_ROOMS
    assert used <= own
