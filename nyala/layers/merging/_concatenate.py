"""`Concatenate`: joins tensors along an axis."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.merging._merge import Merge, Shape, describe, list_of_masks, list_of_tensors


@enrol("keras.layers")
class Concatenate(Merge):
    """Joins a list of tensors along an axis.

    Args:
        axis: the axis; all others must have the same lengths in all tensors.

    >>> import nyala
    >>> x, y = nyala.ops.ones((2, 3)), nyala.ops.ones((2, 5))
    >>> nyala.layers.Concatenate()([x, y]).shape
    (2, 8)
    """

    def __init__(self, axis: int = -1, **kwargs: Any):
        super().__init__(**kwargs)
        if isinstance(axis, bool) or not hasattr(axis, "__index__"):
            raise ValueError(f"Concatenate(axis=...) expects an integer; got {axis!r}.")
        self.axis = axis

    def _check(self, shapes: list[Shape]) -> None:
        rank = len(shapes[0])
        if any(len(shape) != rank for shape in shapes) or not -rank <= self.axis < rank:
            raise ValueError(
                f"Concatenate {self.name!r} expects inputs of one rank that have the axis "
                f"{self.axis}; got {describe(shapes)}."
            )
        joined = self.axis % rank
        for axis in range(rank):
            lengths = {shape[axis] for shape in shapes} - {None}
            if axis != joined and len(lengths) > 1:
                raise ValueError(
                    f"Concatenate {self.name!r} (axis={self.axis}) expects inputs whose shapes "
                    "differ "
                    f"along that axis only; got {describe(shapes)}, which differ along axis {axis}."
                )

    def call(self, inputs: Any) -> Any:
        """Join the tensors."""
        return ops.concatenate(list_of_tensors(inputs, self), axis=self.axis)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the masks joined; a tensor without one counts as present throughout."""
        if mask is None or all(m is None for m in list_of_masks(inputs, mask, self)):
            return None
        full = [_full_mask(x, m) for x, m in zip(inputs, mask, strict=True)]
        return ops.any(ops.concatenate(full, axis=self.axis), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "axis": self.axis}


def _full_mask(x: Any, mask: Any) -> Any:
    """Return the mask in the shape of its tensor."""
    if mask is None:
        return ops.ones_like(x, dtype="bool")
    added = (1,) * (len(x.shape) - len(mask.shape))
    return ops.logical_and(ops.reshape(mask, (*mask.shape, *added)), ops.ones_like(x, dtype="bool"))


def concatenate(inputs: list, axis: int = -1, **kwargs: Any) -> Any:
    """Return tensors joined along an axis; see `Concatenate`.

    >>> import nyala
    >>> nyala.layers.concatenate([nyala.ops.ones((2, 3)), nyala.ops.ones((2, 5))]).shape
    (2, 8)
    """
    return Concatenate(axis=axis, **kwargs)(inputs)
