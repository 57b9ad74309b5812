"""Long short-term memory over a whole sequence, in one or both directions."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from nyala.kernels._native_recurrent import LSTM
from nyala.kernels._sequence import Direction, Plan, Result, run_sequence
from nyala.kernels._weight_gradient import weight_gradient

Weights = tuple[Array, Array, Array | None, Array, Array]


def lstm(
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array | None,
    h0: Array,
    c0: Array,
    *,
    mask: Array | None = None,
    go_backwards: bool = False,
    zero_output_for_mask: bool = False,
) -> Result:
    """Run an LSTM with tanh activation and sigmoid gates over a batch of sequences.

    Args:
        x: `(batch, time, features)`.
        kernel: `(features, 4 * units)`, gates in the order input, forget, cell, output.
        recurrent_kernel: `(units, 4 * units)`.
        bias: `(4 * units,)` or `None`.
        h0: `(batch, units)` initial output.
        c0: `(batch, units)` initial cell state.
        mask: `(batch, time)`; where false, state and output stay as they were.
        go_backwards: start at the last time step.
        zero_output_for_mask: where the mask is false, output zeros instead.

    Returns:
        The outputs `(batch, time, units)` in order of processing, and the last `(h, c)`.

    Source: Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 9 (1997);
    Gers et al., "Learning to Forget", Neural Computation 12 (2000).

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> zeros = jnp.zeros((2, 3))
        >>> weights = jnp.ones((5, 12)), jnp.ones((3, 12)), None
        >>> outputs, (h, c) = kernels.lstm(jnp.ones((2, 4, 5)), *weights, zeros, zeros)
        >>> outputs.shape, bool((outputs[:, -1] == h).all())
        ((2, 4, 3), True)
    """
    plan = Plan(LSTM_CELL, (go_backwards,), zero_output_for_mask)
    direction = Direction(kernel, bias, recurrent_kernel, (h0, c0))
    return run_sequence(plan, x, mask, (direction,))[0]


def bidirectional_lstm(
    x: Array,
    forward: Weights,
    backward: Weights,
    *,
    mask: Array | None = None,
    zero_output_for_mask: bool = False,
) -> tuple[Result, Result]:
    """Run two LSTMs, one from each end of the sequences, in one loop.

    Args:
        x: `(batch, time, features)`.
        forward: `(kernel, recurrent_kernel, bias, h0, c0)` of the one that starts at the first
            step, each as in `lstm`.
        backward: the same of the one that starts at the last step.
        mask: `(batch, time)`; where false, state and output stay as they were.
        zero_output_for_mask: where the mask is false, output zeros instead.

    Returns:
        What `lstm` returns for each of them; the outputs of the second begin with the last step.

    Source: Schuster and Paliwal, "Bidirectional Recurrent Neural Networks", IEEE Transactions on
    Signal Processing 45 (1997).

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> state = jnp.zeros((2, 3))
        >>> weights = jnp.ones((5, 12)), jnp.ones((3, 12)), None, state, state
        >>> ahead, back = kernels.bidirectional_lstm(jnp.ones((2, 4, 5)), weights, weights)
        >>> ahead[0].shape
        (2, 4, 3)
    """
    plan = Plan(LSTM_CELL, (False, True), zero_output_for_mask)
    directions = tuple(
        Direction(kernel, bias, recurrent, (h0, c0))
        for kernel, recurrent, bias, h0, c0 in (forward, backward)
    )
    return run_sequence(plan, x, mask, directions)


class _LstmCell:
    """The three sigmoids are taken as (1 + tanh(z / 2)) / 2, with the halving folded into the
    weights: one tanh then serves all four gates.
    """

    native = LSTM

    def plain_step(self, recurrent, z, carry):
        h, c = carry
        i, f, g, o = jnp.split(z + h @ recurrent, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return jax.nn.sigmoid(o) * jnp.tanh(c), c

    def prepare(self, direction):
        units = direction.recurrent.shape[0]
        halves = jnp.asarray(np.repeat([0.5, 0.5, 1.0, 0.5], units), direction.kernel.dtype)
        bias = None if direction.bias is None else direction.bias * halves
        kernel, recurrent = direction.kernel * halves, direction.recurrent * halves
        return Direction(kernel, bias, recurrent, direction.carry)

    def step(self, recurrent, z, carry):
        h, c = carry
        squashed = jnp.tanh(z + h @ recurrent)
        i, f, g, o = _gates(squashed)
        new_c = f * c + i * g
        return (o * jnp.tanh(new_c), new_c), (squashed, c)

    def coefficients(self, saved, carry):
        squashed, c_before = saved
        output = jnp.tanh(jnp.concatenate([c_before[1:], carry[1][None]]))
        i, f, g, o = _gates(squashed)
        slope_i, slope_f, slope_g, slope_o = jnp.split(1 - squashed * squashed, 4, axis=-1)
        return (
            g * slope_i / 2,
            c_before * slope_f / 2,
            i * slope_g,
            output * slope_o / 2,
            o * (1 - output * output),
            f,
        )

    def step_back(self, recurrent, coefficients, dcarry):
        to_i, to_f, to_g, to_o, to_c, f = coefficients
        dh, dc = dcarry
        dc = dc + dh * to_c
        dz = jnp.concatenate([dc * to_i, dc * to_f, dc * to_g, dh * to_o], axis=-1)
        return (dz @ recurrent.T, dc * f), dz

    def recurrent_gradient(self, recurrent, h_before, saved, dz):
        return weight_gradient(h_before, dz)


def _gates(squashed: Array) -> tuple[Array, Array, Array, Array]:
    i, f, g, o = jnp.split(squashed, 4, axis=-1)
    return (1 + i) / 2, (1 + f) / 2, g, (1 + o) / 2


LSTM_CELL = _LstmCell()
