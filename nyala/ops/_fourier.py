"""Fourier transforms; complex numbers come and go as pairs of real and imaginary parts."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from nyala.eager import Array, Arrays, op
from nyala.ops._dtypes import as_float


def complex_of(pair: Arrays) -> Array:
    """Return complex numbers from a pair of real and imaginary parts."""
    if not isinstance(pair, (list, tuple)) or len(pair) != 2:
        raise ValueError("x must be a pair of arrays, the real and the imaginary parts.")
    real, imag = map(jnp.asarray, pair)
    if real.shape != imag.shape:
        raise ValueError(
            f"real and imaginary parts must have one shape; got {real.shape} and {imag.shape}."
        )
    if not all(jnp.issubdtype(part.dtype, jnp.floating) for part in (real, imag)):
        raise ValueError(
            f"real and imaginary parts must be floats; got {real.dtype} and {imag.dtype}."
        )
    return jax.lax.complex(real, imag)


def parts_of(x: Array) -> tuple:
    """Return the pair of real and imaginary parts of complex numbers."""
    return jnp.real(x), jnp.imag(x)


@op
def fft(x: Arrays) -> tuple:
    """Fourier transform along the last axis.

    Args:
        x: a pair of float arrays of one shape, the real and the imaginary parts.

    Returns:
        A pair of float tensors of the same shape, the real and the imaginary parts.

    >>> import nyala
    >>> real, imag = nyala.ops.fft(([[1.0, 2.0]], [[0.0, 0.0]]))
    >>> real.numpy()
    array([[ 3., -1.]], dtype=float32)
    """
    return parts_of(jnp.fft.fft(complex_of(x)))


@op
def fft2(x: Arrays) -> tuple:
    """Fourier transform along the last two axes.

    Args:
        x: a pair of float arrays of one shape, the real and the imaginary parts.

    Returns:
        A pair of float tensors of the same shape, the real and the imaginary parts.

    >>> import nyala
    >>> real, imag = nyala.ops.fft2(([[1.0, 2.0]], [[0.0, 0.0]]))
    >>> real.numpy()
    array([[ 3., -1.]], dtype=float32)
    """
    return parts_of(jnp.fft.fft2(complex_of(x)))


@op
def ifft2(x: Arrays) -> tuple:
    """Inverse Fourier transform along the last two axes.

    Args:
        x: a pair of float arrays of one shape, the real and the imaginary parts.

    Returns:
        A pair of float tensors of the same shape, the real and the imaginary parts.

    >>> import nyala
    >>> real, imag = nyala.ops.ifft2(([[1.0, 2.0]], [[0.0, 0.0]]))
    >>> real.numpy()
    array([[ 1.5, -0.5]], dtype=float32)
    """
    return parts_of(jnp.fft.ifft2(complex_of(x)))


@op
def rfft(x: Array, fft_length: int | None = None) -> tuple:
    """Fourier transform of real numbers along the last axis, without its mirrored half.

    Args:
        x: floats of shape `(..., n)`.
        fft_length: to which length `x` is cut or filled with zeros; `n` by default.

    Returns:
        A pair of float tensors of shape `(..., fft_length // 2 + 1)`.

    >>> import nyala
    >>> real, imag = nyala.ops.rfft([0.0, 1.0, 2.0, 3.0])
    >>> real.numpy(), imag.numpy()
    (array([ 6., -2., -2.], dtype=float32), array([0., 2., 0.], dtype=float32))
    """
    return parts_of(jnp.fft.rfft(as_float(x), fft_length))


@op
def irfft(x: Arrays, fft_length: int | None = None) -> Array:
    """Inverse of `rfft`.

    Args:
        x: a pair of float arrays of shape `(..., bins)`, the real and the imaginary parts.
        fft_length: the length of the result; `2 * (bins - 1)` by default.

    Returns:
        A float tensor of shape `(..., fft_length)`.

    >>> import nyala
    >>> nyala.ops.irfft(nyala.ops.rfft([0.0, 1.0, 2.0, 3.0])).numpy()
    array([0., 1., 2., 3.], dtype=float32)
    """
    return jnp.fft.irfft(complex_of(x), fft_length)
