"""A built layer of one row, with its inputs, its eager outputs, and one compiled program for it."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nyala.core import tree
from nyala.eager import StateScope, Tensor
from tests.contract.rows import Row


def raw(structure: Any) -> Any:
    """Return a structure of tensors as one of jax arrays."""
    return tree.map_structure(lambda t: t._value if isinstance(t, Tensor) else t, structure)


def values(structure: Any) -> list[np.ndarray]:
    """Return the tensors of a structure as NumPy arrays."""
    return [np.asarray(leaf) for leaf in jax.tree.leaves(raw(structure)) if hasattr(leaf, "shape")]


class Case:
    """One row, built. What is costly is made once and shared by the checks."""

    def __init__(self, row: Row, **overrides: Any):
        self.row = row
        self.layer = row.make(**overrides)
        self.inputs = row.make_inputs()
        self.layer(self.inputs, **row.call)
        self._perturb()
        self.initial = [v.numpy() for v in self.layer.variables]

    def _perturb(self) -> None:
        # Biases of zero and scales of one hide mistakes.
        generator = np.random.default_rng(3)
        for v in self.layer.trainable_variables:
            noise = generator.normal(scale=0.2, size=tuple(v.shape))
            v.assign(v.numpy().astype("float32") + noise.astype("float32"))

    def reset(self) -> None:
        """Put all state back to what it was at first."""
        for variable, value in zip(self.layer.variables, self.initial, strict=True):
            variable.assign(value)

    def eager(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Return the outputs of a live call, and the state after it."""
        self.reset()
        outputs = values(self.layer(self.inputs, **self.row.call))
        after = [v.numpy() for v in self.layer.variables]
        self.reset()
        return outputs, after

    def _pure(self, state: list, inputs: Any) -> tuple[Any, list]:
        variables = self.layer.variables
        with StateScope(zip(variables, state, strict=True)) as scope:
            outputs = raw(self.layer(inputs, **self.row.call))
            return outputs, [scope.value(v) for v in variables]

    def _weighed(self, arguments: tuple, state: list, inputs: Any) -> tuple[Any, Any]:
        """Return one number that depends on every float output, and all outputs."""
        moved = self._substitute(arguments, state, inputs)
        outputs, after = self._pure(*moved)
        total = 0.0
        for leaf in jax.tree.leaves(outputs):
            if jnp.issubdtype(leaf.dtype, jnp.floating):
                weights = np.cos(np.arange(leaf.size)).reshape(leaf.shape)
                total = total + jnp.sum(leaf.astype("float32") * weights)
        return total, (outputs, after)

    def _substitute(self, arguments: tuple, state: list, inputs: Any) -> tuple[list, Any]:
        leaves, structure = jax.tree.flatten(inputs)
        for i, value in zip(self.float_inputs, arguments[0], strict=True):
            leaves[i] = value
        state = list(state)
        for i, value in zip(self.trainable, arguments[1], strict=True):
            state[i] = value
        return state, jax.tree.unflatten(structure, leaves)

    @functools.cached_property
    def float_inputs(self) -> list[int]:
        """The positions of the inputs that can be differentiated by."""
        leaves = jax.tree.leaves(self.inputs)
        return [i for i, leaf in enumerate(leaves) if leaf.dtype.kind == "f"]

    @functools.cached_property
    def trainable(self) -> list[int]:
        """The positions of the trainable variables."""
        return [i for i, v in enumerate(self.layer.variables) if v.trainable]

    def arguments(self) -> tuple[list, list]:
        """Return what can be differentiated by: float inputs, trainable variables."""
        leaves = jax.tree.leaves(self.inputs)
        return ([leaves[i] for i in self.float_inputs], [self.initial[i] for i in self.trainable])

    @functools.cached_property
    def program(self) -> Any:
        """A compiled function of `arguments()` that returns `((number, outputs), gradients)`."""
        compiled = jax.jit(jax.value_and_grad(self._weighed, has_aux=True))
        return lambda arguments: compiled(arguments, self.initial, self.inputs)


@functools.lru_cache(maxsize=4)
def case_of(row: Row) -> Case:
    """Return the case of a row, the same one for all its tests, which follow one another."""
    return Case(row)
