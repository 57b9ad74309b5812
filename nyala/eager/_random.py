"""Random state: one seed for the process, and generators that hand out keys one after another."""

from __future__ import annotations

import random as python_random
from typing import Any

import jax
import numpy as np

from nyala.core import enrol
from nyala.eager._dispatch import Array, op
from nyala.eager._scope import local
from nyala.eager._tensor import Tensor
from nyala.eager._variable import NoScope, Variable

_global: SeedGenerator | None = None


@op(name="_split_seed")
def _split_seed(state: Array) -> tuple:
    """Return the key of this moment, and the state with its counter one further."""
    return state, state.at[1].add(1)


@enrol("keras.random")
class SeedGenerator:
    """A stream of random keys, each used once.

    Args:
        seed: an integer; drawn from Python's `random` (see `utils.set_random_seed`) by default.
        name: a name; automatic by default.

    Its `state` is a variable of two unsigned integers, the seed and a counter, so that it is part
    of a model's checkpoint and of its compiled step.

    >>> import nyala
    >>> seeds = nyala.random.SeedGenerator(7)
    >>> a = nyala.random.normal((2,), seed=seeds)
    >>> b = nyala.random.normal((2,), seed=seeds)
    >>> bool((a == b).any())
    False
    """

    def __init__(self, seed: int | None = None, name: str | None = None, **kwargs: Any):
        if kwargs:
            raise ValueError(f"SeedGenerator: unknown arguments {sorted(kwargs)}.")
        if seed is None:
            seed = make_default_seed()
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
            raise ValueError(f"SeedGenerator(seed=...) expects an integer; got {seed!r}.")
        if seed < 0:
            raise ValueError(f"SeedGenerator(seed=...) expects a non-negative integer; got {seed}.")
        self._initial_seed = int(seed)
        self.name = name or "seed_generator"
        self.state = Variable(
            _first_state(self._initial_seed),
            dtype="uint32",
            trainable=False,
            autocast=False,
            name="seed_generator_state",
            aggregation="none",
        )

    def next(self, ordered: bool = True) -> Tensor:
        """Return the next key (two unsigned integers) and move on."""
        key, following = _split_seed(self.state._read())
        self.state.assign(following)
        return key

    def state_initializer(self, *args: Any, **kwargs: Any) -> Tensor:
        """Return the state that this generator began with."""
        return Tensor(_first_state(self._initial_seed))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {"seed": self._initial_seed}

    @classmethod
    def from_config(cls, config: dict) -> SeedGenerator:
        """Return a generator from `get_config()`."""
        return cls(**config)


def _first_state(seed: int) -> np.ndarray:
    """The seed folded into 32 bits, and a counter of zero."""
    return np.array([(seed ^ (seed >> 32)) & 0xFFFFFFFF, 0], "uint32")


def make_default_seed() -> int:
    """Return a seed out of Python's `random`, which `set_random_seed` makes repeatable."""
    return python_random.randint(1, int(1e9))


def global_seed_generator() -> SeedGenerator:
    """Return the generator behind random operations that are given no seed."""
    global _global
    if _global is None:
        with jax.ensure_compile_time_eval(), NoScope():
            _global = SeedGenerator(name="global_seed_generator")
    return _global


def set_random_seed(seed: int) -> None:
    """Seed Python's `random`, NumPy and nyala, so that a program repeats itself bit by bit.

    Args:
        seed: a non-negative integer below 2**32.

    >>> import nyala
    >>> nyala.utils.set_random_seed(1)
    >>> a = float(nyala.random.uniform(()))
    >>> nyala.utils.set_random_seed(1)
    >>> a == float(nyala.random.uniform(()))
    True
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ValueError(f"set_random_seed expects a non-negative integer; got {seed!r}.")
    # The generator stays the same object: compiled code goes on reading its state. The first call
    # makes it, which takes a number from Python's `random`.
    generator = global_seed_generator()
    python_random.seed(int(seed))
    np.random.seed(int(seed) % 2**32)
    generator._initial_seed = int(seed)
    with jax.ensure_compile_time_eval(), NoScope():
        generator.state.assign(_first_state(int(seed)))


def draw_seed(seed: Any) -> Tensor:
    """Return a key (two unsigned integers) from a generator, an integer or `None` (global)."""
    if isinstance(seed, SeedGenerator):
        return seed.next()
    if isinstance(seed, (int, np.integer)) and not isinstance(seed, bool):
        seed = int(seed)
        return Tensor(_first_state(seed))
    if seed is None:
        return global_seed_generator().next()
    if isinstance(seed, Tensor):
        return seed
    raise ValueError(
        f"seed expects an integer, a SeedGenerator or None; got {seed!r} of type "
        f"{type(seed).__name__}."
    )


def scope_is_open() -> bool:
    """Whether variables are read through a state scope here."""
    return local.scope is not None
