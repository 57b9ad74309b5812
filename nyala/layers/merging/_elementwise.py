"""Layers that combine tensors element by element."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.merging._merge import Merge, Shape, describe


@enrol("keras.layers")
class Add(Merge):
    """The sum of tensors of the same (or broadcastable) shape.

    Input: a list of tensors. Output: one tensor of their common shape.

    >>> import nyala
    >>> nyala.layers.Add()([nyala.ops.ones((1, 2)), nyala.ops.ones((1, 2))]).numpy()
    array([[2., 2.]], dtype=float32)
    """

    def _merge(self, inputs: list) -> Any:
        return functools.reduce(ops.add, inputs)


@enrol("keras.layers")
class Subtract(Merge):
    """The first of two tensors minus the second.

    >>> import nyala
    >>> nyala.layers.Subtract()([nyala.ops.ones((1, 2)), nyala.ops.zeros((1, 2))]).numpy()
    array([[1., 1.]], dtype=float32)
    """

    def _check(self, shapes: list[Shape]) -> None:
        super()._check(shapes)
        if len(shapes) != 2:
            raise ValueError(
                f"Subtract {self.name!r} expects exactly 2 inputs; got {len(shapes)} of the shapes "
                f"{describe(shapes)}."
            )

    def _merge(self, inputs: list) -> Any:
        first, second = inputs
        return ops.subtract(first, second)


@enrol("keras.layers")
class Multiply(Merge):
    """The product of tensors of the same (or broadcastable) shape.

    Where inputs have masks, a masked element does not count as a factor; where all are masked, the
    product is 0.

    >>> import nyala
    >>> x = nyala.ops.array([[2.0, 3.0]])
    >>> nyala.layers.Multiply()([x, x, x]).numpy()
    array([[ 8., 27.]], dtype=float32)
    """

    def _merge(self, inputs: list) -> Any:
        masks = [_mask_like(x) for x in inputs]
        factors = [
            x if mask is None else ops.where(mask, x, ops.ones_like(x))
            for x, mask in zip(inputs, masks, strict=True)
        ]
        product = functools.reduce(ops.multiply, factors)
        if any(mask is None for mask in masks):
            return product
        present = functools.reduce(ops.logical_or, masks)
        return ops.where(present, product, ops.zeros_like(product))


@enrol("keras.layers")
class Average(Merge):
    """The mean of tensors of the same (or broadcastable) shape.

    >>> import nyala
    >>> nyala.layers.Average()([nyala.ops.ones((1, 2)), nyala.ops.zeros((1, 2))]).numpy()
    array([[0.5, 0.5]], dtype=float32)
    """

    def _merge(self, inputs: list) -> Any:
        return ops.divide(functools.reduce(ops.add, inputs), len(inputs))


@enrol("keras.layers")
class Maximum(Merge):
    """The greatest of tensors of the same (or broadcastable) shape, element by element.

    Where inputs have masks, masked elements are passed over.

    >>> import nyala
    >>> nyala.layers.Maximum()([nyala.ops.ones((1, 2)), nyala.ops.zeros((1, 2))]).numpy()
    array([[1., 1.]], dtype=float32)
    """

    def _merge(self, inputs: list) -> Any:
        return _reduce_present(ops.maximum, inputs)


@enrol("keras.layers")
class Minimum(Merge):
    """The least of tensors of the same (or broadcastable) shape, element by element.

    Where inputs have masks, masked elements are passed over.

    >>> import nyala
    >>> nyala.layers.Minimum()([nyala.ops.ones((1, 2)), nyala.ops.zeros((1, 2))]).numpy()
    array([[0., 0.]], dtype=float32)
    """

    def _merge(self, inputs: list) -> Any:
        return _reduce_present(ops.minimum, inputs)


def _mask_like(x: Any) -> Any:
    """Return the mask that a tensor carries, with axes added to broadcast against it."""
    mask = getattr(x, "_keras_mask", None)
    if mask is None:
        return None
    return ops.reshape(mask, tuple(mask.shape) + (1,) * (len(x.shape) - len(mask.shape)))


def _reduce_present(function: Callable, inputs: list) -> Any:
    """Reduce with a function that has no neutral element: a masked value gives way to another."""
    result, present = inputs[0], _mask_like(inputs[0])
    for x in inputs[1:]:
        mask = _mask_like(x)
        value = x if mask is None else ops.where(mask, x, result)
        if present is not None:
            result = ops.where(present, result, value)
        present = None if mask is None or present is None else ops.logical_or(present, mask)
        result = function(result, value)
    return result


def add(inputs: list, **kwargs: Any) -> Any:
    """Return the sum of tensors; see `Add`.

    >>> import nyala
    >>> nyala.layers.add([nyala.ops.ones((1, 2)), nyala.ops.ones((1, 2))]).numpy()
    array([[2., 2.]], dtype=float32)
    """
    return Add(**kwargs)(inputs)


def subtract(inputs: list, **kwargs: Any) -> Any:
    """Return the difference of two tensors; see `Subtract`.

    >>> import nyala
    >>> nyala.layers.subtract([nyala.ops.ones((1, 2)), nyala.ops.ones((1, 2))]).numpy()
    array([[0., 0.]], dtype=float32)
    """
    return Subtract(**kwargs)(inputs)


def multiply(inputs: list, **kwargs: Any) -> Any:
    """Return the product of tensors; see `Multiply`.

    >>> import nyala
    >>> nyala.layers.multiply([nyala.ops.ones((1, 2)), nyala.ops.ones((1, 2))]).numpy()
    array([[1., 1.]], dtype=float32)
    """
    return Multiply(**kwargs)(inputs)


def average(inputs: list, **kwargs: Any) -> Any:
    """Return the mean of tensors; see `Average`.

    >>> import nyala
    >>> nyala.layers.average([nyala.ops.ones((1, 2)), nyala.ops.zeros((1, 2))]).numpy()
    array([[0.5, 0.5]], dtype=float32)
    """
    return Average(**kwargs)(inputs)


def maximum(inputs: list, **kwargs: Any) -> Any:
    """Return the greatest of tensors, element by element; see `Maximum`.

    >>> import nyala
    >>> nyala.layers.maximum([nyala.ops.ones((1, 2)), nyala.ops.zeros((1, 2))]).numpy()
    array([[1., 1.]], dtype=float32)
    """
    return Maximum(**kwargs)(inputs)


def minimum(inputs: list, **kwargs: Any) -> Any:
    """Return the least of tensors, element by element; see `Minimum`.

    >>> import nyala
    >>> nyala.layers.minimum([nyala.ops.ones((1, 2)), nyala.ops.zeros((1, 2))]).numpy()
    array([[0., 0.]], dtype=float32)
    """
    return Minimum(**kwargs)(inputs)
