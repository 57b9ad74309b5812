"""An `Inspection` in the terminal."""

from __future__ import annotations

import math
from typing import Any

from nyala.saving._inspect import Inspection

_SHOWN = 60


def print_inspection(found: Inspection, console: Any = None) -> None:
    """Print what a model file holds.

    Args:
        found: what `inspect_file` returned.
        console: a `rich.console.Console`; the terminal's by default.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = console or Console()
    facts = Table.grid(padding=(0, 2))
    for name, value in _facts(found):
        facts.add_row(Text(name, style="bold"), Text(value))
    console.print(facts)
    if found.layers:
        rows = [(path, kind, made) for path, kind, made in found.layers]
        console.print(_table("Layers", ("layer", "class", "made with"), rows))
    if found.weights:
        rows = _weight_rows(found.weights)
        console.print(_table("Weights", ("place", "shape", "dtype", "size"), rows))
    if found.members:
        rows = [(name, _bytes(size)) for name, size in found.members]
        console.print(_table("Other files", ("name", "size"), rows))
    for line in found.custom:
        console.print(Text.assemble(("custom  ", "bold yellow"), line))
    for line in found.suspicious:
        console.print(Text.assemble(("suspicious  ", "bold red"), line))
    if not found.suspicious:
        console.print(Text("Nothing suspicious.", style="green"))


def _weight_rows(weights: list) -> list[tuple[str, str, str, str]]:
    """Return a row for each array, those of the optimizer in one: they repeat the others."""
    rows, slots = [], []
    for place, shape, dtype, size in sorted(weights, key=lambda one: _by_number(one[0])):
        if place.startswith("optimizer"):
            slots.append(size)
        else:
            rows.append((place, str(tuple(shape)), dtype, _bytes(size)))
    if slots:
        rows.append((f"optimizer, {len(slots)} arrays", "", "", _bytes(sum(slots))))
    return rows


def _by_number(place: str) -> list:
    return [(part.isdigit(), int(part) if part.isdigit() else part) for part in place.split("/")]


def _facts(found: Inspection) -> list[tuple[str, str]]:
    parameters = sum(math.prod(shape) for place, shape, _, _ in found.weights
                     if "optimizer" not in place.split("/")[0])  # fmt: skip
    facts = [("file", found.path), ("kind", f"{found.kind}, {_bytes(found.size)}")]
    if found.version:
        facts.append(("format of", f"Keras {found.version}"))
    if found.model:
        facts.append(("model", found.model))
    if found.weights:
        total = _bytes(sum(size for _, _, _, size in found.weights))
        text = f"{parameters:,} numbers; {len(found.weights)} arrays and {total} in all"
        facts.append(("weights", text))
    if found.compiled:
        facts.append(("compiled", ", ".join(f"{k}={v}" for k, v in found.compiled.items())))
    return facts


def _table(title: str, columns: tuple[str, ...], rows: list) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", title_style="bold", header_style="dim")
    for column in columns:
        table.add_column(column, justify="right" if column == "size" else "left", overflow="fold")
    for row in rows[:_SHOWN]:
        table.add_row(*(Text(cell) for cell in row))
    if len(rows) > _SHOWN:
        table.add_row(f"… and {len(rows) - _SHOWN:,} more (--json shows all)")
    return table


def _bytes(size: int) -> str:
    units = ("B", "kB", "MB", "GB", "TB")
    power = min(len(units) - 1, max(0, (len(str(size)) - 1) // 3))
    return f"{size} B" if power == 0 else f"{size / 1000**power:.1f} {units[power]}"
