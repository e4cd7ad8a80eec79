"""The package that `pip install .` makes: what it holds, and what it asks for."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from mnist_core.config import SHIPPED_DETECTORS, SHIPPED_MODELS

PROJECT = Path(__file__).resolve().parents[2]
SETTINGS = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
# Where a distribution's name is not that of the package that it brings.
IMPORTED_AS = {
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "scikit-learn": "sklearn",
    "tensorflow-cpu": "tensorflow",
}


def requirements(name):
    """Return what a file of pinned requirements asks for, by name."""
    lines = (PROJECT / name).read_text("utf-8").splitlines()
    wanted = [line.partition(" #")[0] for line in lines if re.match(r"\w", line)]
    return {found.name: found for found in map(Requirement, wanted)}


def imported(names):
    return {IMPORTED_AS.get(name, name.replace("-", "_")) for name in names}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this checkout."""
    pytest.importorskip("hatchling.build", reason="hatchling, the build backend, is missing")
    folder = tmp_path_factory.mktemp("wheel")
    build = f"from hatchling.build import build_wheel; build_wheel({str(folder)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=PROJECT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as opened:
        yield opened


def test_the_wheel_holds_the_package_and_its_models_and_nothing_else(wheel):
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    modules = {str(path.relative_to(PROJECT)) for path in PROJECT.glob("mnist_core/**/*.py")}
    models = {
        f"mnist_core/_models/{model}/{file}"
        for model in (*SHIPPED_MODELS, *SHIPPED_DETECTORS)
        for file in (
            "card.json",
            *json.loads((PROJECT / "models" / model / "card.json").read_text())["files"],
        )
    }
    assert modules | models <= names
    assert {name.partition("/")[0] for name in names} == {"mnist_core"}
    assert not any(name.endswith((".npz", ".pyc", ".log")) for name in names - models)
    for name in models:
        packaged = name.replace("mnist_core/_models", "models")
        assert wheel.read(name) == (PROJECT / packaged).read_bytes(), name


def test_the_wheel_installs_the_command_and_its_metadata(wheel):
    (entry,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "digit-lab = mnist_core.cli.main:main" in wheel.read(entry).decode()
    (metadata,) = (name for name in wheel.namelist() if name.endswith("METADATA"))
    lines = wheel.read(metadata).decode().splitlines()
    assert "Name: digit-lab" in lines
    assert f"Version: {SETTINGS['version']}" in lines
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())


def test_the_wheel_runs_away_from_the_checkout(wheel, tmp_path):
    wheel.extractall(tmp_path / "site")
    script = (
        "import sys; from mnist_core.cli.main import main; from mnist_core.workspace import *; "
        "print(WORKSPACE.runs); sys.exit(main(['models']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "site"), "DIGIT_LAB_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    runs, *models = done.stdout.splitlines()
    assert Path(runs) == tmp_path / "home" / "runs"
    assert [line.split()[0] for line in models] == [*SHIPPED_MODELS, *SHIPPED_DETECTORS]


def test_the_package_asks_for_what_the_core_imports():
    found = set()
    for path in (PROJECT / "mnist_core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module.partition(".")[0])
    wanted = [Requirement(text) for text in SETTINGS["dependencies"]]
    extras = [
        Requirement(text)
        for extra in ("train", "cluster", "collection", "map")
        for text in SETTINGS["optional-dependencies"][extra]
    ]
    others = found - sys.stdlib_module_names - {"mnist_core"}
    assert others <= imported(one.name for one in wanted + extras)


@pytest.mark.parametrize(
    ("pinned", "extra"),
    [
        ("requirements.txt", None),
        ("requirements.txt", "train"),
        *[("requirements-dev.txt", extra) for extra in ("cluster", "map", "dev")],
        ("requirements.txt", "collection"),
    ],
)
def test_what_is_pinned_is_in_the_range_that_the_package_asks_for(pinned, extra):
    pins = requirements(pinned)
    ranges = SETTINGS["optional-dependencies"][extra] if extra else SETTINGS["dependencies"]
    for wanted in map(Requirement, ranges):
        (pin,) = pins[wanted.name].specifier
        assert pin.operator == "==", wanted.name
        assert wanted.specifier.contains(pin.version), f"{wanted} is pinned to {pin.version}"


def test_numpy_multiplies_matrices_in_one_thread():
    program = (
        "import json, mnist_core, numpy, threadpoolctl\n"
        "found = threadpoolctl.threadpool_info()\n"
        "print(json.dumps([one['num_threads'] for one in found if one['user_api'] == 'blas']))"
    )
    usual = {name: value for name, value in os.environ.items() if "NUM_THREADS" not in name}
    done = subprocess.run(
        [sys.executable, "-c", program], env=usual, cwd=PROJECT, capture_output=True, text=True
    )
    assert set(json.loads(done.stdout)) <= {1}, done.stderr
