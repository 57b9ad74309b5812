"""Gated recurrent unit over a whole sequence."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from nyala.kernels._native_recurrent import GRU
from nyala.kernels._sequence import Direction, Plan, Result, run_sequence
from nyala.kernels._weight_gradient import weight_gradient


def gru(
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array | None,
    h0: Array,
    *,
    reset_after: bool = True,
    mask: Array | None = None,
    go_backwards: bool = False,
    zero_output_for_mask: bool = False,
) -> Result:
    """Run a GRU with tanh activation and sigmoid gates over a batch of sequences.

    Args:
        x: `(batch, time, features)`.
        kernel: `(features, 3 * units)`, gates in the order update, reset, candidate.
        recurrent_kernel: `(units, 3 * units)`.
        bias: `(2, 3 * units)` (of the input and of the recurrent product) with `reset_after`,
            else `(3 * units,)`; or `None`.
        h0: `(batch, units)` initial output.
        reset_after: apply the reset gate after the recurrent product rather than before.
        mask: `(batch, time)`; where false, state and output stay as they were.
        go_backwards: start at the last time step.
        zero_output_for_mask: where the mask is false, output zeros instead.

    Returns:
        The outputs `(batch, time, units)` in order of processing, and the last `(h,)`.

    Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for Statistical
    Machine Translation", EMNLP 2014.

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> weights = jnp.ones((5, 9)), jnp.ones((3, 9)), None
        >>> outputs, (h,) = kernels.gru(jnp.ones((2, 4, 5)), *weights, jnp.zeros((2, 3)))
        >>> outputs.shape
        (2, 4, 3)
    """
    if not reset_after:
        plan = Plan(GRU_RESET_BEFORE_CELL, (go_backwards,), zero_output_for_mask)
        direction = Direction(kernel, bias, recurrent_kernel, (h0,))
        return run_sequence(plan, x, mask, (direction,))[0]
    plan = Plan(GRU_CELL, (go_backwards,), zero_output_for_mask)
    input_bias, recurrent_bias = (None, None) if bias is None else bias
    direction = Direction(kernel, input_bias, (recurrent_kernel, recurrent_bias), (h0,))
    return run_sequence(plan, x, mask, (direction,))[0]


class _GruCell:
    """The reset gate is applied to the recurrent product (as cuDNN does)."""

    native = GRU

    def prepare(self, direction):
        return direction

    def plain_step(self, recurrent, z, carry):
        return self.step(recurrent, z, carry)[0]

    def coefficients(self, saved, carry):
        return saved

    def step(self, recurrent, z, carry):
        kernel, bias = recurrent
        (h,) = carry
        product = h @ kernel
        product = product if bias is None else product + bias
        update_x, reset_x, candidate_x = jnp.split(z, 3, axis=-1)
        update_h, reset_h, candidate_h = jnp.split(product, 3, axis=-1)
        update = jax.nn.sigmoid(update_x + update_h)
        reset = jax.nn.sigmoid(reset_x + reset_h)
        candidate = jnp.tanh(candidate_x + reset * candidate_h)
        new_h = update * h + (1 - update) * candidate
        return (new_h,), (update, reset, candidate, candidate_h, h)

    def step_back(self, recurrent, saved, dcarry):
        kernel, _ = recurrent
        update, reset, candidate, candidate_h, h = saved
        (dh,) = dcarry
        dcandidate = dh * (1 - update) * (1 - candidate * candidate)
        dupdate = dh * (h - candidate) * update * (1 - update)
        dreset = dcandidate * candidate_h * reset * (1 - reset)
        dproduct = jnp.concatenate([dupdate, dreset, dcandidate * reset], axis=-1)
        dz = jnp.concatenate([dupdate, dreset, dcandidate], axis=-1)
        return (dh * update + dproduct @ kernel.T,), dz

    def recurrent_gradient(self, recurrent, h_before, saved, dz):
        _, bias = recurrent
        reset = saved[1]
        dupdate, dreset, dcandidate = jnp.split(dz, 3, axis=-1)
        dproduct = jnp.concatenate([dupdate, dreset, dcandidate * reset], axis=-1)
        dbias = None if bias is None else dproduct.sum(axis=(0, 1))
        return weight_gradient(h_before, dproduct), dbias


class _GruResetBeforeCell:
    """The reset gate is applied to the previous output (as in the first version of the paper)."""

    native = None

    def prepare(self, direction):
        return direction

    def plain_step(self, recurrent, z, carry):
        return self.step(recurrent, z, carry)[0]

    def coefficients(self, saved, carry):
        return saved

    def step(self, recurrent, z, carry):
        (h,) = carry
        units = h.shape[-1]
        gates = jax.nn.sigmoid(z[:, : 2 * units] + h @ recurrent[:, : 2 * units])
        update, reset = jnp.split(gates, 2, axis=-1)
        candidate = jnp.tanh(z[:, 2 * units :] + (reset * h) @ recurrent[:, 2 * units :])
        new_h = update * h + (1 - update) * candidate
        return (new_h,), (update, reset, candidate, h)

    def step_back(self, recurrent, saved, dcarry):
        update, reset, candidate, h = saved
        (dh,) = dcarry
        units = h.shape[-1]
        dcandidate = dh * (1 - update) * (1 - candidate * candidate)
        dupdate = dh * (h - candidate) * update * (1 - update)
        dreset_h = dcandidate @ recurrent[:, 2 * units :].T
        dreset = dreset_h * h * reset * (1 - reset)
        dgates = jnp.concatenate([dupdate, dreset], axis=-1)
        dh_before = dh * update + dreset_h * reset + dgates @ recurrent[:, : 2 * units].T
        return (dh_before,), jnp.concatenate([dgates, dcandidate], axis=-1)

    def recurrent_gradient(self, recurrent, h_before, saved, dz):
        units = h_before.shape[-1]
        dgates = weight_gradient(h_before, dz[..., : 2 * units])
        dcandidate = weight_gradient(saved[1] * h_before, dz[..., 2 * units :])
        return jnp.concatenate([dgates, dcandidate], axis=1)


GRU_CELL = _GruCell()
GRU_RESET_BEFORE_CELL = _GruResetBeforeCell()
