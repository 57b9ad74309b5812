"""What a layer's call is about: its arguments, and the calls around it."""

from __future__ import annotations

import contextlib
import inspect
import threading
from collections.abc import Iterator
from typing import Any


class CallSignature:
    """The parameters of a layer class' `call`, looked up once a class."""

    def __init__(self, call: Any):
        parameters = [
            p for p in inspect.signature(call).parameters.values() if p.name != "self"
        ]  # fmt: skip
        self.names = [
            p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.POSITIONAL_ONLY)
        ]
        self.all_names = {p.name for p in parameters}
        self.has_var_keyword = any(p.kind is p.VAR_KEYWORD for p in parameters)
        self.has_var_positional = any(p.kind is p.VAR_POSITIONAL for p in parameters)
        self.has_training = "training" in self.all_names
        self.default_training = self._default(parameters, "training")
        self.mask_names = [n for n in self.names if n == "mask" or n.endswith("_mask")]
        self.keyword_masks = [
            p.name for p in parameters
            if p.kind is p.KEYWORD_ONLY and (p.name == "mask" or p.name.endswith("_mask"))
        ]  # fmt: skip
        self.takes_mask = bool(self.mask_names or self.keyword_masks)

    @staticmethod
    def _default(parameters: list, name: str) -> Any:
        for p in parameters:
            if p.name == name and p.default is not p.empty:
                return p.default
        return None

    def name_at(self, position: int) -> str:
        """Return the name of the positional argument at `position`."""
        return self.names[position] if position < len(self.names) else f"arg_{position}"


class Changes:
    """Counts the assignments to attributes of layers, of all together."""

    count = 0


changes = Changes()


class CallContext:
    """The outermost layer call in progress and the `training` that holds inside it."""

    __slots__ = ("entry_layer", "training")

    def __init__(self, entry_layer: Any, training: bool | None):
        self.entry_layer = entry_layer
        self.training = training


class _Local(threading.local):
    context: CallContext | None = None


local = _Local()


@contextlib.contextmanager
def inside(context: CallContext | None) -> Iterator[None]:
    """Let the block be part of a layer's call (or of none)."""
    outer, local.context = local.context, context
    try:
        yield
    finally:
        local.context = outer


def learning_phase() -> bool | None:
    """Return the `training` that holds in the layer call in progress."""
    return None if local.context is None else local.context.training
