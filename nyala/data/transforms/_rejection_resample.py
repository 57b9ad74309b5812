"""`rejection_resample`: elements left out at random, so that classes come in wanted shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nyala.data._functions import ElementFunction
from nyala.data._random_scope import ElementKeys
from nyala.data._specs import TensorSpec
from nyala.data._stage import UNKNOWN, Pass, Stage, StageIterator, Transform, TransformIterator

# What was not given is estimated from the elements so far, as if each class had been seen so often.
_SEEN_BEFORE = 5.0
_BLOCK = 1024


class RejectionResample(Transform):
    """Yields pairs of a class and an element, some elements left out.

    Args:
        source: the stage before.
        class_function: returns the class of an element, an integer.
        target: the wanted share of each class.
        initial: the share that each class has; estimated if `None`.
        seed: of the choices; drawn if `None`.
    """

    random = True

    def __init__(self, source: Stage, class_function: Callable, target: Any, initial: Any,
                 seed: int | None):  # fmt: skip
        super().__init__(source)
        self.function = ElementFunction(class_function, "rejection_resample")
        self.target = _shares(target, "target_dist")
        self.initial = None if initial is None else _shares(initial, "initial_dist")
        if self.initial is not None and len(self.initial) != len(self.target):
            raise ValueError(
                "rejection_resample: target_dist and initial_dist must have an entry for each "
                f"class; they have {len(self.target)} and {len(self.initial)}."
            )
        self.own_seed = None if seed is None else int(seed)

    @property
    def spec(self) -> Any:
        """A class and the input's spec."""
        return TensorSpec((), "int32"), self.source.spec

    @property
    def length(self) -> int:
        """Unknown, but for an empty or endless input."""
        return UNKNOWN if self.source.length > 0 else self.source.length

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over what is kept."""
        return RejectionResampleIterator(self, where)


class RejectionResampleIterator(TransformIterator):
    """Counts the classes of the elements so far."""

    def __init__(self, stage: RejectionResample, where: Pass):
        super().__init__(stage, where)
        self.where, self.keys = where, ElementKeys(stage, where)
        self.number = 0
        self._counts = np.full(len(stage.target), _SEEN_BEFORE)
        self._block = (-1, np.empty(0))

    def __next__(self) -> Any:
        while True:
            element, number = next(self.source), self.number
            self.number += 1
            found = self.stage.function.one(element, self.keys.one(number), number)
            label = int(np.asarray(found).item())
            if not 0 <= label < len(self._counts):
                raise self.stage.function.noted(
                    ValueError(
                        f"rejection_resample: the class must lie in [0, {len(self._counts)}), the "
                        f"classes of target_dist; got {label}."
                    ),
                    number,
                )
            self._counts[label] += 1
            if self._uniform(number) < self._chance(label):
                return np.asarray(label, "int32"), element

    def _chance(self, label: int) -> float:
        """Return how likely an element of a class is kept; of one class all are."""
        shares = self.stage.initial
        if shares is None:
            shares = self._counts / self._counts.sum()
        ratios = self.stage.target / np.maximum(shares, 1e-12)
        return ratios[label] / ratios.max()

    def _uniform(self, number: int) -> float:
        block, offset = divmod(number, _BLOCK)
        if block != self._block[0]:
            self._block = block, self.where.generator(self.stage, block).random(_BLOCK)
        return self._block[1][offset]

    def get_state(self) -> dict:
        source = self.source.get_state()
        return {"number": self.number, "counts": self._counts.tolist(), "source": source}

    def set_state(self, state: dict) -> None:
        self.number, self._counts = state["number"], np.array(state["counts"])
        self.source.set_state(state["source"])


def _shares(given: Any, what: str) -> np.ndarray:
    shares = np.asarray(given, "float64")
    if shares.ndim != 1 or not len(shares) or (shares < 0).any() or not shares.sum() > 0:
        raise ValueError(
            f"rejection_resample: {what} must be a vector of shares, not all zero; got {given!r}."
        )
    return shares / shares.sum()
