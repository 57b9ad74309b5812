"""Scaled dot-product attention of several heads.

A native kernel keeps the matrix of scores in cache. Without it, on a CPU the products run heads
first, which makes each of them a batch of plain matrix products, and the gradient reuses the saved
probabilities. Measured in `docs/decisions/0003-kernel-lowerings.md`.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from nyala.kernels._dropout import keep_mask
from nyala.kernels._mode import on_cpu, use_reference
from nyala.kernels._native_attention import HIDDEN_SCORE, Static, is_native, run_native


def attention(
    q: Array,
    k: Array,
    v: Array,
    *,
    mask: Array | None = None,
    bias: Array | None = None,
    scale: float | None = None,
    causal: bool = False,
    dropout_rate: float = 0.0,
    dropout_key: Array | None = None,
    return_scores: bool = False,
) -> Array | tuple[Array, Array]:
    """Average the values `v` by how well their keys `k` match each query.

    Args:
        q: `(batch, queries, heads, width)`.
        k: `(batch, keys, key_heads, width)`; `key_heads` divides `heads`, and each of them serves
            a group of neighbouring query heads.
        v: `(batch, keys, key_heads, value_width)`.
        mask: booleans that broadcast to `(batch, heads, queries, keys)`; where false, a query does
            not see the key. A query that sees none averages all values.
        bias: added to the scaled products; broadcasts to the same shape.
        scale: factor of the products of queries and keys; `width ** -0.5` when `None`.
        causal: let a query see only keys at its own position and before.
        dropout_rate: fraction of the probabilities to set to zero.
        dropout_key: two `uint32` words; needed when `dropout_rate` is not 0.
        return_scores: also return the probabilities before dropout.

    Returns:
        `(batch, queries, heads, value_width)` in the dtype of `q`; with `return_scores` also the
        probabilities `(batch, heads, queries, keys)`.

    Raises:
        ValueError: if the heads do not divide, or the dropout key is missing.

    Source: Vaswani et al., "Attention Is All You Need", NeurIPS 2017; grouped keys: Ainslie et
    al., "GQA", EMNLP 2023.

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> q = k = v = jnp.ones((2, 5, 4, 8))
        >>> kernels.attention(q, k, v, causal=True).shape
        (2, 5, 4, 8)
    """
    if dropout_rate and dropout_key is None:
        raise ValueError("attention: a dropout_rate other than 0 needs a dropout_key.")
    scale = q.shape[-1] ** -0.5 if scale is None else float(scale)
    heads = _query_heads(q, k)
    mask = None if mask is None else _four_dimensions(mask.astype(bool))
    bias = None if bias is None else _four_dimensions(bias)
    options = Options(scale, float(dropout_rate), return_scores)
    if not return_scores and is_native(q, k, v):
        static = Static(scale, bool(causal), options.rate)
        return run_native(static, q, k, v, mask, bias, dropout_key)
    mask = _visible(q, k, mask, causal)
    if _fused_applies(q, k, v, options):
        return jax.nn.dot_product_attention(q, k, v, bias=bias, mask=mask, scale=scale)
    k, v = (a if heads == 1 else jnp.repeat(a, heads, axis=2) for a in (k, v))
    run = _attend if on_cpu() and not use_reference() else attention_reference
    out, scores = run(options, q, k, v, bias, mask, dropout_key)
    return (out, scores) if return_scores else out


class Options(NamedTuple):
    scale: float
    rate: float
    return_scores: bool


def attention_reference(
    options: Options,
    q: Array,
    k: Array,
    v: Array,
    bias: Array | None,
    mask: Array | None,
    key: Array | None,
) -> tuple[Array, Array | None]:
    """The definition, with JAX's own gradient."""
    wide = jnp.promote_types(q.dtype, jnp.float32)
    products = jnp.einsum("btnh,bsnh->bnts", q, k, preferred_element_type=wide)
    scores = jax.nn.softmax(_hide(products * options.scale, bias, mask))
    used = _drop(options, scores, key).astype(v.dtype)
    out = jnp.einsum("bnts,bsnh->btnh", used, v).astype(q.dtype)
    return out, scores.astype(q.dtype) if options.return_scores else None


def _query_heads(q: Array, k: Array) -> int:
    heads, rest = divmod(q.shape[2], k.shape[2])
    if rest:
        raise ValueError(
            f"attention: {q.shape[2]} query heads do not divide among {k.shape[2]} key heads."
        )
    return heads


def _fused_applies(q: Array, k: Array, v: Array, options: Options) -> bool:
    """Whether JAX's fused attention computes this, and the platform gains from it."""
    plain = not options.rate and not options.return_scores and not use_reference()
    return plain and not on_cpu() and v.shape[-1] == q.shape[-1]


def _four_dimensions(a: Array) -> Array:
    return a.reshape((1,) * (4 - a.ndim) + a.shape)


def _visible(q: Array, k: Array, mask: Array | None, causal: bool) -> Array | None:
    if not causal:
        return mask
    positions = jnp.arange(q.shape[1])[:, None] >= jnp.arange(k.shape[1])
    earlier = positions[None, None]
    return earlier if mask is None else mask & earlier


def _hide(products: Array, bias: Array | None, mask: Array | None) -> Array:
    if bias is not None:
        products = products + bias.astype(products.dtype)
    if mask is not None:
        products = jnp.where(mask, products, jnp.asarray(HIDDEN_SCORE, products.dtype))
    return products


def _drop(options: Options, scores: Array, key: Array | None) -> Array:
    if not options.rate:
        return scores
    kept = keep_mask(key, options.rate, scores.shape)
    scale = 0.0 if options.rate == 1 else 1 / (1 - options.rate)
    return jnp.where(kept, scores * scale, jnp.zeros((), scores.dtype))


def _product(a: Array, b: Array, contract_a: int, contract_b: int, dtype: Any = None) -> Array:
    """Batched matrix product over the first two axes, contracting one of the last two of each."""
    dimensions = (((2 + contract_a,), (2 + contract_b,)), ((0, 1), (0, 1)))
    return lax.dot_general(a, b, dimensions, preferred_element_type=dtype)


def _swap_heads(a: Array) -> Array:
    return jnp.swapaxes(a, 1, 2)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _attend(options, q, k, v, bias, mask, key):
    return _attend_forward(options, q, k, v, bias, mask, key)[0]


def _attend_forward(options, q, k, v, bias, mask, key):
    wide = jnp.promote_types(q.dtype, jnp.float32)
    q, k, v = (_swap_heads(a) for a in (q, k, v))
    q = q * jnp.asarray(options.scale, q.dtype)
    products = _hide(_product(q, k, 1, 1, wide), bias, mask)
    exponentials = jnp.exp(products - lax.stop_gradient(products.max(-1, keepdims=True)))
    scores = exponentials / exponentials.sum(-1, keepdims=True)
    scores = scores.astype(q.dtype)
    out = _product(_drop(options, scores, key).astype(v.dtype), v, 1, 0).astype(q.dtype)
    saved = (q, k, v, bias, mask, key, scores, out)
    return (_swap_heads(out), scores if options.return_scores else None), saved


def _attend_backward(options, saved, cotangents):
    """With P the probabilities and D = dout v^T: dv = P^T dout, ds = P (D - rowsum(out dout)),
    dq = ds k, dk = ds^T q; the products with a transposed left side are made in the order that
    avoids it, which is more than twice as fast.
    """
    q, k, v, bias, mask, key, scores, out = saved
    dout, dscores = cotangents
    dout = _swap_heads(dout)
    wide = jnp.promote_types(q.dtype, jnp.float32)
    used = _drop(options, scores, key).astype(v.dtype)
    dv = jnp.swapaxes(_product(dout, used, 0, 0), 2, 3)
    dprobabilities = _drop(options, _product(dout, v, 1, 1, wide), key)
    row = (dout.astype(wide) * out.astype(wide)).sum(-1, keepdims=True)
    if dscores is not None:
        dprobabilities = dprobabilities + dscores
        row = row + (scores * dscores).astype(wide).sum(-1, keepdims=True)
    dproducts = scores.astype(wide) * (dprobabilities - row)
    if mask is not None:
        dproducts = jnp.where(mask, dproducts, 0)
    dbias = None if bias is None else _sum_to(dproducts, bias)
    dproducts = dproducts.astype(q.dtype)
    dq = _product(dproducts, k, 1, 0) * jnp.asarray(options.scale, q.dtype)
    dk = jnp.swapaxes(_product(q, dproducts, 0, 0), 2, 3)
    dq, dk, dv = (_swap_heads(d).astype(q.dtype) for d in (dq, dk, dv))
    return dq, dk, dv, dbias, None, None


_attend.defvjp(_attend_forward, _attend_backward)


def _sum_to(gradient: Array, like: Array) -> Array:
    """Sum a gradient over the axes along which `like` was broadcast."""
    axes = tuple(a for a in range(4) if like.shape[a] == 1 and gradient.shape[a] != 1)
    return gradient.sum(axes, keepdims=True).astype(like.dtype)
