"""What is done to gradients before the rule sees them. Pure functions of arrays."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp


def clip_by_norm(gradient: jax.Array, clipnorm: float) -> jax.Array:
    """Scale a gradient down to Euclidean norm `clipnorm` if it is longer."""
    squared = jnp.sum(jnp.square(gradient))
    return gradient * clipnorm / jnp.maximum(jnp.sqrt(squared), clipnorm)


def global_norm(gradients: Sequence[jax.Array]) -> jax.Array:
    """Return the Euclidean norm of all gradients as one long vector."""
    return jnp.sqrt(jnp.sum(jnp.stack([jnp.sum(jnp.square(g)) for g in gradients])))


def clip_by_global_norm(gradients: Sequence[jax.Array], clipnorm: float) -> list[jax.Array]:
    """Scale all gradients by one factor so that their common norm is at most `clipnorm`.

    A norm that is not finite makes every gradient NaN, so that it is seen.

    Source: Pascanu et al., https://arxiv.org/abs/1211.5063.
    """
    norm = global_norm(gradients)
    scale = clipnorm * jnp.minimum(1.0 / norm, 1.0 / clipnorm) + (norm - norm)
    return [gradient * scale for gradient in gradients]


def clip(
    gradients: Sequence[jax.Array],
    clipnorm: float | None,
    clipvalue: float | None,
    global_clipnorm: float | None,
) -> list[jax.Array]:
    """Clip in the way that is asked for (at most one is)."""
    if clipnorm and clipnorm > 0:
        return [clip_by_norm(gradient, clipnorm) for gradient in gradients]
    if global_clipnorm and global_clipnorm > 0:
        return clip_by_global_norm(gradients, global_clipnorm)
    if clipvalue and clipvalue > 0:
        return [jnp.clip(gradient, -clipvalue, clipvalue) for gradient in gradients]
    return list(gradients)
