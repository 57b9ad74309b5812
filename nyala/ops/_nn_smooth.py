"""Smooth activations: sigmoids, and rectifiers with a bend."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from nyala.eager import Array, op


@op
def sigmoid(x: Array) -> Array:
    """Logistic function, 1 / (1 + exp(-x)).

    Args:
        x: array of any shape.

    Returns:
        A tensor of the same shape with values from 0 to 1.

    >>> import nyala
    >>> nyala.ops.sigmoid([-100.0, 0.0, 100.0]).numpy().round(3)
    array([0. , 0.5, 1. ], dtype=float32)
    """
    return jax.nn.sigmoid(x)


@op
def log_sigmoid(x: Array) -> Array:
    """Logarithm of the sigmoid, -log(1 + exp(-x)), exact for large negative x.

    Args:
        x: array of any shape.

    Returns:
        A tensor of the same shape with values below 0.

    >>> import nyala
    >>> nyala.ops.log_sigmoid([-100.0, 0.0]).numpy().round(3)
    array([-100.   ,   -0.693], dtype=float32)
    """
    return jax.nn.log_sigmoid(x)


@op
def softplus(x: Array) -> Array:
    """Smooth rectifier, log(1 + exp(x)).

    Args:
        x: array of any shape.

    Returns:
        A tensor of the same shape with values above 0.

    >>> import nyala
    >>> nyala.ops.softplus([-100.0, 0.0, 100.0]).numpy().round(3)
    array([  0.   ,   0.693, 100.   ], dtype=float32)
    """
    return jax.nn.softplus(x)


@op
def softsign(x: Array) -> Array:
    """Sigmoid with slow tails, x / (1 + |x|).

    Args:
        x: array of any shape.

    Returns:
        A tensor of the same shape with values from -1 to 1.

    >>> import nyala
    >>> nyala.ops.softsign([-1.0, 0.0, 3.0]).numpy()
    array([-0.5 ,  0.  ,  0.75], dtype=float32)
    """
    return jax.nn.soft_sign(x)


@op
def silu(x: Array) -> Array:
    """Sigmoid-weighted linear unit, x · sigmoid(x), also called swish.

    After Ramachandran et al. 2017, "Searching for Activation Functions" (arXiv:1710.05941).

    Args:
        x: array of any shape.

    Returns:
        A tensor of the same shape.

    >>> import nyala
    >>> nyala.ops.silu([-1.0, 0.0, 1.0]).numpy().round(3)
    array([-0.269,  0.   ,  0.731], dtype=float32)
    """
    return jax.nn.silu(x)


swish = silu


@op
def squareplus(x: Array, b: float = 4) -> Array:
    """Smooth rectifier without exponentials, (x + sqrt(x² + b)) / 2.

    After Barron 2021, "Squareplus: a softplus-like algebraic rectifier" (arXiv:2112.11687).

    Args:
        x: array of any shape.
        b: how wide the bend is; 4 resembles softplus.

    Returns:
        A tensor of the same shape with values above 0.

    >>> import nyala
    >>> nyala.ops.squareplus([-1.5, 0.0, 1.5]).numpy()
    array([0.5, 1. , 2. ], dtype=float32)
    """
    return jax.nn.squareplus(x, b)


@op
def elu(x: Array, alpha: float = 1.0) -> Array:
    """Exponential linear unit: x where x is positive, else alpha · (exp(x) - 1).

    After Clevert et al. 2016 (arXiv:1511.07289).

    Args:
        x: array of any shape.
        alpha: the bound of negative values.

    Returns:
        A tensor of the same shape.

    >>> import nyala
    >>> nyala.ops.elu([-100.0, 0.0, 1.0]).numpy()
    array([-1.,  0.,  1.], dtype=float32)
    """
    return jax.nn.elu(x, alpha)


@op
def selu(x: Array) -> Array:
    """Scaled `elu`, which keeps mean 0 and variance 1 from layer to layer.

    After Klambauer et al. 2017, "Self-Normalizing Neural Networks" (arXiv:1706.02515); use it with
    the `"lecun_normal"` initializer and `AlphaDropout`.

    Args:
        x: array of any shape.

    Returns:
        A tensor of the same shape: 1.0507 · elu(x, 1.6733).

    >>> import nyala
    >>> nyala.ops.selu([0.0, 1.0]).numpy().round(3)
    array([0.   , 1.051], dtype=float32)
    """
    return jax.nn.selu(x)


@op
def celu(x: Array, alpha: float = 1.0) -> Array:
    """Continuously differentiable `elu`: max(x, 0) + min(alpha · (exp(x / alpha) - 1), 0).

    After Barron 2017 (arXiv:1704.07483).

    Args:
        x: array of any shape.
        alpha: the bound of negative values.

    Returns:
        A tensor of the same shape.

    >>> import nyala
    >>> nyala.ops.celu([-100.0, 0.0, 1.0], alpha=2.0).numpy()
    array([-2.,  0.,  1.], dtype=float32)
    """
    return jax.nn.celu(x, alpha)


@op
def gelu(x: Array, approximate: bool = True) -> Array:
    """Gaussian error linear unit, x · Φ(x) with the normal distribution function Φ.

    After Hendrycks and Gimpel 2016 (arXiv:1606.08415).

    Args:
        x: array of any shape.
        approximate: whether Φ is approximated by a hyperbolic tangent.

    Returns:
        A tensor of the same shape.

    >>> import nyala
    >>> nyala.ops.gelu([-1.0, 0.0, 1.0], approximate=False).numpy().round(3)
    array([-0.159,  0.   ,  0.841], dtype=float32)
    """
    return jax.nn.gelu(x, approximate)


@op
def glu(x: Array, axis: int = -1) -> Array:
    """Gated linear unit: one half of the values times the sigmoid of the other half.

    After Dauphin et al. 2017 (arXiv:1612.08083).

    Args:
        x: array of an even length along `axis`.
        axis: the axis to split in two.

    Returns:
        A tensor of half that length along `axis`.

    >>> import nyala
    >>> nyala.ops.glu([1.0, 2.0, 0.0, 0.0]).numpy()
    array([0.5, 1. ], dtype=float32)
    """
    if x.shape[axis] % 2:
        raise ValueError(
            f"ops.glu splits axis {axis} in two halves, but its length is {x.shape[axis]}."
        )
    return jax.nn.glu(x, axis)


@op
def tanh_shrink(x: Array) -> Array:
    """What the hyperbolic tangent leaves, x - tanh(x).

    Args:
        x: array of any shape.

    Returns:
        A tensor of the same shape.

    >>> import nyala
    >>> nyala.ops.tanh_shrink([0.0, 100.0]).numpy()
    array([ 0., 99.], dtype=float32)
    """
    return x - jnp.tanh(x)
