"""What pyproject.toml declares is what the code imports, and no more."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

import nyala._version
from tests.architecture.imports import read_package

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# Where the name that is imported differs from the name that is installed.
INSTALLED_AS = {"PIL": "pillow"}
OURS = {"nyala", "tests", "benchmarks", "conftest"}


def names(requirements: list[str]) -> set[str]:
    return {re.match(r"[\w-]+", r).group().lower().replace("-", "_") for r in requirements}


CORE = names(PROJECT["dependencies"])
TEST = CORE | names(PROJECT["optional-dependencies"]["test"])


def third_party(imported: list[str]) -> set[str]:
    """The names under which the packages of these imports are installed."""
    tops = {name.partition(".")[0] for name in imported} - set(sys.stdlib_module_names) - OURS
    return {INSTALLED_AS.get(top, top).lower() for top in tops if top}


def optional_imports(tree: ast.Module) -> set[str]:
    """The modules that a test asks for with `pytest.importorskip`."""
    return {
        node.args[0].value.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "importorskip"
    }


def test_the_version_has_one_source():
    assert PROJECT["dynamic"] == ["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+|rc\d+)?", nyala._version.__version__)
    assert f"## [{nyala._version.__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_what_nyala_imports_is_declared():
    imported = [i.imported for i in read_package(ROOT / "nyala").imports()]
    for_users = PROJECT["optional-dependencies"].keys() - {"test", "bench", "dev"}
    optional = set().union(*(names(PROJECT["optional-dependencies"][e]) for e in for_users))
    undeclared = third_party(imported) - CORE - optional
    assert not undeclared, f"add to pyproject.toml and argue for in docs/decisions: {undeclared}"


@pytest.mark.parametrize("dependency", sorted(CORE))
def test_each_dependency_is_argued(dependency):
    text = (ROOT / "docs" / "decisions" / "0001-dependencies.md").read_text("utf-8")
    assert f"`{dependency}" in text


def test_what_the_tests_import_is_installed_by_make_test():
    package = read_package(ROOT / "tests")
    optional = {name for tree in package.trees.values() for name in optional_imports(tree)}
    missing = third_party([i.imported for i in package.imports()]) - TEST - optional
    assert not missing, f"add to the extra `test` in pyproject.toml: {missing}"


def test_pinned_linters_agree_with_the_commit_hook():
    hook = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    pinned = [r for r in PROJECT["optional-dependencies"]["test"] if r.startswith("ruff==")]
    assert set(re.findall(r"ruff==[\d.]+", hook)) == set(pinned)
