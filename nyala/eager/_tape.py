"""`GradientTape`: derivatives of what was computed under it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import tree
from nyala.eager import _graph
from nyala.eager._dispatch import Array, op, to_tensor
from nyala.eager._graph import Call, Node
from nyala.eager._tensor import Tensor
from nyala.eager._variable import Variable


@op(name="_read_variable")
def _read_variable(value: Array) -> Array:
    """The value of a variable, as a value of its own that derivatives can be taken by."""
    return value


class GradientTape:
    """Record operations, to differentiate them afterwards.

    Args:
        persistent: whether `gradient` may be called more than once.
        watch_accessed_variables: whether trainable variables are watched when they are read.

    Inside compiled code, and in eager code, the operations under the tape are recorded; `gradient`
    runs them once, forward and backward.

    >>> import nyala
    >>> x = nyala.ops.convert_to_tensor(3.0)
    >>> with nyala.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * x
    >>> float(tape.gradient(y, x))
    6.0
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True):
        self.persistent = persistent
        self._watches_variables = watch_accessed_variables
        self._begin()

    def _begin(self) -> None:
        self.nodes: list[Node] = []
        self.breaks: list[str] = []
        self._reads: dict[int, tuple[Variable, Tensor, Tensor]] = {}
        self._watched: dict[int, Tensor] = {}
        self._asked_for: set[int] = set()
        self._used = False

    # -- recording -------------------------------------------------------------------------------

    def __enter__(self) -> GradientTape:
        if self in _graph.local.tapes:
            raise ValueError("This tape is recording already.")
        _graph.local.tapes.append(self)
        return self

    def __exit__(self, *exc: object) -> None:
        _graph.local.tapes.remove(self)

    def read(self, variable: Variable, tensor: Tensor) -> Tensor:
        """Return the value of a variable under this tape (called by the variable)."""
        wanted = (self._watches_variables and variable.trainable) or id(variable) in self._asked_for
        if not wanted:
            return tensor
        known = self._reads.get(id(variable))
        if known is not None and known[1] is tensor:
            return known[2]
        read = _read_variable(tensor)
        self._reads[id(variable)] = (variable, tensor, read)
        return read

    def watch(self, tensor: Any) -> None:
        """Let derivatives be taken by these tensors or variables.

        Raises:
            ValueError: something else than a float tensor or variable.
        """
        for one in tree.flatten(tensor):
            if isinstance(one, Variable):
                self._asked_for.add(id(one))
            elif isinstance(one, Tensor):
                _require_float(one, "GradientTape.watch")
                self._watched[id(one)] = one
            else:
                raise ValueError(
                    f"GradientTape.watch expects tensors or variables; got {one!r} of type "
                    f"{type(one).__name__}."
                )

    def watched_variables(self) -> tuple[Variable, ...]:
        """Return the variables that were read under the tape."""
        return tuple(variable for variable, _, _ in self._reads.values())

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Leave what is computed inside the block out of the tape."""
        _graph.local.tapes.remove(self)
        try:
            yield
        finally:
            _graph.local.tapes.append(self)

    def reset(self) -> None:
        """Forget everything that was recorded."""
        self._begin()

    # -- derivatives -----------------------------------------------------------------------------

    def gradient(self, target: Any, sources: Any, output_gradients: Any = None,
                 unconnected_gradients: Any = "none") -> Any:  # fmt: skip
        """Return the derivatives of (the sum of) `target` by `sources`.

        Args:
            target: a tensor or a structure of tensors.
            sources: a tensor or variable, or a structure of them.
            output_gradients: the derivative of the result by each target; ones by default.
            unconnected_gradients: `"none"` or `"zero"`: what is returned for a source that the
                target does not depend on.

        Raises:
            RuntimeError: a tape that is not persistent was asked before.
        """
        targets = [self._as_target(t) for t in tree.flatten(target)]
        cotangents = [None] * len(targets)
        if output_gradients is not None:
            cotangents = [None if g is None else to_tensor(g) for g in tree.flatten(output_gradients)]
        results = self._derive("gradient", targets, tree.flatten(sources), cotangents)
        if _is_zero(unconnected_gradients):
            results = [
                _zeros_like(s) if r is None else r
                for s, r in zip(tree.flatten(sources), results, strict=True)
            ]
        if not tree.is_nested(sources):
            return results[0]
        return tree.pack_sequence_as(sources, results)

    def jacobian(self, target: Any, sources: Any, unconnected_gradients: Any = "none",
                 parallel_iterations: Any = None, experimental_use_pfor: bool = True) -> Any:  # fmt: skip
        """Return the derivatives of every element of `target` by every element of `sources`.

        Returns:
            For each source a tensor of shape `target.shape + source.shape`.
        """
        results = self._derive("jacobian", [self._as_target(target)], tree.flatten(sources), [None])
        if _is_zero(unconnected_gradients):
            shape = tuple(target.shape)
            results = [
                _zeros(shape + tuple(s.shape), s) if r is None else r
                for s, r in zip(tree.flatten(sources), results, strict=True)
            ]
        return results[0] if not tree.is_nested(sources) else tree.pack_sequence_as(sources, results)

    def batch_jacobian(self, target: Any, source: Any, unconnected_gradients: Any = "none",
                       parallel_iterations: Any = None, experimental_use_pfor: bool = True) -> Any:  # fmt: skip
        """Return the jacobian of each row of `target` by the same row of `source`.

        Returns:
            A tensor of shape `(rows,) + target.shape[1:] + source.shape[1:]`.
        """
        if not target.shape or not source.shape or target.shape[0] != source.shape[0]:
            raise ValueError(
                "batch_jacobian: target and source need the same number of rows; got shapes "
                f"{tuple(target.shape)} and {tuple(source.shape)}."
            )
        result = self._derive("batch_jacobian", [self._as_target(target)], [source], [None])[0]
        if result is None and _is_zero(unconnected_gradients):
            return _zeros(tuple(target.shape) + tuple(source.shape[1:]), source)
        return result

    def _as_target(self, target: Any) -> Tensor:
        if isinstance(target, Variable):
            return target.value
        if not isinstance(target, Tensor):
            raise TypeError(
                f"GradientTape: the target must be a tensor computed under the tape; got {target!r}."
            )
        return target

    def _derive(self, kind: str, targets: list, sources: list, cotangents: list) -> list:
        if self._used and not self.persistent:
            raise RuntimeError(
                "This tape was used already: a tape gives derivatives once. Make it with "
                "GradientTape(persistent=True) to ask again."
            )
        self._used = True
        try:
            return Derivation(self, kind, targets, sources, cotangents).run()
        finally:
            if not self.persistent:
                self.nodes = []

    def _source_tensor(self, source: Any) -> Tensor | None:
        """Return the tensor that stands for a source in what was recorded, or `None`."""
        if isinstance(source, Variable):
            known = self._reads.get(id(source))
            return None if known is None else known[2]
        if not isinstance(source, Tensor):
            raise TypeError(
                f"GradientTape: a source must be a tensor or a variable; got {source!r} of type "
                f"{type(source).__name__}."
            )
        return source


class Derivation:
    """One question to a tape: the part of the record it concerns, and the node that answers it.

    Args:
        tape: the tape.
        kind: `"gradient"`, `"jacobian"` or `"batch_jacobian"`.
        targets: tensors.
        sources: tensors and variables.
        cotangents: for each target a tensor or `None`.
    """

    _calls: dict[Any, Call] = {}  # noqa: RUF012

    def __init__(self, tape: GradientTape, kind: str, targets: list, sources: list, cotangents: list):
        self.tape, self.kind, self.targets, self.cotangents = tape, kind, targets, cotangents
        self.sources = [tape._source_tensor(s) for s in sources]
        self.given = sources
        self.position = {id(node): i for i, node in enumerate(tape.nodes)}
        # A tensor forgets its node when it is computed; the nodes still know their tensors.
        self.shown = {
            id(ref()): (at, index)
            for at, node in enumerate(tape.nodes)
            for index, refs in enumerate(node.tensors)
            for ref in refs or ()
            if ref() is not None
        }

    def run(self) -> list:
        """Return one tensor (or `None`) for each source."""
        keys = [None if s is None else self._place(s) for s in self.sources]
        nodes = self._leading_to_targets({k for k in keys if k is not None})
        live = self._connected(keys, nodes)
        self._warn_of_breaks(live)
        if not any(live):
            return [None] * len(keys)
        used = [k for k, alive in zip(keys, live, strict=True) if alive]
        gradients = iter(self._append(nodes, used, [s for s, a in zip(self.sources, live, strict=True) if a]))
        return [next(gradients) if alive else None for alive in live]

    # A place is where a value comes from: (position of its node, output) or the tensor itself.

    def _place(self, x: Any) -> Any:
        if type(x) is Tensor:
            if id(x) in self.shown:
                return self.shown[id(x)]
            return id(x) if x._data is not None else (id(x._node), x._index, "outside")
        if type(x) is tuple:
            node, index = x
            if id(node) in self.position:
                return (self.position[id(node)], index)
            return (id(node), index, "outside")
        return None

    def _connected(self, keys: list, nodes: list[int]) -> list[bool]:
        """Return for each source whether a target changes with it, by operations with derivatives.

        One pass backwards over the nodes that lead to the targets.
        """
        changing = {self._place(t) for t in self.targets}
        for at in reversed(nodes):
            node = self.tape.nodes[at]
            if node.call.name == "stop_gradient":
                continue
            if any((at, i) in changing for i, aval in enumerate(node.avals)
                   if jnp.issubdtype(aval.dtype, jnp.inexact)):  # fmt: skip
                changing.update(self._place(x) for x in node.inputs)
        return [key is not None and key in changing for key in keys]

    def _leading_to_targets(self, sources: set) -> list[int]:
        """Return the recorded nodes that the targets are computed from, in order."""
        wanted: set[int] = set()
        stack = [p[0] for p in map(self._place, self.targets) if self._is_inside(p)]
        while stack:
            at = stack.pop()
            if at in wanted:
                continue
            wanted.add(at)
            for x in self.tape.nodes[at].inputs:
                place = self._place(x)
                if self._is_inside(place) and place not in sources:
                    stack.append(place[0])
        return sorted(wanted)

    @staticmethod
    def _is_inside(place: Any) -> bool:
        return type(place) is tuple and len(place) == 2

    def _append(self, nodes: list[int], keys: list, sources: list) -> list[Tensor]:
        """Record the node that computes the derivatives; return them."""
        slots = {key: i for i, key in enumerate(keys)}
        inputs: list[Any] = list(sources)
        inner = {at: i for i, at in enumerate(nodes)}
        pattern = []
        for at in nodes:
            node = self.tape.nodes[at]
            refs = [self._ref(x, slots, inner, inputs) for x in node.inputs]
            pattern.append((node.call.index, tuple(refs)))
        ends = tuple(self._ref(t, slots, inner, inputs) for t in self.targets)
        cotangents = []
        for cotangent in self.cotangents:
            cotangents.append(None if cotangent is None else len(inputs))
            if cotangent is not None:
                inputs.append(cotangent)
        key = (self.kind, len(keys), tuple(pattern), ends, tuple(cotangents),
               tuple(map(_graph._aval_key, inputs)))  # fmt: skip
        call = self._calls.get(key)
        if call is None:
            if len(self._calls) >= _graph._MOST_PROGRAMS:
                self._calls.clear()
            calls = [self.tape.nodes[at].call for at in nodes]
            call = self._calls[key] = self._make_call(key, calls, inputs)
        provides = tuple(
            (self.tape.nodes[at], index, own)
            for own, (at, index) in enumerate(
                ((at, index) for at in nodes for index in range(len(self.tape.nodes[at].avals))),
                start=len(keys),
            )
        )
        return _graph.local.graph.append(call, inputs, provides)[: len(keys)]

    def _ref(self, x: Any, slots: dict, inner: dict, inputs: list) -> Any:
        place = self._place(x)
        if place is not None and place in slots:
            return slots[place]
        if self._is_inside(place) and place[0] in inner:
            return (inner[place[0]], place[1])
        inputs.append(x)
        if place is not None:
            slots[place] = len(inputs) - 1
        return len(inputs) - 1

    def _make_call(self, key: tuple, calls: list[Call], inputs: list) -> Call:
        kind, count, pattern, ends, cotangents, _ = key

        def forward(sources, rest):
            arrays = [*sources, *rest]
            values: list[Any] = []
            for call, (_, refs) in zip(calls, pattern, strict=True):
                values.append(call.pure([
                    arrays[r] if type(r) is int else values[r[0]][r[1]] for r in refs
                ]))  # fmt: skip
            outputs = [arrays[r] if type(r) is int else values[r[0]][r[1]] for r in ends]
            return outputs, [v for node in values for v in node]

        def pure(arrays):
            sources, rest = list(arrays[:count]), list(arrays[count:])
            outputs, pull, values = jax.vjp(lambda s: forward(s, rest), sources, has_aux=True)
            seeds = [
                jnp.ones_like(y) if c is None else jnp.asarray(arrays[c], y.dtype)
                for y, c in zip(outputs, cotangents, strict=True)
            ]
            return [*_PULLS[kind](pull, outputs, seeds), *values]

        return Call(pure, [_graph.struct_of(x) for x in inputs], kind)

    def _warn_of_breaks(self, live: list[bool]) -> None:
        if all(live) or not self.tape.breaks:
            return
        warnings.warn(
            "A gradient is None: the target does not depend on every source through operations that "
            f"can be followed. A value left them at {self.tape.breaks[0]} (as NumPy or jax.numpy). "
            "Use nyala.ops there.",
            stacklevel=5,
        )


def _pull_gradient(pull: Any, outputs: list, seeds: list) -> list:
    return pull(seeds)[0]


def _pull_jacobian(pull: Any, outputs: list, seeds: list) -> list:
    (y,) = outputs
    basis = jnp.eye(y.size, dtype=y.dtype).reshape((y.size, *y.shape))
    rows = jax.vmap(lambda seed: pull([seed])[0])(basis)
    return [r.reshape((*y.shape, *r.shape[1:])) for r in rows]


def _pull_batch_jacobian(pull: Any, outputs: list, seeds: list) -> list:
    (y,) = outputs
    size = y[0].size
    basis = jnp.eye(size, dtype=y.dtype).reshape((size, 1, *y.shape[1:]))
    basis = jnp.broadcast_to(basis, (size, *y.shape))
    rows = jax.vmap(lambda seed: pull([seed])[0])(basis)
    return [
        jnp.moveaxis(r, 0, 1).reshape((y.shape[0], *y.shape[1:], *r.shape[2:])) for r in rows
    ]  # fmt: skip


_PULLS = {
    "gradient": _pull_gradient,
    "jacobian": _pull_jacobian,
    "batch_jacobian": _pull_batch_jacobian,
}


def _is_zero(unconnected: Any) -> bool:
    name = str(getattr(unconnected, "value", unconnected)).lower()
    if name not in ("none", "zero"):
        raise ValueError(f"unconnected_gradients expects 'none' or 'zero'; got {unconnected!r}.")
    return name == "zero"


def _zeros_like(source: Any) -> Tensor:
    return _zeros(tuple(source.shape), source)


def _zeros(shape: tuple, source: Any) -> Tensor:
    return Tensor(jnp.zeros(shape, str(source.dtype)))


def _require_float(tensor: Tensor, who: str) -> None:
    if not (tensor.dtype.is_floating or tensor.dtype.is_complex):
        raise ValueError(
            f"{who}: derivatives are taken by floats; got a tensor of dtype {tensor.dtype}. Cast it "
            "first."
        )
