"""Who may import whom, as the design has it."""

import ast
import functools
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

# What each room of the core may import of the others, besides the foundation: the modules that
# lie directly in mnist_core. The command line may import all.
MAY_IMPORT = {
    "cluster": {"pictures", "reading", "serving"},
    "collection": set(),
    "corruptions": set(),
    "data": set(),
    "evaluation": {"corruptions", "serving"},
    "networks": set(),
    "pictures": set(),
    "reading": {"pictures", "serving"},
    "runs": {"data", "networks", "serving", "training"},
    "serving": set(),
    "synthesis": {"pictures"},
    "training": {
        *("corruptions", "data", "evaluation", "networks", "pictures", "serving", "synthesis"),
    },
}
TENSORFLOW = {"networks", "training"}  # rooms that import it, and only when they are called
# The floors of the project; none imports one above, nor any from outside this list.
MAY_USE = {
    "mnist_core": set(),
    "ui": {"mnist_core"},
    "pages": {"mnist_core", "ui"},
    "app": {"mnist_core", "ui"},
    "support": {"mnist_core", "ui"},
    "benchmarks": {"mnist_core", "ui", "support"},
    "deploy": set(),
}


def files(*folders):
    """Return the modules of these folders, rooms and their rooms as well."""
    return sorted(path for folder in folders for path in (PROJECT / folder).rglob("*.py"))


CORE = files("mnist_core")


@functools.cache
def imports(path, *, top_level=False):
    """Return the dotted names that a file imports, anywhere or only when it is loaded."""
    tree = ast.parse(path.read_text("utf-8"))
    typing = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    found = set()
    for node in tree.body if top_level else ast.walk(tree):
        if node in typing:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def packages(path, **options):
    return {name.partition(".")[0] for name in imports(path, **options)}


def room(path):
    """Return the part of its package that a file belongs to: `blur.py` to `corruptions`."""
    return path.relative_to(PROJECT).with_suffix("").parts[1]


def rooms(package):
    return {path.name for path in (PROJECT / package).iterdir() if (path / "__init__.py").is_file()}


def used_rooms(path, package):
    """Return the rooms of a package, other than its own, that a file imports from."""
    parts = [name.split(".") for name in imports(path)]
    used = {part[1] for part in parts if part[0] == package and len(part) > 1}
    return (used & rooms(package)) - {room(path)}


def test_rooms_of_the_core_import_what_they_may():
    wrong = {}
    for path in CORE:
        may = rooms("mnist_core") if room(path) in {"cli", "__main__"} else set()
        if others := used_rooms(path, "mnist_core") - MAY_IMPORT.get(room(path), may):
            wrong[str(path.relative_to(PROJECT))] = others
    assert not wrong, f"these import rooms that they may not: {wrong}"


def test_rooms_of_the_ui_do_not_import_each_other():
    wrong = {(room(path), other) for path in files("ui") for other in used_rooms(path, "ui")}
    assert not wrong, f"these import rooms that they may not: {wrong}"


def test_nothing_imports_what_is_above_it():
    wrong = {}
    for floor, below in MAY_USE.items():
        for path in files(floor) or [PROJECT / f"{floor}.py"]:
            others = packages(path) & {*MAY_USE, "tests"} - {floor} - below
            if floor in {"app", "pages"}:
                others |= packages(path) & {floor}  # pages do not import each other
            if others:
                wrong[str(path.relative_to(PROJECT))] = others
    assert not wrong, f"these import packages that they may not: {wrong}"


def test_the_core_knows_no_user_interface():
    for path in CORE:
        assert not packages(path) & {"streamlit", "plotly", "pandas"}, path


def test_tensorflow_is_imported_only_where_models_are_made_and_only_when_called():
    for path in [*files("mnist_core", "ui", "pages"), PROJECT / "app.py"]:
        assert not packages(path, top_level=True) & {"tensorflow", "keras"}, path
        if room_of_core(path) not in TENSORFLOW:
            assert not packages(path) & {"tensorflow", "keras"}, path


def room_of_core(path):
    return room(path) if path in CORE else None


def test_tests_import_only_the_benchmark_that_they_test():
    wrong = {
        f"{path.relative_to(PROJECT)}: {name}"
        for path in files("tests")
        for name in imports(path)
        if name.startswith("benchmarks.") and path.stem != f"test_{name.split('.')[1]}"
    }
    assert not wrong
