"""Complex numbers from length and angle."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import float_operands


@op
def polar(abs_: Array, angle: Array) -> Array:
    """Complex numbers abs_ · (cos(angle) + i · sin(angle)).

    Args:
        abs_: their absolute values.
        angle: their angles in radians; the shapes broadcast.

    Returns:
        A tensor of complex numbers.

    >>> import nyala
    >>> nyala.ops.polar(2.0, 0.0).numpy()
    array(2.+0.j, dtype=complex64)
    """
    abs_, angle = float_operands(abs_, angle)
    return jax.lax.complex(*jnp.broadcast_arrays(abs_ * jnp.cos(angle), abs_ * jnp.sin(angle)))
