"""`interleave`: datasets made of elements, several at a time in turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nyala.data._reader import Reader
from nyala.data._stage import Pass, Stage, StageIterator, TransformIterator, check_count
from nyala.data.transforms._flat_map import FlatMap
from nyala.data.transforms._prefetch import PrefetchIterator

_AUTOTUNE = -1
_CHOSEN_CYCLE = 4


class Interleave(FlatMap):
    """Yields the elements of several datasets in turn.

    Args:
        source: the stage before.
        function: the user's; returns a dataset.
        cycle_length: datasets that are open at once; `None` or -1 for four.
        block_length: elements that each yields in its turn.
        parallel: whether the open datasets are read ahead in threads.
    """

    def __init__(self, source: Stage, function: Callable, cycle_length: int | None,
                 block_length: int, parallel: bool):  # fmt: skip
        super().__init__(source, function, "interleave")
        if cycle_length in (None, _AUTOTUNE):
            cycle_length = _CHOSEN_CYCLE
        self.cycle_length = check_count(cycle_length, "interleave: cycle_length")
        self.block_length = check_count(block_length or 1, "interleave: block_length")
        self.parallel = parallel

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over the open datasets in turn."""
        return InterleaveIterator(self, where)


@dataclass
class _Open:
    """A dataset that is being read: its element's number, the input's state before, the reader."""

    number: int
    before: Any
    reader: StageIterator


class InterleaveIterator(TransformIterator):
    """Goes round the places of the open datasets; an empty place takes the next element."""

    def __init__(self, stage: Interleave, where: Pass):
        super().__init__(stage, where)
        self.where, self.number = where, 0
        self.places: list[_Open | None] = [None] * stage.cycle_length
        self.turn = self.in_block = 0
        self.ended = False

    def __next__(self) -> Any:
        while not self.ended or any(self.places):
            place = self.places[self.turn]
            if place is None:
                if self.ended or not self._open():
                    self._move_on()
                continue
            try:
                element = next(place.reader)
            except StopIteration:
                place.reader.close()
                self.places[self.turn] = None
                self._move_on()
                continue
            self.in_block += 1
            if self.in_block == self.stage.block_length:
                self._move_on()
            return element
        raise StopIteration

    def _move_on(self) -> None:
        self.turn = (self.turn + 1) % len(self.places)
        self.in_block = 0

    def _open(self) -> bool:
        """Make a dataset of the next element for the place whose turn it is."""
        before = self.source.get_state()
        try:
            element = next(self.source)
        except StopIteration:
            self.ended = True
            return False
        self.number += 1
        self.places[self.turn] = self._opened(element, self.number - 1, before)
        return True

    def _opened(self, element: Any, number: int, before: Any) -> _Open:
        made = self.stage.made_of(element, self.where, number)
        reader: StageIterator = Reader(
            made, (*self.where.numbers, number), self.where.seed(self.stage)
        )
        if self.stage.parallel:
            reader = PrefetchIterator(reader, max(4, self.stage.block_length))
        return _Open(number, before, reader)

    def get_state(self) -> dict:
        places = [
            p and {"number": p.number, "before": p.before, "reader": p.reader.get_state()}
            for p in self.places
        ]
        return {
            "places": places,
            "turn": self.turn,
            "in_block": self.in_block,
            "ended": self.ended,
            "number": self.number,
            "source": self.source.get_state(),
        }

    def set_state(self, state: dict) -> None:
        self.turn, self.in_block = state["turn"], state["in_block"]
        self.ended, self.number = state["ended"], state["number"]
        for i, place in enumerate(state["places"]):
            if place is not None:
                # The element is read anew, by an iterator of its own.
                source = self.stage.source.iterate(self.where)
                source.set_state(place["before"])
                opened = self._opened(next(source), place["number"], place["before"])
                source.close()
                opened.reader.set_state(place["reader"])
                self.places[i] = opened
        self.source.set_state(state["source"])

    def close(self) -> None:
        for place in self.places:
            if place is not None:
                place.reader.close()
        super().close()
