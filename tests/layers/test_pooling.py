"""Pooling layers: values by definition, masks, wrong use."""

from __future__ import annotations

import numpy as np
import pytest

from nyala import layers

RANKS = [1, 2, 3]


def image(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


@pytest.mark.parametrize("kind", ["Max", "Average"])
@pytest.mark.parametrize("rank", RANKS)
def test_wrong_use(kind, rank):
    cls = getattr(layers, f"{kind}Pooling{rank}D")
    for argument in ("pool_size", "strides"):
        with pytest.raises(ValueError, match=rf"{cls.__name__}\({argument}=...\) expects a pos"):
            cls(**{"pool_size": 2, argument: 0})
    with pytest.raises(
        ValueError, match=r"padding=...\) expects one of 'valid', 'same'; got 'full'"
    ):
        cls(pool_size=2, padding="full")
    with pytest.raises(ValueError, match=rf"ndim={rank + 2} \(found ndim={rank + 1}\)"):
        cls(pool_size=2)(image(*(4,) * (rank + 1)))
    with pytest.raises(ValueError, match=r"a window of .* does not fit .*padding='same'"):
        cls(pool_size=5)(image(1, *(4,) * rank, 2))


def test_average_leaves_padding_out():
    x = np.ones((1, 3, 3, 1), "float32")
    np.testing.assert_allclose(layers.AveragePooling2D(2, padding="SAME")(x).numpy(), 1.0)


def test_strides_default_to_the_window():
    layer = layers.MaxPooling2D((2, 3))
    assert layer.strides == (2, 3)
    assert layers.AveragePooling1D().pool_size == (2,)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_global_average_with_mask(data_format):
    x = image(2, 4, 3)
    mask = np.array([[True, False, True, True], [False, True, False, False]])
    expected = np.stack([x[0][mask[0]].mean(0), x[1][mask[1]].mean(0)])
    layer = layers.GlobalAveragePooling1D(data_format=data_format, keepdims=True)
    given = x if data_format == "channels_last" else x.transpose(0, 2, 1)
    np.testing.assert_allclose(
        layer(given, mask=mask).numpy().reshape(2, 3), expected, rtol=1e-5, atol=1e-6
    )
    assert layer.compute_mask(x, mask) is None


@pytest.mark.parametrize(("kind", "reduce"), [("Max", np.max), ("Average", np.mean)])
def test_adaptive_windows(kind, reduce):
    x = image(2, 7, 3)
    y = getattr(layers, f"Adaptive{kind}Pooling1D")(3)(x).numpy()
    windows = [(0, 3), (2, 5), (4, 7)]  # floor(7 i / 3) to ceil(7 (i + 1) / 3)
    expected = np.stack([reduce(x[:, a:b], axis=1) for a, b in windows], axis=1)
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)


def test_adaptive_wrong_use():
    with pytest.raises(ValueError, match=r"AdaptiveMaxPooling2D\(output_size=...\) expects"):
        layers.AdaptiveMaxPooling2D((2, 2, 2))
    with pytest.raises(ValueError, match=r"ndim=4 \(found ndim=3\)"):
        layers.AdaptiveMaxPooling2D(2)(image(2, 4, 3))


def test_aliases_are_the_classes():
    assert layers.MaxPool2D is layers.MaxPooling2D
    assert layers.AvgPool1D is layers.AveragePooling1D
    assert layers.GlobalAvgPool3D is layers.GlobalAveragePooling3D
