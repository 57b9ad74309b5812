"""The whole-sequence recurrences of `nyala.kernels` as operations on tensors.

Each is compiled by itself, so that a layer called outside compiled code traces its loop only once
for each shape.
"""

from __future__ import annotations

import jax

from nyala import kernels
from nyala.eager import Array, op

_STATIC = ("go_backwards", "zero_output_for_mask")
_lstm = jax.jit(kernels.lstm, static_argnames=_STATIC)
_gru = jax.jit(kernels.gru, static_argnames=(*_STATIC, "reset_after"))
_simple_rnn = jax.jit(kernels.simple_rnn, static_argnames=_STATIC)
_bidirectional_lstm = jax.jit(kernels.bidirectional_lstm, static_argnames=_STATIC[1:])


@op(name="_lstm_sequence")
def lstm_sequence(
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array | None,
    h: Array,
    c: Array,
    mask: Array | None = None,
    go_backwards: bool = False,
    zero_output_for_mask: bool = False,
) -> tuple:
    """Return the outputs `(batch, time, units)` in order of processing, and the last `[h, c]`."""
    outputs, states = _lstm(
        x, kernel, recurrent_kernel, bias, h, c, mask=mask, go_backwards=go_backwards,
        zero_output_for_mask=zero_output_for_mask,
    )  # fmt: skip
    return outputs, list(states)


@op(name="_gru_sequence")
def gru_sequence(
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array | None,
    h: Array,
    mask: Array | None = None,
    reset_after: bool = True,
    go_backwards: bool = False,
    zero_output_for_mask: bool = False,
) -> tuple:
    """Return the outputs `(batch, time, units)` in order of processing, and the last `[h]`."""
    outputs, states = _gru(
        x, kernel, recurrent_kernel, bias, h, mask=mask, reset_after=reset_after,
        go_backwards=go_backwards, zero_output_for_mask=zero_output_for_mask,
    )  # fmt: skip
    return outputs, list(states)


@op(name="_simple_rnn_sequence")
def simple_rnn_sequence(
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array | None,
    h: Array,
    mask: Array | None = None,
    go_backwards: bool = False,
    zero_output_for_mask: bool = False,
) -> tuple:
    """Return the outputs `(batch, time, units)` in order of processing, and the last `[h]`."""
    outputs, states = _simple_rnn(
        x, kernel, recurrent_kernel, bias, h, mask=mask, go_backwards=go_backwards,
        zero_output_for_mask=zero_output_for_mask,
    )  # fmt: skip
    return outputs, list(states)


@op(name="_bidirectional_lstm_sequence")
def bidirectional_lstm_sequence(
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array | None,
    h: Array,
    c: Array,
    back_kernel: Array,
    back_recurrent_kernel: Array,
    back_bias: Array | None,
    back_h: Array,
    back_c: Array,
    mask: Array | None = None,
    zero_output_for_mask: bool = False,
) -> tuple:
    """Return `(outputs, [h, c])` of each direction."""
    forward = (kernel, recurrent_kernel, bias, h, c)
    backward = (back_kernel, back_recurrent_kernel, back_bias, back_h, back_c)
    results = _bidirectional_lstm(
        x, forward, backward, mask=mask, zero_output_for_mask=zero_output_for_mask
    )
    return tuple((outputs, list(states)) for outputs, states in results)
