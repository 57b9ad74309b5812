"""Activations made of straight pieces."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from nyala.eager import Array, op


@op
def relu(x: Array) -> Array:
    """Rectified linear unit, max(x, 0).

    Args:
        x: array of any shape.

    Returns:
        A tensor of the same shape and dtype. The gradient at 0 is 0.

    >>> import nyala
    >>> nyala.ops.relu([-1.0, 0.0, 2.0]).numpy()
    array([0., 0., 2.], dtype=float32)
    """
    return jax.nn.relu(x)


@op
def relu6(x: Array) -> Array:
    """Rectified linear unit with a ceiling, min(max(x, 0), 6).

    Args:
        x: array of any shape.

    Returns:
        A tensor of the same shape and dtype.

    >>> import nyala
    >>> nyala.ops.relu6([-1.0, 2.0, 8.0]).numpy()
    array([0., 2., 6.], dtype=float32)
    """
    return jax.nn.relu6(x)


@op
def leaky_relu(x: Array, negative_slope: float = 0.2) -> Array:
    """Rectified linear unit that lets a part of negative values through.

    Args:
        x: array of any shape.
        negative_slope: the factor on negative values.

    Returns:
        A tensor of the same shape: x where x is positive, else negative_slope · x.

    >>> import nyala
    >>> nyala.ops.leaky_relu([-1.0, 2.0]).numpy()
    array([-0.2,  2. ], dtype=float32)
    """
    return jax.nn.leaky_relu(x, negative_slope)


@op
def hard_sigmoid(x: Array) -> Array:
    """Sigmoid out of three straight lines, relu6(x + 3) / 6.

    Args:
        x: array of any shape.

    Returns:
        A tensor of the same shape with values from 0 to 1.

    >>> import nyala
    >>> nyala.ops.hard_sigmoid([-4.0, 0.0, 4.0]).numpy()
    array([0. , 0.5, 1. ], dtype=float32)
    """
    return jax.nn.hard_sigmoid(x)


@op
def hard_silu(x: Array) -> Array:
    """Swish with the hard sigmoid, x · relu6(x + 3) / 6.

    After Howard et al. 2019, "Searching for MobileNetV3" (arXiv:1905.02244).

    Args:
        x: array of any shape.

    Returns:
        A tensor of the same shape.

    >>> import nyala
    >>> nyala.ops.hard_silu([-3.0, 0.0, 3.0]).numpy()
    array([-0.,  0.,  3.], dtype=float32)
    """
    return jax.nn.hard_silu(x)


hard_swish = hard_silu


@op
def hard_tanh(x: Array) -> Array:
    """Hyperbolic tangent out of three straight lines: x clipped to [-1, 1].

    Args:
        x: array of any shape.

    Returns:
        A tensor of the same shape.

    >>> import nyala
    >>> nyala.ops.hard_tanh([-2.0, 0.5, 2.0]).numpy()
    array([-1. ,  0.5,  1. ], dtype=float32)
    """
    return jax.nn.hard_tanh(x)


@op
def hard_shrink(x: Array, threshold: float = 0.5) -> Array:
    """Sets values close to zero to zero.

    Args:
        x: array of any shape.
        threshold: the largest absolute value that becomes 0.

    Returns:
        A tensor of the same shape: x where |x| > threshold, else 0.

    >>> import nyala
    >>> nyala.ops.hard_shrink([-1.0, 0.3, 2.0]).numpy()
    array([-1.,  0.,  2.], dtype=float32)
    """
    x = jnp.asarray(x)
    return jnp.where(jnp.abs(x) > threshold, x, 0)


@op
def soft_shrink(x: Array, threshold: float = 0.5) -> Array:
    """Moves values towards zero by `threshold`, and to zero those closer than that.

    Args:
        x: array of any shape.
        threshold: how far.

    Returns:
        A tensor of the same shape: sign(x) · max(|x| - threshold, 0).

    >>> import nyala
    >>> nyala.ops.soft_shrink([-1.0, 0.3, 2.0]).numpy()
    array([-0.5,  0. ,  1.5], dtype=float32)
    """
    x = jnp.asarray(x)
    return jnp.where(
        x > threshold, x - threshold, jnp.where(x < -threshold, x + threshold, jnp.zeros_like(x))
    )


@op
def threshold(x: Array, threshold: float, default_value: float) -> Array:
    """Replaces values that are not above a threshold.

    Args:
        x: array of any shape.
        threshold: values at or below it are replaced.
        default_value: what replaces them.

    Returns:
        A tensor of the same shape: x where x > threshold, else default_value.

    >>> import nyala
    >>> nyala.ops.threshold([-1.0, 0.3, 2.0], 0.5, 9.0).numpy()
    array([9., 9., 2.], dtype=float32)
    """
    return jnp.where(jnp.asarray(x) > threshold, x, default_value)


@op
def sparse_plus(x: Array) -> Array:
    """Softplus with a parabola for its bend: 0 up to -1, (x + 1)² / 4 up to 1, then x.

    Args:
        x: array of any shape.

    Returns:
        A tensor of the same shape.

    >>> import nyala
    >>> nyala.ops.sparse_plus([-2.0, 0.0, 2.0]).numpy()
    array([0.  , 0.25, 2.  ], dtype=float32)
    """
    return jax.nn.sparse_plus(x)


@op
def sparse_sigmoid(x: Array) -> Array:
    """Sigmoid that is exactly 0 below -1 and exactly 1 above 1, (x + 1) / 2 between.

    Args:
        x: array of any shape.

    Returns:
        A tensor of the same shape; the derivative of `sparse_plus`.

    >>> import nyala
    >>> nyala.ops.sparse_sigmoid([-2.0, 0.0, 2.0]).numpy()
    array([0. , 0.5, 1. ], dtype=float32)
    """
    return jax.nn.sparse_sigmoid(x)
