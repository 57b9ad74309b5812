"""`keras.backend.experimental`: which random generator is used."""

from __future__ import annotations


def disable_tf_random_generator() -> None:
    """Do nothing: random numbers always come from `nyala.random.SeedGenerator`."""


def enable_tf_random_generator() -> None:
    """Do nothing: random numbers always come from `nyala.random.SeedGenerator`."""


def is_tf_random_generator_enabled() -> bool:
    """Return `True`: random numbers come from generators with a state."""
    return True


__all__ = [
    "disable_tf_random_generator",
    "enable_tf_random_generator",
    "is_tf_random_generator_enabled",
]
