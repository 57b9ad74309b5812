"""`from_tensor_slices`: the rows of arrays in memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.core import tree
from nyala.data._convert import narrowed
from nyala.data._elements import as_element, as_host
from nyala.data._rows import RowsIterator
from nyala.data._specs import drop_axis, spec_of
from nyala.data._stage import Pass, Stage


class Slices(Stage):
    """The rows of arrays.

    Args:
        tensors: a structure of arrays of equal length. A `numpy.memmap` is read as it is needed.

    Raises:
        ValueError: there is no array, one has no axes, or their lengths differ.
    """

    def __init__(self, tensors: Any):
        self.arrays = as_element(tensors, "tensors", _kept)
        self.count = _common_length(self.arrays)

    @property
    def spec(self) -> Any:
        """The spec of a row."""
        heads = tree.map_structure(lambda a: None if a is None else narrowed(a[:0]), self.arrays)
        return drop_axis(spec_of(heads))

    @property
    def length(self) -> int:
        """The number of rows."""
        return self.count

    @property
    def row_count(self) -> int:
        """The number of rows."""
        return self.count

    @property
    def uniform(self) -> bool:
        """Rows of arrays always are."""
        return True

    def rows(self, index: Any, where: Pass) -> Any:
        """Return rows as arrays of their own."""
        return tree.map_structure(lambda a: None if a is None else _picked(a, index), self.arrays)

    def iterate(self, where: Pass) -> RowsIterator:
        """Return an iterator over the rows."""
        return RowsIterator(self, where)


def _kept(value: Any, what: str) -> Any:
    """Return a leaf as an array; one that lies in a file stays there."""
    return value if isinstance(value, np.memmap) else as_host(value, what)


def _picked(array: Any, index: Any) -> Any:
    rows = narrowed(array[index]) if array.dtype != object else array[index]
    # A slice of the user's array must not change under whoever holds the batch.
    return rows.copy() if isinstance(index, slice) and rows.base is not None else rows


def _common_length(arrays: Any) -> int:
    lengths = {}
    for path, leaf in tree.flatten_with_path(arrays):
        name = "tensors" + "".join(f"[{key!r}]" for key in path)
        if leaf is None:
            continue
        if not getattr(leaf, "shape", ()):
            raise ValueError(
                f"from_tensor_slices cuts arrays along their first axis, but {name} has none: "
                f"{leaf!r}. Use from_tensors for a single element."
            )
        lengths[name] = leaf.shape[0]
    if not lengths:
        raise ValueError("from_tensor_slices needs at least one array; got an empty structure.")
    if len(set(lengths.values())) > 1:
        described = ", ".join(f"{name} has {n} rows" for name, n in lengths.items())
        raise ValueError(f"from_tensor_slices needs arrays of equal length: {described}.")
    return next(iter(lengths.values()))
