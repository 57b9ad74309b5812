"""`Derivation`: one question to a `GradientTape`, answered by one recorded operation."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from nyala.core import user_stacklevel
from nyala.eager import _graph
from nyala.eager._graph import Call
from nyala.eager._tensor import Tensor

if TYPE_CHECKING:
    from nyala.eager._tape import GradientTape


class Derivation:
    """The part of a tape's record that a question concerns, and the node that answers it.

    A *place* is where a value comes from: the position of its node in the tape and the output's
    index, or what identifies a value that was not computed under the tape.

    Args:
        tape: the tape.
        kind: `"gradient"`, `"jacobian"` or `"batch_jacobian"`.
        targets: tensors.
        sources: tensors, for variables what was read of them.
        cotangents: for each target a tensor or `None`.
    """

    _calls: dict[Any, Call] = {}  # noqa: RUF012

    def __init__(
        self, tape: GradientTape, kind: str, targets: list, sources: list, cotangents: list
    ):
        self.tape, self.kind, self.targets, self.cotangents = tape, kind, targets, cotangents
        self.sources = sources
        self.position = {id(node): i for i, node in enumerate(tape.nodes)}
        # A tensor forgets its node when it is computed; the nodes still know their tensors.
        self.shown = {
            id(ref()): (at, index)
            for at, node in enumerate(tape.nodes)
            for index, refs in enumerate(node.tensors)
            for ref in refs or ()
            if ref() is not None
        }
        self.ends = {self._place(read) for read in tape.ends}
        self.places = [self._place(s) for s in sources]
        self.through = self._computed_from_others()

    def run(self) -> list:
        """Return one tensor (or `None`) for each source."""
        nodes = self._leading_to_targets()
        live = self._connected(nodes)
        self._warn_of_breaks(live)
        if not any(live):
            return [None] * len(live)
        chosen = [i for i, alive in enumerate(live) if alive]
        gradients = iter(self._append(nodes, chosen))
        return [next(gradients) if alive else None for alive in live]

    # -- what depends on what --------------------------------------------------------------------

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

    @staticmethod
    def _is_inside(place: Any) -> bool:
        return type(place) is tuple and len(place) == 2

    def _ancestors(self, ends: Iterable[Any], stops: set) -> set[int]:
        """Return the positions of the nodes that these places are computed from."""
        found: set[int] = set()
        stack = [place[0] for place in ends if self._is_inside(place) and place not in stops]
        while stack:
            at = stack.pop()
            if at in found:
                continue
            found.add(at)
            if (at, 0) in self.ends:
                continue
            places = map(self._place, self.tape.nodes[at].inputs)
            stack.extend(p[0] for p in places if self._is_inside(p) and p not in stops)
        return found

    def _computed_from_others(self) -> set:
        """Return the places of sources that are computed from other sources."""
        through = set()
        for place in set(self.places):
            if not self._is_inside(place) or place in self.ends:
                continue
            others = set(self.places) - {place}
            nodes = self._ancestors([place], set())
            met = {self._place(x) for at in nodes for x in self.tape.nodes[at].inputs}
            if others & met:
                through.add(place)
        return through

    def _leading_to_targets(self) -> list[int]:
        """Return the recorded nodes that the targets are computed from, in order."""
        stops = set(self.places) - self.through
        return sorted(self._ancestors(map(self._place, self.targets), stops))

    def _reached_from(self, places: Iterable[Any]) -> set:
        """Return the places that are computed from these, and these."""
        reached = set(places)
        for at, node in enumerate(self.tape.nodes):
            if (at, 0) not in self.ends and any(self._place(x) in reached for x in node.inputs):
                reached.update((at, index) for index in range(len(node.avals)))
        return reached

    def _connected(self, nodes: list[int]) -> list[bool]:
        """Return for each source whether a target changes with it, by operations with derivatives.

        One pass backwards over the nodes that lead to the targets.
        """
        changing = {self._place(t) for t in self.targets}
        for at in reversed(nodes):
            node = self.tape.nodes[at]
            if node.call.name == "stop_gradient" or (at, 0) in self.ends:
                continue
            if any((at, i) in changing for i, aval in enumerate(node.avals)
                   if jnp.issubdtype(aval.dtype, jnp.inexact)):  # fmt: skip
                changing.update(self._place(x) for x in node.inputs)
        followed = self._followed()
        return [
            place in changing
            and (followed is None or place in followed)
            and jnp.issubdtype(_graph.struct_of(source).dtype, jnp.inexact)
            for place, source in zip(self.places, self.sources, strict=True)
        ]

    def _followed(self) -> set | None:
        """Return the places that are watched or computed from what is; `None`: all sources are."""
        watched = set(map(self._place, [*self.tape.reads, *self.tape.watched.values()]))
        return None if watched.issuperset(self.places) else self._reached_from(watched)

    # -- the answer ------------------------------------------------------------------------------

    def _append(self, nodes: list[int], chosen: list[int]) -> list[Tensor]:
        """Record the node that computes the derivatives by the chosen sources; return them."""
        inputs: list[Any] = [self.sources[i] for i in chosen]
        count = len(inputs)
        slots: dict[Any, int] = {}
        added: dict[Any, int] = {}
        for slot, i in enumerate(chosen):
            place = self.places[i]
            (added if place in self.through else slots)[place] = slot
        inner = {at: i for i, at in enumerate(nodes)}
        pattern = []
        for at in nodes:
            node = self.tape.nodes[at]
            refs = [self._ref(x, slots, inner, inputs) for x in node.inputs]
            deltas = [(p[1], slot) for p, slot in added.items() if p[0] == at]
            pattern.append((node.call.index, tuple(refs), tuple(deltas)))
        ends = tuple(self._ref(t, slots, inner, inputs) for t in self.targets)
        cotangents = []
        for cotangent in self.cotangents:
            cotangents.append(None if cotangent is None else len(inputs))
            if cotangent is not None:
                inputs.append(cotangent)
        key = (self.kind, count, tuple(pattern), ends, tuple(cotangents),
               tuple(map(_graph.aval_key, inputs)))  # fmt: skip
        calls = [self.tape.nodes[at].call for at in nodes]
        # A derivative of a model's call refers to the model, and must not outlive it.
        home = next((call.home for call in calls if call.home is not None), None)
        kept = self._calls if home is None else home
        call = kept.get(key)
        if call is None:
            if len(kept) >= _graph.MOST_PROGRAMS:
                kept.clear()
            call = kept[key] = _make_call(key, calls, inputs, home)
        provided = ((at, index) for at in nodes for index in range(len(self.tape.nodes[at].avals)))
        provides = tuple(
            (self.tape.nodes[at], index, own)
            for own, (at, index) in enumerate(provided, start=count)
        )
        return _graph.local.graph.append(call, inputs, provides)[:count]

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

    def _warn_of_breaks(self, live: list[bool]) -> None:
        breaks = self.tape.breaks
        dead = [place for place, alive in zip(self.places, live, strict=True) if not alive]
        if not dead or not breaks:
            return
        reached = self._reached_from(dead)
        lines = [line for line, tensor in breaks.items() if self._place(tensor) in reached]
        if lines:
            warnings.warn(
                "A gradient is None: the target does not depend on every source through operations "
                f"that can be followed. A value left them at {lines[0]} (as NumPy, a Python number "
                "or for jax.numpy). Use nyala.ops there.",
                stacklevel=user_stacklevel(),
            )


def _make_call(key: tuple, calls: list[Call], inputs: list, home: dict | None) -> Call:
    """Return the call that computes the derivatives, and every recorded value on the way."""
    kind, count, pattern, ends, cotangents, _ = key
    through = {slot for _, _, deltas in pattern for _, slot in deltas}

    def forward(sources, rest):
        arrays = [*sources, *rest]
        values: list[Any] = []
        for call, (_, refs, deltas) in zip(calls, pattern, strict=True):
            outputs = list(call.pure([
                arrays[r] if type(r) is int else values[r[0]][r[1]] for r in refs
            ]))  # fmt: skip
            for index, slot in deltas:
                outputs[index] = outputs[index] + sources[slot]
            values.append(outputs)
        ended = [arrays[r] if type(r) is int else values[r[0]][r[1]] for r in ends]
        return ended, [v for node in values for v in node]

    def pure(arrays):
        # A source that is computed from others is followed further: what the derivative is taken
        # by is a zero that is added to it.
        sources = [jnp.zeros_like(x) if i in through else x for i, x in enumerate(arrays[:count])]
        rest = list(arrays[count:])
        outputs, pull, values = jax.vjp(lambda s: forward(s, rest), sources, has_aux=True)
        seeds = [
            jnp.ones_like(y) if c is None else jnp.asarray(arrays[c], y.dtype)
            for y, c in zip(outputs, cotangents, strict=True)
        ]
        return [*_PULLS[kind](pull, outputs, seeds), *values]

    return Call(pure, [_graph.struct_of(x) for x in inputs], kind, home)


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
