"""Attention in native code: scores live in cache, a tile of keys by queries at a time.

XLA writes the matrix of scores to memory and reads it again for every step of the softmax, of
dropout and of the gradient. Here each tile is made, used and forgotten, with a running maximum and
sum for each query, and the gradient makes it again. What is left to XLA is bringing masks and
biases into the order of the tiles, keys before queries, which it fuses with what makes them.

Sources: Rabe and Staats, "Self-attention Does Not Need O(n²) Memory", arXiv:2112.05682; Dao et
al., "FlashAttention", NeurIPS 2022.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from nyala.kernels._dropout import keep_threshold
from nyala.kernels._native import NATIVE_FLOATS, native
from nyala.kernels._random_bits import random_bits

# Half of the lowest number: finite, so that a row that sees nothing becomes uniform, not NaN.
HIDDEN_SCORE = float(jnp.finfo(jnp.float32).min) / 2
# The gradient of keys and values is summed in this many parts where there are few heads.
_FEWEST_PARTS = 16
_WIDEST_VECTOR, _ROW_BLOCK = 16, 8


class Static(NamedTuple):
    """What of attention is known when a program is made."""

    scale: float
    causal: bool
    rate: float

    def attributes(self) -> dict[str, float | bool | int]:
        """As the kernels take it."""
        return {
            "scale": self.scale,
            "causal": self.causal,
            "threshold": keep_threshold(self.rate),
            "dropout_scale": 0.0 if self.rate == 1 else 1 / (1 - self.rate),
        }


def is_native(q: Array, k: Array, v: Array) -> bool:
    """Whether native code computes the attention of such arrays."""
    same = q.dtype == k.dtype == v.dtype and q.dtype in NATIVE_FLOATS
    some = min(k.shape[1], k.shape[2], q.shape[-1], v.shape[-1]) > 0
    # Measured from one query to 1024, widths of 4 to 64: nowhere slower than XLA's products.
    return same and some and _forward.chosen(True)


def run_native(
    static: Static, q: Array, k: Array, v: Array, mask: Array | None, bias: Array | None,
    key: Array | None,
) -> Array:  # fmt: skip
    """Attend as `nyala.kernels.attention` does.

    Args:
        static: the factor of the products, whether later keys are hidden, and dropout's rate.
        q: `(batch, queries, heads, width)`.
        k, v: `(batch, keys, key_heads, width)`, the values with a width of their own.
        mask: booleans that broadcast to `(batch, heads, queries, keys)`, or `None`.
        bias: the same as numbers, or `None`.
        key: of dropout, or `None`.

    Returns:
        `(batch, queries, heads, value_width)`.
    """
    mask = jnp.zeros((0,), bool) if mask is None else jnp.swapaxes(mask, 2, 3)
    bias = jnp.zeros((0,)) if bias is None else jnp.swapaxes(bias, 2, 3)
    key = jnp.zeros((0,), jnp.uint32) if not static.rate or key is None else key
    return _attend(static, q, k, v, mask, bias.astype(jnp.float32), key)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _attend(static, q, k, v, mask, bias, key):
    return _forward(q, k, v, mask, bias, key, **static.attributes())[0]


def _attend_forward(static, q, k, v, mask, bias, key):
    operands = q, k, v, mask, bias, key
    out, stats = _forward(*operands, **static.attributes())
    return out, (operands, out, stats)


def _attend_backward(static, saved, dout):
    operands, out, stats = saved
    attributes = static.attributes()
    q, k, *_, bias, _ = operands
    heads = q.shape[0] * k.shape[2]
    splits = max(1, min(-(-_FEWEST_PARTS // max(heads, 1)), q.shape[1] // 64))
    dq, dk, dv, _ = _backward(*operands, out, dout, stats, splits=splits, **attributes)
    dbias = None
    if bias.ndim == 4:
        dbias = _bias_gradient(*operands, out, dout, stats, **attributes)
    return dq, dk, dv, None, dbias, None


_attend.defvjp(_attend_forward, _attend_backward)


# -- the kernels, and what they stand for ---------------------------------------------------------


@native("attention_forward")
def _forward(
    q: Array, k: Array, v: Array, mask: Array, bias: Array, key: Array, *,
    scale: float, causal: bool, threshold: int, dropout_scale: float,
) -> tuple[Array, Array]:  # fmt: skip
    """The result, and of each row the maximum of its scores and 1 / the sum of exponentials."""
    scores, _ = _scores(q, k, mask, bias, scale, causal)
    maximum = lax.stop_gradient(scores.max(-1))
    exponentials = jnp.exp(scores - maximum[..., None])
    factor = 1 / exponentials.sum(-1)
    used = _drop(exponentials * factor[..., None], key, threshold, dropout_scale)
    out = jnp.einsum("bnts,bsnh->btnh", used.astype(v.dtype), _for_each_head(v, q))
    return out.astype(q.dtype), jnp.stack([maximum, factor], axis=2)


@native("attention_backward")
def _backward(
    q: Array, k: Array, v: Array, mask: Array, bias: Array, key: Array, out: Array, dout: Array,
    stats: Array, *, splits: int, **attributes: float,
) -> tuple[Array, Array, Array, Array]:  # fmt: skip
    """Gradients of `q`, `k` and `v`; memory for those of `k` and `v` while they are summed."""
    used, dscores = _score_gradients(q, k, v, mask, bias, key, out, dout, stats, **attributes)
    dproducts = (dscores * attributes["scale"]).astype(q.dtype)
    dq = jnp.einsum("bnts,bsnh->btnh", dproducts, _for_each_head(k, q))
    dk = jnp.einsum("bnts,btnh->bsnh", dproducts, q)
    dv = jnp.einsum("bnts,btnh->bsnh", used.astype(q.dtype), dout)
    dk, dv = (_of_key_heads(d, k) for d in (dk, dv))
    sums = (0,) if splits == 1 else (splits, *_sums_shape(k, v))
    return dq.astype(q.dtype), dk.astype(k.dtype), dv.astype(v.dtype), jnp.zeros(sums)


@native("attention_bias_gradient")
def _bias_gradient(
    q: Array, k: Array, v: Array, mask: Array, bias: Array, key: Array, out: Array, dout: Array,
    stats: Array, **attributes: float,
) -> Array:  # fmt: skip
    """The gradient of the bias, keys before queries as the bias itself."""
    _, dscores = _score_gradients(q, k, v, mask, bias, key, out, dout, stats, **attributes)
    dbias = jnp.swapaxes(dscores, 2, 3)
    axes = tuple(a for a in range(4) if bias.shape[a] == 1)
    return dbias.sum(axes, keepdims=True).astype(bias.dtype)


def _sums_shape(k: Array, v: Array) -> tuple[int, int, int]:
    """Of the memory for gradients of keys and values: rows of whole vectors on any machine."""
    rows = k.shape[1] + _ROW_BLOCK
    return k.shape[0], k.shape[2], rows * (k.shape[3] + v.shape[3] + 2 * _WIDEST_VECTOR)


def _scores(q, k, mask, bias, scale, causal):
    """The scores before the softmax, and where a query sees a key or `None`."""
    products = jnp.einsum(
        "btnh,bsnh->bnts", q, _for_each_head(k, q), preferred_element_type=jnp.float32
    )
    scores = products * scale
    if bias.ndim == 4:
        scores = scores + jnp.swapaxes(bias, 2, 3)
    seen = jnp.swapaxes(mask, 2, 3) if mask.ndim == 4 else None
    if causal:
        earlier = jnp.arange(q.shape[1])[:, None] >= jnp.arange(k.shape[1])
        seen = earlier if seen is None else seen & earlier
    return scores if seen is None else jnp.where(seen, scores, HIDDEN_SCORE), seen


def _score_gradients(
    q, k, v, mask, bias, key, out, dout, stats, *, scale, causal, threshold, dropout_scale
):
    """The probabilities after dropout, and the gradient of the scores."""
    scores, seen = _scores(q, k, mask, bias, scale, causal)
    probabilities = jnp.exp(scores - stats[:, :, 0, :, None]) * stats[:, :, 1, :, None]
    wide = dout.astype(jnp.float32)
    dused = jnp.einsum(
        "btnh,bsnh->bnts", dout, _for_each_head(v, q), preferred_element_type=jnp.float32
    )
    dprobabilities = _drop(dused, key, threshold, dropout_scale)
    row = jnp.einsum("btnh,btnh->bnt", wide, out.astype(jnp.float32))
    dscores = probabilities * (dprobabilities - row[..., None])
    dscores = dscores if seen is None else jnp.where(seen, dscores, 0)
    return _drop(probabilities, key, threshold, dropout_scale), dscores


def _drop(x: Array, key: Array, threshold: int, scale: float) -> Array:
    if not key.size:
        return x
    return jnp.where(random_bits(key, x.shape) >= jnp.uint32(threshold), x * scale, 0)


def _for_each_head(a: Array, q: Array) -> Array:
    """Keys or values once for each head of the queries."""
    group = q.shape[2] // a.shape[2]
    return a if group == 1 else jnp.repeat(a, group, axis=2)


def _of_key_heads(gradient: Array, k: Array) -> Array:
    """The sum over the heads that share a key head."""
    batch, keys, heads, width = gradient.shape
    shape = batch, keys, k.shape[2], heads // k.shape[2], width
    return gradient.reshape(shape).sum(axis=3)
