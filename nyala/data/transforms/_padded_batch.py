"""`padded_batch`: elements of different shapes stacked after filling them up."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np

from nyala.core import tree
from nyala.data._specs import TensorSpec
from nyala.data._stage import Pass, Stage, StageIterator, Transform, TransformIterator, check_count
from nyala.data.transforms._batch import batches_of


class Padding:
    """How elements are filled up.

    Args:
        spec: of the elements.
        padded_shapes: a structure of shapes (`None` or -1: the longest of the batch), or `None` to
            take the unknown lengths of the spec.
        padding_values: a structure of values, one value for all, or `None` for zeros (`""`).
    """

    def __init__(self, spec: Any, padded_shapes: Any = None, padding_values: Any = None):
        leaves = tree.flatten(spec)
        self.shapes = [None] * len(leaves)
        if padded_shapes is not None:
            shapes = _shapes_up_to(spec, padded_shapes)
            self.shapes = [tuple(None if n in (None, -1) else int(n) for n in s) for s in shapes]
        if padding_values is None or not tree.is_nested(padding_values):
            self.values = [padding_values] * len(leaves)
        else:
            self.values = _leaves_up_to(spec, padding_values, "padding_values")
        for leaf, shape in zip(leaves, self.shapes, strict=True):
            _check_rank(leaf, shape)

    def stack(self, elements: list) -> Any:
        """Return the elements filled up to a common shape and stacked."""
        columns = zip(*(tree.flatten(element) for element in elements), strict=True)
        padded = [
            None if leaves[0] is None else _stacked(leaves, shape, value)
            for leaves, shape, value in zip(columns, self.shapes, self.values, strict=True)
        ]
        return tree.pack_sequence_as(elements[0], padded)

    def spec(self, spec: Any, rows: int | None) -> Any:
        """Return the spec of a batch of elements with this spec."""
        leaves = []
        for leaf, shape in zip(tree.flatten(spec), self.shapes, strict=True):
            known = shape if shape is not None else leaf and leaf.shape
            leaves.append(leaf and TensorSpec(known and (rows, *known), leaf.dtype))
            if leaf and known == ():
                leaves[-1] = TensorSpec((rows,), leaf.dtype)
        return tree.pack_sequence_as(spec, leaves)


class PaddedBatch(Transform):
    """Stacks elements filled up to a common shape.

    Args:
        source: the stage before.
        batch_size: elements of a batch.
        padding: how they are filled up.
        drop_remainder: whether a last smaller batch is left out.
    """

    def __init__(self, source: Stage, batch_size: int, padding: Padding, drop_remainder: bool):
        super().__init__(source)
        self.batch_size = check_count(batch_size, "padded_batch: batch_size")
        self.padding, self.drop_remainder = padding, bool(drop_remainder)

    @property
    def spec(self) -> Any:
        """The input's spec with a first axis and the lengths that padding leaves open."""
        return self.padding.spec(self.source.spec, self.batch_size if self.drop_remainder else None)

    @property
    def length(self) -> int:
        """The number of batches."""
        return batches_of(self.source.length, self.batch_size, self.drop_remainder)

    @property
    def uniform(self) -> bool:
        """Not promised."""
        return False

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over batches."""
        return PaddedBatchIterator(self, where)


class PaddedBatchIterator(TransformIterator):
    """Reads as many elements as a batch has."""

    def __next__(self) -> Any:
        stage = self.stage
        elements = list(islice(self.source, stage.batch_size))
        if not elements or (stage.drop_remainder and len(elements) < stage.batch_size):
            raise StopIteration
        return stage.padding.stack(elements)

    def skip(self, count: int) -> None:
        self.source.skip(count * self.stage.batch_size)


def _stacked(leaves: tuple, shape: tuple | None, value: Any) -> np.ndarray:
    ranks = {leaf.ndim for leaf in leaves}
    if len(ranks) > 1:
        raise ValueError(
            f"padded_batch: elements must have the same number of axes; got {sorted(ranks)}."
        )
    longest = tuple(max(lengths) for lengths in zip(*(leaf.shape for leaf in leaves), strict=True))
    target = longest if shape is None else tuple(
        a if b is None else b for a, b in zip(longest, shape, strict=True)
    )  # fmt: skip
    if any(a > b for a, b in zip(longest, target, strict=True)):
        raise ValueError(
            f"padded_batch: an element of shape {longest} does not fit into the padded shape "
            f"{target}."
        )
    strings = leaves[0].dtype == object
    if value is None:
        value = "" if strings else 0
    batch = np.full((len(leaves), *target), _fill_value(value), leaves[0].dtype)
    for row, leaf in zip(batch, leaves, strict=True) if target else ():
        row[tuple(slice(n) for n in leaf.shape)] = leaf
    return batch if target else np.stack(leaves)


def _fill_value(value: Any) -> Any:
    return value if isinstance(value, (str, bytes, int, float)) else np.asarray(value).item()


def _check_rank(leaf: Any, shape: tuple | None) -> None:
    if leaf is None or shape is None or leaf.shape is None or len(shape) == len(leaf.shape):
        return
    raise ValueError(
        f"padded_batch: padded_shapes must have as many axes as the elements; got {shape} for "
        f"elements of shape {tuple(leaf.shape)}."
    )


def _shapes_up_to(spec: Any, shapes: Any) -> list:
    if not tree.is_nested(spec):
        return [shapes]
    found: list = []
    tree.map_structure_up_to(spec, found.append, _as_nested(spec, shapes))
    return found


def _leaves_up_to(spec: Any, values: Any, what: str) -> list:
    found: list = []
    try:
        tree.map_structure_up_to(spec, found.append, values)
    except ValueError:
        raise ValueError(
            f"padded_batch: {what} must be nested as the elements {spec} are; got {values}."
        ) from None
    return found


def _as_nested(spec: Any, shapes: Any) -> Any:
    try:
        found: list = []
        tree.map_structure_up_to(spec, found.append, shapes)
        if all(shape is not None and not isinstance(shape, int) for shape in found):
            return shapes
    except (TypeError, ValueError):
        pass
    raise ValueError(
        f"padded_batch: padded_shapes must be nested as the elements {spec} are; got {shapes}."
    )
