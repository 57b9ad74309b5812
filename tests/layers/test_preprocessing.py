"""Numeric preprocessing: statistics of data, shapes, wrong use."""

from __future__ import annotations

import numpy as np
import pytest

import nyala
from nyala import layers

DATA = np.random.default_rng(0).normal(3.0, 2.0, size=(50, 4)).astype("float32")


def test_adapt_to_arrays_and_to_batches():
    whole, batched, pairs = (layers.Normalization() for _ in range(3))
    whole.adapt(DATA)
    batched.adapt(DATA[i : i + 7] for i in range(0, 50, 7))
    pairs.adapt([(DATA[:20], None), (DATA[20:], None)])
    expected = (DATA - DATA.mean(0)) / DATA.std(0)
    for layer in (whole, batched, pairs):
        np.testing.assert_allclose(layer(DATA), expected, atol=1e-5)


def test_a_large_mean_does_not_swallow_the_variance():
    data = 1e6 + np.array([[0.0], [1.0], [2.0]])
    layer = layers.Normalization()
    layer.adapt(data)
    assert float(layer.variance.numpy()[0, 0]) == pytest.approx(2 / 3, rel=1e-6)
    layer.adapt(iter([data[:1], data[1:]]))
    assert float(layer.variance.numpy()[0, 0]) == pytest.approx(2 / 3, rel=1e-6)


def test_invert_undoes():
    there, back = layers.Normalization(), layers.Normalization(invert=True)
    there.adapt(DATA)
    back.adapt(DATA)
    np.testing.assert_allclose(back(there(DATA)), DATA, atol=1e-5)


def test_statistics_travel_with_the_weights():
    layer, copy = layers.Normalization(), layers.Normalization()
    layer.adapt(DATA)
    copy.build((None, 4))
    copy.set_weights(layer.get_weights())
    np.testing.assert_array_equal(copy(DATA), layer(DATA))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Normalization(mean=1.0), "together"),
        (lambda: layers.Normalization(mean=[1.0, 2.0], variance=1.0), "one shape"),
        (lambda: layers.Normalization(axis=3).adapt(DATA), "axis=.3,. must name axes"),
        (lambda: layers.Normalization().build((None, None)), "must be known"),
        (lambda: layers.Normalization().adapt(iter([])), "no data"),
        (lambda: layers.Normalization(mean=0.0, variance=1.0).adapt(DATA), "of its own"),
        (lambda: layers.Normalization().adapt([DATA, DATA[:, :2]]), "got data of shape"),
        (lambda: layers.Resizing(4, 0), r"Resizing\(width=...\)"),
        (lambda: layers.Resizing(4, 4)(DATA), "one image of three"),
        (
            lambda: layers.Resizing(4, 4, pad_to_aspect_ratio=True, crop_to_aspect_ratio=True),
            "one of",
        ),
        (lambda: layers.CenterCrop(4, 4)(DATA), "four axes"),
    ],
)
def test_wrong_use(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_in_a_graph_with_unknown_sizes():
    images = nyala.Input((None, None, 3))
    assert tuple(layers.CenterCrop(4, 5)(images).shape) == (None, 4, 5, 3)
    assert tuple(layers.Resizing(4, 5)(images).shape) == (None, 4, 5, 3)
    assert tuple(layers.Rescaling([1.0, 2.0, 3.0])(images).shape) == (None, None, None, 3)
