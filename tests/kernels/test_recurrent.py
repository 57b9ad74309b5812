"""Recurrent kernels against plain scans, values and gradients."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from nyala import kernels

BATCH, TIME, FEATURES, UNITS = 3, 5, 4, 2
MASK = jnp.array([[1, 1, 0, 1, 1], [0, 1, 1, 0, 0], [0, 0, 0, 0, 0]], bool)
OPTIONS = {
    "plain": {},
    "backwards": {"go_backwards": True},
    "masked": {"mask": MASK},
    "masked backwards to zeros": {"mask": MASK, "go_backwards": True, "zero_output_for_mask": True},
}


def _weights(normal, gates, bias_shape=None):
    bias = normal(*(bias_shape or (gates * UNITS,)))
    return normal(FEATURES, gates * UNITS), normal(UNITS, gates * UNITS), bias


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
def test_lstm(options, normal, agrees):
    run = lambda x, *rest: kernels.lstm(x, *rest, **options)  # noqa: E731
    states = normal(BATCH, UNITS), normal(BATCH, UNITS)
    agrees(run, normal(BATCH, TIME, FEATURES), *_weights(normal, 4), *states)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
@pytest.mark.parametrize("reset_after", [True, False])
def test_gru(reset_after, options, normal, agrees):
    run = lambda x, *rest: kernels.gru(x, *rest, reset_after=reset_after, **options)  # noqa: E731
    weights = _weights(normal, 3, (2, 3 * UNITS) if reset_after else None)
    agrees(run, normal(BATCH, TIME, FEATURES), *weights, normal(BATCH, UNITS))


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
def test_simple_rnn(options, normal, agrees):
    run = lambda x, *rest: kernels.simple_rnn(x, *rest, **options)  # noqa: E731
    agrees(run, normal(BATCH, TIME, FEATURES), *_weights(normal, 1), normal(BATCH, UNITS))


def test_without_bias(normal, agrees):
    x, h = normal(BATCH, TIME, FEATURES), normal(BATCH, UNITS)
    kernel, recurrent, _ = _weights(normal, 4)
    agrees(lambda x, k, r, h: kernels.lstm(x, k, r, None, h, h), x, kernel, recurrent, h)
    kernel, recurrent, _ = _weights(normal, 3)
    agrees(lambda x, k, r, h: kernels.gru(x, k, r, None, h), x, kernel, recurrent, h)


@pytest.mark.parametrize("mask", [None, MASK], ids=["plain", "masked"])
def test_bidirectional_lstm_equals_two(mask, normal):
    x, states = normal(BATCH, TIME, FEATURES), (normal(BATCH, UNITS), normal(BATCH, UNITS))
    one, other = (*_weights(normal, 4), *states), (*_weights(normal, 4), *states)
    ahead = kernels.lstm(x, *one, mask=mask)
    back = kernels.lstm(x, *other, mask=mask, go_backwards=True)
    found = kernels.bidirectional_lstm(x, one, other, mask=mask)
    jax.tree.map(lambda f, e: np.testing.assert_allclose(f, e, atol=1e-6), found, (ahead, back))


def test_bidirectional_gradients(normal, agrees):
    x, states = normal(BATCH, TIME, FEATURES), (normal(BATCH, UNITS), normal(BATCH, UNITS))
    one, other = (*_weights(normal, 4), *states), (*_weights(normal, 4), *states)
    run = lambda x, *w: kernels.bidirectional_lstm(x, w[:5], w[5:], mask=MASK)  # noqa: E731
    agrees(run, x, *one, *other)


def test_lstm_follows_the_textbook(normal):
    x, h, c = normal(1, 1, FEATURES), normal(1, UNITS), normal(1, UNITS)
    kernel, recurrent, bias = _weights(normal, 4)
    z = np.asarray(x[:, 0] @ kernel + h @ recurrent + bias, np.float64)
    i, f, g, o = np.split(z, 4, axis=-1)
    sigmoid = lambda a: 1 / (1 + np.exp(-a))  # noqa: E731
    expected_c = sigmoid(f) * np.asarray(c) + sigmoid(i) * np.tanh(g)
    _, (found_h, found_c) = kernels.lstm(x, kernel, recurrent, bias, h, c)
    np.testing.assert_allclose(found_c, expected_c, atol=1e-5)
    np.testing.assert_allclose(found_h, sigmoid(o) * np.tanh(expected_c), atol=1e-5)


@pytest.mark.parametrize("reset_after", [True, False])
def test_gru_follows_the_textbook(reset_after, normal):
    x, h = normal(1, 1, FEATURES), normal(1, UNITS)
    kernel, recurrent, bias = _weights(normal, 3, (2, 3 * UNITS))
    inner, outer = (bias[0], bias[1]) if reset_after else (bias[0], jnp.zeros(3 * UNITS))
    xz, xr, xh = np.split(np.asarray(x[:, 0] @ kernel + inner, np.float64), 3, axis=-1)
    hz, hr, hh = np.split(np.asarray(h @ recurrent + outer, np.float64), 3, axis=-1)
    sigmoid = lambda a: 1 / (1 + np.exp(-a))  # noqa: E731
    z, r = sigmoid(xz + hz), sigmoid(xr + hr)
    inside = r * hh if reset_after else (r * np.asarray(h)) @ np.asarray(recurrent[:, 2 * UNITS :])
    expected = z * np.asarray(h) + (1 - z) * np.tanh(xh + inside)
    given = bias if reset_after else inner
    _, (found,) = kernels.gru(x, kernel, recurrent, given, h, reset_after=reset_after)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_masked_steps_leave_no_trace(normal):
    x, h = normal(BATCH, TIME, FEATURES), normal(BATCH, UNITS)
    weights = _weights(normal, 4)
    outputs, (last, _) = kernels.lstm(x, *weights, h, h, mask=MASK)
    np.testing.assert_array_equal(last[2], h[2])
    np.testing.assert_array_equal(outputs[0, 2], outputs[0, 1])
    zeroed, _ = kernels.lstm(x, *weights, h, h, mask=MASK, zero_output_for_mask=True)
    np.testing.assert_array_equal(zeroed[~np.asarray(MASK)], 0.0)


def test_second_derivatives_and_vmap(normal):
    x, h = normal(2, 3, 2), normal(2, 1)
    kernel, recurrent, bias = normal(2, 4), normal(1, 4), normal(4)
    run = lambda x, r: kernels.lstm(x, kernel, r, bias, h, h)[0]  # noqa: E731
    check_grads(run, (x, recurrent), order=2, modes=["rev"], atol=2e-2, rtol=2e-2)
    stacked = jnp.stack([recurrent, recurrent + 1])
    found = jax.vmap(run, in_axes=(None, 0))(x, stacked)
    np.testing.assert_allclose(found[1], run(x, stacked[1]), atol=1e-6)
