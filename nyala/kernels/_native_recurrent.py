"""Recurrent layers in native code: all steps of a few sequences at a time, with the state in cache.

XLA runs a loop of small products on one thread, an operation at a time. Here each thread takes some
rows of the batch through the whole sequence, and a step's product, gates and new state are one
pass. Products that need no loop stay XLA's: the inputs' before it and the weights' gradients after.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

from nyala.kernels._native import native
from nyala.kernels._weight_gradient import weight_gradient

LSTM, GRU, SIMPLE = 0, 1, 2  # enum Cell of native/recurrent.h
_GATES = {LSTM: 4, GRU: 3, SIMPLE: 1}


def is_native(x: Array, units: int, weights: Any) -> bool:
    """Whether sequences `x (batch, time, features)` run in native code with these weights."""
    whole = all(leaf.dtype == jnp.float32 for leaf in jax.tree.leaves((x, weights)))
    some = x.shape[1] > 0 and units > 0
    return whole and some and _forward.chosen(True) and _backward.chosen(True)


def run_native(
    cell: int,
    x: Array,
    weights: tuple[Array, Array | None],
    recurrent: tuple[Array, Array | None],
    carry: tuple[Array, ...],
    mask: Array | None,
    backwards: bool,
) -> tuple[Array, tuple[Array, ...]]:
    """Run a cell over sequences.

    Args:
        cell: which one.
        x: `(batch, time, features)`.
        weights: of the inputs: `(features, gates * units)` and their bias or `None`.
        recurrent: `(units, gates * units)` and, for a GRU, the bias of its product.
        carry: the initial `h`, for an LSTM `(h, c)`.
        mask: `(batch, time)` or `None`.
        backwards: whether to begin with the last step.

    Returns:
        The outputs `(batch, time, units)` in the order of time, and the last carry.
    """
    (kernel, bias), (recurrent_kernel, recurrent_bias) = weights, recurrent
    z = (x.reshape(x.shape[0] * x.shape[1], x.shape[2]) @ kernel).reshape(
        *x.shape[:2], kernel.shape[-1]
    )
    z = z if bias is None else z + bias
    nothing = jnp.zeros((0,), z.dtype)
    keep = jnp.zeros((0,), bool) if mask is None else mask.astype(bool)
    c0 = carry[1] if cell == LSTM else nothing
    recurrent_bias = nothing if recurrent_bias is None else recurrent_bias
    h, last_c = _run((cell, backwards), z, recurrent_kernel, recurrent_bias, carry[0], c0, keep)
    last_h = h[:, 0] if backwards else h[:, -1]
    return h, (last_h, last_c) if cell == LSTM else (last_h,)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _run(static, z, recurrent, bias, h0, c0, keep):
    cell, backwards = static
    operands = z, recurrent, bias, h0, c0, keep
    h, _, _, last_c = _forward(*operands, cell=cell, backwards=backwards, save=False)
    return h, last_c


def _run_forward(static, z, recurrent, bias, h0, c0, keep):
    cell, backwards = static
    operands = z, recurrent, bias, h0, c0, keep
    h, saved, c, last_c = _forward(*operands, cell=cell, backwards=backwards, save=True)
    return (h, last_c), (h, saved, c, recurrent, bias, h0, c0, keep)


def _run_backward(static, residuals, cotangents):
    cell, backwards = static
    h, saved, c, recurrent, bias, h0, c0, keep = residuals
    dh, dlast_c = cotangents
    dz, dh0, dc0 = _backward(
        dh, h, saved, c, recurrent, h0, c0, keep, dlast_c, cell=cell, backwards=backwards
    )
    dproduct = _through_reset(dz, saved) if cell == GRU else dz
    drecurrent = weight_gradient(_shifted(h, h0, backwards), dproduct)
    dbias = dproduct.sum(axis=(0, 1)) if bias.size else jnp.zeros_like(bias)
    return dz, drecurrent, dbias, dh0, dc0, None


_run.defvjp(_run_forward, _run_backward)


def _shifted(h: Array, h0: Array, backwards: bool) -> Array:
    """What `h` was before each step."""
    parts = [h[:, 1:], h0[:, None]] if backwards else [h0[:, None], h[:, :-1]]
    return jnp.concatenate(parts, axis=1)


def _through_reset(dz: Array, saved: Array) -> Array:
    """The gradient of a GRU's recurrent product: the candidate's went through the reset gate."""
    units = saved.shape[-1] // 4
    reset = saved[..., units : 2 * units]
    return jnp.concatenate([dz[..., : 2 * units], dz[..., 2 * units :] * reset], axis=-1)


# -- the kernels, and what they stand for ---------------------------------------------------------


@native("recurrent_forward")
def _forward(
    z: Array, recurrent: Array, bias: Array, h0: Array, c0: Array, keep: Array, *,
    cell: int, backwards: bool, save: bool,
) -> tuple[Array, Array, Array, Array]:  # fmt: skip
    """Outputs, what the gradient needs, all cell states, and the last one."""

    def step(carry, now):
        z_now, kept = now
        h, c = carry
        product = h @ recurrent
        product = product + bias if bias.size else product
        new_h, new_c, saved = _STEPS[cell](z_now, product, h, c)
        if keep.ndim == 2:
            new_h = jnp.where(kept, new_h, h)
            new_c = jnp.where(kept, new_c, c) if c.ndim == 2 else c
            saved = jnp.where(kept, saved, 0)
        return (new_h, new_c), (new_h, saved, new_c)

    flags = keep.T[..., None] if keep.ndim == 2 else None
    (_, last_c), emitted = lax.scan(
        step, (h0, c0), (jnp.swapaxes(z, 0, 1), flags), reverse=backwards
    )
    h, saved, c = (jnp.swapaxes(x, 0, 1) if x.ndim == 3 else x for x in emitted)
    nothing = jnp.zeros((0,), z.dtype)
    has_saved, has_c = save and cell != SIMPLE, save and cell == LSTM
    return h, saved if has_saved else nothing, c if has_c else nothing, last_c


@native("recurrent_backward")
def _backward(
    dh: Array, h: Array, saved: Array, c: Array, recurrent: Array, h0: Array, c0: Array,
    keep: Array, dlast_c: Array, *, cell: int, backwards: bool,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Gradients of the pre-activations, of `h0` and of `c0`."""

    def step(carry, now):
        dh_now, h_now, h_before, saved_now, c_now, c_before, kept = now
        total, dc = carry[0] + dh_now, carry[1]
        direct, dc_before, dz, dproduct = _STEPS_BACK[cell](
            saved_now, h_now, h_before, c_now, c_before, total, dc
        )
        before = direct + dproduct @ recurrent.T
        if keep.ndim == 2:
            before = jnp.where(kept, before, total)
            dc_before = jnp.where(kept, dc_before, dc) if dc.ndim == 2 else dc
            dz = jnp.where(kept, dz, 0)
        return (before, dc_before), dz

    def by_time(x):
        return jnp.swapaxes(x, 0, 1) if x.ndim == 3 else None

    now = (
        by_time(dh), by_time(h), by_time(_shifted(h, h0, backwards)),
        by_time(saved), by_time(c), by_time(_shifted(c, c0, backwards)) if c.ndim == 3 else None,
        keep.T[..., None] if keep.ndim == 2 else None,
    )  # fmt: skip
    (dh0, dc0), dz = lax.scan(step, (jnp.zeros_like(h0), dlast_c), now, reverse=not backwards)
    return jnp.swapaxes(dz, 0, 1), dh0, dc0


def _lstm_step(z, product, h, c):
    i, f, g, o = jnp.split(z + product, 4, axis=-1)
    i, f, g, o = jax.nn.sigmoid(i), jax.nn.sigmoid(f), jnp.tanh(g), jax.nn.sigmoid(o)
    c = f * c + i * g
    return o * jnp.tanh(c), c, jnp.concatenate([i, f, g, o], axis=-1)


def _lstm_step_back(saved, h, h_before, c, c_before, dh, dc):
    i, f, g, o = jnp.split(saved, 4, axis=-1)
    t = jnp.tanh(c)
    dc = dc + dh * o * (1 - t * t)
    parts = [dc * g * i * (1 - i), dc * c_before * f * (1 - f), dc * i * (1 - g * g)]
    dz = jnp.concatenate([*parts, dh * t * o * (1 - o)], axis=-1)
    return jnp.zeros_like(dh), dc * f, dz, dz


def _gru_step(z, product, h, c):
    update_x, reset_x, candidate_x = jnp.split(z, 3, axis=-1)
    update_h, reset_h, candidate_h = jnp.split(product, 3, axis=-1)
    update, reset = jax.nn.sigmoid(update_x + update_h), jax.nn.sigmoid(reset_x + reset_h)
    candidate = jnp.tanh(candidate_x + reset * candidate_h)
    saved = jnp.concatenate([update, reset, candidate, candidate_h], axis=-1)
    return update * h + (1 - update) * candidate, c, saved


def _gru_step_back(saved, h, h_before, c, c_before, dh, dc):
    update, reset, candidate, candidate_h = jnp.split(saved, 4, axis=-1)
    dcandidate = dh * (1 - update) * (1 - candidate * candidate)
    dupdate = dh * (h_before - candidate) * update * (1 - update)
    dreset = dcandidate * candidate_h * reset * (1 - reset)
    dz = jnp.concatenate([dupdate, dreset, dcandidate], axis=-1)
    dproduct = jnp.concatenate([dupdate, dreset, dcandidate * reset], axis=-1)
    return dh * update, dc, dz, dproduct


def _simple_step(z, product, h, c):
    return jnp.tanh(z + product), c, jnp.zeros((0,), z.dtype)


def _simple_step_back(saved, h, h_before, c, c_before, dh, dc):
    dz = dh * (1 - h * h)
    return jnp.zeros_like(dh), dc, dz, dz


_STEPS: dict[int, Callable[..., Any]] = {LSTM: _lstm_step, GRU: _gru_step, SIMPLE: _simple_step}
_STEPS_BACK: dict[int, Callable[..., Any]] = {
    LSTM: _lstm_step_back, GRU: _gru_step_back, SIMPLE: _simple_step_back,
}  # fmt: skip
