"""`Dot`: products of two tensors, summed over one axis of each."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala.core import enrol, epsilon
from nyala.eager import Array, op
from nyala.layers.merging._merge import Merge, Shape, describe, list_of_tensors


@enrol("keras.layers")
class Dot(Merge):
    """Multiplies two batches of tensors sample by sample and sums over one axis of each.

    Args:
        axes: the axis of both tensors, or one axis for each; never the batch axis 0.
        normalize: whether each is divided by its length (L2 norm) along its axis first, so that
            the result is the cosine of their angle.

    Output shape: the batch axis, the other axes of the first tensor, then those of the second;
    `(batch, 1)` where none is left.

    >>> import nyala
    >>> x, y = nyala.ops.ones((2, 3, 5)), nyala.ops.ones((2, 10, 3))
    >>> nyala.layers.Dot(axes=(1, 2))([x, y]).shape
    (2, 5, 10)
    """

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        pair = axes if isinstance(axes, (list, tuple)) else (axes, axes)
        if len(pair) != 2 or any(isinstance(a, bool) or not isinstance(a, int) for a in pair):
            kind = ValueError if isinstance(axes, (list, tuple, int)) else TypeError
            raise kind(f"Dot(axes=...) expects an integer or two integers; got {axes!r}.")
        self.axes = axes
        self.normalize = normalize

    def _check(self, shapes: list[Shape]) -> None:
        if len(shapes) != 2:
            raise ValueError(
                f"Dot {self.name!r} expects exactly 2 inputs; got {len(shapes)} of the shapes "
                f"{describe(shapes)}."
            )
        first, second = self._positive_axes(shapes)
        lengths = shapes[0][first], shapes[1][second]
        if None not in lengths and lengths[0] != lengths[1]:
            raise ValueError(
                f"Dot {self.name!r} (axes={self.axes}) sums over axis {first} of the first input "
                f"and axis {second} of the second, which must have the same length; got lengths "
                f"{lengths[0]} and {lengths[1]} in {describe(shapes)}."
            )
        if None not in (shapes[0][0], shapes[1][0]) and shapes[0][0] != shapes[1][0]:
            raise ValueError(
                f"Dot {self.name!r} expects two batches of the same size; got {describe(shapes)}."
            )

    def _positive_axes(self, shapes: list) -> tuple[int, int]:
        pair = self.axes if isinstance(self.axes, (list, tuple)) else (self.axes, self.axes)
        ranks = [len(shape) for shape in shapes]
        positive = tuple(axis + rank * (axis < 0) for axis, rank in zip(pair, ranks, strict=True))
        if any(not 0 < axis < rank for axis, rank in zip(positive, ranks, strict=True)):
            raise ValueError(
                f"Dot {self.name!r}: axes={self.axes} must name axes of the inputs other than the "
                f"batch axis 0; got {describe(shapes)}."
            )
        return positive

    def call(self, inputs: Any) -> Any:
        """Return the products."""
        first, second = list_of_tensors(inputs, self)
        axes = self._positive_axes([first.shape, second.shape])
        return _batch_dot(first, second, axes, self.normalize)

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """Return nothing: the result has no mask."""
        return

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "axes": self.axes, "normalize": self.normalize}


@op(name="_batch_dot")
def _batch_dot(x: Array, y: Array, axes: tuple[int, int], normalize: bool) -> Array:
    if normalize:
        x, y = (_unit_length(a, axis) for a, axis in zip((x, y), axes, strict=True))
    x, y = jnp.moveaxis(x, axes[0], -1), jnp.moveaxis(y, axes[1], -1)
    others_x, others_y = x.shape[1:-1], y.shape[1:-1]
    flat = jnp.einsum("bik,bjk->bij", *(a.reshape(a.shape[0], -1, a.shape[-1]) for a in (x, y)))
    return flat.reshape(x.shape[0], *(others_x + others_y or (1,)))


def _unit_length(x: Any, axis: int) -> Any:
    # In float32: the bound, which keeps zeros zeros, is below what float16 can hold.
    squared = jnp.sum(jnp.square(x.astype(jnp.float32)), axis=axis, keepdims=True)
    return x / jnp.sqrt(jnp.maximum(squared, epsilon() ** 2)).astype(x.dtype)


def dot(inputs: list, axes: Any = -1, **kwargs: Any) -> Any:
    """Return products of two tensors summed over one axis of each; see `Dot`.

    >>> import nyala
    >>> x = nyala.ops.array([[3.0, 4.0]])
    >>> nyala.layers.dot([x, x], axes=1).numpy()
    array([[25.]], dtype=float32)
    """
    return Dot(axes=axes, **kwargs)(inputs)
