"""Windows by which signals are weighted before a Fourier transform."""

from __future__ import annotations

import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import jax_dtype


@op
def bartlett(x: int) -> Array:
    """Bartlett window: a triangle that is 0 at both ends.

    Args:
        x: the number of samples, 0 or more.

    Returns:
        A tensor of shape `(x,)` in `floatx`.

    >>> import nyala
    >>> nyala.ops.bartlett(3).numpy()
    array([0., 1., 0.], dtype=float32)
    """
    return jnp.bartlett(x).astype(jax_dtype(None))


@op
def blackman(x: int) -> Array:
    """Blackman window: three cosine terms.

    Args:
        x: the number of samples, 0 or more.

    Returns:
        A tensor of shape `(x,)` in `floatx`.

    >>> import nyala
    >>> nyala.ops.blackman(3).numpy()
    array([-1.4901161e-08,  9.9999994e-01, -1.4901161e-08], dtype=float32)
    """
    return jnp.blackman(x).astype(jax_dtype(None))


@op
def hamming(x: int) -> Array:
    """Hamming window: a raised cosine that does not reach 0.

    Args:
        x: the number of samples, 0 or more.

    Returns:
        A tensor of shape `(x,)` in `floatx`.

    >>> import nyala
    >>> nyala.ops.hamming(3).numpy()
    array([0.08000001, 1.        , 0.08000001], dtype=float32)
    """
    return jnp.hamming(x).astype(jax_dtype(None))


@op
def hanning(x: int) -> Array:
    """Hann window: a raised cosine that is 0 at both ends.

    Args:
        x: the number of samples, 0 or more.

    Returns:
        A tensor of shape `(x,)` in `floatx`.

    >>> import nyala
    >>> nyala.ops.hanning(3).numpy()
    array([0., 1., 0.], dtype=float32)
    """
    return jnp.hanning(x).astype(jax_dtype(None))


@op
def kaiser(x: int, beta: Array) -> Array:
    """Kaiser window, made of a Bessel function.

    Args:
        x: the number of samples, 0 or more.
        beta: shape parameter: 0 gives a rectangle, 14 a narrow bell.

    Returns:
        A tensor of shape `(x,)` in `floatx`.

    >>> import nyala
    >>> nyala.ops.kaiser(3, 1.0).numpy()
    array([0.7898484, 1.       , 0.7898484], dtype=float32)
    """
    return jnp.kaiser(x, beta).astype(jax_dtype(None))
