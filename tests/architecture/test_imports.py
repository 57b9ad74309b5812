"""The shape of the house: who may import whom, how long a file may be, what has a docstring."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.architecture import rooms
from tests.architecture.imports import Import, Package, cycles, read_package

ROOT = Path(__file__).resolve().parents[2]
NYALA = read_package(ROOT / "nyala")
FACES = sorted(
    module
    for module, path in NYALA.files.items()
    if path.name == "__init__.py" or module in rooms.PUBLIC_FILES
)


def downward(package: Package, order: tuple[str, ...]) -> list[Import]:
    """The imports that lead from a room to one that stands below it in `order`."""
    rank = {room: place for place, room in enumerate(order)}
    return [
        i
        for i in package.internal()
        if rank[package.room(i.imported)] > rank[package.room(i.importer)]
    ]


def file_cycles(package: Package) -> list[list[str]]:
    """The groups of files that import each other, lazily or not."""
    edges = defaultdict(set)
    for i in package.internal():
        edges[i.importer].add(i.imported)
    return cycles(edges)


def banned(package: Package) -> list[Import]:
    """The imports of anything that nyala must run without."""
    return [
        i
        for i in package.imports()
        if any(i.imported == name or i.imported.startswith(name + ".") for name in rooms.BANNED)
    ]


def misnamed(package: Package) -> list[str]:
    """The modules that are neither private, nor a package, nor listed as public."""
    return [
        module
        for module, path in package.files.items()
        if not path.name.startswith("_") and module not in rooms.PUBLIC_FILES
    ]


def function_lengths(package: Package) -> list[tuple[int, str]]:
    """The length in lines, without the docstring, and the place of every function."""
    return [
        (_code_lines(node), f"{module}:{node.lineno} {node.name}")
        for module, tree in package.trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    has_docstring = ast.get_docstring(node, clean=False) is not None
    docstring = first.end_lineno - first.lineno + 1 if has_docstring else 0
    return node.end_lineno - node.lineno + 1 - docstring


def undocumented(module: str) -> list[str]:
    """The names in the module's `__all__` whose class, function or module has no docstring."""
    face = importlib.import_module(module)
    return [name for name in face.__all__ if not _documented(getattr(face, name))]


def _documented(value: object) -> bool:
    if inspect.isclass(value):  # the class's own: an inherited docstring describes another class
        return bool((vars(value).get("__doc__") or "").strip())
    if inspect.ismodule(value) or callable(value):
        return bool((value.__doc__ or "").strip())
    return True  # a constant is described where it stands


def _listed(problems: list) -> str:
    return "\n  ".join(["", *map(str, problems)])


def test_every_room_has_its_place_in_the_order():
    unknown = {NYALA.room(module) for module in NYALA.trees} - set(rooms.ORDER)
    assert not unknown, f"give these a place in tests/architecture/rooms.py: {sorted(unknown)}"


def test_imports_point_only_upward():
    found = downward(NYALA, rooms.ORDER)
    assert not found, "imports that point downward:" + _listed(found)


def test_no_import_cycle_between_files():
    found = file_cycles(NYALA)
    assert not found, "files that import each other:" + _listed(found)


def test_nothing_banned_is_imported():
    found = banned(NYALA)
    assert not found, "banned imports:" + _listed(found)


def test_files_are_private_unless_listed():
    found = misnamed(NYALA)
    assert not found, "rename to _x.py or list in rooms.PUBLIC_FILES:" + _listed(found)


def test_no_file_is_too_long():
    lengths = {m: len(p.read_text("utf-8").splitlines()) for m, p in NYALA.files.items()}
    found = {m: n for m, n in lengths.items() if n > rooms.MAX_FILE_LINES}
    assert not found, f"files of more than {rooms.MAX_FILE_LINES} lines: {found}"


def test_functions_are_short():
    lengths = sorted(function_lengths(NYALA))
    percentile, _ = lengths[int(0.9 * (len(lengths) - 1))]
    limit = rooms.MAX_FUNCTION_LINES_AT_90TH_PERCENTILE
    assert percentile <= limit, f"a tenth of the functions exceeds {percentile} lines:" + _listed(
        lengths[-15:]
    )


@pytest.mark.parametrize("module", FACES)
def test_public_symbols_have_docstrings(module):
    assert importlib.import_module(module).__doc__, f"{module} has no docstring"
    if not hasattr(sys.modules[module], "__all__"):
        assert module in rooms.PUBLIC_FILES, f"{module} is a public face without __all__"
        return
    found = undocumented(module)
    assert not found, f"public names of {module} without a docstring: {found}"


def test_importing_nyala_loads_nothing_heavy():
    program = "import sys, nyala; print(nyala.__file__, *sys.modules)"
    output = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    file, *modules = output.split()
    assert file == str(ROOT / "nyala" / "__init__.py")
    assert not {name.partition(".")[0] for name in modules} & set(rooms.HEAVY)
