"""Random keys for one transformation."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.eager import Array, SeedGenerator, draw_seed, op


class Seeds:
    """Hands out one key for each draw of a transformation.

    Args:
        source: the layer's `SeedGenerator`, which moves on; or an integer, which gives the keys
            that a new generator with this seed would give; or one key, from which others derive.
    """

    def __init__(self, source: Any):
        self._source = source
        self._count = 0

    @classmethod
    def of(cls, source: Any) -> Seeds:
        """Return the seeds of a source, which may be some already."""
        return source if isinstance(source, cls) else cls(source)

    def next(self) -> Any:
        """Return the next key (two unsigned integers)."""
        if isinstance(self._source, SeedGenerator):
            return self._source.next()
        key = _later_key(draw_seed(self._source), self._count, isinstance(self._source, int))
        self._count += 1
        return key


@op(name="_later_key")
def _later_key(key: Array, count: int, counted: bool) -> Array:
    key = jnp.asarray(key, "uint32")
    return key.at[1].add(count) if counted else jax.random.fold_in(key, count)
