"""The objects whose state a model file holds, and the places where Keras puts them.

The place of an object is the path of attributes by which it is first met, in Keras' order: names
sorted, private ones last, and before all others the layers of a graph. Items of lists and dicts are
named by their class, numbered where that repeats.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from nyala.core import find_builtin, to_snake_case
from nyala.layers import Layer
from nyala.optimizers import Optimizer


def walk(root: Any) -> Iterator[tuple[str, Any]]:
    """Yield `(path, object)` for a model and every layer and optimizer inside, each once."""
    yield from _walk(root, "", set())


def seed_states(layer: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield `(path, SeedGenerator)` for the random states that a layer itself holds.

    Keras does not write them; beside its own entries it does not mind ours.
    """
    for i, generator in enumerate(getattr(layer, "_seed_generators", ())):
        yield join(path, "seed_generator" + (f"_{i}" if i else "")), generator


def join(path: str, name: str) -> str:
    """Return the path of `name` below `path`."""
    return f"{path}/{name}" if path else name


def _walk(owner: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if id(owner) in seen:
        return
    seen.add(id(owner))
    yield path, owner
    for name, value in _attributes(owner):
        if isinstance(value, (Layer, Optimizer)):
            yield from _walk(value, join(path, name), seen)
        elif isinstance(value, (list, tuple, dict)):
            yield from _walk_items(value, join(path, name), seen, set())


def _walk_items(container: Any, path: str, seen: set[int], open_containers: set[int]) -> Iterator:
    if id(container) in open_containers:
        return
    open_containers.add(id(container))
    counts: dict[str, int] = {}
    for item in list(container.values() if isinstance(container, dict) else container):
        if isinstance(item, (Layer, Optimizer)):
            name = _numbered(to_snake_case(type(item).__name__), counts)
            yield from _walk(item, join(path, name), seen)
        elif isinstance(item, (list, tuple, dict)):
            name = _numbered("container", counts)
            yield from _walk_items(item, join(path, name), seen, open_containers)


def _numbered(name: str, counts: dict[str, int]) -> str:
    count = counts.get(name, 0)
    counts[name] = count + 1
    return f"{name}_{count}" if count else name


def _attributes(owner: Any) -> Iterator[tuple[str, Any]]:
    skipped = _base_names(isinstance(owner, Optimizer))
    if _is_graph(owner):
        yield "layers", owner.layers
        skipped = skipped | {"operations", "_operations", "_functional"}
    names = [name for name in dir(owner) if not name.startswith("__") and name not in skipped]
    for name in sorted(names, key=lambda name: "~" + name if name.startswith("_") else name):
        try:
            value = getattr(owner, name)
        except Exception:  # a property that does not apply now holds no state
            continue
        yield name, value


def _is_graph(owner: Any) -> bool:
    kinds = (find_builtin("keras", "Sequential"), find_builtin("keras.models", "Functional"))
    return isinstance(owner, tuple(kind for kind in kinds if kind)) or (
        getattr(owner, "_graph", None) is not None
    )


@functools.cache
def _base_names(of_optimizer: bool) -> frozenset[str]:
    """Return the attributes that every layer (optimizer) has: none of them is state of its own."""
    return frozenset(dir(Optimizer(1.0) if of_optimizer else Layer()))
