"""Class numbers to vectors of zeros and ones."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import jax_dtype


@op
def one_hot(
    x: Array, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False
) -> Array:
    """A one where the class is, zeros elsewhere.

    Args:
        x: integers of any shape. Numbers outside of 0 to num_classes - 1 give only zeros.
        num_classes: the length of the new axis.
        axis: where it is inserted.
        dtype: of the result; `floatx` by default.
        sparse: accepted for Keras' sake; the result is always dense.

    Returns:
        A tensor of the shape of `x` with an axis of length num_classes more.

    >>> import nyala
    >>> nyala.ops.one_hot([0, 2], 3).numpy()
    array([[1., 0., 0.],
           [0., 0., 1.]], dtype=float32)
    """
    return jax.nn.one_hot(_integers(x), num_classes, axis=axis, dtype=jax_dtype(dtype))


@op
def multi_hot(
    inputs: Array,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: Any = None,
    sparse: bool = False,
    num_tokens: int | None = None,
) -> Array:
    """Ones where any of a set of classes is, zeros elsewhere.

    Args:
        inputs: integers of shape `(..., classes in the set)`, or one set without a batch axis.
        num_classes: the length of the new axis.
        axis: where it is inserted.
        dtype: of the result; `floatx` by default.
        sparse: accepted for Keras' sake; the result is always dense.
        num_tokens: the older name of `num_classes`.

    Returns:
        A tensor of the shape of `inputs`, its second axis (the only one of a vector) replaced by
        one of length num_classes at `axis`.

    >>> import nyala
    >>> nyala.ops.multi_hot([[0, 2], [1, 1]], 3).numpy()
    array([[1., 0., 1.],
           [0., 1., 0.]], dtype=float32)
    """
    num_classes = num_tokens if num_classes is None else num_classes
    if num_classes is None:
        raise ValueError("ops.multi_hot needs num_classes=..., the length of the vectors.")
    inputs = _integers(inputs)
    hot = jax.nn.one_hot(inputs, num_classes, axis=axis, dtype=jax_dtype(dtype))
    return jnp.max(hot, axis=1 if inputs.ndim > 1 else 0)


def _integers(x: Array) -> Array:
    """Class numbers often arrive as floats, out of a file of numbers."""
    x = jnp.asarray(x)
    return x if jnp.issubdtype(x.dtype, jnp.integer) else x.astype("int32")
