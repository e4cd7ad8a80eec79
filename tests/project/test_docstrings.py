"""Every public function of the core says what it takes, what it gives and how it fails."""

import ast
import doctest
import importlib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
CORE = sorted((PROJECT / "mnist_core").rglob("*.py"))


def public(tree):
    """Return the public functions and classes of a module, methods as well."""
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            found.append(node)
            if isinstance(node, ast.ClassDef):
                found += [n for n in public(node) if isinstance(n, ast.FunctionDef)]
    return found


DOCUMENTED = [
    pytest.param(node, id=f"{path.relative_to(PROJECT / 'mnist_core').with_suffix('')}.{node.name}")
    for path in CORE
    for node in public(ast.parse(path.read_text("utf-8")))
]


@pytest.mark.parametrize("node", DOCUMENTED)
def test_what_is_public_is_documented(node):
    assert ast.get_docstring(node), "it has no docstring"


@pytest.mark.parametrize("node", DOCUMENTED)
def test_a_list_of_parameters_is_whole(node):
    _, listed, text = (ast.get_docstring(node) or "").partition("Parameters\n")
    if not listed or isinstance(node, ast.ClassDef):
        return  # one line says it all
    arguments = [a.arg for a in (*node.args.args, *node.args.kwonlyargs) if a.arg != "self"]
    missing = [name for name in arguments if name not in text]
    assert not missing


def dotted(path):
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


WITH_EXAMPLES = [dotted(path) for path in CORE if ">>> " in path.read_text("utf-8")]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_do_what_they_say(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted
    assert not found.failed
