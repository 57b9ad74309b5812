"""Recorded operations: eager code is written down, and run as one compiled program when looked at.

An eager operation appends a `Node`. Its outputs' shapes are known at once (abstract evaluation,
cached); their values are computed together with everything else that is pending when somebody looks
at one, when a variable that is itself pending is assigned again, or when much has piled up. The
program is cached by the structure of what was recorded, so that a loop compiles once.
"""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Callable, Iterator
from threading import get_ident
from typing import Any

import jax
import numpy as np

from nyala.core import settings
from nyala.eager._evaluation import CompiledGraph, Plan, evaluate, plan_of
from nyala.eager._tensor import Tensor, is_tracer, wrap
from nyala.kernels import kernels_mode

# A loop in which nobody looks at anything is run in pieces of about this many operations.
_MOST_PENDING = 400
# Programs are forgotten, all at once, beyond this many: code whose structure changes at every step.
MOST_PROGRAMS = 2000


class NotRecordable(Exception):
    """The operation must run at once: an argument is traced, is text, or cannot be in a key."""


_ONE_ARRAY = jax.tree_util.tree_structure(0)


class Call:
    """An operation together with its static arguments and what it returns for given input shapes.

    Attributes:
        pure: a function from a list of arrays to a flat list of arrays.
        avals: shapes and dtypes of the outputs.
        rebuild: puts a flat list of outputs into the structure that the operation returns.
        home: where its owner keeps it, if it has one: what is made of it lives as long, no longer.
        index: a number that stands for the call in keys.
    """

    __slots__ = ("avals", "home", "index", "name", "pure", "rebuild")
    _count = 0

    def __init__(self, pure: Callable, inputs: list, name: str, home: dict | None = None):
        self.pure, self.name, self.home = pure, name, home
        structure = []

        def flat(arrays):
            leaves, treedef = jax.tree_util.tree_flatten(pure(arrays))
            structure.append((treedef, [isinstance(x, (jax.Array, np.ndarray)) for x in leaves]))
            return leaves

        with tapes_off():
            self.avals = jax.eval_shape(flat, inputs)
        treedef, arrays = structure[0]
        if not all(arrays):
            raise NotRecordable
        self.rebuild = None if treedef == _ONE_ARRAY else treedef.unflatten
        self.pure = lambda arrays: jax.tree_util.tree_leaves(pure(arrays))
        Call._count += 1
        self.index = Call._count


class Node:
    """One recorded operation.

    Attributes:
        call: what is computed.
        inputs: for each input a Tensor, a number, or a pair of another node and an output's index.
        graph: where the node is pending, or `None` once it has run.
        tensors: weak references to the Tensors that show the outputs.
        values: the outputs, once they are known and were wanted.
        provides: for a gradient, the recorded forward nodes whose outputs it computes on its way:
            triples of the node, its output's index and the gradient node's own output's index.
    """

    __slots__ = (
        "__weakref__",
        "avals",
        "call",
        "graph",
        "inputs",
        "position",
        "provides",
        "tensors",
        "values",
    )

    def __init__(self, call: Call, inputs: list, graph: Graph):
        self.call, self.inputs, self.graph = call, inputs, graph
        self.avals = call.avals
        self.tensors: list[Any] = [None] * len(call.avals)
        self.values: list[Any] = [None] * len(call.avals)
        self.provides: tuple = ()

    def value(self, index: int) -> Any:
        """Return an output, computing it if it is pending; anew if it was not kept."""
        graph = self.graph
        if self.values[index] is None and graph is not None and graph.thread == get_ident():
            keeper = pending(self, index)
            graph.flush()
            return keeper._data
        if self.values[index] is None:
            _settle(self, index, _computed_apart(self, index))
        return self.values[index]


def _computed_apart(node: Node, index: int) -> Any:
    """Compute an output from what it was made of, in a graph of its own.

    For values that were not kept, whose program was interrupted, or that are pending in another
    thread, whose graph only that thread may change.
    """
    graph = Graph()
    done: dict[Node, list[Tensor]] = {}
    stack = [node]
    while stack:
        at = stack[-1]
        unknown = [
            x[0] for x in at.inputs
            if type(x) is tuple and x[0].values[x[1]] is None and x[0] not in done
        ]  # fmt: skip
        if unknown:
            stack.extend(unknown)
            continue
        stack.pop()
        if at not in done:
            inputs = [
                (done[x[0]][x[1]] if x[0] in done else wrap(x[0].values[x[1]]))
                if type(x) is tuple else x
                for x in at.inputs
            ]  # fmt: skip
            with tapes_off():
                done[at] = graph.append(at.call, inputs)
    result = done[node][index]
    graph.flush()
    return result._data


class Graph:
    """What is pending in a thread."""

    def __init__(self):
        self.nodes: list[Node] = []
        self.key: list[tuple] = []
        self.leaves: list[Any] = []
        self._slots: dict[int, int] = {}
        self.traced = False
        self.thread = get_ident()

    def append(self, call: Call, inputs: list, provides: tuple = ()) -> list[Tensor]:
        """Record a call; return its outputs."""
        # The loop around begins anew with its first operation: cut there, every time alike.
        if len(self.nodes) >= _MOST_PENDING and (
            call.index == self.key[0][0] or len(self.nodes) >= 2 * _MOST_PENDING
        ):
            self.flush()
        node = Node(call, inputs, self)
        refs: list[Any] = [call.index]
        for i, x in enumerate(inputs):
            if type(x) is Tensor:
                data = x._data
                if data is None:
                    source, index = inputs[i] = (x._node, x._index)
                    if source.graph is self:
                        refs.append((source.position, index))
                    else:  # pending outside a scope, or in another thread
                        refs.append(self._slot(source.value(index)))
                else:
                    refs.append(self._slot(data))
            elif type(x) is tuple:
                source, index = x
                if source.graph is self:
                    refs.append((source.position, index))
                else:
                    refs.append(self._slot(source.value(index)))
            else:
                refs.append(len(self.leaves))
                self.leaves.append(x)
        if provides:
            node.provides = tuple(p for p in provides if p[0].graph is self)
            refs.append(tuple((n.position, i, own) for n, i, own in node.provides))
        else:
            refs.append(())
        node.position = len(self.nodes)
        self.nodes.append(node)
        self.key.append(tuple(refs))
        for tape in local.tapes:
            tape.nodes.append(node)
        outputs = [pending(node, index) for index in range(len(call.avals))]
        if settings.eager_mode() == "immediate":
            self.flush()
        return outputs

    def _slot(self, data: Any) -> int:
        slot = self._slots.get(id(data))
        if slot is None:
            slot = self._slots[id(data)] = len(self.leaves)
            self.leaves.append(data)
        return slot

    def flush(self) -> None:
        """Compute every pending value that somebody can still ask for."""
        if not self.nodes:
            return
        nodes, key, leaves = self.nodes, self.key, self.leaves
        wanted = [
            (node.position, index)
            for node in nodes
            for index, tensors in enumerate(node.tensors)
            if tensors is not None and any(ref() is not None for ref in tensors)
        ]
        # What is recorded from here on belongs to the next program, whatever happens in this one.
        self.nodes, self.key, self.leaves, self._slots = [], [], [], {}
        self.traced = False
        try:
            outputs = _run(tuple(key), tuple(wanted), nodes, leaves)
        finally:
            for node in nodes:
                node.graph = None
        for (position, index), value in zip(wanted, outputs, strict=True):
            _settle(nodes[position], index, value)


class _Local(threading.local):
    def __init__(self):
        self.graph = Graph()
        self.tapes: list[Any] = []


local = _Local()


@contextlib.contextmanager
def tapes_off() -> Iterator[None]:
    """Inside, no tape records: what is computed is part of one operation that is recorded whole."""
    outer, local.tapes = local.tapes, []
    try:
        yield
    finally:
        local.tapes = outer


def is_taped() -> bool:
    """Whether a `GradientTape` records what is computed here."""
    return bool(local.tapes)


_programs: dict[Any, CompiledGraph] = {}
# What was recorded -> which part of it is computed, by which program.
_plans: dict[Any, Plan] = {}
# What else is to be forgotten with them (the calls that were seen, in the file above).
CLEARED: list[Callable[[], None]] = []


def settings_key() -> tuple:
    """What pure functions read besides their arguments."""
    return (
        settings._floatx, settings._epsilon, settings._image_data_format, settings._x64,
        settings._flash_attention, kernels_mode(),
    )  # fmt: skip


def flush_recorded() -> None:
    """Run what is pending in this thread."""
    local.graph.flush()


def aval_key(x: Any) -> Any:
    if type(x) is Tensor:
        data = x._data
        if data is None:
            data = x._node.avals[x._index]
        return (data.shape, data.dtype, data.weak_type)
    if type(x) is tuple:
        data = x[0].avals[x[1]]
        return (data.shape, data.dtype, data.weak_type)
    if type(x) is np.ndarray:
        return (x.shape, x.dtype, False)
    return type(x)


concrete_types: set[type] = set()


def check_recordable(data: Any) -> None:
    """Refuse text, and tracers without a tape; remember the type of device arrays."""
    if is_tracer(data):
        if not local.tapes:
            raise NotRecordable
        if not local.graph.traced:
            # What is pending outside the trace must not be run inside it.
            local.graph.flush()
            local.graph.traced = True
        return
    if not isinstance(data, jax.Array):
        raise NotRecordable
    concrete_types.add(type(data))


def is_recordable(tensor: Tensor) -> bool:
    """Whether a tensor, outside compiled code, is a value that recorded operations take."""
    data = tensor._data
    if data is None or type(data) in concrete_types:
        return True
    return isinstance(data, jax.Array) and not is_tracer(data)


def struct_of(x: Any) -> jax.ShapeDtypeStruct | int | float:
    """Return the abstract value of a node's input."""
    key = aval_key(x)
    if isinstance(key, tuple):
        return jax.ShapeDtypeStruct(key[0], key[1], weak_type=key[2])
    return x


def pending(node: Node, index: int) -> Tensor:
    """Return a Tensor for an output that is not computed yet."""
    tensor = Tensor.__new__(Tensor)
    tensor._data = None
    tensor._node, tensor._index = node, index
    refs = node.tensors[index]
    if refs is None:
        node.tensors[index] = [weakref.ref(tensor)]
    else:
        refs.append(weakref.ref(tensor))
    return tensor


def alias(tensor: Tensor) -> Tensor:
    """Return another Tensor of the same value."""
    if tensor._data is None:
        return pending(tensor._node, tensor._index)
    copy = Tensor.__new__(Tensor)
    copy._data, copy._node = tensor._data, tensor._node
    return copy


def _settle(node: Node, index: int, value: Any) -> None:
    """Give a computed value to the Tensors that show it."""
    node.values[index] = value
    for ref in node.tensors[index]:
        tensor = ref()
        if tensor is not None:
            tensor._data, tensor._node = value, None


def _run(key: tuple, wanted: tuple, nodes: list[Node], leaves: list) -> list:
    """Run the program of what was recorded, compiling it the first time."""
    if any(is_tracer(x) for x in leaves):  # inside compiled code: part of the program around
        with tapes_off():
            return evaluate(key, wanted, [node.call for node in nodes], leaves)
    plan = _plans.get((key, wanted))
    if plan is None:
        if len(_plans) >= MOST_PROGRAMS:
            _plans.clear()
            _programs.clear()
        plan = _plans[key, wanted] = plan_of(key, wanted, _programs)
    with tapes_off():
        return plan.run(nodes, leaves)


@contextlib.contextmanager
def immediate_mode() -> Iterator[None]:
    """Inside, every operation runs at once."""
    outer = settings.eager_mode()
    settings.set_eager_mode("immediate")
    try:
        yield
    finally:
        settings.set_eager_mode(outer)


def forget_recorded() -> None:
    """Drop the compiled programs of eager code (they are compiled again when needed)."""
    local.graph.flush()
    _plans.clear()
    _programs.clear()
    for forget in CLEARED:
        forget()
