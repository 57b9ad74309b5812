"""Helpers shared by the kernel tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nyala import kernels


@pytest.fixture(autouse=True)
def _mode_restored() -> Iterator[None]:
    yield
    kernels.set_kernels("auto")


@pytest.fixture
def normal() -> Callable[..., jax.Array]:
    """Draws standard normal arrays, the same in every run."""
    generator = np.random.default_rng(7)
    return lambda *shape, dtype="float32": jnp.asarray(generator.standard_normal(shape), dtype)


@pytest.fixture
def agrees() -> Callable[..., None]:
    """Checks values and gradients of a kernel against its own reference mode.

    The tolerance is relative to the largest element, 2e-5 for float32.
    """

    def check(function: Callable, *arguments: jax.Array, tolerance: float = 2e-5) -> None:
        def run(mode):
            kernels.set_kernels(mode)

            @jax.jit
            def value_and_gradients(*arguments):
                outputs, pullback = jax.vjp(function, *arguments)
                return outputs, pullback(jax.tree.map(_varied, outputs))

            return value_and_gradients(*arguments)

        expected, found = run("reference"), run("auto")
        assert jax.tree.structure(found) == jax.tree.structure(expected)
        for f, e in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
            assert (f.shape, f.dtype) == (e.shape, e.dtype)
            f, e = np.asarray(f, np.float64), np.asarray(e, np.float64)
            size = max(np.abs(e).max(initial=0.0), 1e-3)
            np.testing.assert_allclose(f, e, rtol=0, atol=tolerance * size)

    return check


def _varied(output: jax.Array) -> jax.Array:
    """A cotangent without symmetry."""
    return (
        jnp.cos(jnp.arange(output.size, dtype=jnp.float32))
        .reshape(output.shape)
        .astype(output.dtype)
    )
