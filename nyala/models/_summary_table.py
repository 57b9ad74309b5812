"""Drawing the table of `model.summary()` with rich, or with ASCII where lines cannot be drawn."""

from __future__ import annotations

import io
import locale
import re
import shutil
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

_LEAST_WIDTH = 4
# What a column takes beside its text: a blank on each side and a line.
_FRAME = 3
_NUMBER, _UNKNOWN, _CLASS = "color(34)", "color(45)", "color(33)"
_ALIGNMENT = {"Param #": "right", "Trainable": "center"}
# Stands before the layers of a model inside.
NESTED = "└ "
_LINES = "━" + NESTED


class Sums(NamedTuple):
    """Pairs of a number of parameters and their bytes."""

    trainable: tuple[int, int]
    non_trainable: tuple[int, int]
    optimizer: tuple[int, int] | None


def print_table(name: str, columns: list[str], rows: list[list], sums: Sums,
                line_length: int | None, width: int, positions: Any,
                print_fn: Callable | None) -> None:  # fmt: skip
    """Print the table and the sums.

    Args:
        name: the model's.
        columns: headings.
        rows: cells; the first of each row is a pair of a layer's name and its class.
        sums: parameters by kind.
        line_length: width of the table; what the terminal has room for, up to `width`, by default.
        positions: relative ends of the columns; by what stands in them, by default.
        print_fn: called with the text in place of printing.
    """
    from rich.console import Console

    terminal = shutil.get_terminal_size().columns
    length = line_length or min(width, terminal)
    lines = _can_draw(sys.stdout) and (print_fn is None or _can_write_to_files())
    if not lines:
        rows = [[_ascii(cell) for cell in row] for row in rows]
    texts = [[f"{c[0]} ({c[1]})" if type(c) is tuple else c for c in row] for row in rows]
    widths = _given_widths(positions, len(columns), length) if positions else None
    widths = widths or _fitting_widths(columns, texts, length)
    sink = io.StringIO() if print_fn is not None else None
    options = {} if sink is None else {"file": sink, "color_system": None, "force_terminal": False}
    total = sum(widths) + _FRAME * len(widths) + 1
    console = Console(highlight=False, width=max(total, terminal), **options)
    console.print(f'Model: "{name}"', style="bold", markup=False, soft_wrap=True)
    console.print(_table(columns, rows, widths, lines))
    for label, (count, size) in _sum_lines(sums):
        console.print(_sum_text(label, count, size), soft_wrap=True)
    if print_fn is not None:
        print_fn(sink.getvalue())


def _can_draw(stream: Any) -> bool:
    return _encodes_lines(getattr(stream, "encoding", None))


def _can_write_to_files() -> bool:
    """Whether text files take lines: `print_fn` is often a file's write or a log's."""
    return _encodes_lines(locale.getpreferredencoding(False))


def _encodes_lines(encoding: str | None) -> bool:
    try:
        _LINES.encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _ascii(cell: Any) -> Any:
    if type(cell) is tuple:
        return tuple(_ascii(part) for part in cell)
    plain = cell.replace(NESTED, "> ")
    return plain.encode("ascii", "backslashreplace").decode("ascii")


# -- widths --------------------------------------------------------------------------------------


def _given_widths(positions: Any, count: int, length: int) -> list[int]:
    """Return the widths of the columns that end at these parts of the line (or characters)."""
    ends = [float(p) for p in positions]
    if len(ends) == count - 1:  # Keras' habit: the column Trainable takes the last tenth
        ends = [0.9 * end for end in ends] + [1.0]
    if len(ends) < count:
        raise ValueError(
            f"summary(positions=...) expects {count} ends of columns; got {len(ends)}: {positions}."
        )
    scale = 1 if ends[-1] > 1 else length
    edges = [int(end * scale) for end in ends[:count]]
    widths = [b - a - _FRAME for a, b in zip([0, *edges], edges, strict=False)]
    if min(widths) < _LEAST_WIDTH - _FRAME:
        raise ValueError(
            f"summary(): a line of {length} characters is too short for columns that end at "
            f"{positions}."
        )
    return widths


def _fitting_widths(columns: list[str], texts: list[list[str]], length: int) -> list[int]:
    """Return widths that show every cell on one line where they can, and fill the line."""
    natural = [
        max(len(part) for part in (column, *(row[i] for row in texts)))
        for i, column in enumerate(columns)
    ]
    room = length - _FRAME * len(columns) - 1
    if room < _LEAST_WIDTH * len(columns):
        raise ValueError(f"summary(): a line of {length} characters is too short for the table.")
    widths = list(natural)
    while sum(widths) > room:
        # Names, shapes and connections wrap well; numbers and headings do not.
        soft = [i for i, c in enumerate(columns) if c not in _ALIGNMENT and widths[i] > len(c)]
        candidates = soft or range(len(columns))
        widest = max(candidates, key=lambda i: widths[i])
        widths[widest] -= 1
    soft = [i for i, column in enumerate(columns) if column not in _ALIGNMENT]
    for i in range(room - sum(widths)):
        widths[soft[i % len(soft)]] += 1
    return widths


def wrap(text: str, width: int) -> list[str]:
    """Break `text` into lines at blanks; too long a word at its last `_`, `/`, `.` or `[`.

    What `text` begins with up to its first letter is an indent, kept free on all lines.
    """
    indent = re.match(r"\W*", text).group() if text[:1] == " " else ""
    if len(indent) > width // 2:
        indent = ""
    room = width - len(indent)
    lines = [""]
    for word in text[len(indent) :].split():
        joined = f"{lines[-1]} {word}".lstrip()
        if len(joined) <= room:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        while len(word) > room:
            lines[-1] = _first_piece(word, room)
            word = word[len(lines[-1]) :]
            lines.append("")
        lines[-1] = word
    blank = " " * len(indent)
    return [(indent if i == 0 else blank) + line for i, line in enumerate(lines) if line]


def _first_piece(word: str, width: int) -> str:
    breaks = [m.end() for m in re.finditer(r"[_/.]|(?=\[)|(?<=[a-z])(?=[A-Z])", word[:width])]
    return word[: breaks[-1]] if breaks and breaks[-1] >= width // 2 else word[:width]


# -- drawing -------------------------------------------------------------------------------------


def _table(columns: list[str], rows: list[list], widths: list[int], lines: bool) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.HEAVY_HEAD if lines else box.ASCII, show_lines=True)
    for column, width in zip(columns, widths, strict=True):
        table.add_column(column, justify=_ALIGNMENT.get(column, "left"), width=width,
                         overflow="fold", no_wrap=False)  # fmt: skip
    for row in rows:
        cells = zip(columns, row, widths, strict=True)
        table.add_row(*[_styled(column, cell, width) for column, cell, width in cells])
    return table


def _styled(column: str, cell: Any, width: int) -> Any:
    from rich.text import Text

    if type(cell) is tuple:
        name, class_name = cell
        text = Text("\n".join(wrap(f"{name} ({class_name})", width)))
        text.highlight_regex(rf"(?<=\(){re.escape(class_name)}(?=\)$)", _CLASS)
        return text
    text = Text("\n".join(wrap(cell, width)))
    if column == "Trainable":
        text.stylize({"Y": "bold color(34)", "N": "bold color(9)"}.get(cell, "bold"))
    elif column == "Connected to":
        text.highlight_regex(r"(?<=\[)\d+(?=\])", _NUMBER)
    else:
        text.highlight_regex(r"\d[\d,]*(?!\w)", _NUMBER)
        text.highlight_regex(r"None", _UNKNOWN)
    return text


def _sum_lines(sums: Sums) -> list[tuple[str, tuple[int, int]]]:
    parts = [sums.trainable, sums.non_trainable, sums.optimizer or (0, 0)]
    total = (sum(p[0] for p in parts), sum(p[1] for p in parts))
    lines = [
        ("Total params", total),
        ("Trainable params", sums.trainable),
        ("Non-trainable params", sums.non_trainable),
    ]
    return [*lines, ("Optimizer params", sums.optimizer)] if sums.optimizer else lines


def _sum_text(label: str, count: int, size: int) -> Any:
    from rich.text import Text

    return Text.assemble(
        (f" {label}: ", "bold"), (f"{count:,}", _NUMBER), f" ({format_bytes(size)})"
    )


def format_bytes(size: float) -> str:
    """Return a number of bytes in the unit in which it is at least 1 and below 1024."""
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} PB"
