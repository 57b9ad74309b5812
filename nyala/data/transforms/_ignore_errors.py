"""`ignore_errors`: elements that cannot be made are left out."""

from __future__ import annotations

import logging
from typing import Any

from nyala.data._stage import UNKNOWN, Pass, Stage, StageIterator, Transform, TransformIterator

_LOGGER = logging.getLogger("nyala")


class IgnoreErrors(Transform):
    """Passes over elements whose making raises.

    Args:
        source: the stage before.
        log: whether a warning says what was left out.
    """

    def __init__(self, source: Stage, log: bool):
        super().__init__(source)
        self.log = log

    @property
    def length(self) -> int:
        """Unknown, but for an empty or endless input."""
        return UNKNOWN if self.source.length > 0 else self.source.length

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over the elements that could be made."""
        return IgnoreErrorsIterator(self, where)


class IgnoreErrorsIterator(TransformIterator):
    """Asks again after an error."""

    def __next__(self) -> Any:
        while True:
            try:
                return next(self.source)
            except StopIteration:
                raise
            except Exception as error:
                if self.stage.log:
                    _LOGGER.warning("An element is left out: %s: %s", type(error).__name__, error)
