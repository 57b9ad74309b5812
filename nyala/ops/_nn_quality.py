"""How close a reconstruction comes to its original."""

from __future__ import annotations

import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import float_operands


@op
def psnr(x1: Array, x2: Array, max_val: float) -> Array:
    """Peak signal-to-noise ratio, 20 · log10(max_val) - 10 · log10(mean((x1 - x2)²)).

    Args:
        x1: array of any shape.
        x2: array of the same shape.
        max_val: the largest value that is possible, such as 255 or 1.

    Returns:
        A scalar tensor, in decibels; infinite where the arrays are equal.

    >>> import nyala
    >>> float(nyala.ops.psnr([0.0, 1.0], [0.1, 0.9], 1.0).numpy().round(3))
    20.0
    """
    if jnp.shape(x1) != jnp.shape(x2):
        raise ValueError(
            f"x1 and x2 must have the same shape; got {jnp.shape(x1)} and {jnp.shape(x2)}."
        )
    x1, x2 = float_operands(x1, x2)
    return 20 * jnp.log10(jnp.asarray(max_val, x2.dtype)) - 10 * jnp.log10(
        jnp.mean(jnp.square(x1 - x2))
    )
