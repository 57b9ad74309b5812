"""Connectionist temporal classification: the loss of labels without known times."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import as_float

# Stands for log(0): finite, so that gradients of impossible alignments are numbers.
_IMPOSSIBLE = -1e5


@op
def ctc_loss(
    target: Array,
    output: Array,
    target_length: Array,
    output_length: Array,
    mask_index: int = 0,
) -> Array:
    """Negative log-likelihood of label sequences, summed over all their alignments in time.

    After Graves et al. 2006, "Connectionist Temporal Classification".

    Args:
        target: labels, integers of shape `(batch, labels)`.
        output: scores (logits) of shape `(batch, steps, classes)`.
        target_length: how many labels of each row count, of shape `(batch,)`.
        output_length: how many steps of each row count, of shape `(batch,)`.
        mask_index: the class that means "no label".

    Returns:
        A tensor of shape `(batch,)` in at least single precision.

    >>> import nyala
    >>> scores = nyala.ops.zeros((1, 2, 2))
    >>> nyala.ops.ctc_loss([[1]], scores, [1], [2]).numpy().round(3)
    array([0.288], dtype=float32)
    """
    target = jnp.asarray(target).astype("int32")
    output = as_float(output)
    output = output.astype(jnp.promote_types(output.dtype, "float32"))
    if output.ndim != 3 or target.ndim != 2:
        raise ValueError(
            "expected target of shape (batch, labels) and output of shape (batch, steps, classes); "
            f"got {target.shape} and {output.shape}."
        )
    emissions = _emissions(jax.nn.log_softmax(output), target, mask_index)
    steps = jnp.arange(output.shape[1])
    counts = steps[:, None] < jnp.asarray(output_length).astype("int32")
    may_skip = _may_skip(target)

    # alpha[b, s]: log-probability of being in state s; even states are gaps, odd ones labels.
    start = jnp.full(emissions.shape[1:], _IMPOSSIBLE, output.dtype).at[:, 0].set(0.0)

    def step(alpha, now):
        emission, counts_now = now
        following = emission + _reached(alpha, may_skip)
        return jnp.where(counts_now[:, None], following, alpha), None

    alpha, _ = jax.lax.scan(step, start, (emissions, counts))
    return -_at_the_end(alpha, jnp.asarray(target_length).astype("int32"))


def _emissions(log_p: Array, target: Array, mask_index: int) -> Array:
    """Return the log-probability of each state at each step: `(steps, batch, 2 · labels + 1)`."""
    # A product with one-hot vectors: its gradient adds in a fixed order, that of gathering may not.
    classes = jax.nn.one_hot(target, log_p.shape[-1], dtype=log_p.dtype)
    labels = jnp.einsum("btk,bnk->btn", log_p, classes, precision="highest")
    gaps = jnp.broadcast_to(log_p[..., mask_index, None], labels.shape)
    pairs = jnp.stack([gaps, labels], axis=-1).reshape(*labels.shape[:2], -1)
    states = jnp.concatenate([pairs, log_p[..., mask_index, None]], axis=-1)
    return jnp.swapaxes(states, 0, 1)


def _may_skip(target: Array) -> Array:
    """Whether a state may follow the one two before it: a label after another, different label."""
    differs = jnp.pad(target[:, 1:] != target[:, :-1], ((0, 0), (1, 0)))
    to_label = jnp.stack([jnp.zeros_like(differs), differs], axis=-1).reshape(len(target), -1)
    return jnp.pad(to_label, ((0, 0), (0, 1)))


def _reached(alpha: Array, may_skip: Array) -> Array:
    """Return the log-probability of the ways into each state, before it emits."""
    one = jnp.pad(alpha[:, :-1], ((0, 0), (1, 0)), constant_values=_IMPOSSIBLE)
    two = jnp.pad(alpha[:, :-2], ((0, 0), (2, 0)), constant_values=_IMPOSSIBLE)
    two = jnp.where(may_skip, two, _IMPOSSIBLE)
    return jnp.logaddexp(jnp.logaddexp(alpha, one), two)


def _at_the_end(alpha: Array, target_length: Array) -> Array:
    """Return the log-probability of the last label's state and of the gap behind it."""
    last_gap = jnp.take_along_axis(alpha, 2 * target_length[:, None], axis=1)[:, 0]
    before = jnp.maximum(2 * target_length[:, None] - 1, 0)
    last_label = jnp.take_along_axis(alpha, before, axis=1)[:, 0]
    return jnp.where(target_length > 0, jnp.logaddexp(last_gap, last_label), last_gap)
