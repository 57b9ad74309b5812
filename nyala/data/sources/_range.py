"""`range`: numbers in steps."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from nyala.core import numpy_dtype
from nyala.data._convert import narrowed
from nyala.data._rows import RowsIterator
from nyala.data._specs import TensorSpec
from nyala.data._stage import Pass, Stage, StageIterator


class Range(Stage):
    """The numbers of Python's `range`.

    Args:
        args: `stop`, or `start, stop`, or `start, stop, step`.
        dtype: of the numbers.
    """

    def __init__(self, args: tuple, dtype: Any = "int64"):
        if not 1 <= len(args) <= 3:
            raise ValueError(
                f"range expects stop, or start, stop[, step]; got {len(args)} arguments."
            )
        try:
            self.numbers = range(*(int(a) if hasattr(a, "shape") else a for a in args))
        except TypeError:
            raise ValueError(f"range expects integers; got {args}.") from None
        self.dtype = narrowed(np.empty(0, numpy_dtype(dtype))).dtype
        limits = [self.numbers[0], self.numbers[-1]] if self.numbers else []
        if self.dtype.kind in "iu" and any(
            not np.iinfo(self.dtype).min <= n <= np.iinfo(self.dtype).max for n in limits
        ):
            hint = "" if jax.config.jax_enable_x64 else " Switch on jax_enable_x64 for 64 bits."
            raise ValueError(f"range{args} does not fit into {self.dtype.name}.{hint}")

    @property
    def spec(self) -> Any:
        """An integer."""
        return TensorSpec((), self.dtype)

    @property
    def length(self) -> int:
        """How many numbers there are."""
        return len(self.numbers)

    @property
    def row_count(self) -> int:
        """How many numbers there are."""
        return len(self.numbers)

    @property
    def uniform(self) -> bool:
        """Numbers always are."""
        return True

    def rows(self, index: Any, where: Pass) -> Any:
        """Return the numbers at these places."""
        if isinstance(index, slice):
            index = np.arange(*index.indices(len(self.numbers)))
        return (self.numbers.start + self.numbers.step * np.asarray(index, "int64")).astype(
            self.dtype
        )

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over the numbers."""
        return RowsIterator(self, where)
