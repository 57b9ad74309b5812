"""`x[key]` and updates by index."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import nyala
from nyala import ops
from nyala.eager import GradientTape

X = np.arange(24).reshape(2, 3, 4)

KEYS = [
    0,
    -1,
    (1, 2, 3),
    slice(None, None, -1),
    (slice(0, 1), slice(1, None), slice(None, None, 2)),
    None,
    (..., 0),
    (0, ..., slice(1, 3)),
    (None, 0, None, ..., None),
    np.array([1, 0, 1]),
    [1, 0],
    (slice(None), [2, 0]),
    (np.array([0, 1]), np.array([2, 0])),
    (np.array([[0], [1]]), slice(None), np.array([2, 0])),
    X > 7,
    (0, X[0] > 5),
    (slice(None), np.array([True, False, True])),
    [],
    (np.int64(1), np.int32(-1)),
]


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_same_as_numpy(key):
    np.testing.assert_array_equal(ops.array(X)[key], X[key])


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_same_shape_in_a_graph(key):
    assert nyala.KerasTensor(X.shape)[key].shape == X[key].shape


def test_tensors_in_keys():
    x = ops.array(X)
    one, mask = ops.array(1), ops.array([True, False])
    np.testing.assert_array_equal(x[one], X[1])
    np.testing.assert_array_equal(x[:, one:], X[:, 1:])
    np.testing.assert_array_equal(x[nyala.Variable(1, dtype="int32")], X[1])
    np.testing.assert_array_equal(x[mask], X[:1])


def test_traced_index():
    row = jax.jit(lambda i: ops.array(X)[ops.array(i), 1:]._value)
    np.testing.assert_array_equal(row(1), X[1, 1:])


@pytest.mark.parametrize("key", [2, -3, (0, 3), (..., 4), (0, 0, 0, 0)], ids=repr)
def test_out_of_range(key):
    with pytest.raises(IndexError, match=r"of shape \(2, 3, 4\)"):
        ops.array(X)[key]


def test_float_index_is_refused():
    with pytest.raises(IndexError, match="float32"):
        ops.array(X)[ops.array([0.0])]


def test_mask_in_compiled_code_names_the_remedy():
    with pytest.raises(TypeError, match=r"Use ops\.where"):
        jax.jit(lambda m: ops.array(X)[ops.array(m)]._value)(X > 0)
    with pytest.raises(TypeError, match=r"Use ops\.where"):
        nyala.KerasTensor((2, 3))[nyala.KerasTensor((2, 3), "bool")]


def test_slice_of_unknown_axis():
    x = nyala.KerasTensor((None, 3))
    assert x[:, 1:].shape == (None, 2)
    assert x[0].shape == (3,)


def test_take_out_of_range_is_nan():
    assert np.isnan(ops.take([1.0, 2.0], [5]).numpy()).all()


def test_scatter_adds_at_the_same_place():
    assert ops.scatter([[1], [1]], [2.0, 3.0], (3,)).tolist() == [0.0, 5.0, 0.0]


def test_unknown_reduction():
    with pytest.raises(ValueError, match="reduction must be one of"):
        ops.scatter_update([1.0], [[0]], [2.0], reduction="sum")


def test_updates_take_the_dtype_of_inputs():
    assert ops.slice_update(ops.ones(3, "bfloat16"), [1], [2.5]).dtype == "bfloat16"
    assert ops.scatter_update([1, 2], [[0]], [7.0]).dtype == "int32"


def test_slice_with_tensor_start():
    start = ops.array([1, 0, 1])
    np.testing.assert_array_equal(ops.slice(X, start, (1, 2, -1)), X[1:2, :2, 1:])


def test_where_wants_both_choices():
    with pytest.raises(ValueError, match="both"):
        ops.where([True], [1])


def test_sized_nonzero_and_unique_work_in_compiled_code():
    found = jax.jit(lambda x: ops.nonzero(ops.array(x), size=3)[0]._value)(np.array([0, 1, 2]))
    assert found.tolist() == [1, 2, 0]
    found = jax.jit(lambda x: ops.unique(ops.array(x), size=2)._value)(np.array([3, 1, 3]))
    assert found.tolist() == [1, 3]


@pytest.mark.parametrize("start", [0, 5, 7, -9])
def test_batches_walk_with_one_gradient_rule(start):
    x = ops.arange(12.0)
    with GradientTape() as tape:
        tape.watch(x)
        total = ops.sum(x[start : start + 3] * 2.0) + x[start]
    wanted = np.zeros(12)
    wanted[start : start + 3] += 2
    wanted[start] += 1
    np.testing.assert_array_equal(tape.gradient(total, x), wanted)
