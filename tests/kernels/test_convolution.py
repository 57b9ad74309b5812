"""Convolutions against XLA's own, values and gradients."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from nyala import kernels

CONVOLUTIONS = {
    "3x3 same": ((2, 7, 6, 3), (3, 3, 3, 4), {"padding": "same"}),
    "3x3 stride 2 same": ((2, 7, 6, 3), (3, 3, 3, 4), {"padding": "same", "strides": 2}),
    "1x1": ((2, 5, 4, 3), (1, 1, 3, 4), {}),
    "1x1 stride (2, 3)": ((2, 5, 7, 3), (1, 1, 3, 4), {"strides": (2, 3), "padding": "same"}),
    "1x1 padded": ((1, 3, 3, 2), (1, 1, 2, 4), {"padding": ((1, 0), (0, 2))}),
    "dilated": ((1, 9, 8, 2), (3, 2, 2, 3), {"dilation": (2, 3), "padding": "same"}),
    "groups": ((2, 5, 5, 4), (3, 3, 2, 6), {"groups": 2}),
    "explicit": ((1, 5, 6, 2), (3, 2, 2, 3), {"padding": ((2, 1), (0, 3)), "strides": (1, 2)}),
    "causal": ((2, 8, 3), (3, 3, 4), {"padding": "causal", "dilation": 2}),
    "3D": ((1, 4, 5, 3, 2), (2, 3, 2, 2, 3), {"padding": "same", "strides": (1, 2, 1)}),
    "channels first": (
        (2, 3, 6, 5),
        (3, 3, 3, 4),
        {"padding": "SAME", "data_format": "channels_first"},
    ),
    "many channels": ((1, 4, 5, 16), (3, 3, 16, 4), {"padding": "same"}),
    "window of the whole": ((1, 3, 3, 2), (3, 3, 2, 1), {}),
}


@pytest.mark.parametrize("looped", [False, True], ids=["plain", "inside loop"])
@pytest.mark.parametrize(
    ("shape", "kernel", "options"), CONVOLUTIONS.values(), ids=CONVOLUTIONS.keys()
)
def test_conv(shape, kernel, options, looped, normal, agrees):
    def run(x, k):
        if not looped:
            return kernels.conv(x, k, **options)
        with kernels.inside_loop():
            return kernels.conv(x, k, **options)

    agrees(run, normal(*shape), normal(*kernel))


def test_causal_conv_does_not_see_later_inputs(normal):
    x, kernel = normal(1, 6, 2), normal(3, 2, 2)
    changed = x.at[0, 4].add(1.0)
    before = kernels.conv(x, kernel, padding="causal")
    after = kernels.conv(changed, kernel, padding="causal")
    np.testing.assert_array_equal(before[0, :4], after[0, :4])
    assert not np.allclose(before[0, 4:], after[0, 4:])


def test_inside_loop_is_scoped_and_holds_no_convolution(normal):
    x, kernel = normal(1, 4, 4, 8), normal(3, 3, 8, 2)

    def looped(x):
        with kernels.inside_loop():
            return kernels.conv(x, kernel)

    def outside(x):
        return kernels.conv(x, kernel)

    assert "stablehlo.convolution" not in jax.jit(looped).lower(x).as_text()
    assert "stablehlo.convolution" in jax.jit(outside).lower(x).as_text()


DEPTHWISE = {
    "3x3 same": ((2, 7, 6, 5), (3, 3, 5, 1), {"padding": "same"}),
    "stride 2": ((2, 7, 6, 5), (3, 3, 5, 1), {"padding": "same", "strides": 2}),
    "multiplier": ((2, 5, 5, 3), (3, 2, 3, 2), {"strides": (2, 1)}),
    "dilated": ((1, 8, 9, 3), (3, 3, 3, 1), {"dilation": (2, 3), "padding": "same"}),
    "1D causal": ((2, 9, 3), (4, 3, 2), {"padding": "causal"}),
    "3D": ((1, 3, 4, 5, 2), (2, 2, 2, 2, 1), {}),
    "channels first": (
        (2, 4, 6, 5),
        (3, 3, 4, 1),
        {"padding": "same", "data_format": "channels_first"},
    ),
    "one place": ((1, 3, 3, 2), (3, 3, 2, 1), {}),
    "many taps": ((1, 10, 10, 2), (9, 9, 2, 1), {"padding": "same"}),
}


@pytest.mark.parametrize(("shape", "kernel", "options"), DEPTHWISE.values(), ids=DEPTHWISE.keys())
def test_depthwise_conv(shape, kernel, options, normal, agrees):
    agrees(lambda x, k: kernels.depthwise_conv(x, k, **options), normal(*shape), normal(*kernel))


def test_depthwise_conv_in_half_precision_sums_its_kernel_gradient_in_float32(normal):
    x = jnp.ones((8, 32, 32, 1), "bfloat16")
    kernel = jnp.ones((1, 1, 1, 1), "bfloat16")
    gradient = jax.grad(lambda k: kernels.depthwise_conv(x, k).astype("float32").sum())(kernel)
    assert float(gradient.squeeze()) == 8 * 32 * 32


def test_depthwise_conv_has_second_derivatives(normal):
    x, kernel = normal(1, 4, 4, 2), normal(3, 3, 2, 1)
    run = lambda x, k: jnp.sin(kernels.depthwise_conv(x, k, padding="same"))  # noqa: E731
    check_grads(run, (x, kernel), order=2, modes=["rev"], atol=2e-2, rtol=2e-2)


TRANSPOSED = {
    "stride 2 same": ((2, 4, 5, 3), (3, 3, 4, 3), {"strides": 2, "padding": "same"}, (8, 10)),
    "stride 2 valid": ((2, 4, 5, 3), (3, 3, 4, 3), {"strides": 2}, (9, 11)),
    "window below stride": ((1, 3, 3, 2), (2, 2, 3, 2), {"strides": 3}, (9, 9)),
    "output padding": (
        (1, 3, 4, 2),
        (3, 3, 3, 2),
        {"strides": 2, "padding": "same", "output_padding": 1},
        (6, 8),
    ),
    "no output padding": (
        (1, 3, 4, 2),
        (4, 4, 3, 2),
        {"strides": 2, "padding": "same", "output_padding": 0},
        (4, 6),
    ),
    "dilated": ((1, 4, 4, 2), (3, 3, 3, 2), {"dilation": 2, "padding": "same"}, (4, 4)),
    "1D": ((2, 5, 2), (4, 3, 2), {"strides": 3, "padding": "same"}, (15,)),
    "3D": ((1, 2, 3, 2, 2), (2, 3, 2, 2, 2), {"strides": 2, "padding": "same"}, (4, 6, 4)),
    "channels first": (
        (2, 3, 4, 5),
        (3, 3, 4, 3),
        {"strides": 2, "padding": "same", "data_format": "channels_first"},
        (8, 10),
    ),
}


@pytest.mark.parametrize(
    ("shape", "kernel", "options", "places"), TRANSPOSED.values(), ids=TRANSPOSED.keys()
)
def test_conv_transpose(shape, kernel, options, places, normal, agrees):
    x, k = normal(*shape), normal(*kernel)
    agrees(lambda x, k: kernels.conv_transpose(x, k, **options), x, k)
    y = kernels.conv_transpose(x, k, **options)
    spatial = y.shape[2:] if "data_format" in options else y.shape[1:-1]
    assert spatial == places


def test_conv_transpose_is_the_gradient_of_conv(normal):
    kernel, y = normal(3, 3, 2, 4), normal(1, 4, 4, 4)
    forward = lambda x: kernels.conv(x, kernel, strides=2, padding="same")  # noqa: E731
    _, pullback = jax.vjp(forward, jnp.zeros((1, 8, 8, 2)))
    found = kernels.conv_transpose(y, kernel, strides=2, padding="same")
    np.testing.assert_allclose(found, pullback(y)[0], atol=1e-5)


def test_channel_mismatch_names_both_numbers(normal):
    with pytest.raises(ValueError, match=r"expects 3 input channels; the input has 5"):
        kernels.conv(normal(1, 4, 4, 5), normal(3, 3, 3, 2))
    with pytest.raises(ValueError, match="expects 3 channels; the input has 5"):
        kernels.depthwise_conv(normal(1, 4, 4, 5), normal(3, 3, 3, 2))


def test_unknown_padding_and_format_are_named(normal):
    x, kernel = normal(1, 4, 4, 2), normal(3, 3, 2, 2)
    with pytest.raises(ValueError, match="'full'"):
        kernels.conv(x, kernel, padding="full")
    with pytest.raises(ValueError, match="causal"):
        kernels.conv(x, kernel, padding="causal")
    with pytest.raises(ValueError, match="NHWC"):
        kernels.conv(x, kernel, data_format="NHWC")
