"""One row of the contract suite: a layer, how it is made, and what it is called on.

Files called `rows_<family>.py` beside this one each hold a list `ROWS`; all of them are found.
"""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import nyala


@dataclasses.dataclass(frozen=True, eq=False)
class Row:
    """What the contract suite needs to know about one use of a layer class.

    Attributes:
        layer: the class' name in `nyala.layers`.
        kwargs: the constructor's arguments, or a function that returns them (for those that hold
            layers, which must be new each time).
        shape: the input's shape with the batch axis; a list of shapes for a list of inputs.
        variant: what distinguishes this row from others of the class.
        below: where given, inputs are integers in [0, below).
        call: further arguments of the call, such as `{"training": True}`.
        inputs: makes the inputs, where random numbers of `shape` will not do.
        compiled: whether the layer works in compiled code (false for those that take strings).
        half: whether its outputs in half precision are near those in single precision.
        gradient: whether it is differentiable at random points.
    """

    layer: str
    kwargs: dict[str, Any] | Callable[[], dict[str, Any]] = dataclasses.field(default_factory=dict)
    shape: Any = (2, 3)
    variant: str = ""
    below: int | None = None
    call: dict[str, Any] = dataclasses.field(default_factory=dict)
    inputs: Callable[[], Any] | None = None
    compiled: bool = True
    half: bool = True
    gradient: bool = True

    @property
    def id(self) -> str:
        """The row's name in test reports."""
        return f"{self.layer}-{self.variant}" if self.variant else self.layer

    def make(self, **overrides: Any) -> Any:
        """Return a new layer."""
        kwargs = self.kwargs() if callable(self.kwargs) else self.kwargs
        return getattr(nyala.layers, self.layer)(**{**kwargs, **overrides})

    def make_inputs(self) -> Any:
        """Return the inputs as NumPy arrays; the same ones each time."""
        if self.inputs is not None:
            return self.inputs()
        generator = np.random.default_rng(7)

        def one(shape):
            if self.below is not None:
                return generator.integers(0, self.below, shape).astype("int32")
            return generator.normal(size=shape).astype("float32")

        return [one(s) for s in self.shape] if isinstance(self.shape, list) else one(self.shape)


def all_rows() -> list[Row]:
    """Return the rows of every `rows_*.py` beside this file."""
    rows: list[Row] = []
    for path in sorted(Path(__file__).parent.glob("rows_*.py")):
        rows += importlib.import_module(f"tests.contract.{path.stem}").ROWS
    return rows
