"""Layers beside real Keras on JAX: configs, weights, shapes, outputs, gradients, masks.

Both get the same weights and inputs. Outputs agree to 1e-5, gradients to 1e-4, relative to the size
of the numbers; both sides compute in float32.
"""

from __future__ import annotations

import json
import warnings
from types import MappingProxyType
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import nyala
from nyala.eager import StateScope, to_tensor

keras = pytest.importorskip("keras")

CF = {"data_format": "channels_first"}
SAME, TRAINING = {"padding": "same"}, {"training": True}


class Case(NamedTuple):
    """A layer's name, its arguments, an input's shape, and arguments of the call."""

    layer: str
    kwargs: dict[str, Any]
    shape: tuple[int, ...]
    call: dict[str, Any] = MappingProxyType({})
    below: int | None = None


CORE = [
    Case("Dense", {"units": 4, "activation": "relu", "kernel_regularizer": "l2"}, (2, 3)),
    Case("Dense", {"units": 4, "use_bias": False, "kernel_constraint": "max_norm"}, (2, 5, 3)),
    Case("Dense", {"units": 4, "lora_rank": 2}, (2, 3)),
    Case("EinsumDense", {"equation": "abc,cde->abde", "output_shape": (None, 4, 3),
                         "bias_axes": "de"}, (2, 5, 3)),
    Case("EinsumDense", {"equation": "...x,xy->...y", "output_shape": 4, "bias_axes": "y",
                         "activation": "tanh"}, (2, 5, 3)),
    Case("EinsumDense", {"equation": "ab...,bc->ac...", "output_shape": 4, "bias_axes": "c"},
         (2, 3, 5)),
    Case("EinsumDense", {"equation": "abc,cd->abd", "output_shape": (5, 4), "bias_axes": "b"},
         (2, 5, 3)),
    Case("Embedding", {"input_dim": 7, "output_dim": 3, "mask_zero": True}, (2, 4), below=7),
    Case("Embedding", {"input_dim": 7, "output_dim": 3, "lora_rank": 2}, (2, 4), below=7),
    Case("ReversibleEmbedding", {"input_dim": 7, "output_dim": 3, "logit_soft_cap": 2.0}, (2, 3),
         {"reverse": True}),
    Case("ReversibleEmbedding", {"input_dim": 7, "output_dim": 3, "tie_weights": False}, (2, 3),
         {"reverse": True}),
    Case("Masking", {"mask_value": 0.5}, (2, 3, 4)),
    Case("Identity", {}, (2, 3)),
]  # fmt: skip

CONV = [
    Case("Conv1D", {"filters": 4, "kernel_size": 3, "padding": "causal", "dilation_rate": 2},
         (2, 7, 2)),
    Case("Conv1D", {"filters": 4, "kernel_size": 3, "strides": 2, "activation": "relu", **SAME},
         (2, 8, 2)),
    Case("Conv1D", {"filters": 4, "kernel_size": 3, "padding": "causal", **CF}, (2, 2, 7)),
    Case("Conv2D", {"filters": 4, "kernel_size": (3, 2), "strides": (2, 1)}, (2, 7, 6, 3)),
    Case("Conv2D", {"filters": 4, "kernel_size": 3, "strides": 2, **SAME}, (2, 7, 6, 3)),
    Case("Conv2D", {"filters": 6, "kernel_size": 3, "groups": 3, "use_bias": False}, (2, 5, 5, 6)),
    Case("Conv2D", {"filters": 4, "kernel_size": 3, "dilation_rate": 2, **SAME, **CF},
         (2, 3, 7, 6)),
    Case("Conv2D", {"filters": 4, "kernel_size": 1, "lora_rank": 2, "lora_alpha": 3},
         (2, 3, 3, 5)),
    Case("Conv3D", {"filters": 2, "kernel_size": 2, "strides": 2, **SAME}, (1, 3, 4, 5, 2)),
    Case("Conv1DTranspose", {"filters": 3, "kernel_size": 3, "strides": 2, **SAME}, (2, 5, 2)),
    Case("Conv1DTranspose", {"filters": 3, "kernel_size": 4, "strides": 3, "output_padding": 1},
         (2, 5, 2)),
    Case("Conv2DTranspose", {"filters": 3, "kernel_size": (3, 2), "strides": (2, 3)},
         (2, 4, 3, 2)),
    Case("Conv2DTranspose", {"filters": 3, "kernel_size": 3, "strides": 2, **SAME, **CF},
         (2, 2, 4, 3)),
    Case("Conv2DTranspose", {"filters": 3, "kernel_size": 3, "dilation_rate": 2}, (2, 4, 3, 2)),
    Case("Conv3DTranspose", {"filters": 2, "kernel_size": 2, "strides": 2}, (1, 2, 3, 2, 2)),
    Case("DepthwiseConv1D", {"kernel_size": 3, "depth_multiplier": 2, "strides": 2}, (2, 7, 3)),
    Case("DepthwiseConv2D", {"kernel_size": 3, "strides": 2, **SAME}, (2, 6, 6, 3)),
    Case("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2, "dilation_rate": 2, **CF},
         (2, 3, 6, 6)),
    Case("SeparableConv1D", {"filters": 4, "kernel_size": 3, **SAME}, (2, 7, 3)),
    Case("SeparableConv2D", {"filters": 4, "kernel_size": 3, "depth_multiplier": 2, "strides": 2,
                             "activation": "relu"}, (2, 7, 7, 3)),
    Case("SeparableConv2D", {"filters": 4, "kernel_size": 3, **SAME, **CF}, (2, 3, 5, 5)),
]  # fmt: skip

POOLING = [
    Case(f"{kind}Pooling{len(shape) - 2}D", kwargs, shape)
    for kind in ("Max", "Average")
    for kwargs, shape in (
        ({"pool_size": 2}, (2, 7, 3)),
        ({"pool_size": 3, "strides": 2, **SAME}, (2, 7, 3)),
        ({"pool_size": (2, 3), "strides": (1, 2)}, (2, 6, 7, 3)),
        ({"pool_size": 3, "strides": 2, **SAME, **CF}, (2, 3, 6, 7)),
        ({"pool_size": 2, **SAME}, (1, 3, 4, 5, 2)),
    )
]
POOLING += [
    Case(f"Global{kind}Pooling{len(shape) - 2}D", kwargs, shape)
    for kind in ("Max", "Average")
    for kwargs, shape in (
        ({}, (2, 5, 3)),
        ({"keepdims": True, **CF}, (2, 3, 4, 5)),
        ({}, (2, 2, 3, 4, 3)),
    )
]
POOLING += [
    Case(f"Adaptive{kind}Pooling{len(shape) - 2}D", kwargs, shape)
    for kind in ("Max", "Average")
    for kwargs, shape in (
        ({"output_size": 3}, (2, 7, 2)),
        ({"output_size": (2, 5), **CF}, (2, 2, 6, 7)),
        ({"output_size": 2}, (1, 3, 4, 5, 2)),
    )
]

NORMALIZATION = [
    Case("BatchNormalization", {"momentum": 0.7}, (4, 3, 5), TRAINING),
    Case("BatchNormalization", {"axis": 1, "scale": False, "epsilon": 0.1}, (4, 3, 5), TRAINING),
    Case("BatchNormalization", {"center": False}, (4, 5)),
    Case("BatchNormalization", {"renorm": True, "renorm_momentum": 0.6, "renorm_clipping":
                                {"rmax": 1.1, "rmin": 0.9, "dmax": 0.3}}, (4, 5), TRAINING),
    Case("LayerNormalization", {}, (2, 3, 5)),
    Case("LayerNormalization", {"axis": (2, 1), "center": False, "epsilon": 0.1}, (2, 3, 5)),
    Case("LayerNormalization", {"axis": 1, "scale": False}, (2, 3, 5)),
    Case("GroupNormalization", {"groups": 2}, (2, 3, 4)),
    Case("GroupNormalization", {"groups": -1, "axis": 1, "scale": False}, (2, 4, 3, 3)),
    Case("RMSNormalization", {}, (2, 5)),
    Case("RMSNormalization", {"axis": [1, 2]}, (2, 3, 5)),
    Case("UnitNormalization", {"axis": 1}, (2, 3, 5)),
]  # fmt: skip

RESHAPING = [
    Case("Flatten", {}, (2, 3, 4)),
    Case("Flatten", {**CF}, (2, 3, 4, 5)),
    Case("Flatten", {}, (4,)),
    Case("Reshape", {"target_shape": (2, -1, 3)}, (2, 3, 4)),
    Case("Permute", {"dims": (3, 1, 2)}, (2, 3, 4, 5)),
    Case("RepeatVector", {"n": 3}, (2, 4)),
    Case("ZeroPadding1D", {"padding": (1, 2)}, (2, 3, 4)),
    Case("ZeroPadding1D", {"padding": 2, **CF}, (2, 3, 4)),
    Case("ZeroPadding2D", {"padding": (1, 2)}, (2, 3, 4, 2)),
    Case("ZeroPadding2D", {"padding": ((1, 0), (2, 3)), **CF}, (2, 3, 4, 2)),
    Case("ZeroPadding3D", {"padding": (1, 0, 2)}, (1, 2, 3, 4, 2)),
    Case("Cropping1D", {"cropping": (1, 2)}, (2, 5, 4)),
    Case("Cropping2D", {"cropping": ((1, 0), (0, 2))}, (2, 4, 5, 3)),
    Case("Cropping2D", {"cropping": (1, 2), **CF}, (2, 3, 4, 5)),
    Case("Cropping3D", {"cropping": 1}, (1, 3, 4, 5, 2)),
    Case("UpSampling1D", {"size": 3}, (2, 3, 4)),
    Case("UpSampling2D", {"size": (2, 3)}, (2, 3, 4, 2)),
    Case("UpSampling2D", {"interpolation": "bilinear", **CF}, (2, 2, 3, 4)),
    Case("UpSampling2D", {"interpolation": "bicubic"}, (2, 3, 4, 2)),
    Case("UpSampling3D", {"size": (1, 2, 3), **CF}, (1, 2, 3, 2, 2)),
]  # fmt: skip

CASES = [*CORE, *CONV, *POOLING, *NORMALIZATION, *RESHAPING]


def name(case: Case) -> str:
    return f"{case.layer}-{','.join(f'{k}={v}' for k, v in case.kwargs.items())}"


def each(cases):
    return pytest.mark.parametrize("case", cases, ids=map(name, cases))


def inputs_of(case: Case) -> np.ndarray:
    generator = np.random.default_rng(5)
    if case.below is not None:
        return generator.integers(0, case.below, case.shape).astype("int32")
    return generator.normal(size=case.shape).astype("float32")


def pair(case: Case) -> tuple[Any, Any, np.ndarray]:
    """Return our layer and Keras', built and with the same weights, and the inputs."""
    x = inputs_of(case)
    layers = [
        getattr(module.layers, case.layer)(**case.kwargs, name="layer") for module in (nyala, keras)
    ]
    for layer in layers:
        layer.build(x.shape)
    generator = np.random.default_rng(6)
    weights = [
        np.abs(generator.normal(size=tuple(w.shape))).astype("float32") for w in layers[1].weights
    ]
    for layer in layers:
        layer.set_weights(weights)
    return *layers, x


def arrays(variables: list) -> list[np.ndarray]:
    # Keras' own Variable.__array__ warns under NumPy 2.
    return [np.asarray(v.value) for v in variables]


@each(CASES)
def test_same_as_keras(case):
    ours, theirs, x = pair(case)
    assert [(w.name, tuple(w.shape), w.trainable) for w in ours.weights] == [
        (w.name, tuple(w.shape), w.trainable) for w in theirs.weights
    ]
    y, expected = ours(x, **case.call), theirs(x, **case.call)
    np.testing.assert_allclose(y.numpy(), np.asarray(expected), rtol=1e-5, atol=1e-5)
    for own, other in zip(ours.get_weights(), arrays(theirs.weights), strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-5, atol=1e-5)


@each(CASES)
def test_same_config(case):
    made = [
        getattr(module.layers, case.layer)(**case.kwargs, name="layer") for module in (nyala, keras)
    ]
    configs = [json.loads(json.dumps(layer.get_config())) for layer in made]
    assert configs[0] == configs[1]
    again = getattr(nyala.layers, case.layer).from_config(configs[1])
    assert json.loads(json.dumps(again.get_config())) == configs[1]


def shapes_to_infer(case: Case) -> list[tuple]:
    """The input's shape, with the batch unknown, and with space or time unknown too."""
    shapes = [case.shape, (None, *case.shape[1:])]
    if case in CONV or case in POOLING or case.layer in ("Flatten", "ZeroPadding2D", "Reshape"):
        axis = 1 if case.kwargs.get("data_format") == "channels_first" else -1
        spatial = [None] * len(case.shape)
        spatial[axis] = case.shape[axis]
        shapes.append(tuple(spatial))
    return shapes


@each(CASES)
def test_same_inferred_shape(case):
    ours, theirs, _ = pair(case)
    for shape in shapes_to_infer(case):
        if case.call.get("reverse"):
            got = ours(nyala.KerasTensor(shape), reverse=True).shape
            expected = theirs(keras.KerasTensor(shape), reverse=True).shape
        else:
            got = ours.compute_output_shape(shape)
            expected = theirs.compute_output_shape(shape)
        if case.layer == "EinsumDense":
            # Keras leaves open what output_shape=(None, ...) takes from the input.
            expected = [g if e is None else e for g, e in zip(got, expected, strict=True)]
        assert tuple(got) == tuple(expected)


@each([*CONV, *POOLING, *NORMALIZATION])
def test_same_gradients(case):
    ours, theirs, x = pair(case)
    weights = [v.value for v in theirs.trainable_variables]
    fixed = [v.value for v in theirs.non_trainable_variables]

    def weighed(y):
        return jnp.sum(y * jnp.cos(jnp.arange(y.size)).reshape(y.shape))

    def with_ours(weights, x):
        pairs = [
            *zip(ours.trainable_variables, weights, strict=True),
            *zip(ours.non_trainable_variables, fixed, strict=True),
        ]
        with StateScope(pairs):
            return weighed(to_tensor(ours(x, **case.call))._value)

    def with_theirs(weights, x):
        return weighed(theirs.stateless_call(weights, fixed, x, **case.call)[0])

    got, expected = (jax.jit(jax.grad(f, argnums=(0, 1)))(weights, x) for f in
                     (with_ours, with_theirs))  # fmt: skip
    for own, other in zip(jax.tree.leaves(got), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("renorm", [False, True])
def test_batch_normalization_with_mask(training, renorm):
    case = Case("BatchNormalization", {"momentum": 0.7, "renorm": renorm}, (4, 3, 5))
    ours, theirs, x = pair(case)
    mask = np.random.default_rng(8).random((4, 3)) > 0.3
    y, expected = (layer(x, training=training, mask=mask) for layer in (ours, theirs))
    np.testing.assert_allclose(y.numpy(), np.asarray(expected), rtol=1e-4, atol=1e-4)
    for own, other in zip(ours.get_weights(), arrays(theirs.weights), strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-5, atol=1e-5)


def test_global_average_pooling_with_mask():
    case = Case("GlobalAveragePooling1D", {}, (2, 5, 3))
    ours, theirs, x = pair(case)
    mask = np.array([[True, True, False, True, False], [False, True, True, True, True]])
    y, expected = (layer(x, mask=mask) for layer in (ours, theirs))
    np.testing.assert_allclose(y.numpy(), np.asarray(expected), rtol=1e-5, atol=1e-6)


def test_spectral_normalization():
    x = np.random.default_rng(5).normal(size=(2, 3)).astype("float32")
    layers = [
        module.layers.SpectralNormalization(
            module.layers.Dense(4, name="inside"), power_iterations=3, name="outside"
        )
        for module in (nyala, keras)
    ]
    assert json.dumps(layers[0].get_config()) == json.dumps(layers[1].get_config())
    for layer in layers:
        layer.build(x.shape)
    names = [[w.name for w in layer.weights] for layer in layers]
    assert names[0] == names[1] == ["kernel", "vector_u", "bias"]
    weights = [np.random.default_rng(6).normal(size=tuple(w.shape)) for w in layers[1].weights]
    for layer in layers:
        layer.set_weights(weights)
    for training in (True, True, False):
        y, expected = (layer(x, training=training) for layer in layers)
        np.testing.assert_allclose(y.numpy(), np.asarray(expected), rtol=1e-4, atol=1e-5)
    for own, other in zip(layers[0].get_weights(), arrays(layers[1].weights), strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-5, atol=1e-5)


def test_layer_normalization_by_deviation():
    x = np.random.default_rng(5).normal(size=(2, 3, 4)).astype("float32")
    kwargs = {"axis": [1, 2], "rms_scaling": True, "name": "layer"}
    with pytest.warns(DeprecationWarning, match="RMSNormalization"):
        ours = nyala.layers.LayerNormalization(**kwargs)
    y = ours(x)  # no further warning: all are errors here
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = keras.layers.LayerNormalization(**kwargs)
        expected = theirs(x)
    np.testing.assert_allclose(y.numpy(), np.asarray(expected), rtol=1e-5, atol=1e-5)
    assert ours.get_config() == theirs.get_config()


def test_lambdas_are_written_as_keras_writes_them():
    offset = 3.0

    def function(scale=2.0):
        return lambda x, y=scale: x * y + offset

    configs = [module.layers.Lambda(function(), name="f").get_config() for module in (nyala, keras)]
    assert configs[0] == configs[1]
    theirs = keras.layers.Lambda.from_config(configs[0], safe_mode=False)
    assert float(np.asarray(theirs(np.ones((1, 1))))[0, 0]) == 5.0


def test_lambda_of_another_process_needs_permission():
    theirs = keras.layers.Lambda(lambda x, factor=2.5: x * factor)
    config = theirs.get_config()
    with pytest.raises(ValueError, match="safe_mode=False"):
        nyala.layers.Lambda.from_config(config)
    trusted = nyala.layers.Lambda.from_config(config, safe_mode=False)
    assert float(trusted(np.ones((1, 1), "float32"))[0, 0]) == 2.5
