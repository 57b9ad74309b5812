"""Scaled dot-product attention."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from nyala import kernels
from nyala.eager import Array, op


@op
def dot_product_attention(
    query: Array,
    key: Array,
    value: Array,
    bias: Array | None = None,
    mask: Array | None = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Array:
    """Mean of the values, weighted by how well their keys fit a query.

    After Vaswani et al. 2017, "Attention Is All You Need" (arXiv:1706.03762).

    Args:
        query: array of shape `(batch, targets, heads, depth)`.
        key: array of shape `(batch, sources, key heads, depth)`; as many heads, or a divisor of
            them (each key then serves several queries).
        value: array of the shape of `key`.
        bias: added to the scores; broadcasts to `(batch, heads, targets, sources)`.
        mask: true where a target may look at a source; broadcasts to that shape, or of shape
            `(batch, targets, sources)`.
        scale: a factor on the scores; 1 / sqrt(depth) by default.
        is_causal: whether targets may only look at sources that are not later than they.
        flash_attention: accepted for Keras' sake: the fastest way the device has is taken.
        attn_logits_soft_cap: bounds the scores smoothly: score / (1 + |score| / cap).

    Returns:
        A tensor of the shape of `query`: softmax(scale · query · keyᵀ + bias) · value.

    >>> import nyala
    >>> q, kv = nyala.ops.ones((1, 2, 4, 8)), nyala.ops.ones((1, 3, 4, 8))
    >>> nyala.ops.dot_product_attention(q, kv, kv).shape
    (1, 2, 4, 8)
    """
    dtype = jnp.result_type(query, key, value)
    query, key, value = (jnp.asarray(a, dtype) for a in (query, key, value))
    if not query.ndim == key.ndim == value.ndim == 4:
        raise ValueError(
            "query, key and value need the axes (batch, length, heads, depth); got the shapes "
            f"{query.shape}, {key.shape}, {value.shape}."
        )
    if mask is not None:
        mask = _four_axes(jnp.asarray(mask).astype(bool))
    if bias is not None:
        bias = _four_axes(jnp.asarray(bias, dtype))
    if attn_logits_soft_cap is not None:
        return _capped(query, key, value, bias, mask, scale, is_causal, attn_logits_soft_cap)
    return kernels.attention(query, key, value, mask=mask, bias=bias, scale=scale, causal=is_causal)


def _four_axes(x: Array) -> Array:
    """Return a mask or bias with the axes (batch, heads, targets, sources)."""
    if x.ndim == 3:
        return x[:, None]
    return jnp.reshape(x, (1,) * (4 - x.ndim) + x.shape)


def _capped(query, key, value, bias, mask, scale, is_causal, cap):
    repeats = query.shape[2] // key.shape[2]
    key, value = jnp.repeat(key, repeats, axis=2), jnp.repeat(value, repeats, axis=2)
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = jnp.einsum("btnh,bsnh->bnts", query, key, preferred_element_type="float32") * scale
    if bias is not None:
        scores = scores + bias
    scores = scores / (1.0 + jnp.abs(scores) / cap)
    allowed = jnp.ones(scores.shape[-2:], bool)
    if is_causal:
        allowed = jnp.tril(allowed)
    if mask is not None:
        allowed = allowed & mask
    # Not -inf: a row in which nothing is allowed would give NaN.
    scores = jnp.where(allowed, scores, -0.7 * float(jnp.finfo("float32").max))
    weights = jax.nn.softmax(scores, axis=-1).astype(value.dtype)
    return jnp.einsum("bnts,bsnh->btnh", weights, value)
