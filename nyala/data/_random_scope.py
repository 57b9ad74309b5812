"""Random operations in users' functions: each element has random numbers of its own.

They derive from the element's number, the pass and a seed, not from how many elements came before:
so elements can be made in any order, in threads, in batches, and again after a restart.
"""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from nyala.data._stage import Pass, Stage, mixed
from nyala.eager import StateScope, Tensor, Variable, global_seed_generator, wrap

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))

_KEYS_AT_ONCE = 256


class ElementKeys:
    """The keys of the elements in a pass of a stage.

    Args:
        stage: calls a user's function.
        where: the pass.
    """

    def __init__(self, stage: Stage, where: Pass):
        # One key for generators that have a seed of their own, one for the global one.
        numbers = [len(where.numbers), *where.numbers]
        self._base = np.array([mixed(numbers), mixed([*numbers, where.seed(stage)])], np.uint64)
        self._block, self._keys = -1, np.empty(0, np.uint32)

    def one(self, index: int) -> np.ndarray:
        """Return the key of one element; keys are made many at a time."""
        block, offset = divmod(index, _KEYS_AT_ONCE)
        if block != self._block:
            start = block * _KEYS_AT_ONCE
            self._keys = self.of(np.arange(start, start + _KEYS_AT_ONCE))
            self._block = block
        return self._keys[offset]

    def of(self, index: np.ndarray) -> np.ndarray:
        """Return four 32-bit integers for each index (the mixing function of splitmix64)."""
        with np.errstate(over="ignore"):
            steps = (np.asarray(index, np.uint64) + np.uint64(1)) * _GOLDEN
            z = self._base + steps[..., None]
            z = (z ^ (z >> np.uint64(30))) * _MIX[0]
            z = (z ^ (z >> np.uint64(27))) * _MIX[1]
            z = z ^ (z >> np.uint64(31))
        return np.stack([z[..., 0], z[..., 1]], -1).view(np.uint32)


class ElementScope(StateScope):
    """A scope in which every seed generator stands where the element's key puts it.

    Args:
        key: of the element; an array or tracer of four integers.
        values: pairs of a variable and its value.
    """

    def __init__(self, key: Any, values: Any = ()):
        super().__init__(values)
        self._key = key

    def _read_outside(self, variable: Variable) -> Tensor:
        if not is_seed_state(variable):
            return super()._read_outside(variable)
        if variable is global_seed_generator().state:
            return wrap(jax.numpy.asarray(self._key[2:]))
        salt = int(np.asarray(variable._live()._value)[0])
        return wrap(jax.random.fold_in(self._key[:2], salt))

    def read_state(self) -> list[Variable]:
        """Return the variables, seeds aside, that were read and not given."""
        return [v for v in self.missing if not is_seed_state(v)]

    def written_state(self) -> list[Variable]:
        """Return the variables, seeds aside, that were assigned."""
        return [v for v in self.written.values() if not is_seed_state(v)]


def write_back(scope: ElementScope) -> None:
    """Let assignments in a scope take effect outside; seeds do not move on."""
    for variable in scope.written_state():
        variable.assign(wrap(scope.value(variable)))


def is_seed_state(variable: Variable) -> bool:
    """Whether a variable is the state of a seed generator."""
    return variable.name == "seed_generator_state" and variable.dtype == "uint32"
