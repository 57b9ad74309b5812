"""Diagrams as text in Graphviz' DOT language, for other tools to read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nyala.core import atomic_file
from nyala.utils._plot_model._diagram import Box, Diagram
from nyala.utils._plot_model._picture import picture


class Dot:
    """A model's graph in the DOT language.

    Args:
        diagram: what is shown.
        rankdir: `"TB"`, `"BT"`, `"LR"` or `"RL"`.
        dpi: resolution.
        splines: how Graphviz draws arrows.
        subgraph: whether the text is a cluster to put into another graph.
        name: the model's.
    """

    def __init__(self, diagram: Diagram, rankdir: str = "TB", dpi: float = 200,
                 splines: str = "ortho", subgraph: bool = False, name: str = "model"):  # fmt: skip
        self.diagram, self.rankdir, self.dpi = diagram, rankdir, dpi
        self.splines, self.subgraph, self.name = splines, subgraph, name

    @property
    def source(self) -> str:
        """The text."""
        return self.to_string()

    def to_string(self) -> str:
        """Return the text."""
        if self.subgraph:
            lines = [f"subgraph {_quoted(f'cluster_{self.name}')} {{"]
            lines.append(f"  label={_quoted(self.name)};")
        else:
            lines = [
                "digraph G {", f"  rankdir={self.rankdir};", "  concentrate=true;",
                f"  dpi={self.dpi};", f"  splines={self.splines};",
            ]  # fmt: skip
        lines += ["  node [shape=box];", *_statements(self.diagram, "  "), "}", ""]
        return "\n".join(lines)

    def create(self, prog: Any = None, format: str = "svg", encoding: Any = None) -> bytes:
        """Return the picture as the bytes of a file, drawn by nyala (pydot's method).

        Args:
            prog: accepted for pydot's sake.
            format: `"svg"`, `"png"`, `"jpg"`, `"pdf"`, `"dot"`, …
            encoding: accepted for pydot's sake.
        """
        if format in ("dot", "gv", "raw"):
            return self.to_string().encode()
        return picture(self.diagram, self.rankdir, self.dpi, format)

    def write(self, path: Any, prog: Any = None, format: str | None = None) -> bool:
        """Write the picture; the text where the name has no ending or ends in `.dot`."""
        kind = format or Path(path).suffix.lstrip(".").lower() or "dot"
        picture_bytes = self.create(format=kind)
        with atomic_file(path) as file:
            file.write(picture_bytes)
        return True

    def __str__(self) -> str:
        return self.to_string()


def _statements(diagram: Diagram, indent: str) -> Iterator[str]:
    for box in diagram.boxes:
        if box.inside is None:
            yield f"{indent}{_quoted(box.key)} [label={_label(box)}];"
            continue
        yield f"{indent}subgraph {_quoted(f'cluster_{box.key}')} {{"
        yield f"{indent}  label={_quoted(box.title)};"
        yield from _statements(box.inside, indent + "  ")
        yield f"{indent}}}"
    for source, target in diagram.edges:
        ends = _last(diagram.boxes[source]), _first(diagram.boxes[target])
        yield f"{indent}{_quoted(ends[0])} -> {_quoted(ends[1])};"


def _first(box: Box) -> str:
    """Return the key of the box at which an arrow into this one ends."""
    return box.key if box.inside is None else _first(box.inside.boxes[0])


def _last(box: Box) -> str:
    return box.key if box.inside is None else _last(box.inside.boxes[-1])


def _label(box: Box) -> str:
    lines = [box.title, *(f"{label}: {value}" for label, value in box.rows)]
    return '"' + r"\n".join(_escaped(line) for line in lines) + '"'


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"")
