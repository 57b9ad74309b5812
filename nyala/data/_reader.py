"""`Reader`: a saved or new way through a whole pipeline."""

from __future__ import annotations

from typing import Any

from nyala.data._stage import Pass, Stage, StageIterator, mixed, walk


class Reader(StageIterator):
    """Reads a pipeline; its state names the pass, the seeds that were drawn, and the place.

    Args:
        stage: the last stage.
        numbers: the pass.
        seed: what the seeds of stages without one derive from, for a pipeline that is made anew for
            each element of another; they draw them by themselves if `None`.
    """

    def __init__(self, stage: Stage, numbers: tuple[int, ...] = (0,), seed: int | None = None):
        self.stage, self.numbers = stage, numbers
        derived = {} if seed is None else {
            id(s): mixed([seed, *numbers, i])
            for i, s in enumerate(walk(stage)) if s.own_seed is None
        }  # fmt: skip
        self._where = Pass(numbers, derived)
        self._iterator: StageIterator | None = None
        self._ended = False

    @property
    def iterator(self) -> StageIterator:
        """The iterator over the last stage, made when it is first needed."""
        if self._iterator is None:
            self._iterator = self.stage.iterate(self._where)
        return self._iterator

    def __next__(self) -> Any:
        if self._ended:
            raise StopIteration
        try:
            return next(self.iterator)
        except StopIteration:
            # What ended stays ended, and what worked for it may go.
            self._ended = True
            self.close()
            raise

    def next_rows(self, count: int) -> Any:
        return None if self._ended else self.iterator.next_rows(count)

    def skip(self, count: int) -> None:
        if not self._ended:
            self.iterator.skip(count)

    def get_state(self) -> dict:
        """Return the state as JSON-ready data."""
        stages = walk(self.stage)
        seeds = [self._where.seed(s) if s.random and s.own_seed is None else None for s in stages]
        return {
            "stages": [type(s).__name__ for s in stages],
            "numbers": list(self.numbers),
            "seeds": seeds,
            "ended": self._ended,
            "place": None if self._ended else self.iterator.get_state(),
        }

    def set_state(self, state: dict) -> None:
        """Go to where a reader of the same pipeline was, in this process or another.

        Raises:
            ValueError: the state is that of another pipeline.
        """
        stages = walk(self.stage)
        names = [type(s).__name__ for s in stages]
        if state.get("stages") != names:
            raise ValueError(
                f"The state was saved by another pipeline: its stages are {state.get('stages')}, "
                f"those of this dataset are {names}. Build the dataset by the same code as when it "
                "was saved."
            )
        self.close()
        self.numbers = tuple(state["numbers"])
        seeds = {id(s): n for s, n in zip(stages, state["seeds"], strict=True) if n is not None}
        self._where = Pass(self.numbers, seeds)
        self._ended = state["ended"]
        if not self._ended:
            self.iterator.set_state(state["place"])

    def close(self) -> None:
        """End the threads that work for this reader."""
        if self._iterator is not None:
            self._iterator.close()
            self._iterator = None
