"""Elements: structures of NumPy arrays on their way through a pipeline.

Inside a pipeline everything is NumPy (strings as arrays of objects); users' functions and loops
see `Tensor`s. Tuples, named tuples and dicts are structure; a list is one array. A leaf may also be
`None`, or a dataset (`window` yields those).
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nyala.core import tree
from nyala.data._convert import narrowed
from nyala.eager import Tensor, Variable, is_host_array, wrap


def as_element(value: Any, what: str = "element", convert: Any = None) -> Any:
    """Return a structure of NumPy arrays from whatever a user gave or returned.

    Args:
        value: a structure (tuples, named tuples, dicts) of arrays, tensors, numbers, strings,
            lists, datasets, `None`.
        what: named in errors.
        convert: called with each leaf and its name; `as_host` by default.

    Raises:
        TypeError: a leaf cannot become an array.
    """
    if isinstance(value, dict):
        items = {key: as_element(item, f"{what}[{key!r}]", convert) for key, item in value.items()}
        return items if type(value) is dict else type(value)(items)
    if isinstance(value, tuple):
        items = [as_element(item, f"{what}[{i}]", convert) for i, item in enumerate(value)]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    return (convert or as_host)(value, what)


def as_host(value: Any, what: str = "element") -> Any:
    """Return a leaf as a NumPy array in the width that the device computes in."""
    if isinstance(value, np.ndarray) and value.dtype != object:
        return value.astype(object) if value.dtype.kind in "UST" else narrowed(value)
    if value is None or is_dataset(value):
        return value
    if isinstance(value, Tensor):
        return np.asarray(value._value)
    if isinstance(value, Variable):
        return np.asarray(value._read()._value)
    if isinstance(value, (str, bytes)):
        return np.asarray(value, dtype=object)
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    try:
        array = np.asarray(value)
    except ValueError:
        raise TypeError(
            f"{what} is a list whose items do not form one array. A list becomes one tensor; use a "
            "tuple for several components."
        ) from None
    if array.dtype == object:
        return _checked_strings(array, what)
    return array.astype(object) if array.dtype.kind in "UST" else narrowed(array)


def _checked_strings(array: np.ndarray, what: str) -> np.ndarray:
    for item in array.ravel()[:8]:
        if not isinstance(item, (str, bytes)) and item is not None and item == item:
            raise TypeError(
                f"{what} must be an array, a tensor, a number or a string; got an object of type "
                f"{type(item).__name__}."
            )
    return array


def is_dataset(value: Any) -> bool:
    """Whether a leaf is a dataset."""
    return hasattr(value, "_stage")


def to_tensors(element: Any) -> Any:
    """Return an element as users see it: a structure of `Tensor`s."""
    return tree.map_structure(_to_tensor, element)


def _to_tensor(leaf: Any) -> Any:
    if leaf is None or not isinstance(leaf, (np.ndarray, np.generic, jax.Array)):
        return leaf
    if isinstance(leaf, np.ndarray) and is_host_array(leaf):
        return wrap(leaf)
    return wrap(jnp.asarray(leaf))


def arguments(element: Any) -> tuple:
    """Return the arguments that a function of elements is called with: a tuple's items, or one."""
    return element if type(element) is tuple else (element,)


def stack(elements: list) -> Any:
    """Return elements stacked along a new first axis.

    Raises:
        ValueError: they differ in structure, or their arrays in shape.
    """
    first = elements[0]
    if not tree.is_nested(first):
        return _stack_leaves(elements, ())
    paths = tree.flatten_with_path(first)
    columns = [tree.flatten(element) for element in elements]
    if any(len(column) != len(paths) for column in columns):
        raise ValueError(f"Cannot batch elements that are nested differently, such as {first}.")
    stacked = [
        _stack_leaves([column[i] for column in columns], path) for i, (path, _) in enumerate(paths)
    ]
    return tree.pack_sequence_as(first, stacked)


def _stack_leaves(leaves: list, path: tuple) -> Any:
    if leaves[0] is None:
        return None
    if is_dataset(leaves[0]):
        raise ValueError(
            "Cannot batch elements that are datasets (windows): turn them into tensors first, with "
            "flat_map(lambda window: window.batch(n))."
        )
    try:
        return np.stack(leaves)
    except ValueError:
        shapes = sorted({tuple(np.shape(leaf)) for leaf in leaves})
        name = "".join(f"[{key!r}]" for key in path)
        raise ValueError(
            f"Cannot batch elements of different shapes: component element{name} has the shapes "
            f"{', '.join(map(str, shapes[:4]))}. Use padded_batch to pad them to a common shape."
        ) from None


def count_rows(rows: Any) -> int:
    """Return the number of elements that are stacked in `rows`."""
    return next(leaf.shape[0] for leaf in tree.flatten(rows) if leaf is not None)


def pick_rows(rows: Any, index: Any) -> Any:
    """Return the rows that an integer, a slice or an array of integers names."""
    return tree.map_structure(lambda a: None if a is None else a[index], rows)


def as_scalar_array(leaf: Any) -> Any:
    """Return NumPy's scalars, which indexing produces, as arrays without axes."""
    if leaf is None or isinstance(leaf, np.ndarray) or is_dataset(leaf):
        return leaf
    if isinstance(leaf, np.generic):
        return np.asarray(leaf)
    return np.asarray(leaf, dtype=object)


def one_row(rows: Any, index: int) -> Any:
    """Return one of the elements that are stacked in `rows`."""
    return tree.map_structure(lambda a: None if a is None else as_scalar_array(a[index]), rows)


def concat_rows(pieces: list) -> Any:
    """Return the elements that are stacked in several pieces, stacked together."""
    if len(pieces) == 1:
        return pieces[0]
    return tree.map_structure(
        lambda *parts: None if parts[0] is None else np.concatenate(parts), *pieces
    )
