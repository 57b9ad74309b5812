"""What a structure of live objects holds: variables and positions, under lasting names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nyala.core import numpy_dtype
from nyala.eager import NoScope, SeedGenerator, Variable
from nyala.layers import Layer
from nyala.optimizers import Optimizer
from nyala.saving._limits import ModelFileError
from nyala.saving._walk import join, seed_states, walk

# Above this many bytes of state, a second copy on the device is not made.
_MOST_COPIED = 64 << 20


def parts(value: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """Yield every part of `value` once, with a name: variables, and objects with a position.

    Args:
        value: a variable, layer, model, optimizer, metric, iterator, seed generator or checkpoint,
            or a list, tuple or dict of them.
        path: what the names begin with.
        seen: the `id` of what was yielded before; added to.

    Raises:
        TypeError: something that holds no state.
    """
    if isinstance(value, (list, tuple)):
        value = {str(number): item for number, item in enumerate(value)}
    if isinstance(value, dict):
        for key, item in value.items():
            yield from parts(item, join(path, str(key)), seen)
    elif id(value) not in seen:
        seen.add(id(value))
        yield from _parts_of(value, path, seen)


def _parts_of(value: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, (Layer, Optimizer)):
        yield from _parts_inside(value, path, seen)
    elif hasattr(value, "_checkpointed"):
        yield from parts(value._checkpointed(), path, seen)
    elif isinstance(value, SeedGenerator):
        yield from parts(value.state, path, seen)
    elif isinstance(value, Variable) or _has_position(value):
        yield path, value
    elif hasattr(value, "variables"):
        yield from parts(list(value.variables), path, seen)
    else:
        raise TypeError(
            f"Checkpoint: {path} is {value!r}, of type {type(value).__name__}, which holds no state"
            " that can be saved. Give variables, layers, models, optimizers, metrics or iterators "
            "of datasets, or lists and dicts of them; a number as Variable(number)."
        )


def _parts_inside(root: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Variable]]:
    for place, owner in walk(root):
        seen.add(id(owner))
        own = owner._own_variables() if isinstance(owner, Layer) else list(owner.variables)
        yield from parts(own, join(path, join(place, "vars")), seen)
        for at, generator in seed_states(owner, place):
            yield from parts(generator, join(path, at), seen)


def unbuilt(value: Any) -> Iterator[Any]:
    """Yield the layers and optimizers inside `value` whose variables do not exist yet."""
    if isinstance(value, (list, tuple, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from unbuilt(item)
    elif hasattr(value, "_checkpointed"):
        yield from unbuilt(value._checkpointed())
    elif isinstance(value, (Layer, Optimizer)):
        yield from (owner for _, owner in walk(value) if not owner.built)


def _has_position(value: Any) -> bool:
    return hasattr(value, "get_state") and hasattr(value, "set_state")


def value_of(variable: Variable) -> np.ndarray:
    """Return a variable's live value; on a CPU without a copy.

    JAX does not give away a buffer that NumPy looks at, so it stays what it is.
    """
    return np.asarray(variable._live()._value)


def snapshot(variables: dict[str, Variable]) -> dict[str, Any]:
    """Return the present values of variables, which are not changed by what runs next.

    Small ones are copied where they lie, by a program that waits in line: nobody waits for it, and
    `numpy.asarray` fetches them when they are written. Where memory counts they are fetched now.
    """
    values = {name: variable._live()._value for name, variable in variables.items()}
    arrays = {name: value for name, value in values.items() if isinstance(value, jax.Array)}
    if sum(array.nbytes for array in arrays.values()) > _MOST_COPIED:
        for array in arrays.values():
            array.copy_to_host_async()  # all at once, then one after another is waited for
        return {name: np.asarray(value) for name, value in values.items()}
    return {**values, **dict(zip(arrays, _copies(list(arrays.values())), strict=True))}


@jax.jit
def _copies(arrays: list) -> list:
    return [jnp.copy(array) for array in arrays]


def set_value(variable: Variable, array: np.ndarray) -> None:
    """Set a variable's live value, where it lies, also while a function is being traced."""
    with jax.ensure_compile_time_eval(), NoScope():
        held = variable._live()._value
        if isinstance(held, jax.Array):
            # Bound to a device only if it was: compiled code tells the two apart. Never a view of
            # the array: training gives the buffer away.
            where = held.sharding if held.committed else None
            variable._set_array(jax.device_put(array, where, may_alias=False))
        else:
            variable._set_array(array.astype(object))


def check_fit(variable: Variable, array: np.ndarray, name: str) -> None:
    """Raise `ModelFileError` where a saved array is not of a variable's shape and dtype."""
    dtype = variable._dtype
    fits = array.dtype.kind == "U" if dtype == "string" else array.dtype == numpy_dtype(dtype)
    if tuple(variable.shape) != array.shape or not fits:
        raise ModelFileError(
            f"{variable.path} ({name}) has shape {tuple(variable.shape)} and dtype {dtype}; saved "
            f"is shape {array.shape} of {array.dtype}."
        )
