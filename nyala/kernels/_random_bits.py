"""Random bits from a counter and a key, cheap enough to be made again wherever they are needed.

Threefry, JAX's default, costs twenty times more than the dropout it serves on a CPU. Here each
element's position is hashed twice under words derived from the key. The hash is a bijection of
32 bits with nearly ideal avalanche (every input bit flips every output bit with probability 1/2
within 0.2 %), integer arithmetic only, hence the same bits on every platform. It is meant for
noise in training, not for cryptography.

Source: the constants were found by Chris Wellons' search for low-bias integer hashes
(https://nullprogram.com/blog/2018/07/31/).
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array, lax

_WIDTHS = {8: jnp.uint8, 16: jnp.uint16, 32: jnp.uint32}


def random_bits(key: Array, shape: tuple[int, ...], *, width: int = 32) -> Array:
    """Draw independent uniform integers of 8, 16 or 32 bits.

    Args:
        key: two `uint32` words, as in `jax.random.key_data` of a threefry key.
        shape: shape of the result. Beyond 2**32 elements the bits repeat.
        width: bits per integer, 8, 16 or 32.

    Returns:
        An unsigned integer array of `shape`, a function of `key` and `shape` alone.

    Raises:
        ValueError: if `width` is none of these.

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> kernels.random_bits(jnp.array([1, 2], "uint32"), (2, 3), width=8).dtype
        dtype('uint8')
    """
    if width not in _WIDTHS:
        raise ValueError(f"random_bits: expected a width of 8, 16 or 32 bits; got {width}.")
    # Words from a hashed key, so that neighbouring keys do not give shifted copies of one stream.
    first = _mix(key[0] ^ _mix(key[1] + jnp.uint32(0x9E3779B9)))
    second = _mix(key[1] ^ _mix(first + jnp.uint32(0x85EBCA6B)))
    bits = _mix(_mix(_positions(shape) + first) ^ second)
    return (bits >> jnp.uint32(32 - width)).astype(_WIDTHS[width])


def _mix(h: Array) -> Array:
    h = (h ^ (h >> jnp.uint32(16))) * jnp.uint32(0x7FEB352D)
    h = (h ^ (h >> jnp.uint32(15))) * jnp.uint32(0x846CA68B)
    return h ^ (h >> jnp.uint32(16))


def _positions(shape: tuple[int, ...]) -> Array:
    """Row-major number of each element, modulo 2**32."""
    positions = jnp.zeros(shape, jnp.uint32)
    stride = 1
    for axis in reversed(range(len(shape))):
        index = lax.broadcasted_iota(jnp.uint32, shape, axis)
        positions = positions + index * jnp.uint32(stride % 2**32)
        stride *= shape[axis]
    return positions
