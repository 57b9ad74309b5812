"""Every respelled function beside NumPy, in eager code and inside `tf.function`."""

from __future__ import annotations

import numpy as np
import pytest

import nyala.tf as tf

RNG = np.random.default_rng(0)
A = RNG.normal(size=(3, 4)).astype("float32")
B = RNG.normal(size=(3, 4)).astype("float32")
M = RNG.normal(size=(2, 3, 3)).astype("float32")
S = M @ np.swapaxes(M, -1, -2) + 3 * np.eye(3, dtype="float32")
I = np.array([[3, 1, 2], [0, 3, 1]], "int32")  # noqa: E741
X = RNG.uniform(0.1, 0.9, size=(2, 6, 5, 3)).astype("float32")


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


# name: (function of tensors, its arguments, what NumPy says)
CASES = {
    "abs": (tf.abs, [A], np.abs(A)),
    "add_n": (lambda *xs: tf.add_n(xs), [A, B], A + B),
    "argmax of columns by default": (tf.argmax, [A], A.argmax(0)),
    "argmin": (lambda x: tf.argmin(x, axis=1), [A], A.argmin(1)),
    "argsort descending": (
        lambda x: tf.argsort(x, direction="DESCENDING"),
        [A],
        np.argsort(-A, -1),
    ),
    "atan2": (tf.atan2, [A, B], np.arctan2(A, B)),
    "band_part": (lambda x: tf.linalg.band_part(x, 1, 0), [M], np.triu(np.tril(M), -1)),
    "batch gather": (
        lambda x, i: tf.gather(x, i, batch_dims=1),
        [A[:2], I],
        np.take_along_axis(A[:2], I, 1),
    ),
    "broadcast_to": (lambda x: tf.broadcast_to(x, (2, 3, 4)), [A], np.broadcast_to(A, (2, 3, 4))),
    "cast": (lambda x: tf.cast(x, tf.int32), [A * 3], (A * 3).astype("int32")),
    "cholesky_solve": (
        lambda s, m: tf.linalg.cholesky_solve(tf.linalg.cholesky(s), m),
        [S, M],
        np.linalg.solve(S, M),
    ),
    "clip_by_norm": (lambda x: tf.clip_by_norm(x, 1.0), [A], A / np.linalg.norm(A)),
    "clip_by_norm by rows": (
        lambda x: tf.clip_by_norm(x, 1.0, axes=[1]),
        [A],
        A / np.maximum(np.linalg.norm(A, axis=1, keepdims=True), 1),
    ),
    "concat": (lambda x, y: tf.concat([x, y], -1), [A, B], np.concatenate([A, B], -1)),
    "confusion_matrix": (
        lambda a, b: tf.math.confusion_matrix(a, b, num_classes=3),
        [np.array([0, 1, 2, 2]), np.array([0, 2, 2, 1])],
        [[1, 0, 0], [0, 0, 1], [0, 1, 1]],
    ),
    "count_nonzero": (lambda i: tf.math.count_nonzero(i, axis=1), [I], np.count_nonzero(I, 1)),
    "cumprod reversed": (
        lambda x: tf.math.cumprod(x, axis=1, reverse=True),
        [A],
        np.cumprod(A[:, ::-1], 1)[:, ::-1],
    ),
    "cumsum exclusive reversed": (
        lambda x: tf.cumsum(x, axis=1, exclusive=True, reverse=True),
        [A],
        np.cumsum(A[:, ::-1], 1)[:, ::-1] - A,
    ),
    "diag": (tf.linalg.diag, [A], np.stack([np.diag(row) for row in A])),
    "diag_part": (tf.linalg.diag_part, [M], np.diagonal(M, 0, -2, -1)),
    "einsum": (lambda x, y: tf.einsum("ij,kj->ik", x, y), [A, B], A @ B.T),
    "eye": (lambda: tf.eye(2, batch_shape=[3]), [], np.stack([np.eye(2)] * 3)),
    "fill": (lambda: tf.fill([2, 3], 1.5), [], np.full((2, 3), 1.5)),
    "floormod": (tf.math.floormod, [A, np.float32(0.3)], np.mod(A, np.float32(0.3))),
    "foldr": (
        lambda i: tf.foldr(lambda a, x: a * 10 + x, i),
        [I[0]],
        213,
    ),
    "gather along an axis": (lambda x: tf.gather(x, [2, 0], axis=1), [A], A[:, [2, 0]]),
    "gather_nd": (lambda x: tf.gather_nd(x, [[0, 1], [2, 3]]), [A], A[[0, 2], [1, 3]]),
    "gather_nd with a batch": (
        lambda x: tf.gather_nd(x, [[0], [1], [2]], batch_dims=1),
        [A],
        A[[0, 1, 2], [0, 1, 2]],
    ),
    "l2_normalize": (
        lambda x: tf.nn.l2_normalize(x, axis=1),
        [A],
        A / np.linalg.norm(A, axis=1, keepdims=True),
    ),
    "leaky_relu": (lambda x: tf.nn.leaky_relu(x, alpha=0.1), [A], np.where(A > 0, A, 0.1 * A)),
    "linspace": (lambda: tf.linspace(0.0, 1.0, 5), [], np.linspace(0, 1, 5)),
    "logical": (
        lambda x: tf.logical_or(x > 1, tf.logical_not(x > -1)),
        [A],
        (A > 1) | ~(A > -1),
    ),
    "map_fn": (lambda x: tf.map_fn(lambda row: row * 2 + 1, x), [A], A * 2 + 1),
    "matmul of transposes": (
        lambda x, y: tf.matmul(x, y, transpose_a=True),
        [A, B],
        A.T @ B,
    ),
    "matvec": (lambda m: tf.linalg.matvec(m, m[:, 0]), [M], np.einsum("bij,bj->bi", M, M[:, 0])),
    "mean of integers": (tf.reduce_mean, [I], 1),
    "moments": (lambda x: tf.stack(tf.nn.moments(x, axes=[0])), [A], [A.mean(0), A.var(0)]),
    "multiply_no_nan": (
        lambda: tf.math.multiply_no_nan([np.inf, 2.0], [0.0, 3.0]),
        [],
        [0.0, 6.0],
    ),
    "norm": (lambda x: tf.norm(x, ord=1, axis=1), [A], np.abs(A).sum(1)),
    "one_hot with values": (
        lambda: tf.one_hot([1, 0], 3, on_value=5, off_value=-1),
        [],
        [[-1, 5, -1], [5, -1, -1]],
    ),
    "pad": (
        lambda x: tf.pad(x, [[1, 0], [0, 2]], constant_values=7),
        [A],
        np.pad(A, ((1, 0), (0, 2)), constant_values=7),
    ),
    "pad reflect": (
        lambda x: tf.pad(x, [[1, 1], [2, 2]], "REFLECT"),
        [A],
        np.pad(A, ((1, 1), (2, 2)), "reflect"),
    ),
    "polyval": (lambda x: tf.math.polyval([2.0, -1.0, 3.0], x), [A], 2 * A**2 - A + 3),
    "range": (lambda: tf.range(2, 11, delta=3), [], [2, 5, 8]),
    "reduce_euclidean_norm": (
        lambda x: tf.math.reduce_euclidean_norm(x, axis=0, keepdims=True),
        [A],
        np.linalg.norm(A, axis=0, keepdims=True),
    ),
    "reduce_prod": (lambda x: tf.reduce_prod(x, axis=[0, 1]), [A], A.prod()),
    "reduce_sum": (
        lambda x: tf.reduce_sum(input_tensor=x, axis=1, keepdims=True, name="s"),
        [A],
        A.sum(1, keepdims=True),
    ),
    "repeat": (lambda x: tf.repeat(x, 2, axis=0), [A], np.repeat(A, 2, 0)),
    "reshape by a tensor": (lambda x: tf.reshape(x, tf.constant([2, -1])), [A], A.reshape(2, -1)),
    "reverse": (lambda x: tf.reverse(x, axis=[1]), [A], A[:, ::-1]),
    "roll": (lambda x: tf.roll(x, shift=1, axis=1), [A], np.roll(A, 1, 1)),
    "scan with a first value": (
        lambda i: tf.scan(lambda a, x: a + x, i, initializer=10),
        [I[0]],
        [13, 14, 16],
    ),
    "scan reversed": (
        lambda i: tf.scan(lambda a, x: a + x, i, reverse=True),
        [I[0]],
        [6, 3, 2],
    ),
    "scatter_nd": (lambda: tf.scatter_nd([[1], [1]], [2.0, 3.0], [3]), [], [0, 5, 0]),
    "segment_mean": (
        lambda x: tf.math.unsorted_segment_mean(x, [0, 0, 2], 3),
        [A],
        [A[:2].mean(0), np.zeros(4), A[2]],
    ),
    "sequence_mask": (lambda: tf.sequence_mask([2, 0], 3, tf.float32), [], [[1, 1, 0], [0, 0, 0]]),
    "set_diag": (
        lambda m: tf.linalg.set_diag(m, tf.zeros((2, 3))),
        [M],
        M * (1 - np.eye(3)),
    ),
    "sigmoid cross-entropy": (
        lambda x: tf.nn.sigmoid_cross_entropy_with_logits(labels=x * 0 + 0.3, logits=x),
        [A],
        np.maximum(A, 0) - A * 0.3 + np.log1p(np.exp(-np.abs(A))),
    ),
    "slice to the end": (lambda x: tf.slice(x, [1, 1], [-1, 2]), [A], A[1:, 1:3]),
    "softmax cross-entropy": (
        lambda x, y: tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(y), x),
        [A, B],
        -(softmax(B) * np.log(softmax(A))).sum(-1),
    ),
    "sort descending": (
        lambda x: tf.sort(x, axis=0, direction="DESCENDING"),
        [A],
        -np.sort(-A, 0),
    ),
    "sparse softmax cross-entropy": (
        lambda x: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[1, 0, 3], logits=x),
        [A],
        -np.log(softmax(A))[[0, 1, 2], [1, 0, 3]],
    ),
    "split by sizes": (lambda x: tf.split(x, [1, -1], axis=1)[1], [A], A[:, 1:]),
    "squared_difference": (tf.math.squared_difference, [A, B], (A - B) ** 2),
    "stack": (lambda x, y: tf.stack([x, y], axis=1), [A, B], np.stack([A, B], 1)),
    "svd values": (lambda m: tf.linalg.svd(m)[0], [M], np.linalg.svd(M)[1]),
    "svd product": (
        lambda m: tf.einsum(
            "bij,bj,bkj->bik", tf.linalg.svd(m)[1], tf.linalg.svd(m)[0], tf.linalg.svd(m)[2]
        ),
        [M],
        M,
    ),
    "switch_case default": (
        lambda: tf.switch_case(7, [lambda: 1, lambda: 2], default=lambda: 3),
        [],
        3,
    ),
    "tensor_scatter_nd_sub": (
        lambda x: tf.tensor_scatter_nd_sub(x, [[0], [2]], tf.ones((2, 4))),
        [A],
        A - np.array([1, 0, 1])[:, None],
    ),
    "tensordot": (lambda x, y: tf.tensordot(x, y, axes=[[1], [1]]), [A, B], A @ B.T),
    "tile": (lambda x: tf.tile(x, [2, 1]), [A], np.tile(A, (2, 1))),
    "top_k": (lambda x: tf.math.top_k(x, k=2).values, [A], -np.sort(-A, -1)[:, :2]),
    "transpose": (lambda x: tf.transpose(x, perm=[1, 2, 0]), [M], M.transpose(1, 2, 0)),
    "triangular_solve adjoint": (
        lambda s, m: tf.linalg.triangular_solve(s, m, adjoint=True),
        [S, M],
        np.linalg.solve(np.swapaxes(np.tril(S), -1, -2), M),
    ),
    "truncatediv": (lambda: tf.math.truncatediv(-7, 2), [], -3),
    "unstack": (lambda x: tf.unstack(x, axis=1)[2], [A], A[:, 2]),
    "vectorized_map": (lambda x: tf.vectorized_map(tf.reduce_sum, x), [A], A.sum(1)),
    "where": (lambda x, y: tf.where(x > y, x, y), [A, B], np.maximum(A, B)),
    "while_loop": (
        lambda: tf.while_loop(lambda i, t: i < 5, lambda i, t: (i + 1, t + i), (0, 0))[1],
        [],
        10,
    ),
    "xlogy": (lambda: tf.math.xlogy([0.0, 2.0], [0.0, np.e]), [], [0.0, 2.0]),
}
# Their results have a shape that depends on values, or they are Python's own.
EAGER_CASES = {
    "bincount": (lambda i: tf.math.bincount(i, minlength=5), [I[0]], [0, 1, 1, 1, 0]),
    "boolean_mask": (lambda x: tf.boolean_mask(x, x > 0), [A], A[A > 0]),
    "boolean_mask of rows": (
        lambda x: tf.boolean_mask(x, [True, False, True]), [A], A[[0, 2]],
    ),
    "unique": (lambda: tf.unique([5, 3, 5, 1]).idx, [], [0, 1, 0, 2]),
    "unique counts": (lambda: tf.unique_with_counts([5, 3, 5, 1]).count, [], [2, 1, 1]),
    "where alone": (lambda i: tf.where(i > 1), [I], np.argwhere(I > 1)),
    "case": (lambda: tf.case([(tf.constant(False), lambda: 1)], default=lambda: 2), [], 2),
    "numpy_function": (lambda x: tf.numpy_function(np.sort, [x], tf.float32), [A], np.sort(A)),
}  # fmt: skip


@pytest.mark.parametrize("name", [*CASES, *EAGER_CASES])
def test_the_value_is_numpys(name):
    function, arguments, expected = {**CASES, **EAGER_CASES}[name]
    found = function(*map(tf.constant, arguments))
    np.testing.assert_allclose(np.asarray(found), expected, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("name", [n for n, case in CASES.items() if case[1]])
def test_compiled_code_gives_the_same(name):
    function, arguments, expected = CASES[name]
    found = tf.function(function)(*map(tf.constant, arguments))
    np.testing.assert_allclose(np.asarray(found), expected, rtol=2e-5, atol=2e-5)


def test_a_list_is_clipped_by_its_global_norm():
    clipped, norm = tf.clip_by_global_norm([tf.constant(A), None, tf.constant(B)], 0.5)
    expected = np.sqrt((A**2).sum() + (B**2).sum())
    np.testing.assert_allclose(float(norm), expected, rtol=1e-6)
    np.testing.assert_allclose(clipped[2].numpy(), B * 0.5 / expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("function", "length"),
    [(tf.signal.hann_window, 8), (tf.signal.hamming_window, 8)],
)
def test_windows_are_periodic(function, length):
    expected = {"hann_window": np.hanning, "hamming_window": np.hamming}[function.__name__]
    np.testing.assert_allclose(function(length).numpy(), expected(length + 1)[:-1], atol=1e-6)


def test_the_fourier_transforms_are_numpys():
    signal = RNG.normal(size=(2, 16)).astype("float32")
    np.testing.assert_allclose(tf.signal.rfft(signal).numpy(), np.fft.rfft(signal), atol=1e-5)
    spectrum = tf.signal.fft(tf.cast(signal, tf.complex64))
    np.testing.assert_allclose(spectrum.numpy(), np.fft.fft(signal), atol=1e-5)
    np.testing.assert_allclose(tf.math.real(tf.signal.ifft(spectrum)).numpy(), signal, atol=1e-5)


def test_a_short_time_transform_is_undone_by_its_inverse():
    signal = RNG.normal(size=(64,)).astype("float32")
    spectra = tf.signal.stft(signal, frame_length=16, frame_step=4)
    window = tf.signal.inverse_stft_window_fn(4)
    back = tf.signal.inverse_stft(spectra, 16, 4, window_fn=window).numpy()
    np.testing.assert_allclose(back[12:-12], signal[12:-12], atol=1e-5)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (tf.nn.conv2d, {"strides": [1, 2, 2, 1], "padding": "SAME"}),
        (tf.nn.conv2d, {"strides": 1, "padding": "VALID", "dilations": 2}),
        (tf.nn.depthwise_conv2d, {"strides": [1, 1, 1, 1], "padding": "SAME"}),
    ],
)
def test_convolutions_read_tensorflows_lists(function, arguments):
    from nyala import ops

    kernel = RNG.normal(size=(2, 2, 3, 4)).astype("float32")
    plain = {"conv2d": ops.conv, "depthwise_conv2d": ops.depthwise_conv}[function.__name__]
    strides = arguments["strides"]
    expected = plain(
        X, kernel, strides=strides[1] if isinstance(strides, list) else strides,
        padding=arguments["padding"].lower(), dilation_rate=arguments.get("dilations", 1),
    )  # fmt: skip
    np.testing.assert_allclose(
        function(X, kernel, **arguments).numpy(), expected.numpy(), atol=1e-6
    )


def test_pooling_takes_windows_over_four_axes():
    found = tf.nn.max_pool(X, ksize=[1, 2, 1, 1], strides=[1, 2, 1, 1], padding="VALID").numpy()
    np.testing.assert_allclose(found, X.reshape(2, 3, 2, 5, 3).max(2))
    assert tf.nn.avg_pool2d(X, 2, 2, "SAME").shape == (2, 3, 3, 3)


def test_gelu_is_exact_by_default():
    from math import erf

    expected = [x * 0.5 * (1 + erf(x / 2**0.5)) for x in A[0]]
    np.testing.assert_allclose(tf.nn.gelu(A[0]).numpy(), expected, rtol=1e-5, atol=1e-6)
