"""What is done to gradients before the rule sees them. Pure functions of arrays."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from nyala import kernels


def clipping_factors(
    gradients: Sequence[jax.Array],
    factor: float,
    clipnorm: float | None,
    global_clipnorm: float | None,
) -> jax.Array:
    """Return what each gradient times `factor` must be multiplied by, times `factor`.

    With `clipnorm`, none is longer than that; else with `global_clipnorm`, all of them together as
    one vector are not. A common norm that is not finite gives NaN, so that it is seen.

    Source: Pascanu et al., https://arxiv.org/abs/1211.5063.
    """
    factors = jnp.full(len(gradients), factor, jnp.float32)
    if clipnorm and clipnorm > 0:
        norms = jnp.sqrt(kernels.squared_norms(gradients)) * abs(factor)
        return factors * (clipnorm / jnp.maximum(norms, clipnorm))
    if global_clipnorm and global_clipnorm > 0:
        norm = jnp.sqrt(jnp.sum(kernels.squared_norms(gradients))) * abs(factor)
        scale = global_clipnorm * jnp.minimum(1.0 / norm, 1.0 / global_clipnorm)
        return factors * (scale + (norm - norm))
    return factors


def clip(
    gradients: Sequence[jax.Array],
    clipnorm: float | None,
    clipvalue: float | None,
    global_clipnorm: float | None,
) -> list[jax.Array]:
    """Clip in the way that is asked for (at most one is)."""
    if (clipnorm and clipnorm > 0) or (global_clipnorm and global_clipnorm > 0):
        factors = clipping_factors(gradients, 1.0, clipnorm, global_clipnorm)
        return [g * f.astype(g.dtype) for g, f in zip(gradients, factors, strict=True)]
    if clipvalue and clipvalue > 0:
        return [jnp.clip(gradient, -clipvalue, clipvalue) for gradient in gradients]
    return list(gradients)
