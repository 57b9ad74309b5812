"""Simple (Elman) recurrent network over a whole sequence."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from nyala.kernels._native_recurrent import SIMPLE
from nyala.kernels._sequence import Direction, Plan, Result, run_sequence
from nyala.kernels._weight_gradient import weight_gradient


def simple_rnn(
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array | None,
    h0: Array,
    *,
    mask: Array | None = None,
    go_backwards: bool = False,
    zero_output_for_mask: bool = False,
) -> Result:
    """Run `h = tanh(x kernel + h recurrent_kernel + bias)` over a batch of sequences.

    Args:
        x: `(batch, time, features)`.
        kernel: `(features, units)`.
        recurrent_kernel: `(units, units)`.
        bias: `(units,)` or `None`.
        h0: `(batch, units)` initial output.
        mask: `(batch, time)`; where false, state and output stay as they were.
        go_backwards: start at the last time step.
        zero_output_for_mask: where the mask is false, output zeros instead.

    Returns:
        The outputs `(batch, time, units)` in order of processing, and the last `(h,)`.

    Source: Elman, "Finding Structure in Time", Cognitive Science 14 (1990).

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> weights = jnp.ones((5, 3)), jnp.ones((3, 3)), None
        >>> outputs, (h,) = kernels.simple_rnn(jnp.ones((2, 4, 5)), *weights, jnp.zeros((2, 3)))
        >>> outputs.shape
        (2, 4, 3)
    """
    plan = Plan(SIMPLE_RNN_CELL, (go_backwards,), zero_output_for_mask)
    direction = Direction(kernel, bias, recurrent_kernel, (h0,))
    return run_sequence(plan, x, mask, (direction,))[0]


class _SimpleRnnCell:
    native = SIMPLE

    def prepare(self, direction):
        return direction

    def plain_step(self, recurrent, z, carry):
        return self.step(recurrent, z, carry)[0]

    def coefficients(self, saved, carry):
        return saved

    def step(self, recurrent, z, carry):
        h = jnp.tanh(z + carry[0] @ recurrent)
        return (h,), h

    def step_back(self, recurrent, saved, dcarry):
        dz = dcarry[0] * (1 - saved * saved)
        return (dz @ recurrent.T,), dz

    def recurrent_gradient(self, recurrent, h_before, saved, dz):
        return weight_gradient(h_before, dz)


SIMPLE_RNN_CELL = _SimpleRnnCell()
