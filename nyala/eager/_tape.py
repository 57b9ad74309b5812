"""`GradientTape`: derivatives of what was computed under it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax.numpy as jnp

from nyala.core import tree, user_line
from nyala.eager import _graph
from nyala.eager._derivation import Derivation
from nyala.eager._dispatch import Arrays, op, to_tensor
from nyala.eager._graph import Node
from nyala.eager._operators import OPERATIONS
from nyala.eager._scope import local as scopes
from nyala.eager._tensor import LEAVING, Tensor
from nyala.eager._variable import Variable

# More places than these, where values were looked at under a tape, are not remembered.
_MOST_BREAKS = 100
_NEVER: tuple = (None, ())


@op(name="_read_variables")
def _read_variables(values: Arrays) -> list:
    """The values of variables, as values of their own that derivatives can be taken by."""
    return list(values)


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
        # Tensors whose values left what can be followed (for NumPy, say), and the lines where.
        self.breaks: dict[str, Tensor] = {}
        # For each variable the value behind the latest read, and all reads: one for each value that
        # it had under the tape.
        self._reads: dict[int, tuple[Tensor, list[Tensor]]] = {}
        self._variables: dict[int, Variable] = {}
        # Reads at which derivatives end: what was assigned before is not followed. A scope that was
        # opened under the tape gives its variables values that are.
        self.ends: list[Tensor] = []
        self.watched: dict[int, Tensor] = {}
        self._asked_for: set[int] = set()
        self._used = False

    # -- recording -------------------------------------------------------------------------------

    def __enter__(self) -> GradientTape:
        if self in _graph.local.tapes:
            raise ValueError("This tape is recording already.")
        _graph.local.tapes.append(self)
        self._scope = scopes.scope
        return self

    def __exit__(self, *exc: object) -> None:
        if self in _graph.local.tapes:
            _graph.local.tapes.remove(self)

    def read(self, variable: Variable, tensor: Tensor) -> Tensor:
        """Return the value of a variable under this tape (called by the variable)."""
        return self.read_all([variable], [tensor])[0]

    def read_all(self, variables: list[Variable], tensors: list[Tensor]) -> list[Tensor]:
        """Return the values of variables under this tape, recording one operation for all."""
        found = list(tensors)
        new = []
        for i, (variable, tensor) in enumerate(zip(variables, tensors, strict=True)):
            if not (self._watches_variables and variable.trainable):
                if id(variable) not in self._asked_for:
                    continue
            latest, reads = self._reads.get(id(variable), _NEVER)
            if latest is tensor:
                found[i] = reads[-1]
            else:
                new.append(i)
        if new:
            values = _read_variables([tensors[i] for i in new])
            for i, value in zip(new, values, strict=True):
                found[i] = self._note_read(variables[i], tensors[i], value)
        return found

    def _note_read(self, variable: Variable, tensor: Tensor, value: Tensor) -> Tensor:
        self._variables[id(variable)] = variable
        _, reads = self._reads.get(id(variable), (None, []))
        reads.append(value)
        if scopes.scope is self._scope:
            self.ends.append(value)
        self._reads[id(variable)] = (tensor, reads)
        return value

    @property
    def reads(self) -> list[Tensor]:
        """What was read of variables."""
        return [read for _, reads in self._reads.values() for read in reads]

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
                self.watched[id(one)] = one
            else:
                raise ValueError(
                    f"GradientTape.watch expects tensors or variables; got {one!r} of type "
                    f"{type(one).__name__}."
                )

    def watched_variables(self) -> tuple[Variable, ...]:
        """Return the variables that were read under the tape."""
        return tuple(self._variables.values())

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Leave what is computed inside the block out of the tape."""
        tapes = _graph.local.tapes
        if self not in tapes:
            yield
            return
        _graph.local.tapes = [tape for tape in tapes if tape is not self]
        try:
            yield
        finally:
            _graph.local.tapes = tapes

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
            ValueError: the target or a source is a tensor of integers.

        A source that the target does not depend on has no derivative: `None`. So has a tensor that
        was neither watched nor computed from what was.
        """
        targets = [self._as_target(t) for t in tree.flatten(target)]
        cotangents = [None] * len(targets)
        if output_gradients is not None:
            cotangents = _fitting_cotangents(targets, tree.flatten(output_gradients))
        results = self._derive("gradient", targets, tree.flatten(sources), cotangents)
        if _is_zero(unconnected_gradients):
            results = [
                _zeros_like(s) if r is None else r
                for s, r in zip(tree.flatten(sources), results, strict=True)
            ]
        if not tree.is_nested(sources):
            return results[0]
        return tree.pack_sequence_as(sources, results)

    def jacobian(
        self,
        target: Any,
        sources: Any,
        unconnected_gradients: Any = "none",
        parallel_iterations: Any = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
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
        return (
            results[0] if not tree.is_nested(sources) else tree.pack_sequence_as(sources, results)
        )

    def batch_jacobian(
        self,
        target: Any,
        source: Any,
        unconnected_gradients: Any = "none",
        parallel_iterations: Any = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
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
            reads = self._reads.get(id(target))
            return target.value if reads is None else reads[1][-1]
        if not isinstance(target, Tensor):
            raise TypeError(
                "GradientTape: the target must be a tensor computed under the tape; got "
                f"{target!r}."
            )
        _require_float(target, "GradientTape: the target", "of")
        return target

    def _derive(self, kind: str, targets: list, sources: list, cotangents: list) -> list:
        if self._used and not self.persistent:
            raise RuntimeError(
                "This tape was used already: a tape gives derivatives once. Make it with "
                "GradientTape(persistent=True) to ask again."
            )
        self._used = True
        tensors = [self._source_tensors(s) for s in sources]
        flat = [tensor for several in tensors for tensor in several]
        try:
            results = iter(Derivation(self, kind, targets, flat, cotangents).run())
        finally:
            if not self.persistent:
                self.nodes, self.ends, self.breaks = [], [], {}
                self._reads, self.watched = {}, {}
        return [_sum([next(results) for _ in several]) for several in tensors]

    def _source_tensors(self, source: Any) -> list[Tensor]:
        """Return the tensors that stand for a source in what was recorded."""
        if isinstance(source, Variable):
            return self._reads.get(id(source), (None, []))[1]
        if not isinstance(source, Tensor):
            raise TypeError(
                f"GradientTape: a source must be a tensor or a variable; got {source!r} of type "
                f"{type(source).__name__}."
            )
        _require_float(source, "GradientTape: a source")
        return [source]


def _note_leaving(tensor: Tensor) -> None:
    """Remember for the open tapes that a value went where it cannot be followed, and where."""
    tapes = _graph.local.tapes
    if tapes:
        line = user_line()
        for tape in tapes:
            if len(tape.breaks) < _MOST_BREAKS:
                tape.breaks.setdefault(line, tensor)


LEAVING.append(_note_leaving)


def _sum(gradients: list) -> Tensor | None:
    known = [g for g in gradients if g is not None]
    if not known:
        return None
    total = known[0]
    for gradient in known[1:]:
        total = OPERATIONS["add"](total, gradient)
    return total


def _fitting_cotangents(targets: list, given: list) -> list:
    if len(given) != len(targets):
        raise ValueError(
            f"GradientTape.gradient: output_gradients needs one tensor for each of {len(targets)} "
            f"targets; got {len(given)}."
        )
    cotangents = [None if g is None else to_tensor(g) for g in given]
    for target, cotangent in zip(targets, cotangents, strict=True):
        if cotangent is not None and cotangent.shape != target.shape:
            raise ValueError(
                "GradientTape.gradient: each of output_gradients has its target's shape, here "
                f"{target.shape}; got {cotangent.shape}."
            )
    return cotangents


def _is_zero(unconnected: Any) -> bool:
    name = str(getattr(unconnected, "value", unconnected)).lower()
    if name not in ("none", "zero"):
        raise ValueError(f"unconnected_gradients expects 'none' or 'zero'; got {unconnected!r}.")
    return name == "zero"


def _zeros_like(source: Any) -> Tensor:
    return _zeros(tuple(source.shape), source)


def _zeros(shape: tuple, source: Any) -> Tensor:
    return Tensor(jnp.zeros(shape, str(source.dtype)))


def _require_float(tensor: Tensor, who: str, by: str = "by") -> None:
    if not (tensor.dtype.is_floating or tensor.dtype.is_complex):
        raise ValueError(
            f"{who}: derivatives are taken {by} floats; got a tensor of dtype {tensor.dtype}. Cast "
            "it first."
        )
