"""Models that begin with strings: a part on the host, batch by batch, before the compiled step."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from nyala.core import tree
from nyala.eager import unwrap, wrap_results
from nyala.symbolic import Function, needs_host, split_stages

# The model whose compiled part is at work, and that part.
_at_work: ContextVar[tuple[Any, Function] | None] = ContextVar("compiled_part", default=None)


class Stages:
    """The two parts of a model's graph.

    Args:
        model: the model.
        host: from the inputs to numbers.
        device: from those numbers to the outputs.
    """

    def __init__(self, model: Any, host: Function, device: Function):
        self.model, self.host, self.device = model, host, device

    def on_host(self, batch: tuple) -> tuple:
        """Return a batch `(x, y, sample_weight)` with numbers for what the model was given."""
        x, *rest = batch
        numbers = self.host(self.model._inputs_in_order(wrap_results(x)))
        return (unwrap(numbers[0] if len(numbers) == 1 else numbers), *rest)

    @contextlib.contextmanager
    def compiled_part(self) -> Iterator[None]:
        """Let calls of the model run its compiled part, on what `on_host` returned."""
        token = _at_work.set((self.model, self.device))
        try:
            yield
        finally:
            _at_work.reset(token)


def compiled_part_of(model: Any) -> Function | None:
    """Return the part of the model's graph that is to run in place of all, or `None`."""
    found = _at_work.get()
    return found[1] if found is not None and found[0] is model else None


def works_on_host(model: Any) -> bool:
    """Whether a part of the model cannot be compiled."""
    if model._graph is not None:
        return needs_host(model._graph)
    return any(getattr(layer, "runs_on_host", False) for layer in model._flatten_layers())


def make_stages(model: Any) -> Stages | None:
    """Return the two parts of a model, or `None` where only live code can run it."""
    parts = None if model._graph is None else split_stages(model._graph)
    return None if parts is None else Stages(model, *parts)


def holds_strings(structure: Any) -> bool:
    """Whether there are strings among arrays."""
    return any(getattr(getattr(leaf, "dtype", None), "kind", "") in ("O", "U", "S")
               for leaf in tree.flatten(structure))  # fmt: skip
