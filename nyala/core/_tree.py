"""Nested structures (lists, tuples, named tuples, dicts) walked as one: Keras' `keras.tree`.

Anything else, `None` included, is a leaf. Dicts are walked in sorted key order (insertion order
where keys cannot be compared), as JAX and Keras walk them; `OrderedDict`s in their own order.
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterator
from typing import Any


class _MapToNone:
    def __repr__(self) -> str:
        return "MAP_TO_NONE"


MAP_TO_NONE = _MapToNone()


def is_nested(structure: Any) -> bool:
    """Whether `structure` is a container that the functions here walk into.

    >>> from nyala import tree
    >>> tree.is_nested([1, 2]), tree.is_nested(None)
    (True, False)
    """
    return isinstance(structure, (list, tuple, dict))


def _keys(mapping: dict) -> list:
    if isinstance(mapping, collections.OrderedDict):
        return list(mapping)
    try:
        return sorted(mapping)
    except TypeError:
        return list(mapping)


def _children(structure: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(structure, dict):
        return ((key, structure[key]) for key in _keys(structure))
    return enumerate(structure)


def _rebuild(structure: Any, values: list) -> Any:
    """Return a container like `structure` that holds `values`, given in walking order."""
    if isinstance(structure, dict):
        by_key = dict(zip(_keys(structure), values, strict=True))
        items = [(key, by_key[key]) for key in structure]
        if isinstance(structure, collections.defaultdict):
            return type(structure)(structure.default_factory, items)
        return type(structure)(items)
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return type(structure)(*values)
    if type(structure) in (list, tuple):
        return type(structure)(values)
    try:
        return type(structure)(values)
    except TypeError:
        return tuple(values) if isinstance(structure, tuple) else list(values)


def flatten(structure: Any) -> list:
    """Return the leaves of `structure` as a flat list.

    >>> from nyala import tree
    >>> tree.flatten({"b": 2, "a": [1, None]})
    [1, None, 2]
    """
    leaves: list = []
    _collect(structure, leaves)
    return leaves


def _collect(structure: Any, leaves: list) -> None:
    if isinstance(structure, (list, tuple, dict)):
        for _, child in _children(structure):
            _collect(child, leaves)
    else:
        leaves.append(structure)


def flatten_with_path(structure: Any) -> list[tuple[tuple, Any]]:
    """Return `(path, leaf)` pairs, where a path is the tuple of keys and indices to the leaf."""
    pairs: list = []

    def walk(node, path):
        if is_nested(node):
            for key, child in _children(node):
                walk(child, (*path, key))
        else:
            pairs.append((path, node))

    walk(structure, ())
    return pairs


def pack_sequence_as(structure: Any, flat_sequence: Any) -> Any:
    """Return a structure like `structure` whose leaves are taken from `flat_sequence`.

    Raises:
        ValueError: the two do not have the same number of leaves.

    >>> from nyala import tree
    >>> tree.pack_sequence_as({"a": 0, "b": (0, 0)}, [1, 2, 3])
    {'a': 1, 'b': (2, 3)}
    """
    flat = list(flat_sequence)
    wanted = len(flatten(structure))
    if len(flat) != wanted:
        raise ValueError(
            f"pack_sequence_as: the structure has {wanted} leaves but the sequence has {len(flat)}."
        )
    return _fill(structure, iter(flat))


def _fill(structure: Any, leaves: Iterator) -> Any:
    if not is_nested(structure):
        return next(leaves)
    return _rebuild(structure, [_fill(child, leaves) for _, child in _children(structure)])


def map_structure(func: Callable, *structures: Any, none_is_leaf: bool = True) -> Any:
    """Apply `func` to the leaves of one or more structures of the same shape.

    Args:
        func: called with one leaf of each structure.
        *structures: at least one; all nested alike.
        none_is_leaf: whether `func` also sees `None`.

    >>> from nyala import tree
    >>> tree.map_structure(lambda a, b: a + b, [1, (2,)], [10, (20,)])
    [11, (22,)]
    """
    if not structures:
        raise ValueError("map_structure expects at least one structure.")
    first = structures[0]
    for other in structures[1:]:
        assert_same_structure(first, other)
    if len(structures) == 1:
        return _map_one(func, first, none_is_leaf)
    columns = zip(*(flatten(s) for s in structures), strict=True)
    mapped = [None if row[0] is None and not none_is_leaf else func(*row) for row in columns]
    return _fill(first, iter(mapped))


def _map_one(func: Callable, structure: Any, none_is_leaf: bool) -> Any:
    if is_nested(structure):
        return _rebuild(
            structure, [_map_one(func, child, none_is_leaf) for _, child in _children(structure)]
        )
    return None if structure is None and not none_is_leaf else func(structure)


def map_structure_up_to(shallow_structure: Any, func: Callable, *structures: Any) -> Any:
    """Apply `func` to what stands where `shallow_structure` has its leaves."""
    if not structures:
        raise ValueError("map_structure_up_to expects at least one structure.")
    if not is_nested(shallow_structure):
        return func(*structures)
    results = []
    for key, child in _children(shallow_structure):
        try:
            parts = [s[key] for s in structures]
        except (KeyError, IndexError, TypeError):
            raise ValueError(
                f"map_structure_up_to: a structure has nothing at {key!r}, where the shallow "
                "structure goes on."
            ) from None
        results.append(map_structure_up_to(child, func, *parts))
    return _rebuild(shallow_structure, results)


def traverse(func: Callable, structure: Any, top_down: bool = True) -> Any:
    """Apply `func` to every container and leaf; a result that is not `None` replaces it.

    Return `MAP_TO_NONE` from `func` to put `None` itself in the place.
    """

    def inner(node):
        return _rebuild(node, [visit(child) for _, child in _children(node)])

    def visit(node):
        if top_down:
            result = func(node)
            if result is None:
                return inner(node) if is_nested(node) else node
        else:
            node = inner(node) if is_nested(node) else node
            result = func(node)
            if result is None:
                return node
        return None if result is MAP_TO_NONE else result

    return visit(structure)


def assert_same_structure(a: Any, b: Any) -> None:
    """Raise `ValueError` unless `a` and `b` are nested alike.

    >>> from nyala import tree
    >>> tree.assert_same_structure({"a": 1}, {"a": 2})
    """
    if not _same(a, b, check_types=True):
        raise ValueError(f"The two structures are not nested alike:\n  first:  {a}\n  second: {b}")


def assert_same_paths(a: Any, b: Any) -> None:
    """Raise `ValueError` unless `a` and `b` have leaves at the same paths."""
    pa = {path for path, _ in flatten_with_path(a)}
    pb = {path for path, _ in flatten_with_path(b)}
    if pa != pb:
        raise ValueError(
            "The two structures have different paths: only in the first "
            f"{sorted(map(str, pa - pb))}, "
            f"only in the second {sorted(map(str, pb - pa))}."
        )


def _same(a: Any, b: Any, check_types: bool) -> bool:
    if not is_nested(a) or not is_nested(b):
        return is_nested(a) == is_nested(b)
    if check_types and isinstance(a, dict) != isinstance(b, dict):
        return False
    if check_types and isinstance(a, list) != isinstance(b, list):
        return False
    if len(a) != len(b):
        return False
    if isinstance(a, dict):
        return set(a) == set(b) and all(_same(a[k], b[k], check_types) for k in a)
    return all(_same(x, y, check_types) for x, y in zip(a, b, strict=True))


def is_shape(structure: Any) -> bool:
    """Whether `structure` is a shape: a list or tuple of integers and `None`."""
    return isinstance(structure, (list, tuple)) and all(
        e is None or (isinstance(e, int) and not isinstance(e, bool)) for e in structure
    )


def map_shape_structure(func: Callable, structure: Any) -> Any:
    """Apply `func` to every shape in a structure of shapes."""
    if is_shape(structure):
        return func(tuple(structure))
    if is_nested(structure):
        return _rebuild(
            structure, [map_shape_structure(func, child) for _, child in _children(structure)]
        )
    raise ValueError(
        f"map_shape_structure expects shapes (tuples of int and None); got {structure}."
    )


def lists_to_tuples(structure: Any) -> Any:
    """Return `structure` with every list turned into a tuple."""

    def to_tuple(node):
        if isinstance(node, list):
            return tuple(lists_to_tuples(child) for child in node)
        return None

    return traverse(to_tuple, structure)
