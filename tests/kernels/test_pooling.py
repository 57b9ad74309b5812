"""Pools against XLA's own, values and gradients; whole numbers make ties frequent."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nyala import kernels

POOLS = {
    "2x2": ((2, 6, 4, 3), 2, {}),
    "2x2 with a remainder": ((2, 7, 5, 3), 2, {}),
    "2x2 same": ((2, 7, 5, 3), 2, {"padding": "same"}),
    "3x3 stride 2 same": ((2, 7, 8, 2), 3, {"strides": 2, "padding": "same"}),
    "3x3 stride 1 same": ((1, 5, 5, 2), 3, {"strides": 1, "padding": "same"}),
    "3x2 stride (1, 3)": ((1, 7, 8, 2), (3, 2), {"strides": (1, 3)}),
    "window below stride": ((1, 7, 8, 2), 2, {"strides": 3}),
    "large and disjoint": ((1, 16, 8, 1), (8, 8), {}),
    "1D": ((2, 9, 3), 3, {"strides": 2}),
    "3D": ((1, 4, 5, 3, 2), (2, 2, 3), {"padding": "same"}),
    "channels first": ((2, 3, 6, 5), 2, {"data_format": "channels_first", "padding": "same"}),
    "one element": ((1, 1, 1, 1), 1, {}),
    "window 1 stride 2": ((1, 5, 5, 1), 1, {"strides": 2}),
}


@pytest.mark.parametrize("pool", [kernels.max_pool, kernels.average_pool], ids=["max", "average"])
@pytest.mark.parametrize(("shape", "window", "options"), POOLS.values(), ids=POOLS.keys())
def test_pool(pool, shape, window, options, normal, agrees):
    x = jnp.round(normal(*shape) * 1.5)
    agrees(lambda x: pool(x, window, **options), x)


@pytest.mark.parametrize(("stride", "first"), [(2, 1), (1, 2)])
def test_max_pool_gradient_goes_to_the_first_of_equal_elements(stride, first):
    gradient = jax.grad(lambda x: kernels.max_pool(x, 2, strides=stride).sum())
    expected = np.zeros((3, 3))
    expected[:first, :first] = 1
    np.testing.assert_array_equal(gradient(jnp.zeros((1, 3, 3, 1))).squeeze(), expected)


def test_average_pool_leaves_padding_out_of_the_mean():
    y = kernels.average_pool(jnp.ones((1, 5, 5, 1)), 3, strides=2, padding="same")
    np.testing.assert_allclose(y, 1.0, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "int32"])
def test_max_pool_of_other_dtypes(dtype, normal):
    x = jnp.round(normal(1, 5, 5, 2) * 3).astype(dtype) - 20
    found = kernels.max_pool(x, 2, padding="same")
    kernels.set_kernels("reference")
    expected = kernels.max_pool(x, 2, padding="same")
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


def test_pools_run_under_vmap_and_second_gradients(normal):
    x = normal(3, 1, 5, 5, 2)
    pool = lambda x: kernels.max_pool(x, 3, strides=2)  # noqa: E731
    np.testing.assert_array_equal(jax.vmap(pool)(x), jnp.stack([pool(a) for a in x]))
    inner = lambda x: jnp.sum(pool(x) ** 3)  # noqa: E731
    curvature = jax.grad(lambda x: jnp.sum(jax.grad(inner)(x)))(x[0])
    # d/dx sum(3 y^2 at the maxima) = 6 y there, where every maximum serves one window or more.
    once = jax.grad(lambda x: jnp.sum(pool(x)))(x[0])
    np.testing.assert_allclose(curvature, 6 * x[0] * once, atol=1e-4)
