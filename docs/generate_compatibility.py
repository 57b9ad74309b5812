"""Writes the table of all tf names into docs/compatibility.md.

    python docs/generate_compatibility.py

A test fails when the table is not what this program would write.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent
PAGE = _ROOT / "docs" / "compatibility.md"
_BEGIN, _END = "<!-- names: begin -->\n", "<!-- names: end -->"


def page_with_table() -> str:
    """Return the page's text with the table as it should be."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    return f"{before}{_BEGIN}{_table()}{_END}{rest.partition(_END)[2]}"


def _table() -> str:
    parts = []
    for module in _modules():
        spelled = module.__name__.removeprefix("nyala.")
        rows = [(name, _meaning(getattr(module, name))) for name in _names(module)]
        rows = [(name, meaning) for name, meaning in rows if meaning]
        title = inspect.getdoc(module).partition("\n")[0].rstrip(".")
        parts.append(f"\n### `{spelled}`\n\n{title}.\n\n")
        parts.append("| name | what it is |\n|---|---|\n" if rows else "")
        parts.extend(f"| `{name}` | {meaning} |\n" for name, meaning in rows)
    return "".join(parts)


def _modules() -> list[ModuleType]:
    top = importlib.import_module("nyala.tf")
    names = [
        info.name
        for info in pkgutil.walk_packages(top.__path__, "nyala.tf.")
        if not info.name.rpartition(".")[2].startswith("_")
    ]
    return [top, *map(importlib.import_module, sorted(names))]


def _names(module: ModuleType) -> list[str]:
    """Return the module's own names; some modules only find names in another room of nyala."""
    return sorted(module.__all__, key=str.lower)


def _meaning(value: Any) -> str:
    """Return what stands in the table for a value; nothing for a module, which has its own part."""
    if inspect.ismodule(value):
        return ""
    text = inspect.getdoc(value) or ""
    respelling = re.search(r"^This is `(.+?)`, as ", text, re.M)
    if respelling:
        return f"`{respelling[1]}`"
    if not callable(value) or isinstance(value, str):
        return f"the constant `{value!r}`"
    if not value.__module__.startswith("nyala.tf") and value.__module__.startswith("nyala."):
        from nyala.core import public_name

        return f"`{public_name(value)}`"
    summary = " ".join(text.partition("\n\n")[0].split())
    return summary.replace("|", "\\|")


def main() -> int:
    """Write the table."""
    PAGE.write_text(page_with_table(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(_ROOT))
    sys.exit(main())
