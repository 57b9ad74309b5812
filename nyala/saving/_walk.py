"""The objects whose state a model file holds, and the places where Keras puts them.

The place of an object is the path of attributes by which it is first met; items of lists and dicts
are named by their class, numbered where that repeats. The order in which attributes are looked at
decides between several paths, and is not the same in all generations of Keras.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterable, Iterator
from typing import Any

from nyala.core import find_builtin, to_snake_case
from nyala.layers import Layer
from nyala.metrics import Metric
from nyala.optimizers import Optimizer


class Order(enum.Enum):
    """The orders of attributes of the generations of Keras."""

    KERAS_3 = "the layers of a graph, then names sorted, private ones last"
    KERAS_2 = "names sorted backwards (2.14, 2.15, tf_keras)"
    KERAS_2_13 = "names sorted; the layers of a graph under a name of their own"


_LAYERS_IN_2_13 = "_layer_checkpoint_dependencies"


def walk(root: Any, skipped: Iterable[Any] = (),
         order: Order = Order.KERAS_3) -> Iterator[tuple[str, Any]]:  # fmt: skip
    """Yield `(path, object)` for a model and every layer and optimizer inside, each once.

    Args:
        root: the model.
        skipped: objects that are left out, with what is inside them.
        order: decides the path of what can be reached by several.
    """
    yield from _Walk((Layer, Optimizer), order, skipped).below(root, "")


def metric_places(root: Any, order: Order) -> set[str]:
    """Return the places of metrics: Keras 2 wrote their states, which last for an epoch only."""
    everything = _Walk((Layer, Optimizer, Metric), order).below(root, "")
    return {path for path, one in everything if isinstance(one, Metric)}


def seed_states(layer: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield `(path, SeedGenerator)` for the random states that a layer itself holds.

    Keras does not write them; beside its own entries it does not mind ours.
    """
    for i, generator in enumerate(getattr(layer, "_seed_generators", ())):
        yield join(path, "seed_generator" + (f"_{i}" if i else "")), generator


def join(path: str, name: str) -> str:
    """Return the path of `name` below `path`."""
    return f"{path}/{name}" if path else name


class _Walk:
    """One way through a model, which remembers where it was."""

    def __init__(self, kinds: tuple, order: Order, skipped: Iterable[Any] = ()):
        self._kinds, self._order = kinds, order
        self._seen = {id(one) for one in skipped}

    def below(self, owner: Any, path: str) -> Iterator[tuple[str, Any]]:
        if id(owner) in self._seen:
            return
        self._seen.add(id(owner))
        yield path, owner
        for name, value in _attributes(owner, self._order):
            if isinstance(value, self._kinds):
                yield from self.below(value, join(path, name))
            elif isinstance(value, (list, tuple, dict)):
                yield from self._items(value, join(path, name), set())

    def _items(self, container: Any, path: str, open_containers: set[int]) -> Iterator:
        if id(container) in open_containers:
            return
        open_containers.add(id(container))
        counts: dict[str, int] = {}
        for item in list(container.values() if isinstance(container, dict) else container):
            if isinstance(item, self._kinds):
                name = _numbered(to_snake_case(type(item).__name__), counts)
                yield from self.below(item, join(path, name))
            elif isinstance(item, (list, tuple, dict)):
                name = _numbered("container", counts)
                yield from self._items(item, join(path, name), open_containers)


def _numbered(name: str, counts: dict[str, int]) -> str:
    count = counts.get(name, 0)
    counts[name] = count + 1
    return f"{name}_{count}" if count else name


def _attributes(owner: Any, order: Order) -> Iterator[tuple[str, Any]]:
    skipped = _base_names(isinstance(owner, Optimizer))
    if _is_graph(owner):
        skipped = skipped | {"operations", "_operations", "_functional"}
        if order is Order.KERAS_3:
            yield "layers", owner.layers
        elif order is Order.KERAS_2_13:
            yield _LAYERS_IN_2_13, [one for layer in owner.layers for one in _listed(layer)]
    names = [name for name in dir(owner) if not name.startswith("__") and name not in skipped]
    for name in _sorted(names, order):
        try:
            value = getattr(owner, name)
        except Exception:  # a property that does not apply now holds no state
            continue
        yield name, value


def _listed(layer: Any) -> list:
    # Keras 2.13 lists layers with weights twice, which shows in the numbers of the later ones.
    return [layer, layer] if layer.weights else [layer]


def _sorted(names: list[str], order: Order) -> list[str]:
    if order is Order.KERAS_3:
        return sorted(names, key=lambda name: "~" + name if name.startswith("_") else name)
    return sorted(names, reverse=order is Order.KERAS_2)


def _is_graph(owner: Any) -> bool:
    kinds = (find_builtin("keras", "Sequential"), find_builtin("keras.models", "Functional"))
    return isinstance(owner, tuple(kind for kind in kinds if kind)) or (
        getattr(owner, "_graph", None) is not None
    )


@functools.cache
def _base_names(of_optimizer: bool) -> frozenset[str]:
    """Return the attributes that every layer (optimizer) has: none of them is state of its own."""
    return frozenset(dir(Optimizer(1.0) if of_optimizer else Layer()))
