"""Dropout inside recurrent cells: one random choice that serves all steps of a sequence."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from nyala import ops, random
from nyala.eager import StateScope, current_scope


class _Held(NamedTuple):
    masks: Any
    scope: StateScope | None


class CellDropout:
    """The part of a cell that draws dropout masks and keeps them from step to step.

    A mask is `0` for what is dropped and `1 / (1 - rate)` elsewhere. With `dropout_mask_count` it
    is a list of as many, one for each gate. The cell has `dropout`, `recurrent_dropout` and
    `seed_generator`.

    A mask is drawn when it is first asked for and kept until it is reset. A layer around the cell
    pins it for a whole sequence; a cell called by itself keeps it within one piece of compiled
    code, because values cannot leave that.
    """

    dropout_mask_count: int | None = None
    _pinned = False

    def get_dropout_mask(self, step_input: Any) -> Any:
        """Return the mask(s) for inputs of a step, or `None` where nothing is dropped."""
        return self._mask("_input_masks", step_input, self.dropout)

    def get_recurrent_dropout_mask(self, step_input: Any) -> Any:
        """Return the mask(s) for the state, or `None` where nothing is dropped."""
        return self._mask("_recurrent_masks", step_input, self.recurrent_dropout)

    def reset_dropout_mask(self) -> None:
        """Forget the mask for inputs; the next step draws another."""
        object.__setattr__(self, "_input_masks", None)

    def reset_recurrent_dropout_mask(self) -> None:
        """Forget the mask for the state; the next step draws another."""
        object.__setattr__(self, "_recurrent_masks", None)

    @contextlib.contextmanager
    def one_mask_for_all_steps(self, step_input: Any, state: Any, training: Any) -> Iterator[None]:
        """Within, all steps use the same masks; new ones if `training`."""
        self._forget_masks()
        if training:
            self.get_dropout_mask(step_input)
            self.get_recurrent_dropout_mask(state)
        object.__setattr__(self, "_pinned", True)
        try:
            yield
        finally:
            object.__setattr__(self, "_pinned", False)
            self._forget_masks()

    def _forget_masks(self) -> None:
        self.reset_dropout_mask()
        self.reset_recurrent_dropout_mask()

    def _mask(self, attribute: str, like: Any, rate: float) -> Any:
        if not rate:
            return None
        held = self.__dict__.get(attribute)
        if held is None or not (self._pinned or held.scope is current_scope()):
            held = _Held(self._draw(like, rate), current_scope())
            object.__setattr__(self, attribute, held)
        return held.masks

    def _draw(self, like: Any, rate: float) -> Any:
        ones = ops.ones_like(like)
        masks = [
            random.dropout(ones, rate, seed=self.seed_generator)
            for _ in range(self.dropout_mask_count or 1)
        ]
        return masks if self.dropout_mask_count else masks[0]
