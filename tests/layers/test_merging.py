"""Merging layers: what they refuse, and what they are in a model's graph."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import nyala
from nyala import layers


def x(*shape):
    return np.ones(shape, "float32")


@pytest.mark.parametrize(
    ("make", "inputs", "message"),
    [
        (layers.Add, [x(2, 3), x(2, 4)], r"Add 'add' .*\(2, 3\) and \(2, 4\)"),
        (layers.Multiply, [x(2, 3), x(3, 3)], r"\(2, 3\) and \(3, 3\)"),
        (layers.Average, x(2, 3), r"a list of tensors.*\(2, 3\)"),
        (layers.Subtract, [x(2, 3)] * 3, "exactly 2 inputs; got 3"),
        (
            layers.Concatenate,
            [x(2, 3), x(4, 3)],
            r"\(4, 3\), which differ along axis 0",
        ),
        (layers.Concatenate, [x(2, 3), x(2, 3, 1)], "one rank"),
        (lambda: layers.Concatenate(axis=2), [x(2, 3), x(2, 3)], "axis 2"),
        (lambda: layers.Dot(1), [x(2, 3), x(2, 4)], r"lengths 3 and 4 in \(2, 3\) and \(2, 4\)"),
        (lambda: layers.Dot(0), [x(2, 3), x(2, 3)], "other than the batch axis 0"),
        (lambda: layers.Dot(1), [x(2, 3), x(3, 3)], "same size"),
    ],
)
def test_shapes_that_do_not_fit(make, inputs, message):
    with pytest.raises(ValueError, match=message):
        make()(inputs)


@pytest.mark.parametrize("axes", [1.5, (1, 2, 3), (1, "a")])
def test_axes_of_dot(axes):
    with pytest.raises((TypeError, ValueError), match=r"Dot\(axes=...\)"):
        layers.Dot(axes)


def test_lower_ranks_are_widened_after_the_batch_axis():
    sums = layers.add([np.arange(6.0).reshape(2, 1, 3), np.array([[1.0], [2.0]])])
    np.testing.assert_array_equal(sums, [[[1, 2, 3]], [[5, 6, 7]]])


def test_in_a_graph():
    a, b = nyala.Input((None, 4)), nyala.Input((5, 4))
    assert tuple(layers.add([a, b]).shape) == (None, 5, 4)
    assert tuple(layers.concatenate([b, b], axis=1).shape) == (None, 10, 4)
    assert tuple(layers.dot([a, b], axes=2).shape) == (None, None, 5)


def test_a_mask_of_one_input_only_is_dropped_by_add_and_kept_by_concatenate():
    embedded = layers.Embedding(3, 4, mask_zero=True)(np.array([[0, 1]]))
    assert getattr(layers.Add()([embedded, x(1, 2, 4)]), "_keras_mask", None) is None
    mask = layers.Concatenate()([embedded, x(1, 2, 4)])._keras_mask
    np.testing.assert_array_equal(mask, [[True, True]])
    mask = layers.Concatenate(axis=1)([embedded, x(1, 2, 4)])._keras_mask
    np.testing.assert_array_equal(mask, [[False, True, True, True]])


def test_masks_of_another_number():
    with pytest.raises(ValueError, match="same length"):
        layers.Add().compute_mask([x(1, 2)] * 2, [None])


def test_cosine_of_zeros_is_zero_with_a_finite_gradient():
    def cosine(v):
        return jnp.sum(jnp.asarray(layers.Dot(1, normalize=True)([v, x(1, 3)])))

    value, gradient = jax.value_and_grad(cosine)(np.zeros((1, 3), "float32"))
    assert value == 0
    assert np.isfinite(gradient).all()
