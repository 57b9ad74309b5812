"""Attention layers: who sees whom, dropout, wrong use."""

from __future__ import annotations

import numpy as np
import pytest

import nyala
from nyala import layers

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 5, 6)).astype("float32")
VALUE = RNG.normal(size=(2, 4, 6)).astype("float32")
MAKERS = {
    "heads": lambda **o: layers.MultiHeadAttention(4, 3, **o),
    "grouped": lambda **o: layers.GroupQueryAttention(3, 4, 2, **o),
}
each = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


@each
def test_scores_are_probabilities_of_what_is_seen(make):
    layer = make()
    _, scores = layer(X, X, use_causal_mask=True, return_attention_scores=True)
    np.testing.assert_allclose(scores.numpy().sum(-1), 1, atol=1e-5)
    assert (np.triu(scores.numpy(), 1) == 0).all()
    _, scores = make(sliding_window=2)(X, X, return_attention_scores=True)
    distance = np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
    assert ((scores.numpy() > 0) == (distance < 2)).all()


@each
def test_hidden_values_do_not_matter(make):
    layer = make()
    present = np.array([[True, True, False, True]] * 2)
    changed = np.where(present[..., None], VALUE, 7.0)
    expected = layer(X, VALUE, value_mask=present)
    np.testing.assert_allclose(layer(X, changed, value_mask=present), expected, atol=1e-5)
    mask = np.broadcast_to(present[:, None], (2, 5, 4))
    np.testing.assert_allclose(layer(X, VALUE, attention_mask=mask), expected, atol=1e-5)
    assert np.abs(layer(X, changed).numpy() - expected.numpy()).max() > 1e-3


@each
def test_mask_for_each_head(make):
    mask = RNG.random((2, 4, 5, 4)) > 0.5
    mask[..., 0] = True
    _, scores = make()(X, VALUE, attention_mask=mask, return_attention_scores=True)
    np.testing.assert_array_equal(scores.numpy() > 0, mask)


@each
def test_dropout(make):
    layer = make(dropout=0.5, seed=1)
    plain = layer(X, VALUE).numpy()
    first, scores = layer(X, VALUE, training=True, return_attention_scores=True)
    # The scores are those before dropout.
    np.testing.assert_allclose(scores.numpy().sum(-1), 1, atol=1e-5)
    assert (first.numpy() != plain).any()
    assert (layer(X, VALUE, training=True).numpy() != first.numpy()).any()
    np.testing.assert_array_equal(layer(X, VALUE), plain)
    again = make(dropout=0.5, seed=1)
    again(X, VALUE)
    again.set_weights(layer.get_weights())
    np.testing.assert_allclose(again(X, VALUE, training=True), first, atol=1e-6)


@each
def test_masks_of_tensors(make):
    tokens = layers.Embedding(3, 6, mask_zero=True)(np.array([[1, 2, 0]]))
    assert (make()(tokens, tokens)._keras_mask.numpy() == [[True, True, False]]).all()
    assert getattr(make()(X[:1], tokens), "_keras_mask", None) is None
    unmasked = nyala.ops.convert_to_tensor(tokens.numpy())
    seen = make()(unmasked, tokens, return_attention_scores=True)[1].numpy()
    assert (seen[..., 2] == 0).all()


@each
def test_projections_with_a_seed_differ_from_each_other_only_by_shape(make):
    layer = make(kernel_initializer=nyala.initializers.GlorotUniform(seed=1))
    layer(X, VALUE)
    np.testing.assert_array_equal(layer.key_dense.kernel, layer.value_dense.kernel)


@each
def test_graph_shapes(make):
    query, value = nyala.Input((None, 6)), nyala.Input((4, 8))
    y, scores = make()(query, value, return_attention_scores=True)
    assert tuple(y.shape) == (None, None, 6)
    assert tuple(scores.shape) == (None, 4, None, 4)


def test_overridden_computation_is_used():
    class First(layers.MultiHeadAttention):
        def _compute_attention(self, query, key, value, attention_mask=None, training=None,
                               return_attention_scores=False):  # fmt: skip
            return query * 0, None

    y = First(2, 3)(X, VALUE)
    np.testing.assert_array_equal(y, np.zeros((2, 5, 6)))


def test_half_precision():
    layer = layers.MultiHeadAttention(2, 3, dtype="mixed_bfloat16")
    assert str(layer(X, VALUE).dtype) == "bfloat16"
    assert str(layer.query_dense.kernel.dtype) == "float32"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.MultiHeadAttention(0, 3), r"num_heads=...\) expects a positive integer"),
        (lambda: layers.MultiHeadAttention(2, 3.5), r"key_dim=...\) expects a positive integer"),
        (lambda: layers.MultiHeadAttention(2, 3, value_dim=-1), "value_dim"),
        (lambda: layers.MultiHeadAttention(2, 3, output_shape="a"), "output_shape"),
        (lambda: layers.MultiHeadAttention(2, 3, attention_axes=1.5), "attention_axes"),
        (lambda: layers.MultiHeadAttention(2, 3, sliding_window=0), "sliding_window"),
        (lambda: layers.MultiHeadAttention(2, 3, dropout=0.1, flash_attention=True), "no dropout"),
        (
            lambda: layers.MultiHeadAttention(2, 3, flash_attention=True)(
                X, X, return_attention_scores=True
            ),
            "does not return scores",
        ),
        (lambda: layers.MultiHeadAttention(2, 3)(X, VALUE, key=X), "same axes"),
        (lambda: layers.GroupQueryAttention(3, 4, 3), "multiple of num_key_value_heads"),
        (lambda: layers.Attention(score_mode="sum"), "'dot' or 'concat'"),
        (lambda: layers.Attention()(X), r"list of inputs.*\(2, 5, 6\)"),
        (lambda: layers.Attention()([X]), "got 1 of them"),
        (lambda: layers.Attention()([X, VALUE], mask=X[..., 0] > 0), "mask=.query_mask"),
    ],
)
def test_wrong_use(make, message):
    with pytest.raises(ValueError, match=message):
        make()
