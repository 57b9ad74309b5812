"""Cross-entropy from logits and embedding lookup."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from nyala import kernels


@pytest.mark.parametrize("shape", [(5,), (4, 3), (2, 3, 7), (2, 1)])
def test_crossentropy_and_its_gradient(shape, normal):
    logits, targets = normal(*shape) * 4, jnp.abs(normal(*shape))
    wide, weights = np.asarray(logits, np.float64), np.asarray(targets, np.float64)
    softmax = np.exp(wide) / np.exp(wide).sum(-1, keepdims=True)
    loss, pullback = jax.vjp(lambda x: kernels.softmax_crossentropy(x, targets), logits)
    np.testing.assert_allclose(loss, -(weights * np.log(softmax)).sum(-1), rtol=1e-5, atol=1e-5)
    expected = softmax * weights.sum(-1, keepdims=True) - weights
    np.testing.assert_allclose(pullback(jnp.ones_like(loss))[0], expected, atol=1e-5)


def test_sparse_crossentropy_equals_dense_with_one_hot(normal):
    logits, labels = normal(2, 3, 5), jnp.array([[0, 4, 2], [1, 1, 3]])
    found = kernels.sparse_softmax_crossentropy(logits, labels)
    expected = kernels.softmax_crossentropy(logits, jnp.eye(5)[labels])
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    beyond = kernels.sparse_softmax_crossentropy(logits[0], jnp.array([-1, 5, 9]))
    np.testing.assert_array_equal(beyond, 0.0)


def test_crossentropy_is_stable_for_large_logits():
    logits = jnp.array([[1e4, -1e4, 0.0]])
    loss, gradient = jax.value_and_grad(
        lambda x: kernels.sparse_softmax_crossentropy(x, jnp.array([1])).sum()
    )(logits)
    assert float(loss) == 2e4
    np.testing.assert_array_equal(gradient, [[1.0, -1.0, 0.0]])


def test_crossentropy_second_derivatives(normal):
    check_grads(
        kernels.softmax_crossentropy,
        (normal(2, 3), jax.nn.softmax(normal(2, 3))),
        order=2,
        modes=["rev"],
        atol=2e-2,
        rtol=2e-2,
    )


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_crossentropy_of_half_precision_sums_in_float32(dtype):
    logits = jnp.zeros((1, 5000), dtype)
    loss = kernels.sparse_softmax_crossentropy(logits, jnp.array([3], "uint8"))
    assert loss.dtype == dtype
    np.testing.assert_allclose(float(loss[0]), np.log(5000), rtol=1e-2)


@pytest.mark.parametrize("rows", [3, 400])
def test_embedding_lookup(rows, normal, agrees):
    ids = jnp.array([[0, 2, 2], [1, rows - 1, -1]])
    agrees(lambda table: kernels.embedding_lookup(table, ids), normal(rows, 4))
    table = normal(rows, 4)
    np.testing.assert_array_equal(kernels.embedding_lookup(table, ids), np.asarray(table)[ids])


def test_ids_outside_the_table_give_nan_and_no_gradient(normal):
    table, ids = normal(3, 2), jnp.array([5, 1])
    assert bool(jnp.isnan(kernels.embedding_lookup(table, ids)[0]).all())
    gradient = jax.grad(lambda t: kernels.embedding_lookup(t, ids)[1].sum())(table)
    np.testing.assert_array_equal(gradient, [[0, 0], [1, 1], [0, 0]])


def test_mode_is_checked():
    with pytest.raises(ValueError, match="'fast'"):
        kernels.set_kernels("fast")
