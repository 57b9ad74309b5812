"""Random bits and dropout: statistics, reproducibility, gradient.

Bounds are five standard deviations of the statistic: a sound generator passes with any seed.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nyala import kernels

KEYS = [jnp.array(words, "uint32") for words in ([0, 0], [0, 1], [1, 0], [123, 456])]
SIZE = 1 << 18


def _signs(key, shape=(SIZE,)):
    """One bit per element as +1 or -1."""
    return np.asarray(kernels.random_bits(key, shape) >> 31, np.float64) * 2 - 1


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_every_bit_is_balanced_and_independent_of_its_neighbour(key):
    words = np.asarray(kernels.random_bits(key, (SIZE,)))
    bits = np.unpackbits(words.view(np.uint8)).reshape(SIZE, 32) * 2.0 - 1
    bound = 5 / np.sqrt(SIZE)
    assert np.abs(bits.mean(0)).max() < bound
    for distance in (1, 2, 3, 64, 512, 4096):
        assert np.abs((bits[distance:] * bits[:-distance]).mean(0)).max() < 1.1 * bound
    between = bits.T @ bits / SIZE - np.eye(32)
    assert np.abs(between).max() < bound


def test_bytes_are_uniform():
    counts = np.bincount(np.asarray(kernels.random_bits(KEYS[3], (SIZE,), width=8)), minlength=256)
    expected = SIZE / 256
    chi_squared = ((counts - expected) ** 2 / expected).sum()
    assert abs(chi_squared - 255) < 5 * np.sqrt(2 * 255)


def test_neighbouring_keys_are_independent():
    streams = np.stack([_signs(jnp.array([a, b], "uint32")) for a in range(4) for b in range(4)])
    correlation = streams @ streams.T / SIZE - np.eye(16)
    assert np.abs(correlation).max() < 5 / np.sqrt(SIZE)
    # Nor is one a shifted copy of another, at any shift: correlate by Fourier transform.
    spectra = np.fft.rfft(streams[:4], axis=-1)
    shifted = np.fft.irfft(spectra[:1] * spectra[1:].conj(), axis=-1) / SIZE
    assert np.abs(shifted).max() < 7 / np.sqrt(SIZE)


def test_bits_are_a_fixed_function_of_key_and_position():
    key = KEYS[3]
    found = kernels.random_bits(key, (2, 3))
    np.testing.assert_array_equal(found.ravel(), kernels.random_bits(key, (6,)))
    np.testing.assert_array_equal(
        found, jax.jit(kernels.random_bits, static_argnums=1)(key, (2, 3))
    )
    # The definition in plain integers, which no platform or version may change.
    np.testing.assert_array_equal(found.ravel(), [_scalar_bits(123, 456, i) for i in range(6)])


def _scalar_bits(a, b, position):
    def mix(h):
        h = ((h ^ (h >> 16)) * 0x7FEB352D) % 2**32
        h = ((h ^ (h >> 15)) * 0x846CA68B) % 2**32
        return h ^ (h >> 16)

    first = mix(a ^ mix((b + 0x9E3779B9) % 2**32))
    second = mix(b ^ mix((first + 0x85EBCA6B) % 2**32))
    return mix(mix((position + first) % 2**32) ^ second)


def test_unknown_width_is_named():
    with pytest.raises(ValueError, match="12"):
        kernels.random_bits(KEYS[0], (2,), width=12)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_drops_the_given_fraction_and_keeps_the_mean(rate):
    y = np.asarray(kernels.dropout(jnp.ones(SIZE), rate, KEYS[1]))
    assert abs((y == 0).mean() - rate) < 5 * np.sqrt(rate * (1 - rate) / SIZE)
    np.testing.assert_allclose(y[y != 0], 1 / (1 - rate), rtol=1e-6)


def test_dropout_gradient_uses_the_same_mask_and_stores_none(normal, agrees):
    x = normal(64, 32)
    agrees(lambda x: kernels.dropout(x, 0.3, KEYS[2]), x)
    stored = jax.eval_shape(lambda x: jax.vjp(lambda x: kernels.dropout(x, 0.3, KEYS[2]), x)[1], x)
    assert sum(leaf.size for leaf in jax.tree.leaves(stored)) <= 4


def test_noise_shape_is_broadcast(normal):
    y = kernels.dropout(jnp.ones((4, 6, 8)), 0.5, KEYS[3], noise_shape=(None, 1, 8))
    np.testing.assert_array_equal(y, jnp.broadcast_to(y[:, :1], y.shape))
    assert len(np.unique(np.asarray(y)[:, 0])) == 2
    with pytest.raises(ValueError, match="3 entries"):
        kernels.dropout(jnp.ones((4, 6, 8)), 0.5, KEYS[3], noise_shape=(4, 6))


def test_rates_at_the_ends():
    x = jnp.ones(5)
    np.testing.assert_array_equal(kernels.dropout(x, 0.0, KEYS[0]), x)
    np.testing.assert_array_equal(kernels.dropout(x, 1.0, KEYS[0]), 0.0)
    with pytest.raises(ValueError, match=r"1\.5"):
        kernels.dropout(x, 1.5, KEYS[0])


def test_vmap_over_keys_equals_a_loop(normal):
    x = jnp.ones((4, 50))
    drop = lambda x, key: kernels.dropout(x, 0.5, key)  # noqa: E731
    found = jax.vmap(drop)(x, jnp.stack(KEYS))
    expected = jnp.stack([drop(a, key) for a, key in zip(x, KEYS, strict=True)])
    np.testing.assert_array_equal(found, expected)
