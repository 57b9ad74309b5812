"""`choose_from_datasets`, `sample_from_datasets`: elements of several datasets, mixed."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.data._specs import TensorSpec, common_spec
from nyala.data._stage import INFINITE, UNKNOWN, Pass, Stage, StageIterator


class Choice(Stage):
    """Takes each element from the stage that a choice names.

    Args:
        stages: to choose from.
        choices: yields the numbers of stages.
        stop_on_empty: whether to end when a stage that is chosen has ended; else it is passed over.
    """

    def __init__(self, stages: list[Stage], choices: Stage, stop_on_empty: bool):
        self.stages, self.choices = stages, choices
        self.stop_on_empty = bool(stop_on_empty)
        self.inputs = (choices, *stages)
        if not stages:
            raise ValueError("There is no dataset to choose from: the list is empty.")
        self._spec = stages[0].spec
        for stage in stages[1:]:
            self._spec = common_spec(self._spec, stage.spec, "choosing from datasets")

    @property
    def spec(self) -> Any:
        """What all stages' specs allow."""
        return self._spec

    @property
    def length(self) -> int:
        """The number of choices at most; else unknown."""
        lengths = [stage.length for stage in self.stages]
        if all(n == INFINITE for n in lengths):
            return self.choices.length
        return UNKNOWN

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over chosen elements."""
        return ChoiceIterator(self, where)


class ChoiceIterator(StageIterator):
    """Holds an iterator over every stage; one over the choices."""

    def __init__(self, stage: Choice, where: Pass):
        self.stage = stage
        self.choices = stage.choices.iterate(where)
        self.sources = [s.iterate(where.inner(i)) for i, s in enumerate(stage.stages)]
        self.ended = [False] * len(self.sources)
        self.upstream = (self.choices, *self.sources)

    def __next__(self) -> Any:
        while not all(self.ended):
            number = int(np.asarray(next(self.choices)).item())
            if not 0 <= number < len(self.sources):
                raise ValueError(
                    f"The choice must be the number of one of {len(self.sources)} datasets; "
                    f"got {number}."
                )
            if self.ended[number]:
                continue
            try:
                return next(self.sources[number])
            except StopIteration:
                self.ended[number] = True
                if self.stage.stop_on_empty:
                    self.ended = [True] * len(self.sources)
        raise StopIteration

    def get_state(self) -> dict:
        sources = [source.get_state() for source in self.upstream]
        return {"sources": sources, "ended": list(self.ended)}

    def set_state(self, state: dict) -> None:
        self.ended = list(state["ended"])
        for source, part in zip(self.upstream, state["sources"], strict=True):
            source.set_state(part)


class Draws(Stage):
    """Random numbers of datasets, by weight, without end.

    Args:
        weights: how likely each is.
        seed: of the numbers; drawn if `None`.
        anew: whether each pass has numbers of its own.
    """

    random = True

    def __init__(self, weights: Any, seed: int | None, anew: bool):
        weights = np.asarray(weights, "float64")
        if weights.ndim != 1 or (weights < 0).any() or not weights.sum() > 0:
            raise ValueError(
                f"weights must be a list of non-negative numbers, not all zero; got {weights}."
            )
        self.bounds = np.cumsum(weights / weights.sum())[:-1]
        self.own_seed, self.anew = None if seed is None else int(seed), anew

    @property
    def spec(self) -> Any:
        """A number."""
        return TensorSpec((), "int32")

    @property
    def length(self) -> int:
        """No end."""
        return INFINITE

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over the draws of a pass."""
        return DrawsIterator(self, where)


class DrawsIterator(StageIterator):
    """Draws a block of numbers at a time."""

    BLOCK = 1024

    def __init__(self, stage: Draws, where: Pass):
        self.stage, self.where, self.position = stage, where, 0
        self._block: Any = None

    def __next__(self) -> Any:
        block, offset = divmod(self.position, self.BLOCK)
        if self._block is None or offset == 0:
            generator = self.where.generator(self.stage, block, fixed=not self.stage.anew)
            uniform = generator.random(self.BLOCK)
            self._block = np.searchsorted(self.stage.bounds, uniform, side="right")
        self.position += 1
        return self._block[offset]

    def get_state(self) -> int:
        return self.position

    def set_state(self, state: int) -> None:
        self.position = state
