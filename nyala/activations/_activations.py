"""The activations that are more, or other, than the operation of their name."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops import _nn_rectifiers, _nn_smooth
from nyala.ops._exponential import exp


@op(name="_shifted_relu")
def _shifted_relu(
    x: Array, negative_slope: float, max_value: float | None, threshold: float
) -> Array:
    x = jnp.asarray(x)
    positive = jnp.where(x <= threshold, jnp.zeros_like(x), x)
    if max_value is not None and threshold == 0:
        # Unlike that of `jnp.clip`, the gradient takes one comparison and no division.
        positive = jnp.where(positive >= max_value, max_value, positive)
    elif max_value is not None:
        positive = jnp.clip(positive, 0, max_value)
    return positive - negative_slope * jax.nn.relu(threshold - x) if negative_slope else positive


def relu(
    x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Any:
    """Rectified linear unit, max(x, 0), with three ways to bend it.

    Args:
        x: array of any shape.
        negative_slope: the slope below the threshold.
        max_value: the largest result; none by default.
        threshold: values below it count as negative.

    Returns:
        A tensor of the same shape: `max_value` where x is at least that, x where it is above
        `threshold`, else negative_slope · (x - threshold).

    >>> import nyala
    >>> nyala.activations.relu([-2.0, 0.5, 9.0], max_value=6.0).numpy()
    array([0. , 0.5, 6. ], dtype=float32)
    """
    if max_value is None and threshold == 0:
        if negative_slope == 0:
            return _nn_rectifiers.relu(x)
        return _nn_rectifiers.leaky_relu(x, negative_slope=negative_slope)
    return _shifted_relu(x, negative_slope, max_value, threshold)


def gelu(x: Any, approximate: bool = False) -> Any:
    """Gaussian error linear unit, x · Φ(x) with the normal distribution function Φ.

    After Hendrycks and Gimpel 2016 (arXiv:1606.08415).

    Args:
        x: array of any shape.
        approximate: whether Φ is approximated by a hyperbolic tangent.

    Returns:
        A tensor of the same shape.

    >>> import nyala
    >>> nyala.activations.gelu([-1.0, 0.0, 1.0]).numpy().round(3)
    array([-0.159,  0.   ,  0.841], dtype=float32)
    """
    return _nn_smooth.gelu(x, approximate=approximate)


def exponential(x: Any) -> Any:
    """Exponential function.

    Args:
        x: array of any shape.

    Returns:
        A tensor of the same shape.

    >>> import nyala
    >>> nyala.activations.exponential([0.0, 1.0]).numpy()
    array([1.       , 2.7182817], dtype=float32)
    """
    return exp(x)


def linear(x: Any) -> Any:
    """Nothing: returns `x` itself.

    Args:
        x: anything.

    >>> import nyala
    >>> nyala.activations.linear(3.0)
    3.0
    """
    return x


@op
def mish(x: Array) -> Array:
    """Smooth rectifier that is not monotonic, x · tanh(softplus(x)).

    After Misra 2019 (arXiv:1908.08681).

    Args:
        x: array of any shape.

    Returns:
        A tensor of the same shape.

    >>> import nyala
    >>> nyala.activations.mish([-1.0, 0.0, 1.0]).numpy().round(3)
    array([-0.303,  0.   ,  0.865], dtype=float32)
    """
    return x * jnp.tanh(jax.nn.softplus(x))
