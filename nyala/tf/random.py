"""`tf.random`: draws from distributions, generators, shuffling."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from nyala import ops, random
from nyala.eager import Array, SeedGenerator, draw_seed, op
from nyala.ops._static_shapes import as_lengths
from nyala.tf._absent import refuse_others
from nyala.tf._seeds import key_of, seed_of, set_seed

_HINTS = {
    "fixed_unigram_candidate_sampler": "Use nyala.random.categorical.",
    "log_uniform_candidate_sampler": "Use nyala.random.categorical.",
}


def normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32", seed: Any = None,
           name: str | None = None) -> Any:  # fmt: skip
    """Return draws from normal distributions.

    A number as `seed` begins a stream, as in TensorFlow: each call goes on in it.

    >>> import nyala
    >>> nyala.tf.random.normal([2, 3]).shape
    (2, 3)
    """
    return random.normal(as_lengths(shape), mean, stddev, dtype, seed_of(seed))


def truncated_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32",
                     seed: Any = None, name: str | None = None) -> Any:  # fmt: skip
    """Return draws from normal distributions cut off two standard deviations from the mean."""
    return random.truncated_normal(as_lengths(shape), mean, stddev, dtype, seed_of(seed))


def uniform(shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = "float32",
            seed: Any = None, name: str | None = None) -> Any:  # fmt: skip
    """Return draws from `minval` up to, without, `maxval`; integers for an integer dtype."""
    return _uniform(shape, minval, maxval, dtype, seed_of(seed))


def _uniform(shape: Any, minval: Any, maxval: Any, dtype: Any, seed: Any) -> Any:
    if str(ops.result_type(dtype)).startswith(("int", "uint")):
        if maxval is None:
            raise ValueError("tf.random.uniform: integers need maxval=...; got None.")
        return random.randint(as_lengths(shape), minval, maxval, dtype, seed)
    return random.uniform(as_lengths(shape), minval, 1.0 if maxval is None else maxval, dtype, seed)


def gamma(shape: Any, alpha: Any, beta: Any = None, dtype: Any = "float32", seed: Any = None,
          name: str | None = None) -> Any:  # fmt: skip
    """Return draws from gamma distributions, of shape `shape` before that of `alpha`."""
    alpha = ops.convert_to_tensor(alpha, dtype)
    draws = random.gamma((*as_lengths(shape), *alpha.shape), alpha, dtype, seed_of(seed))
    return draws if beta is None else ops.true_divide(draws, beta)


def poisson(shape: Any, lam: Any, dtype: Any = "float32", seed: Any = None,
            name: str | None = None) -> Any:  # fmt: skip
    """Return counts from Poisson distributions, of shape `shape` before that of `lam`."""
    rate = ops.convert_to_tensor(lam, "float32")
    counts = _poisson(draw_seed(seed_of(seed)), rate, (*as_lengths(shape), *rate.shape))
    return ops.cast(counts, dtype)


@op(name="poisson")
def _poisson(key: Array, rate: Array, shape: Any) -> Array:
    return jax.random.poisson(key, rate, shape)


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None,
                name: str | None = None) -> Any:  # fmt: skip
    """Return `num_samples` classes for each row, drawn with the probabilities of its softmax."""
    return random.categorical(logits, int(num_samples), dtype or "int32", seed_of(seed))


def shuffle(value: Any, seed: Any = None, name: str | None = None) -> Any:
    """Return the rows in random order."""
    return random.shuffle(value, seed=seed_of(seed))


# -- with a seed for each call -------------------------------------------------------------------


def stateless_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = "float32",
    name: str | None = None,
    alg: Any = None,
) -> Any:
    """Return draws that depend on `seed`, two integers, alone.

    >>> import nyala
    >>> a = nyala.tf.random.stateless_normal([2], seed=(1, 2))
    >>> bool((a == nyala.tf.random.stateless_normal([2], seed=(1, 2))).all())
    True
    """
    return random.normal(as_lengths(shape), mean, stddev, dtype, key_of(seed))


def stateless_truncated_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = "float32",
    name: str | None = None,
    alg: Any = None,
) -> Any:
    """Return draws that depend on `seed`, two integers, alone."""
    return random.truncated_normal(as_lengths(shape), mean, stddev, dtype, key_of(seed))


def stateless_uniform(
    shape: Any,
    seed: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = "float32",
    name: str | None = None,
    alg: Any = None,
) -> Any:
    """Return draws that depend on `seed`, two integers, alone."""
    return _uniform(shape, minval, maxval, dtype, key_of(seed))


def stateless_categorical(logits: Any, num_samples: int, seed: Any, dtype: Any = "int32",
                          name: str | None = None) -> Any:  # fmt: skip
    """Return classes that depend on `seed`, two integers, alone."""
    return random.categorical(logits, int(num_samples), dtype, key_of(seed))


# -- generators ----------------------------------------------------------------------------------


class Generator:
    """A stream of random numbers with a state of its own.

    Args:
        seed: a number; drawn at random by default.

    >>> import nyala
    >>> a, b = (nyala.tf.random.Generator.from_seed(4) for _ in range(2))
    >>> float(a.normal([])) == float(b.normal([]))
    True
    """

    def __init__(self, seed: int | None = None):
        self._seeds = SeedGenerator(seed)

    @classmethod
    def from_seed(cls, seed: int, alg: Any = None) -> Generator:
        """Return a generator that begins with a number."""
        return cls(int(seed))

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> Generator:
        """Return a generator that begins anywhere."""
        return cls(int(np.random.SeedSequence().generate_state(1)[0]))

    @property
    def state(self) -> Any:
        """The variable that holds the state."""
        return self._seeds.state

    def reset_from_seed(self, seed: int) -> None:
        """Begin again from a number."""
        self._seeds.state.assign(SeedGenerator(int(seed)).state)

    def normal(self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32",
               name: str | None = None) -> Any:  # fmt: skip
        """Return draws from normal distributions."""
        return random.normal(as_lengths(shape), mean, stddev, dtype, self._seeds)

    def truncated_normal(self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0,
                         dtype: Any = "float32", name: str | None = None) -> Any:  # fmt: skip
        """Return draws from normal distributions cut off two standard deviations from the mean."""
        return random.truncated_normal(as_lengths(shape), mean, stddev, dtype, self._seeds)

    def uniform(self, shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = "float32",
                name: str | None = None) -> Any:  # fmt: skip
        """Return draws from `minval` up to, without, `maxval`."""
        return _uniform(shape, minval, maxval, dtype, self._seeds)

    def make_seeds(self, count: int = 1) -> Any:
        """Return seeds for the stateless functions, one in each column."""
        return ops.stack([ops.cast(self._seeds.next(), "int32") for _ in range(int(count))], axis=1)

    def split(self, count: int = 1) -> list[Generator]:
        """Return generators whose streams differ from this one's."""
        return [Generator(int(self._seeds.next().numpy() @ [65537, 1])) for _ in range(int(count))]


_generators: list[Generator] = []


def get_global_generator() -> Generator:
    """Return the process-wide generator."""
    if not _generators:
        set_global_generator(Generator.from_non_deterministic_state())
    return _generators[0]


def set_global_generator(generator: Generator) -> None:
    """Let another generator be the process-wide one."""
    _generators[:] = [generator]


__all__ = [
    "Generator", "categorical", "gamma", "get_global_generator", "normal", "poisson",
    "set_global_generator", "set_seed", "shuffle", "stateless_categorical", "stateless_normal",
    "stateless_truncated_normal", "stateless_uniform", "truncated_normal", "uniform",
]  # fmt: skip

__getattr__ = refuse_others("tf.random", __all__, _HINTS)
