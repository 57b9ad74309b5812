"""`Merge`: what layers of several inputs have in common."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from nyala import ops
from nyala.core import tree
from nyala.layers.base import Layer

Shape = tuple[int | None, ...]


class Merge(Layer):
    """Combines a list of tensors, element by element with broadcasting; subclasses say how.

    Tensors of lower rank get axes of length 1 after the batch axis.
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Check that the shapes fit together; there are no weights."""
        self._check(list_of_shapes(input_shape, self))

    def _check(self, shapes: list[Shape]) -> None:
        batches = {shape[0] for shape in shapes if shape} - {None}
        fits = len(batches) <= 1
        if fits:
            fits = functools.reduce(_broadcast, (shape[1:] for shape in shapes)) is not None
        if not fits:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} expects inputs whose shapes broadcast "
                f"together (each axis of the same length, or of length 1); got {describe(shapes)}."
            )

    def call(self, inputs: Any) -> Any:
        """Combine the tensors."""
        inputs = list_of_tensors(inputs, self)
        rank = max(len(x.shape) for x in inputs)
        return self._merge([_with_rank(x, rank) for x in inputs])

    def _merge(self, inputs: list) -> Any:
        raise TypeError(f"{type(self).__name__} must implement _merge(inputs).")

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return where any of the inputs is present; nothing where one has no mask."""
        if mask is None or any(m is None for m in list_of_masks(inputs, mask, self)):
            return None
        return functools.reduce(ops.logical_or, mask)


def list_of_shapes(input_shape: Any, layer: Layer) -> list[Shape]:
    """Return the shapes of the inputs; raise where the layer was given one tensor."""
    if not input_shape or tree.is_shape(input_shape):
        raise ValueError(
            f"{type(layer).__name__} {layer.name!r} expects a list of tensors, such as [x, y]; got "
            + (f"one tensor of shape {tuple(input_shape)}." if input_shape else "an empty list.")
        )
    return [tuple(shape) for shape in input_shape]


def list_of_tensors(inputs: Any, layer: Layer) -> list:
    """Return the inputs as a list; raise where the layer was given one tensor."""
    if not isinstance(inputs, (list, tuple)) or not inputs:
        raise ValueError(
            f"{type(layer).__name__} {layer.name!r} expects a list of tensors, such as [x, y]; got "
            f"{inputs!r}."
        )
    return list(inputs)


def list_of_masks(inputs: Any, mask: Any, layer: Layer) -> Sequence:
    """Return the masks, one an input or `None`; raise where they are not as many."""
    if not isinstance(mask, (list, tuple)) or len(mask) != len(inputs):
        raise ValueError(
            f"{type(layer).__name__} {layer.name!r}: compute_mask(inputs, mask) expects lists of "
            f"the same length; got {len(inputs)} inputs and the mask {mask!r}."
        )
    return mask


def describe(shapes: list[Shape]) -> str:
    """Return the shapes of all inputs as they stand in an error."""
    return " and ".join(str(tuple(shape)) for shape in shapes)


def _broadcast(a: Shape | None, b: Shape | None) -> Shape | None:
    """Return the common shape, or `None` where there is none."""
    if a is None or b is None:
        return None
    rank = max(len(a), len(b))
    a, b = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    if any(n != m and 1 not in (n, m) and None not in (n, m) for n, m in zip(a, b, strict=True)):
        return None
    return tuple(
        None if None in (n, m) else max(n, m) if 0 not in (n, m) else 0
        for n, m in zip(a, b, strict=True)
    )


def _with_rank(x: Any, rank: int) -> Any:
    missing = rank - len(x.shape)
    if not missing or not x.shape:
        return x
    widened = ops.expand_dims(x, axis=tuple(range(1, 1 + missing)))
    mask = getattr(x, "_keras_mask", None)
    if mask is not None and len(mask.shape) > 1:
        widened._keras_mask = ops.expand_dims(mask, axis=tuple(range(1, 1 + missing)))
    return widened
