"""Every benchmark that the documents name can at least begin."""

import importlib
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.mark.parametrize("name", sorted(path.stem for path in BENCHMARKS.glob("*.py")))
def test_a_benchmark_imports_what_there_is(name):
    importlib.import_module(f"benchmarks.{name}")
