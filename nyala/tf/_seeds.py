"""Seeds as TensorFlow means them: each call with the same number goes on in one stream."""

from __future__ import annotations

from typing import Any

import jax

from nyala import ops
from nyala.eager import NoScope, SeedGenerator, set_random_seed

_streams: dict[int, SeedGenerator] = {}


def seed_of(seed: Any) -> Any:
    """Return what nyala's random functions take for one of TensorFlow's operation seeds.

    In Keras, a number as seed gives the same values at every call. In TensorFlow it begins a
    stream: the second call gives others.
    """
    if seed is None:
        return None
    seed = int(seed)
    stream = _streams.get(seed)
    if stream is None:
        with jax.ensure_compile_time_eval(), NoScope():
            stream = _streams[seed] = SeedGenerator(abs(seed))
    return stream


def key_of(seed: Any) -> Any:
    """Return the random key for a pair of integers, as TensorFlow's stateless functions take."""
    return ops.cast(ops.convert_to_tensor(seed), "uint32")


def set_seed(seed: int) -> None:
    """Begin all random numbers anew from a number (see `nyala.utils.set_random_seed`).

    >>> import nyala
    >>> nyala.tf.random.set_seed(3)
    >>> a = float(nyala.tf.random.normal([]))
    >>> nyala.tf.random.set_seed(3)
    >>> a == float(nyala.tf.random.normal([]))
    True
    """
    _streams.clear()
    set_random_seed(int(seed))
