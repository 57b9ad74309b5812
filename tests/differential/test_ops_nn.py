"""Operations of neural networks beside real Keras: values and dtypes to 1e-5 unless stated."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from nyala.ops import nn

keras = pytest.importorskip("keras")
K = keras.ops

FORMATS = ("channels_last", "channels_first")


def normal(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype("float32")


def check(ours, theirs, tolerance=1e-5):
    for a, b in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        a, b = np.asarray(a), np.asarray(b)
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        np.testing.assert_allclose(
            a.astype("float64"), b.astype("float64"), rtol=tolerance, atol=tolerance
        )


X = normal(2, 9, 8, 4)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize(
    ("name", "kernels"),
    [
        ("conv", [(3, 2, 4, 6)]),
        ("conv", [(3, 2, 2, 6)]),
        ("depthwise_conv", [(3, 3, 4, 2)]),
        ("separable_conv", [(3, 3, 4, 2), (1, 1, 8, 5)]),
        ("conv_transpose", [(3, 3, 5, 4)]),
    ],
)
def test_convolutions(name, kernels, strides, padding):
    kernels = [normal(*shape) / 3 for shape in kernels]
    ours = getattr(nn, name)(X, *kernels, strides=strides, padding=padding)
    check(ours, getattr(K, name)(X, *kernels, strides=strides, padding=padding))


def test_convolutions_of_other_ranks():
    x, kernel = normal(2, 11, 3), normal(3, 3, 4)
    arguments = {"dilation_rate": 2, "padding": "causal"}
    padded = np.pad(x, ((0, 0), (4, 0), (0, 0)))
    check(nn.conv(x, kernel, **arguments), K.conv(padded, kernel, dilation_rate=2))
    x, kernel = normal(1, 5, 6, 7, 2), normal(2, 3, 2, 2, 3)
    check(nn.conv(x, kernel, padding="same"), K.conv(x, kernel, padding="same"))


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [(3, 2), 1])
@pytest.mark.parametrize("name", ["max_pool", "average_pool"])
def test_pools(name, strides, padding):
    ours = getattr(nn, name)(X, (3, 2), strides, padding)
    check(ours, getattr(K, name)(X, (3, 2), strides, padding))


@pytest.mark.parametrize("name", ["adaptive_max_pool", "adaptive_average_pool"])
@pytest.mark.parametrize(
    ("shape", "size"), [((2, 7, 3), 3), ((2, 9, 8, 4), (4, 3)), ((1, 3, 4, 5, 2), (2, 4, 7))]
)
def test_adaptive_pools(name, shape, size):
    x = normal(*shape)
    check(getattr(nn, name)(x, size), getattr(K, name)(x, size, data_format="channels_last"))
    first = np.moveaxis(x, -1, 1)
    ours = getattr(nn, name)(first, size, data_format="channels_first")
    check(ours, getattr(K, name)(first, size, data_format="channels_first"))


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_normalizations(dtype):
    x, gamma, beta = K.cast(X, dtype), normal(4), normal(4)
    # The last bit of half precision, where two float32 values round apart.
    tolerance = {"float32": 1e-5, "float16": 2e-3, "bfloat16": 2e-2}[dtype]
    ours = nn.layer_normalization(x, gamma, beta)
    check(ours, K.layer_normalization(x, gamma, beta), tolerance)
    check(nn.rms_normalization(x, gamma), K.rms_normalization(x, gamma), tolerance)
    check(nn.moments(x, (0, 1)), K.moments(x, (0, 1)), tolerance)
    check(nn.moments(x, 1, keepdims=True), K.moments(x, 1, keepdims=True), tolerance)


def test_normalizations_over_several_axes():
    gamma, beta = normal(8, 4), normal(8, 4)
    ours = nn.layer_normalization(X, gamma, beta, axis=(-1, 2))
    check(ours, K.layer_normalization(X, gamma, beta, axis=(2, 3)))
    check(nn.rms_normalization(X, axis=(1, 2)), K.rms_normalization(X, axis=(1, 2)))
    scale = normal(4)
    ours = nn.rms_normalization(X, scale, axis=(2, 3))
    check(ours, K.rms_normalization(X, scale, axis=(2, 3)))


def test_batch_normalization():
    mean, variance, offset, scale = normal(8), np.abs(normal(8, seed=1)), normal(8), normal(8)
    ours = nn.batch_normalization(X, mean, variance, 2, offset, scale, epsilon=0.1)
    check(ours, K.batch_normalization(X, mean, variance, 2, offset, scale, epsilon=0.1))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_normalize(order):
    check(nn.normalize(X, axis=1, order=order), K.normalize(X, axis=1, order=order))


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize(
    ("target_dtype", "output_dtype"),
    [("float32", "float32"), ("int32", "float32"), ("float32", "bfloat16"), ("int32", "bfloat16")],
)
def test_crossentropies(from_logits, target_dtype, output_dtype):
    labels = np.random.default_rng(0).integers(0, 5, (3, 4))
    target = np.eye(5)[labels].astype(target_dtype)
    output = normal(3, 4, 5)
    output = K.cast(output if from_logits else K.softmax(output), output_dtype)
    tolerance = 1e-5 if output_dtype == "float32" else 3e-2
    for name in ("categorical_crossentropy", "binary_crossentropy"):
        ours = getattr(nn, name)(target, output, from_logits)
        check(ours, getattr(K, name)(target, output, from_logits), tolerance)
    ours = nn.sparse_categorical_crossentropy(labels[..., None], output, from_logits)
    check(ours, K.sparse_categorical_crossentropy(labels, output, from_logits), tolerance)


def test_categorical_crossentropy_along_another_axis():
    target, output = np.eye(3, dtype="float32")[None].repeat(2, 0), normal(2, 3, 3)
    ours = nn.categorical_crossentropy(target, output, True, axis=1)
    check(ours, K.categorical_crossentropy(target, output, True, axis=1))


LABELS = np.array([[1, 2, 2, 3], [3, 1, 0, 0], [2, 0, 0, 0]])
LENGTHS = np.array([10, 8, 3])


def test_ctc_loss_and_its_gradient():
    scores, counts = normal(3, 10, 5), np.array([4, 2, 1])
    # Two recursions over ten steps in float32.
    check(
        nn.ctc_loss(LABELS, scores, counts, LENGTHS),
        K.ctc_loss(LABELS, scores, counts, LENGTHS),
        1e-4,
    )
    ours = jax.grad(lambda x: nn.ctc_loss.pure(LABELS, x, counts, LENGTHS).sum())(scores)
    theirs = jax.grad(lambda x: K.ctc_loss(LABELS, x, counts, LENGTHS).sum())(scores)
    check(ours, theirs, 1e-4)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"merge_repeated": False},
        {"mask_index": None},
        {"strategy": "beam_search", "beam_width": 4, "top_paths": 3},
        {"strategy": "beam_search", "beam_width": 8, "top_paths": 2, "mask_index": 2},
    ],
)
def test_ctc_decode(arguments):
    scores = 2 * normal(3, 10, 5)
    ours, our_scores = nn.ctc_decode(scores, LENGTHS, **arguments)
    theirs, their_scores = K.ctc_decode(scores, LENGTHS, **arguments)
    check(ours, theirs)
    check(our_scores, their_scores, 1e-4)


@pytest.mark.parametrize("key_heads", [1, 2, 4])
def test_attention(key_heads):
    query, key, value = normal(2, 5, 4, 8), normal(2, 6, key_heads, 8), normal(2, 6, key_heads, 8)
    mask = np.random.default_rng(0).random((2, 1, 5, 6)) > 0.3
    mask[..., 0] = True
    ours = nn.dot_product_attention(query, key, value, mask=mask)
    check(ours, K.dot_product_attention(query, key, value, mask=mask))
    bias = normal(2, 4, 5, 6)
    arguments = {"bias": bias, "is_causal": True, "scale": 0.3}
    ours = nn.dot_product_attention(query, key, value, **arguments)
    check(ours, K.dot_product_attention(query, key, value, **arguments))


@pytest.mark.parametrize(
    "window", [(2, 1, 0, 2), ((3, 2), 2, 1, 2), ((3, 2), (1, 2), (2, 1), (1, 3))]
)
def test_unfold_and_fold(window):
    x = normal(2, 3, 8, 9)
    columns = nn.unfold(x, *window)
    check(columns, K.unfold(x, *window))
    # Keras' fold wants windows that end at the edge; the adjoint holds for all of them.
    folded = nn.fold(columns, (8, 9), *window)
    other = normal(2, 3, 8, 9, seed=1)
    left = float((np.asarray(folded) * other).sum())
    right = float((np.asarray(columns) * np.asarray(nn.unfold(other, *window))).sum())
    assert left == pytest.approx(right, rel=1e-4)


def test_fold_beside_keras():
    columns = normal(2, 18, 20)
    check(nn.fold(columns, (8, 9), (3, 2), 1, 1, 2), K.fold(columns, (8, 9), (3, 2), 1, 1, 2))


@pytest.mark.parametrize("data_format", FORMATS)
def test_blocks(data_format):
    x = normal(2, 8, 6, 8)
    check(nn.depth_to_space(x, 2, data_format), K.depth_to_space(x, 2, data_format))
    check(nn.space_to_depth(x, 2, data_format), K.space_to_depth(x, 2, data_format))


@pytest.mark.parametrize("dtype", [None, "int32", "bool", "bfloat16"])
def test_encodings(dtype):
    x = np.array([[0, 3], [1, 1]])
    check(nn.one_hot(x, 4, axis=0, dtype=dtype), K.one_hot(x, 4, axis=0, dtype=dtype))
    check(nn.multi_hot(x, 4, dtype=dtype), K.multi_hot(x, 4, dtype=dtype))
    check(nn.multi_hot(x[0], 4, dtype=dtype), K.multi_hot(x[0], 4, dtype=dtype))


def test_psnr_and_polar():
    check(nn.psnr(X, X + 0.1, 2.0), K.psnr(X, X + 0.1, 2.0))
    ours, theirs = np.asarray(nn.polar(X, X)), np.asarray(K.polar(X, X))
    assert ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_the_same_names():
    assert {n for n in dir(K.nn) if not n.startswith("_")} <= set(dir(nn))
