"""Results as lines, as JSON and as a Markdown table."""

from __future__ import annotations

import json
import os
import platform
import re
from pathlib import Path
from typing import Any

from benchmarks.peers import PEERS
from benchmarks.rows import ROWS
from benchmarks.run import Result


def machine() -> str:
    """Return the machine in words: processor, cores, system, Python."""
    processor = platform.processor() or platform.machine()
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
        processor = found.group(1).strip() if found else processor
    except OSError:  # not Linux
        pass
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{processor}, {cores} cores, {platform.system()}, Python {platform.python_version()}"


def line(result: Result, peers: list[str]) -> str:
    """Return a result as text: nyala's time, then each peer's and its ratio to nyala's."""
    parts = [f"{result.row:12}"]
    for name in peers:
        if name in result.errors:
            parts.append(f"{name} failed ({result.errors[name]})")
        elif result.median(name) is not None:
            ratio = "" if name == "nyala" else _ratio(result, name)
            parts.append(f"{name} {number(result.median(name))} ms{ratio}")
    parts += [f"MISSES {miss}" for miss in result.misses()]
    return "  ".join(parts)


def as_json(results: list[Result], versions: dict[str, str], rounds: int) -> str:
    """Return everything that was measured."""
    rows = [
        {
            "row": r.row, "title": ROWS[r.row].title, "seconds": r.seconds, "errors": r.errors,
            "median_ms": {name: r.median(name) for name in r.seconds},
            "times_nyala": {name: r.ratio(name) for name in r.seconds if name != "nyala"},
            "misses": r.misses(),
        }
        for r in results
    ]  # fmt: skip
    about = {"machine": machine(), "versions": versions, "rounds": rounds}
    return json.dumps(about | {"rows": rows}, indent=1)


def as_markdown(results: list[Result], peers: list[str], versions: dict[str, str],
                rounds: int) -> str:  # fmt: skip
    """Return the table, with a sentence that says where and with what it was measured."""
    shown = [p for p in peers if any(p in r.seconds for r in results)]
    lines = [
        "| milliseconds (× nyala) | " + " | ".join(PEERS[p].title for p in shown) + " |",
        "|---" * (len(shown) + 1) + "|",
    ]
    for result in results:
        cells = [_cell(result, name) for name in shown]
        lines.append(f"| {ROWS[result.row].title} | " + " | ".join(cells) + " |")
    what = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    return "\n".join([f"{machine()}; {what}. Medians of {rounds} rounds.", "", *lines])


def write_between_marks(path: str, text: str, name: str = "measured") -> None:
    """Replace what stands between the marks `<!-- name: begin -->` and `end` of a Markdown file."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    document = Path(path).read_text()
    if begin not in document:
        raise SystemExit(f"{path} has no line {begin!r} to write after.")
    before, rest = document.split(begin, 1)
    after = rest.split(end, 1)[1]
    Path(path).write_text(f"{before}{begin}\n{text}\n{end}{after}")


def number(milliseconds: Any) -> str:
    """Return milliseconds with three digits that count."""
    return f"{milliseconds:.0f}" if milliseconds >= 100 else f"{milliseconds:.3g}"


def _ratio(result: Result, name: str) -> str:
    ratio = result.ratio(name)
    return "" if ratio is None else f" ({ratio:.2f}×)"


def _cell(result: Result, name: str) -> str:
    milliseconds = result.median(name)
    if milliseconds is None:
        return ""
    if name == "nyala":
        return f"**{number(milliseconds)}**"
    return f"{number(milliseconds)}{_ratio(result, name)}"
