"""Complex numbers and their parts, element by element."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import as_float


@op
def real(x: Array) -> Array:
    """Real part.

    Args:
        x: array of any shape.

    Returns:
        A real tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.real([1 + 2j]).numpy()
    array([1.], dtype=float32)
    """
    return jnp.real(x)


@op
def imag(x: Array) -> Array:
    """Imaginary part; 0 for real numbers.

    Args:
        x: array of any shape.

    Returns:
        A real tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.imag([1 + 2j]).numpy()
    array([2.], dtype=float32)
    """
    return jnp.imag(x)


@op
def conjugate(x: Array) -> Array:
    """Complex conjugate.

    Args:
        x: array of any shape.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.conjugate([1 + 2j]).numpy()
    array([1.-2.j], dtype=complex64)
    """
    return jnp.conjugate(x)


@op
def conj(x: Array) -> Array:
    """Complex conjugate: the same as `conjugate`.

    Args:
        x: array of any shape.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.conj([1 + 2j]).numpy()
    array([1.-2.j], dtype=complex64)
    """
    return jnp.conjugate(x)


@op
def angle(x: Array) -> Array:
    """Argument of a complex number, in radians between -π and π.

    Args:
        x: array of any shape.

    Returns:
        A float tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.angle([1j, -1.0]).numpy()
    array([1.5707964, 3.1415927], dtype=float32)
    """
    return jnp.angle(as_float(x))


@op
def view_as_complex(x: Array) -> Array:
    """Complex numbers from pairs of real and imaginary part.

    Args:
        x: floats of shape `(..., 2)`.

    Returns:
        A complex tensor of shape `(...)`.

    >>> import nyala
    >>> nyala.ops.view_as_complex([[1.0, 2.0]]).numpy()
    array([1.+2.j], dtype=complex64)
    """
    x = jnp.asarray(x)
    if x.ndim < 1 or x.shape[-1] != 2:
        raise ValueError(f"the last axis of x must have length 2; got shape {x.shape}.")
    return jax.lax.complex(x[..., 0], x[..., 1])


@op
def view_as_real(x: Array) -> Array:
    """Pairs of real and imaginary part of complex numbers.

    Args:
        x: complex numbers of any shape.

    Returns:
        A real tensor of shape `(*x.shape, 2)`.

    >>> import nyala
    >>> nyala.ops.view_as_real([1 + 2j]).numpy()
    array([[1., 2.]], dtype=float32)
    """
    return jnp.stack([jnp.real(x), jnp.imag(x)], axis=-1)
