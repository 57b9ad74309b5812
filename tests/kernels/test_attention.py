"""Attention against its definition, values and gradients."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from nyala import kernels

KEY = jnp.array([3, 9], "uint32")
CASES = {
    "plain": {},
    "causal": {"causal": True},
    "scores": {"return_scores": True, "causal": True},
    "scaled": {"scale": 0.3},
    "dropout": {"dropout_rate": 0.4, "dropout_key": KEY},
    "dropout and scores": {"dropout_rate": 0.4, "dropout_key": KEY, "return_scores": True},
}


@pytest.mark.parametrize("options", CASES.values(), ids=CASES.keys())
def test_attention(options, normal, agrees):
    run = lambda q, k, v: kernels.attention(q, k, v, **options)  # noqa: E731
    agrees(run, normal(2, 5, 3, 4), normal(2, 6, 3, 4), normal(2, 6, 3, 7))


@pytest.mark.parametrize("shape", [(2, 3, 5, 6), (1, 3, 1, 6), (5, 6)])
def test_bias_and_its_gradient_broadcast(shape, normal, agrees):
    run = lambda q, k, v, bias: kernels.attention(q, k, v, bias=bias)  # noqa: E731
    agrees(run, normal(2, 5, 3, 4), normal(2, 6, 3, 4), normal(2, 6, 3, 4), normal(*shape))


def test_grouped_query_heads(normal, agrees):
    agrees(kernels.attention, normal(2, 5, 6, 4), normal(2, 5, 2, 4), normal(2, 5, 2, 4))


def test_a_query_that_sees_nothing_averages_all(normal, agrees):
    mask = jnp.array([[True, False, True], [False, False, False]])[None, None]
    q, k, v = normal(1, 2, 2, 4), normal(1, 3, 2, 4), normal(1, 3, 2, 4)
    agrees(lambda q, k, v: kernels.attention(q, k, v, mask=mask), q, k, v)
    found = kernels.attention(q, k, v, mask=mask)
    np.testing.assert_allclose(found[0, 1], v[0].mean(0), atol=1e-6)


def test_dropout_keeps_the_mean(normal):
    q, k = jnp.zeros((1, 64, 8, 4)), jnp.zeros((1, 256, 8, 4))
    v = jnp.ones((1, 256, 8, 1))
    out = kernels.attention(q, k, v, dropout_rate=0.5, dropout_key=KEY)
    # The mean of 64*8*256 coin flips scaled to 1 has a deviation of 1 / sqrt(131072) = 0.003.
    assert abs(float(out.mean()) - 1) < 0.012


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision(dtype, normal, agrees):
    q, k, v = (normal(1, 4, 2, 8, dtype=dtype) for _ in range(3))
    agrees(kernels.attention, q, k, v, tolerance=3e-2)


def test_second_derivatives(normal):
    q, k, v = normal(1, 3, 1, 2), normal(1, 3, 1, 2), normal(1, 3, 1, 2)
    check_grads(kernels.attention, (q, k, v), order=2, modes=["rev"], atol=2e-2, rtol=2e-2)


def test_vmap_equals_a_loop(normal):
    q, k, v = (normal(3, 1, 4, 2, 3) for _ in range(3))
    found = jax.vmap(kernels.attention)(q, k, v)
    expected = jnp.stack([kernels.attention(*one) for one in zip(q, k, v, strict=True)])
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_errors_name_the_remedy(normal):
    q = normal(1, 2, 3, 4)
    with pytest.raises(ValueError, match="dropout_key"):
        kernels.attention(q, q, q, dropout_rate=0.1)
    with pytest.raises(ValueError, match="3 query heads do not divide among 2"):
        kernels.attention(q, q[:, :, :2], q[:, :, :2])
