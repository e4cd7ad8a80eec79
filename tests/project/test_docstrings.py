"""Docstrings are true: examples do what they show, and what they list is there.

That everything public has one, in numpydoc's form, ruff checks.
"""

import ast
import doctest
import importlib
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
CORE = sorted((PROJECT / "mnist_core").rglob("*.py"))


def dotted(path):
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


def test_a_list_of_parameters_names_parameters():
    wrong = []
    for path in CORE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            _, _, listed = (ast.get_docstring(node) or "").partition("Parameters\n----------\n")
            listed = re.split(r"\n(?=\w+\n--)", listed)[0]
            named = ", ".join(re.findall(r"^([\w*, ]+) :", listed, re.MULTILINE))
            every = (node.args.posonlyargs, node.args.args, node.args.kwonlyargs)
            arguments = {one.arg for some in every for one in some}
            arguments |= {one.arg for one in (node.args.vararg, node.args.kwarg) if one}
            unknown = set(re.findall(r"\w+", named)) - arguments
            wrong += [f"{dotted(path)}.{node.name}: {name}" for name in sorted(unknown)]
    assert not wrong, f"docstrings list what is no parameter: {wrong}"


WITH_EXAMPLES = [dotted(path) for path in CORE if ">>> " in path.read_text("utf-8")]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_do_what_they_say(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted
    assert not found.failed
