"""Programs of recorded operations: from the structure of what was recorded to values."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import jax

if TYPE_CHECKING:
    from nyala.eager._graph import Call, Node


class CompiledGraph:
    """The program of a recorded structure.

    It keeps no call beyond a run: calls may refer to the user's variables.
    """

    __slots__ = ("_calls", "_jitted")

    def __init__(self, key: tuple, wanted: tuple):
        def eager_program(*leaves):
            return evaluate(key, wanted, self._calls.now, leaves)

        self._calls = threading.local()  # threads may run one program at the same time
        self._jitted = jax.jit(eager_program)

    def run(self, calls: list[Call], leaves: list) -> list:
        """Run on these inputs, compiling the first time."""
        self._calls.now = calls
        try:
            with jax.ensure_compile_time_eval():
                return self._jitted(*leaves)
        finally:
            self._calls.now = None


class Plan:
    """Which of the recorded calls and inputs are needed, and the program that they run in."""

    __slots__ = ("leaves", "positions", "program")

    def __init__(self, program: CompiledGraph, positions: list[int], leaves: list[int]):
        self.program, self.positions, self.leaves = program, positions, leaves

    def run(self, nodes: list[Node], leaves: list) -> list:
        """Run the program on its part of what was recorded."""
        calls = [nodes[position].call for position in self.positions]
        return self.program.run(calls, [leaves[slot] for slot in self.leaves])


def plan_of(key: tuple, wanted: tuple, programs: dict[Any, CompiledGraph]) -> Plan:
    """Leave out what nobody asks for, and return the program for the rest.

    Values that were dropped unseen must not make another program of the same computation.
    """
    positions = sorted(_needed(key, wanted))
    new_position = {old: new for new, old in enumerate(positions)}
    slots: dict[int, int] = {}

    def renumbered(ref: Any) -> Any:
        if type(ref) is int:
            return slots.setdefault(ref, len(slots))
        return (new_position[ref[0]], ref[1])

    own_key = tuple(
        (
            key[at][0],
            *map(renumbered, key[at][1:-1]),
            tuple((new_position[p], i, own) for p, i, own in key[at][-1] if p in new_position),
        )
        for at in positions
    )
    own_wanted = tuple((new_position[position], index) for position, index in wanted)
    program = programs.get((own_key, own_wanted))
    if program is None:
        program = programs[own_key, own_wanted] = CompiledGraph(own_key, own_wanted)
    return Plan(program, positions, list(slots))


def evaluate(key: tuple, wanted: tuple, calls: list[Call], leaves: Any) -> list:
    """Compute the wanted outputs of recorded calls.

    A gradient computes the forward values on its way; calls that it provides are not run apart, so
    that the forward pass stands in the program once.
    """
    needed = _needed(key, wanted)
    provider = {p: at for at in needed for p, _, _ in key[at][-1] if p in needed}
    done: dict[int, Any] = {}
    waiting = sorted(needed)
    force: int | None = None
    while waiting:
        later = []
        for at in waiting:
            if at in done:
                continue
            refs = key[at][1:-1]
            ready = all(type(r) is int or r[0] in done for r in refs)
            if not ready or (at in provider and at != force):
                later.append(at)
                continue
            arrays = [leaves[r] if type(r) is int else done[r[0]][r[1]] for r in refs]
            done[at] = calls[at].pure(arrays)
            for position, index, own in key[at][-1]:
                if position in needed:
                    done.setdefault(position, {})
                    if isinstance(done[position], dict):
                        done[position][index] = done[at][own]
        # A provider may itself wait for what it provides (around stop_recording): then run that.
        stuck = len(later) == len(waiting)
        force = next(
            (at for at in later if all(type(r) is int or r[0] in done for r in key[at][1:-1])), None
        ) if stuck else None  # fmt: skip
        waiting = later
    return [done[position][index] for position, index in wanted]


def _needed(key: tuple, wanted: tuple) -> set[int]:
    """Return the positions of the calls that the wanted outputs depend on."""
    needed: set[int] = set()
    stack = [position for position, _ in wanted]
    while stack:
        at = stack.pop()
        if at not in needed:
            needed.add(at)
            stack.extend(r[0] for r in key[at][1:-1] if type(r) is not int)
    return needed
