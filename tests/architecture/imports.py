"""Reads the imports of a package from its source, without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Import:
    """One import: who imports, what, on which line, and how that line spells it."""

    importer: str
    imported: str
    line: int
    spelling: str

    def __str__(self) -> str:
        return f"{self.importer} (line {self.line}) imports {self.imported} as {self.spelling}"


@dataclass(frozen=True)
class Package:
    """The modules of a package, parsed: `trees` maps a dotted module name to its syntax tree."""

    name: str
    trees: dict[str, ast.Module]
    files: dict[str, Path]

    def room(self, module: str) -> str:
        """The folder or file right under the package that `module` lies in; `""` is the root."""
        return [*module.split("."), ""][1]

    def imports(self) -> list[Import]:
        """Every import of every module, at any depth, but for those under `TYPE_CHECKING`."""
        return [found for module in self.trees for found in self._imports_of(module)]

    def internal(self) -> list[Import]:
        """The imports of the package's own modules, each name resolved to the file it means."""
        return [
            Import(i.importer, self._resolve(i.imported), i.line, i.spelling)
            for i in self.imports()
            if _inside(i.imported, self.name)
        ]

    def _imports_of(self, module: str) -> Iterator[Import]:
        for node in _running_nodes(self.trees[module]):
            for name in self._names(node, module):
                yield Import(module, name, node.lineno, name)

    def _names(self, node: ast.AST, module: str) -> list[str]:
        if isinstance(node, ast.Import):
            return [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            base = self._absolute(node, module)
            return [f"{base}.{alias.name}" for alias in node.names]
        if isinstance(node, ast.Call) and _called_name(node) in ("import_module", "__import__"):
            named = node.args[:1]
            return [a.value for a in named if isinstance(getattr(a, "value", None), str)]
        return []

    def _absolute(self, node: ast.ImportFrom, module: str) -> str:
        if not node.level:
            return node.module or ""
        is_package = self.files[module].name == "__init__.py"
        parts = module.split(".")
        parts = parts[: len(parts) - node.level + is_package]
        return ".".join([*parts, node.module] if node.module else parts)

    def _resolve(self, name: str) -> str:
        """`nyala.core.floatx` is a name in the file `nyala.core`; `nyala.core._tree` is a file."""
        while name not in self.trees and "." in name:
            name = name.rpartition(".")[0]
        return name


def read_package(root: Path) -> Package:
    """Parse every Python file under `root`, the package's own folder."""
    files = {}
    for path in sorted(root.rglob("*.py")):
        parts = (root.name, *path.relative_to(root).with_suffix("").parts)
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    trees = {name: ast.parse(path.read_text("utf-8"), str(path)) for name, path in files.items()}
    return Package(root.name, trees, files)


def cycles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of nodes that reach each other (Tarjan's strongly connected components).

    A node that points to itself alone is a group as well.
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(edges.get(node, ())):
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(group) > 1 or node in edges.get(node, ()):
                found.append(sorted(group))

    for node in sorted(edges):
        if node not in index:
            visit(node)
    return found


def _inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def _called_name(node: ast.Call) -> str:
    return getattr(node.func, "attr", None) or getattr(node.func, "id", "")


def _running_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes below `node` but for the bodies of `if TYPE_CHECKING:`, which never run."""
    only_types = isinstance(node, ast.If) and _is_type_checking(node.test)
    for child in node.orelse if only_types else ast.iter_child_nodes(node):
        yield child
        yield from _running_nodes(child)


def _is_type_checking(test: ast.expr) -> bool:
    return getattr(test, "attr", getattr(test, "id", None)) == "TYPE_CHECKING"
