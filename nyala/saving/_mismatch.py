"""What a file holds beside what a model expects, as a table in the error or warning."""

from __future__ import annotations

import dataclasses
import itertools
import warnings
from collections.abc import Sequence
from typing import Any

from nyala.core import user_stacklevel
from nyala.saving._limits import ModelFileError

_SHOWN = 40
_HEAD = ("place in the file", "weight", "the model expects", "the file holds")


@dataclasses.dataclass
class Mismatch:
    """A place where model and file do not agree.

    Args:
        place: where in the file.
        names: the names of the model's weights that belong there.
        expected: their shapes.
        found: names and shapes of what the file holds there.
        reason: said in place of the shapes.
    """

    place: str
    names: Sequence[str]
    expected: Sequence[tuple]
    found: Sequence[tuple[str, tuple]]
    reason: str = ""

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Return one line for each weight: those that fit as well, to show the order."""
        place = self.place or "(model)"
        if self.reason:
            return [(place, ", ".join(self.names) or "-", self.reason, "")]
        if not self.expected and not self.found:
            return [(place, "-", "nothing", "nothing")]
        return [
            (
                f"{place}/{found[0]}" if found else place,
                name or "-",
                "nothing" if shape is None else str(tuple(shape)),
                "nothing" if found is None else str(tuple(found[1])),
            )
            for name, shape, found in itertools.zip_longest(self.names, self.expected, self.found)
        ]


def report(what: str, model: Any, mismatches: list[Mismatch], skip: bool) -> None:
    """Raise, or warn where mismatches are to be skipped.

    Args:
        what: names the file.
        model: the model.
        mismatches: nothing happens where there are none.
        skip: whether a warning is enough.

    Raises:
        ModelFileError: there are mismatches, and they are not to be skipped.
    """
    if not mismatches:
        return
    text = _table(what, model, mismatches)
    if not skip:
        raise ModelFileError(text)
    warnings.warn(text, stacklevel=user_stacklevel())


def _table(what: str, model: Any, mismatches: list[Mismatch]) -> str:
    rows = [row for one in mismatches for row in one.rows()]
    more = f"\n… and {len(rows) - _SHOWN} more." if len(rows) > _SHOWN else ""
    hint = "" if getattr(model, "built", True) else (
        " The model has no weights yet: build it, or call it on data, before loading."
    )  # fmt: skip
    return (
        f"{what} does not fit model {getattr(model, 'name', '')!r} in {len(mismatches)} place(s)."
        f"{hint} Pass skip_mismatch=True to load_weights to load the rest.\n"
        + _aligned([_HEAD, *rows[:_SHOWN]])
        + more
    )


def _aligned(rows: list[tuple[str, str, str, str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return "\n".join(
        "  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[3]])
        for row in rows
    )
