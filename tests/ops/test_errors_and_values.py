"""What the operations refuse, and values that the comparison with Keras does not reach."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import nyala
from nyala import ops

X = np.arange(6, dtype="float32").reshape(2, 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ops.matmul(X, X), r"ops.matmul\(float32\[2, 3\], float32\[2, 3\]\)"),
        (lambda: ops.add(X, X.T), r"ops.add\(float32\[2, 3\], float32\[3, 2\]\)"),
        (lambda: ops.reshape(X, (4, 2)), r"ops.reshape\(float32\[2, 3\], \(4, 2\)\)"),
        (lambda: ops.concatenate([X, X.T]), r"ops.concatenate\(\[float32\[2, 3\], float32\[3, 2"),
        (lambda: ops.squeeze(X, 0), "ops.squeeze"),
        (lambda: ops.unstack(X, num=5), "num=5"),
        (lambda: ops.rot90([1, 2]), "at least 2 axes"),
        (lambda: ops.searchsorted(X, X), "one axis"),
        (lambda: ops.pad(X, 1, "reflect", constant_values=1), "constant_values"),
        (lambda: ops.fft(X), "pair of arrays"),
        (lambda: ops.fft((X, X.T)), "one shape"),
        (lambda: ops.fft((X.astype("int32"), X.astype("int32"))), "must be floats"),
        (lambda: ops.stft(X, 6, 2, 4), "at least sequence_length"),
        (lambda: ops.stft(X, 3, 2, 4, window="bartlett"), "'hann', 'hamming'"),
        (lambda: ops.stft(X, 3, 2, 4, window=[1.0]), r"shape \(3,\)"),
        (lambda: ops.istft((X[0], X[0]), 2, 1, 4), "at least 2 axes"),
        (lambda: ops.cdist(X, X.T), "same last one"),
        (lambda: ops.linalg.qr(X, mode="raw"), "'reduced' or 'complete'"),
        (lambda: ops.linalg.pinv(X[0]), "at least 2 axes"),
        (lambda: ops.linalg.cholesky([[1.0, 2.0], [2.0, 1.0]]), "positive definite"),
        (lambda: ops.view_as_complex(X), "length 2"),
        (lambda: ops.rearrange(X, "a b"), "one '->'"),
        (lambda: ops.rearrange(X, "a b -> a c"), "same names"),
        (lambda: ops.rearrange(X, "a b c -> a b c"), "names 3 axes"),
        (lambda: ops.rearrange(X, "(a b) c -> a b c"), "all but one of a, b"),
        (lambda: ops.rearrange(X, "a (b c) -> a b c", b=2), "axis of length 3"),
        (lambda: ops.rearrange(X, "a [b] -> a b"), "not a list of axes"),
        (lambda: nyala.backend.result_type("float8_e4m3fn", "float32"), "never converted"),
    ],
)
def test_value_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ops.ldexp(X, X), "must be integers"),
        (lambda: ops.stft(X.astype("float16"), 2, 1, 2), "float32 or float64"),
        (lambda: jax.jit(lambda x: ops.unique(ops.array(x))._value)(X), "pass size"),
        (lambda: jax.jit(lambda x: ops.bincount(ops.array(x))._value)(X), "one_hot"),
        (lambda: jax.jit(lambda i: ops.segment_sum(X, ops.array(i))._value)(X), "num_segments"),
    ],
)
def test_type_error(call, message):
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize(
    ("pattern", "lengths", "shape"),
    [
        ("a b c d -> d c b a", {}, (5, 4, 3, 2)),
        ("a b c d -> (a b) (c d)", {}, (6, 20)),
        ("a ... d -> d ... a", {}, (5, 3, 4, 2)),
        ("a ... -> a (...)", {}, (2, 60)),
        ("... (x y) d -> x ... y d", {"x": 2}, (2, 2, 3, 2, 5)),
        ("a b c d -> a 1 b (c d)", {}, (2, 1, 3, 20)),
    ],
)
def test_rearrange(pattern, lengths, shape):
    assert ops.rearrange(np.zeros((2, 3, 4, 5)), pattern, **lengths).shape == shape


def test_segments_without_a_number_are_counted():
    assert ops.segment_sum([1.0, 2.0, 3.0], [0, 2, 2]).tolist() == [1.0, 0.0, 5.0]


def test_batches_of_cholesky_inverse_and_lu():
    batch = np.stack([np.diag([2.0, 4.0]), np.eye(2)]).astype("float32")
    inverse = ops.linalg.cholesky_inverse(batch)
    np.testing.assert_allclose(inverse[0], np.diag([0.25, 0.0625]), rtol=1e-6)
    lu, pivots = ops.linalg.lu_factor(batch)
    assert (lu.shape, pivots.shape) == ((2, 2, 2), (2, 2))


def test_bincount_counts_rows_and_weights():
    assert ops.bincount([[1, 1], [0, 2]], weights=[[0.5, 1.0], [2.0, 3.0]]).tolist() == [
        [0.0, 1.5, 0.0],
        [2.0, 0.0, 3.0],
    ]


def test_unique_strings_and_membership():
    assert ops.unique(["b", "a", "b"]).tolist() == [b"a", b"b"]
    assert ops.isin(["a", "b"], ["b"]).tolist() == [False, True]


def test_namespaces_name_the_same_functions():
    assert ops.numpy.add is ops.add
    assert ops.linalg.norm is ops.norm
    assert ops.math.stft is ops.stft
    assert ops.core.cond is ops.cond


@pytest.mark.parametrize("wrapped", [nyala.Variable, np.asarray, list, ops.array])
def test_every_kind_of_array_is_taken(wrapped):
    result = ops.multiply(wrapped([1.0, 2.0]), 3)
    assert isinstance(result, nyala.Tensor)
    assert result.tolist() == [3.0, 6.0]
