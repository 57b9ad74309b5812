"""Operations of neural networks: by definition, on every kind of value, and their errors."""

from __future__ import annotations

import itertools

import jax
import numpy as np
import pytest

from nyala.ops import nn
from nyala.symbolic import KerasTensor


def normal(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype("float32")


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


@pytest.mark.parametrize(
    ("operation", "arguments", "shape"),
    [
        (nn.relu, (), (None, 8, 8, 4)),
        (nn.softmax, (), (None, 8, 8, 4)),
        (nn.conv, (normal(3, 3, 4, 6), 2, "same"), (None, 4, 4, 6)),
        (nn.depthwise_conv, (normal(3, 3, 4, 2),), (None, 6, 6, 8)),
        (nn.conv_transpose, (normal(3, 3, 5, 4), 2, "same"), (None, 16, 16, 5)),
        (nn.max_pool, (2,), (None, 4, 4, 4)),
        (nn.adaptive_average_pool, (3,), (None, 3, 3, 4)),
        (nn.layer_normalization, (), (None, 8, 8, 4)),
        (nn.one_hot, (5,), (None, 8, 8, 4, 5)),
        (nn.depth_to_space, (2,), (None, 16, 16, 1)),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_symbolic_shapes(operation, arguments, shape):
    assert tuple(operation(KerasTensor((None, 8, 8, 4)), *arguments).shape) == shape


def test_channels_first_is_channels_last_transposed():
    x, kernel = normal(2, 7, 6, 4), normal(3, 3, 4, 5)
    first = np.moveaxis(x, -1, 1)
    for operation, rest in (
        (nn.conv, (kernel,)),
        (nn.depthwise_conv, (kernel,)),
        (nn.conv_transpose, (normal(3, 3, 5, 4),)),
        (nn.max_pool, (2,)),
        (nn.average_pool, (2,)),
    ):
        last = np.asarray(operation(x, *rest))
        ours = np.asarray(operation(first, *rest, data_format="channels_first"))
        np.testing.assert_allclose(ours, np.moveaxis(last, -1, 1), rtol=1e-5, atol=1e-5)


def test_the_result_of_a_convolution_has_the_dtype_of_its_kernel():
    kernel = normal(3, 3, 4, 5).astype("float16")
    assert nn.conv(normal(1, 5, 5, 4), kernel).dtype == "float16"


def test_adaptive_pools_by_their_definition():
    x = normal(2, 11, 3)
    for count in (1, 4, 7, 13):
        edges = [(i * 11 // count, -(-(i + 1) * 11 // count)) for i in range(count)]
        means = np.stack([x[:, a:b].mean(1) for a, b in edges], 1)
        largest = np.stack([x[:, a:b].max(1) for a, b in edges], 1)
        np.testing.assert_allclose(nn.adaptive_average_pool(x, count), means, atol=1e-6)
        np.testing.assert_array_equal(nn.adaptive_max_pool(x, count), largest)


def collapse(alignment, blank):
    labels = [label for label, _ in itertools.groupby(alignment)]
    return tuple(label for label in labels if label != blank)


def probabilities_of_sequences(scores, blank):
    """Sum the probability of every alignment, one by one."""
    p = softmax(scores.astype("float64"))
    totals = {}
    for alignment in itertools.product(range(p.shape[1]), repeat=p.shape[0]):
        probability = np.prod([p[t, label] for t, label in enumerate(alignment)])
        key = collapse(alignment, blank)
        totals[key] = totals.get(key, 0.0) + probability
    return totals


@pytest.mark.parametrize("blank", [0, 2])
def test_ctc_by_enumeration_of_all_alignments(blank):
    scores = normal(5, 3)
    totals = probabilities_of_sequences(scores, blank)
    a, b = (c for c in range(3) if c != blank)
    sequences = [(), (a,), (a, b), (a, a), (b, a, b)]
    targets = np.full((len(sequences), 3), a)
    for row, sequence in zip(targets, sequences, strict=True):
        row[: len(sequence)] = sequence
    losses = nn.ctc_loss(
        targets,
        np.repeat(scores[None], len(sequences), 0),
        [len(s) for s in sequences],
        [5] * len(sequences),
        mask_index=blank,
    )
    np.testing.assert_allclose(losses, [-np.log(totals[s]) for s in sequences], rtol=1e-5)

    paths, log_p = nn.ctc_decode(
        scores[None], [5], "beam_search", beam_width=30, top_paths=4, mask_index=blank
    )
    best = sorted(totals, key=totals.get, reverse=True)[:4]
    found = [tuple(label for label in path if label >= 0) for path in np.asarray(paths)[:, 0]]
    assert found == best
    np.testing.assert_allclose(log_p, [[np.log(totals[s]) for s in best]], rtol=1e-5)


def test_steps_beyond_the_length_do_not_count():
    scores = normal(2, 6, 4)
    other = scores.copy()
    other[:, 4:] = 100 * normal(2, 2, 4)
    arguments = ([[1, 2], [3, 3]], [2, 2], [4, 4])
    target, target_length, length = arguments
    np.testing.assert_array_equal(
        nn.ctc_loss(target, scores, target_length, length),
        nn.ctc_loss(target, other, target_length, length),
    )
    for strategy in ("greedy", "beam_search"):
        ours = nn.ctc_decode(scores, length, strategy, beam_width=5)[0]
        np.testing.assert_array_equal(ours, nn.ctc_decode(other, length, strategy, beam_width=5)[0])


def test_an_impossible_alignment_has_a_finite_gradient():
    gradient = jax.grad(lambda x: nn.ctc_loss.pure([[1, 1]], x, [2], [2]).sum())(normal(1, 2, 3))
    assert np.isfinite(gradient).all()


def test_attention_with_soft_cap():
    q, k, v = normal(2, 3, 4, 8), normal(2, 5, 2, 8), normal(2, 5, 2, 8)
    uncapped = nn.dot_product_attention(q, k, v, is_causal=True)
    almost = nn.dot_product_attention(q, k, v, is_causal=True, attn_logits_soft_cap=1e9)
    np.testing.assert_allclose(almost, uncapped, atol=1e-5)
    flat = nn.dot_product_attention(q, k, v, attn_logits_soft_cap=1e-9)
    mean = np.repeat(v.mean(1, keepdims=True), 2, axis=2)
    np.testing.assert_allclose(flat, np.broadcast_to(mean, (2, 3, 4, 8)), atol=1e-5)


def test_a_mask_of_three_axes_is_the_same_for_all_heads():
    q, kv = normal(2, 3, 4, 8), normal(2, 5, 4, 8)
    mask = np.random.default_rng(0).random((2, 3, 5)) > 0.4
    mask[..., 0] = True
    np.testing.assert_array_equal(
        nn.dot_product_attention(q, kv, kv, mask=mask),
        nn.dot_product_attention(q, kv, kv, mask=mask[:, None]),
    )


def test_rms_scaling_is_deprecated_and_works():
    x = normal(3, 8)
    with pytest.warns(DeprecationWarning, match="rms_normalization"):
        ours = nn.layer_normalization(x, gamma=np.full(8, 2.0, "float32"), rms_scaling=True)
    expected = 2 * x / np.sqrt(x.var(-1, keepdims=True) + 1e-7)
    np.testing.assert_allclose(ours, expected, rtol=1e-5)


def test_classes_that_do_not_exist_cost_nothing():
    losses = nn.sparse_categorical_crossentropy([-1, 7, 1], normal(3, 4), from_logits=True)
    assert np.asarray(losses)[:2].tolist() == [0.0, 0.0]
    assert np.asarray(losses)[2] > 0


def test_crossentropies_of_large_scores_are_finite():
    scores = np.array([[1000.0, -1000.0]], "float32")
    for target in ([[1.0, 0.0]], [[0.0, 1.0]]):
        assert np.isfinite(nn.categorical_crossentropy(target, scores, from_logits=True)).all()
        assert np.isfinite(nn.binary_crossentropy(target, scores, from_logits=True)).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.conv(normal(1, 5, 5, 3), normal(3, 3, 4, 8)), "the input has 3 channels"),
        (lambda: nn.conv(normal(1, 2, 2, 4), normal(3, 3, 4, 8)), "padding='same'"),
        (lambda: nn.conv_transpose(normal(1, 5, 5, 3), normal(3, 3, 8, 4)), "3 channels"),
        (lambda: nn.depthwise_conv(normal(1, 5, 5, 3), normal(3, 3, 4, 1)), "depthwise kernel"),
        (lambda: nn.adaptive_max_pool(normal(2, 5, 3), (2, 2)), "output_size"),
        (lambda: nn.normalize(normal(2, 3), order=0), "at least 1"),
        (lambda: nn.binary_crossentropy(normal(2), normal(3)), "same shape"),
        (lambda: nn.sparse_categorical_crossentropy(normal(2, 3), normal(2, 3)), "one-hot"),
        (lambda: nn.ctc_decode(normal(1, 2, 3), [2], "beam_serch"), "Did you mean 'beam_search'"),
        (lambda: nn.dot_product_attention(normal(2, 3), normal(2, 3), normal(2, 3)), "heads"),
        (lambda: nn.multi_hot([1, 2]), "num_classes"),
        (lambda: nn.glu(normal(2, 3)), "two halves"),
        (lambda: nn.psnr(normal(2), normal(3), 1.0), "same shape"),
        (lambda: nn.unfold(normal(2, 3, 4, 4), 5), "does not fit"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
