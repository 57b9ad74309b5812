"""`x[key]`: the key's fixed structure apart from the arrays in it."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nyala.eager import (
    OPERATIONS,
    Array,
    Arrays,
    Symbolic,
    Tensor,
    Variable,
    in_compiled_code,
    is_host_array,
    is_tracer,
    op,
    to_tensor,
    wrap,
)

# An entry of a key as it is kept in a graph: `slice` objects cannot be hashed before Python 3.12.
_SLICE, _ARRAY, _BLOCK = "slice", "array", "block"


def get_item(x: Any, key: Any) -> Any:
    """Return `x[key]`.

    Args:
        x: array of any shape.
        key: an integer, a slice, `None`, `...`, an array of integers, an array of booleans, or a
            tuple of those, as in NumPy.

    Returns:
        A tensor.

    Raises:
        IndexError: an integer is out of range, or there are more entries than axes.
        TypeError: an array of booleans inside compiled code, where the number of chosen elements
            cannot be known.

    >>> import nyala
    >>> x = nyala.ops.reshape(nyala.ops.arange(6), (2, 3))
    >>> nyala.ops.get_item(x, (0, slice(1, None))).numpy()
    array([1, 2], dtype=int32)
    >>> x[:, [2, 0]].numpy()
    array([[2, 0],
           [5, 3]], dtype=int32)
    >>> x[x > 3].numpy()
    array([4, 5], dtype=int32)
    """
    if not isinstance(x, Symbolic):
        x = to_tensor(x)
        if is_host_array(x._data):
            return _host_item(x._value, key)
    if isinstance(key, (bool, np.bool_)):  # as in NumPy: a new axis, of length 1 or 0
        return get_item(x, (None, ...))[: int(key)]
    entries = key if isinstance(key, tuple) else (key,)
    structure, indices = _separate(entries)
    _check_bounds(structure, x.shape)
    if not isinstance(x, Symbolic) and not in_compiled_code() and not is_tracer(x._data):
        structure, indices = _with_free_positions(structure, indices, x.shape)
    return _get_item(x, indices, structure)


@op
def _get_item(x: Array, indices: Arrays, structure: Any) -> Array:
    arrays = iter(indices)
    x = jnp.asarray(x)
    if structure and isinstance(structure[0], tuple) and structure[0][0] == _BLOCK:
        x = jax.lax.dynamic_slice_in_dim(x, next(arrays), structure[0][1])
    return x[tuple(_entry(part, arrays) for part in structure)]


def _entry(part: Any, arrays: Any) -> Any:
    if part == _ARRAY:
        return next(arrays)
    if isinstance(part, tuple):
        return slice(None) if part[0] == _BLOCK else slice(*part[1:])
    return Ellipsis if part == "..." else part


def _separate(entries: tuple) -> tuple[tuple, list]:
    """Return the static structure of a key, and the arrays of integers that it contains."""
    structure: list = []
    indices: list = []
    for entry in entries:
        if entry is None or entry is True:
            structure.append(None)
        elif entry is Ellipsis:
            structure.append("...")
        elif isinstance(entry, slice):
            structure.append((_SLICE, *(_bound(b) for b in (entry.start, entry.stop, entry.step))))
        elif isinstance(entry, (int, np.integer)) and not isinstance(entry, bool):
            structure.append(int(entry))
        else:
            arrays = _index_arrays(entry)
            structure += [_ARRAY] * len(arrays)
            indices += arrays
    return tuple(structure), indices


def _bound(bound: Any) -> int | None:
    return None if bound is None else int(bound)


def _index_arrays(entry: Any) -> list:
    """Return an array of integers as it is, a mask as the positions of its true elements."""
    if isinstance(entry, Symbolic):
        if entry.dtype == "bool":
            raise TypeError(_NO_MASK)
        return [entry]
    if isinstance(entry, (list, tuple)) and not len(entry):
        return [wrap(jnp.zeros((0,), "int32"))]
    tensor = entry.value if isinstance(entry, Variable) else to_tensor(entry)
    if tensor.dtype == "bool":
        if is_tracer(tensor._value):
            raise TypeError(_NO_MASK)
        return [wrap(jnp.asarray(i, "int32")) for i in np.nonzero(np.asarray(tensor))]
    if not tensor.dtype.is_integer:
        raise IndexError(
            f"ops.get_item: an index must be integers, booleans, slices, None or ...; got an array "
            f"of {tensor.dtype}."
        )
    return [tensor]


_NO_MASK = (
    "ops.get_item: x[mask] has a shape that depends on the mask's values, which compiled code and "
    "model graphs do not have. Use ops.where(mask, x, 0), or ops.nonzero(mask, size=...)."
)


def _check_bounds(structure: tuple, shape: tuple) -> None:
    """Refuse integers outside their axis: JAX would clamp them silently."""
    used = [part for part in structure if part is not None and part != "..."]
    if len(used) > len(shape):
        raise IndexError(
            f"ops.get_item: {len(used)} indices for a tensor of shape {tuple(shape)}, which has "
            f"{len(shape)} axes."
        )
    skipped = len(shape) - len(used)
    axis = 0
    for part in structure:
        if part is None:
            continue
        if part == "...":
            axis += skipped
            continue
        length = shape[axis]
        if isinstance(part, int) and length is not None and not -length <= part < length:
            raise IndexError(
                f"ops.get_item: index {part} is out of range for axis {axis} of a tensor of shape "
                f"{tuple(shape)}."
            )
        axis += 1


def _with_free_positions(structure: tuple, indices: list, shape: tuple) -> tuple[tuple, list]:
    """Make integers, and the start of a leading slice, inputs instead of constants.

    Live code walks over rows and batches; it must not compile a program for each of them.
    """
    arrays = iter(indices)
    free: list = []
    parts: list = []
    for place, part in enumerate(structure):
        if isinstance(part, int):
            parts.append(_ARRAY)
            free.append(part)
            continue
        if place == 0 and isinstance(part, tuple) and part[3] in (None, 1):
            start, stop, _ = slice(*part[1:]).indices(shape[0])
            if 0 < stop - start < shape[0]:
                parts.append((_BLOCK, stop - start))
                free.append(start)
                continue
        if part == _ARRAY:
            free.append(next(arrays))
        parts.append(part)
    return tuple(parts), free


def _host_item(value: np.ndarray, key: Any) -> Tensor:
    def on_host(entry: Any) -> Any:
        is_array = isinstance(entry, (Tensor, Variable, jax.Array))
        return np.asarray(entry) if is_array else entry

    key = tuple(map(on_host, key)) if isinstance(key, tuple) else on_host(key)
    return wrap(np.asarray(value[key], dtype=object))


OPERATIONS["get_item"] = get_item
