"""Connectionist temporal classification: the most likely label sequences."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from nyala.core import did_you_mean
from nyala.eager import Array, op
from nyala.ops._dtypes import as_float

_STRATEGIES = ("greedy", "beam_search")
_PAD = -1


@op
def ctc_decode(
    inputs: Array,
    sequence_lengths: Array,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int | None = 0,
) -> tuple:
    """Label sequences out of scores per step.

    After Graves et al. 2006, "Connectionist Temporal Classification".

    Args:
        inputs: scores (logits) of shape `(batch, steps, classes)`.
        sequence_lengths: how many steps of each row count, of shape `(batch,)`.
        strategy: `"greedy"` (the best class of each step) or `"beam_search"` (the best sequences,
            all alignments of each summed).
        beam_width: how many sequences a beam search keeps at each step.
        top_paths: how many it returns.
        merge_repeated: whether the greedy strategy takes the same class in a row as one label.
        mask_index: the class that means "no label"; the last one for `None`.

    Returns:
        The sequences, integers of shape `(paths, batch, steps)` filled up with -1, and their scores
        of shape `(batch, paths)`: log-probabilities (beam search), or minus the sum of the best
        scores (greedy).

    >>> import nyala
    >>> scores = nyala.ops.one_hot([[1, 1, 0, 1, 2]], 3)
    >>> sequences, _ = nyala.ops.ctc_decode(scores, [5])
    >>> sequences.numpy()
    array([[[ 1,  1,  2, -1, -1]]], dtype=int32)
    """
    if strategy not in _STRATEGIES:
        raise ValueError(
            f"strategy expects 'greedy' or 'beam_search'; got {strategy!r}."
            f"{did_you_mean(strategy, _STRATEGIES)}"
        )
    inputs = as_float(inputs)
    inputs = inputs.astype(jnp.promote_types(inputs.dtype, "float32"))
    blank = inputs.shape[-1] - 1 if mask_index is None else mask_index
    lengths = jnp.asarray(sequence_lengths).astype("int32")
    counts = jnp.arange(inputs.shape[1]) < lengths[:, None]
    if strategy == "greedy":
        return _greedy(inputs, counts, merge_repeated, blank)

    def search(log_p, counts):
        return _beam_search(log_p, counts, beam_width, top_paths, blank)

    paths, scores = jax.vmap(search)(jax.nn.log_softmax(inputs), counts)
    return jnp.swapaxes(paths, 0, 1), scores


def _greedy(inputs: Array, counts: Array, merge_repeated: bool, blank: int) -> tuple:
    best = jnp.where(counts, jnp.argmax(inputs, axis=-1), blank).astype("int32")
    scores = -jnp.sum(jnp.where(counts, jnp.max(inputs, axis=-1), 0.0), axis=1, keepdims=True)
    is_label = best != blank
    if merge_repeated:
        is_label &= jnp.pad(best[:, 1:] != best[:, :-1], ((0, 0), (1, 0)), constant_values=True)
    # A stable sort by "is no label" moves the labels to the front and keeps their order.
    order = jnp.argsort(~is_label, axis=-1, stable=True)
    labels = jnp.take_along_axis(jnp.where(is_label, best, _PAD), order, axis=-1)
    return labels[None], scores


class _Beam(NamedTuple):
    """The sequences kept so far, best first."""

    paths: Array  # (beams, steps), filled up with -1
    lengths: Array  # (beams,)
    gap: Array  # (beams,) log-probability of the alignments that end in a gap
    label: Array  # (beams,) and of those that end in the last label

    def total(self) -> Array:
        return jnp.logaddexp(self.gap, self.label)

    def last(self) -> Array:
        """The last label of each sequence; -1 of an empty one."""
        ends = jnp.maximum(self.lengths - 1, 0)[:, None]
        last = jnp.take_along_axis(self.paths, ends, axis=1)[:, 0]
        return jnp.where(self.lengths > 0, last, _PAD)


def _beam_search(log_p: Array, counts: Array, width: int, top_paths: int, blank: int) -> tuple:
    steps = log_p.shape[0]
    nothing = jnp.full((width,), -jnp.inf, log_p.dtype)
    start = _Beam(
        jnp.full((width, steps), _PAD, "int32"),
        # Unused places have an impossible length, so that they never equal a sequence.
        jnp.zeros((width,), "int32").at[1:].set(-2),
        nothing.at[0].set(0.0),
        nothing,
    )

    def step(beam, now):
        log_p_now, counts_now = now
        extended = _advance(beam, log_p_now, blank)
        chosen = jax.tree.map(lambda a, b: jnp.where(counts_now, a, b), extended, beam)
        return chosen, None

    beam, _ = jax.lax.scan(step, start, (log_p, counts))
    scores, order = jax.lax.top_k(beam.total(), top_paths)
    return beam.paths[order], scores


def _advance(beam: _Beam, log_p: Array, blank: int) -> _Beam:
    """Return the best sequences after one more step."""
    width, classes = len(beam.lengths), len(log_p)
    total, last = beam.total(), beam.last()
    gap = total + log_p[blank]
    label = jnp.where(last >= 0, beam.label + log_p[last], -jnp.inf)

    # Longer by one label: a repeated label counts only after a gap.
    repeats = last[:, None] == jnp.arange(classes)
    longer = jnp.where(repeats, beam.gap[:, None], total[:, None]) + log_p
    longer = longer.at[:, blank].set(-jnp.inf)

    # A sequence made longer may be one that is in the beam already: then it is added to that.
    is_child = _is_child(beam)
    child_label = jnp.where(is_child, longer[:, jnp.maximum(last, 0)], -jnp.inf)
    label = jnp.logaddexp(label, jax.nn.logsumexp(child_label, axis=0))
    in_beam = jnp.any(is_child[:, :, None] & (last[:, None] == jnp.arange(classes)), axis=1)
    longer = jnp.where(in_beam, -jnp.inf, longer)

    candidates = jnp.concatenate([jnp.logaddexp(gap, label), longer.ravel()])
    _, chosen = jax.lax.top_k(candidates, width)
    is_longer = chosen >= width
    parent = jnp.where(is_longer, (chosen - width) // classes, chosen)
    added = jnp.where(is_longer, (chosen - width) % classes, _PAD)
    lengths = beam.lengths[parent]
    at_end = jnp.arange(beam.paths.shape[1]) == lengths[:, None]
    return _Beam(
        jnp.where(at_end & is_longer[:, None], added[:, None], beam.paths[parent]),
        lengths + is_longer,
        jnp.where(is_longer, -jnp.inf, gap[parent]),
        jnp.where(is_longer, candidates[chosen], label[parent]),
    )


def _is_child(beam: _Beam) -> Array:
    """Whether sequence w with one more label is sequence v, for all pairs (w, v)."""
    ends = jnp.arange(beam.paths.shape[1]) == beam.lengths[:, None] - 1
    shortened = jnp.where(ends, _PAD, beam.paths)
    same = jnp.all(beam.paths[:, None] == shortened[None], axis=-1)
    return same & (beam.lengths[:, None] + 1 == beam.lengths[None])
