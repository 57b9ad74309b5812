"""`Stage`: one step of a pipeline, and `StageIterator`: a way through it that can be saved."""

from __future__ import annotations

import abc
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from nyala.data._elements import stack
from nyala.eager import make_default_seed

INFINITE = -1
"""The length of a pipeline that does not end."""
UNKNOWN = -2
"""The length of a pipeline that only reading it tells."""


class Pass:
    """Which pass over the data an iterator makes; its random choices derive from that.

    A dataset that is iterated over for the second time, or repeated, makes other random choices
    than the first time, and the same ones after a restart.

    Args:
        numbers: the number of the iteration, and of the pass of every `repeat` around the stage.
        seeds: seeds by `id` of the stage that stand for those that the stages drew themselves: a
            saved state brings them along.
    """

    __slots__ = ("numbers", "seeds")

    def __init__(self, numbers: tuple[int, ...] = (0,), seeds: dict[int, int] | None = None):
        self.numbers, self.seeds = numbers, seeds or {}

    def inner(self, number: int) -> Pass:
        """Return the pass with this number inside this one."""
        return Pass((*self.numbers, number), self.seeds)

    def seed(self, stage: Stage) -> int:
        """Return the seed of a stage's random choices."""
        known = self.seeds.get(id(stage))
        return (stage.seed if known is None else known) & 0xFFFF_FFFF_FFFF_FFFF

    def generator(self, stage: Stage, purpose: int = 0, fixed: bool = False) -> np.random.Generator:
        """Return the random numbers of a stage in this pass.

        Args:
            stage: the stage.
            purpose: tells independent streams of one stage apart.
            fixed: whether every pass has the same numbers.
        """
        numbers = () if fixed else self.numbers
        # The length leads: SeedSequence does not tell trailing zeros from nothing.
        entropy = [purpose, self.seed(stage), len(numbers), *numbers]
        return np.random.default_rng(np.random.SeedSequence(entropy))


class Stage(abc.ABC):
    """One step of a pipeline: a source, or a transform of the stages before it.

    Attributes:
        inputs: the stages before it.
        own_seed: the seed that the user gave, or `None`.
        random: whether it makes random choices.
    """

    inputs: tuple[Stage, ...] = ()
    own_seed: int | None = None
    random: bool = False
    _drawn: int | None = None

    @property
    @abc.abstractmethod
    def spec(self) -> Any:
        """The spec of the elements: a structure of `TensorSpec`."""

    @property
    @abc.abstractmethod
    def length(self) -> int:
        """The number of elements, `INFINITE` or `UNKNOWN`."""

    @abc.abstractmethod
    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over the elements from the first on."""

    @property
    def row_count(self) -> int | None:
        """The number of elements where each can be had by its index, else `None`."""
        return None

    def rows(self, index: Any, where: Pass) -> Any:
        """Return the elements that a slice or an array of indices names, stacked."""
        raise TypeError(f"{type(self).__name__} has no random access.")

    @property
    def uniform(self) -> bool:
        """Whether all elements are known to have the same shapes, without reading any."""
        return False

    @property
    def seed(self) -> int:
        """The user's seed, or one that is drawn once."""
        if self.own_seed is not None:
            return self.own_seed
        if self._drawn is None:
            self._drawn = make_default_seed()
        return self._drawn


class StageIterator(abc.ABC):
    """A way through a stage. `upstream` holds the iterators it reads from."""

    upstream: tuple[StageIterator, ...] = ()

    def __iter__(self) -> Iterator[Any]:
        return self

    @abc.abstractmethod
    def __next__(self) -> Any:
        """Return the next element."""

    @abc.abstractmethod
    def get_state(self) -> Any:
        """Return where the iterator stands, as plain lists, dicts, numbers and strings."""

    @abc.abstractmethod
    def set_state(self, state: Any) -> None:
        """Go to where `get_state` was called; the iterator has not been read from before."""

    def next_rows(self, count: int) -> Any:
        """Return up to `count` elements, stacked; `None` at the end."""
        elements = list(islice(self, count))
        return stack(elements) if elements else None

    def skip(self, count: int) -> None:
        """Pass over up to `count` elements."""
        for _ in islice(self, count):
            pass

    def close(self) -> None:
        """End the threads that work for this iterator; it will not be read from again."""
        for iterator in self.upstream:
            iterator.close()


class Transform(Stage):
    """A stage with one input, whose spec and length it passes on unless it says otherwise.

    Args:
        source: the stage before it.
    """

    def __init__(self, source: Stage):
        self.source = source
        self.inputs = (source,)

    @property
    def spec(self) -> Any:
        """The spec of the input."""
        return self.source.spec

    @property
    def length(self) -> int:
        """The length of the input."""
        return self.source.length

    @property
    def uniform(self) -> bool:
        """Whether the input is."""
        return self.source.uniform


class TransformIterator(StageIterator):
    """An iterator over a `Transform`; its state is that of its input unless it says otherwise.

    Args:
        stage: the transform.
        where: the pass.
    """

    def __init__(self, stage: Any, where: Pass):
        self.stage = stage
        self.source: StageIterator = stage.source.iterate(where)
        self.upstream = (self.source,)

    def get_state(self) -> Any:
        return self.source.get_state()

    def set_state(self, state: Any) -> None:
        self.source.set_state(state)


def walk(stage: Stage) -> list[Stage]:
    """Return a stage and all before it, each once, in an order that the pipeline's code decides."""
    found: dict[int, Stage] = {}

    def visit(node: Stage) -> None:
        if id(node) not in found:
            found[id(node)] = node
            for before in node.inputs:
                visit(before)

    visit(stage)
    return list(found.values())


def mixed(numbers: list[int]) -> int:
    """Return 64 bits that depend on all of these numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0])


def check_count(value: Any, what: str, least: int = 1) -> int:
    """Return an integer argument as an `int`.

    Raises:
        ValueError: it is not an integer, or smaller than `least`.
    """
    number = None
    if not isinstance(value, bool):
        try:
            number = value.__index__()
        except (AttributeError, TypeError):
            number = None
    if number is None or number < least:
        kind = "a positive integer" if least == 1 else f"an integer of at least {least}"
        raise ValueError(f"{what} must be {kind}; got {value!r}.")
    return number
