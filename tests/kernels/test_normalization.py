"""Normalizations against their definitions, values and gradients."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from nyala import kernels


@pytest.mark.parametrize(("shape", "axis"), [((4, 3, 5, 6), -1), ((4, 6, 3), 1), ((7, 6), -1)])
def test_batch_norm(shape, axis, normal, agrees):
    run = lambda x, g, b: kernels.batch_norm_train(x, g, b, axis=axis, epsilon=0.01)  # noqa: E731
    agrees(run, normal(*shape) * 3 + 2, normal(6), normal(6))


def test_batch_norm_ignores_masked_elements(normal, agrees):
    x = normal(4, 5, 3)
    mask = jnp.arange(5) < jnp.array([5, 2, 0, 3])[:, None]
    agrees(lambda x, g, b: kernels.batch_norm_train(x, g, b, mask=mask), x, normal(3), normal(3))
    _, mean, variance = kernels.batch_norm_train(x, None, None, mask=mask)
    seen = np.asarray(x)[np.asarray(mask)]
    np.testing.assert_allclose(mean, seen.mean(0), atol=1e-6)
    np.testing.assert_allclose(variance, seen.var(0), rtol=1e-5)


def test_batch_norm_computes_half_precision_in_float32(normal):
    x = (normal(64, 3) + 100).astype("float16")
    y, mean, variance = kernels.batch_norm_train(x, None, None)
    assert (y.dtype, mean.dtype, variance.dtype) == (jnp.float16, jnp.float32, jnp.float32)
    np.testing.assert_allclose(variance, np.asarray(x, np.float64).var(0), rtol=1e-4)


def test_batch_norm_of_one_element_is_beta():
    y, _, variance = kernels.batch_norm_train(jnp.full((1, 2), 7.0), None, jnp.array([1.0, 2.0]))
    np.testing.assert_array_equal(y, [[1.0, 2.0]])
    np.testing.assert_array_equal(variance, 0.0)


def test_batch_norm_gradients_match_finite_differences(normal):
    run = lambda x, g, b: jax.tree.map(jnp.sin, kernels.batch_norm_train(x, g, b, epsilon=0.1))  # noqa: E731
    check_grads(
        run, (normal(5, 2), normal(2), normal(2)), order=2, modes=["rev"], atol=2e-2, rtol=2e-2
    )


@pytest.mark.parametrize("axis", [-1, (1, 2), (-1, 1), 0])
def test_layer_norm(axis, normal, agrees):
    x = normal(4, 3, 5)
    axes = sorted(a % 3 for a in ((axis,) if isinstance(axis, int) else axis))
    weights = [normal(*(x.shape[a] for a in axes)) for _ in range(2)]
    agrees(lambda x, g, b: kernels.layer_norm(x, g, b, axis=axis), x, *weights)


def test_rms_norm(normal, agrees):
    agrees(lambda x, g: kernels.rms_norm(x, g), normal(4, 3, 5), normal(5))


@pytest.mark.parametrize(("shape", "groups", "axis"), [((2, 3, 5, 6), 3, -1), ((2, 6, 4), 6, 1)])
def test_group_norm(shape, groups, axis, normal, agrees):
    run = lambda x, g, b: kernels.group_norm(x, g, b, groups=groups, axis=axis)  # noqa: E731
    agrees(run, normal(*shape) + 3, normal(6), normal(6))


def test_group_norm_normalizes_each_group(normal):
    y = kernels.group_norm(normal(2, 5, 6) * 4 + 1, None, None, groups=2, epsilon=1e-6)
    grouped = np.asarray(y).reshape(2, 5, 2, 3)
    np.testing.assert_allclose(grouped.mean((1, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(grouped.std((1, 3)), 1, atol=1e-3)


def test_group_norm_needs_groups_that_divide():
    with pytest.raises(ValueError, match=r"6, does not divide into 4"):
        kernels.group_norm(jnp.ones((2, 6)), None, None, groups=4)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_layer_norm_keeps_half_precision_and_stays_accurate(dtype, normal):
    x = (normal(3, 64) * 2 + 30).astype(dtype)
    found = kernels.layer_norm(x, jnp.ones(64), jnp.zeros(64))
    wide = np.asarray(x, np.float64)
    expected = (wide - wide.mean(-1, keepdims=True)) / np.sqrt(wide.var(-1, keepdims=True) + 1e-3)
    assert found.dtype == dtype
    np.testing.assert_allclose(np.asarray(found, np.float64), expected, atol=2e-2)
