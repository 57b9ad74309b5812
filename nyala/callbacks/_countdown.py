"""Counting batches across epochs, told of some of them only."""

from __future__ import annotations


class Countdown:
    """Says when so many batches have gone by.

    Args:
        every: the number of batches.

    >>> from nyala.callbacks._countdown import Countdown
    >>> countdown = Countdown(5)
    >>> countdown.advance(3), countdown.batches_left(3)
    (False, 2)
    >>> countdown.begin_epoch()
    >>> countdown.advance(2), countdown.batches_left(2)
    (True, 5)
    """

    def __init__(self, every: int):
        self.every = every
        self.counted = 0  # since it was last due
        self.seen = 0  # of this epoch

    def begin_epoch(self) -> None:
        """Note that batches are numbered from 0 again."""
        self.seen = 0

    def batches_left(self, done: int) -> int:
        """Return after how many more batches it is due, where `done` of this epoch have run."""
        return self.every - self.counted - (done - self.seen)

    def advance(self, done: int) -> bool:
        """Note that `done` batches of this epoch have run; return whether it is due."""
        self.counted += done - self.seen
        self.seen = done
        if self.counted < self.every:
            return False
        self.counted = 0
        return True

    def get_state(self) -> list[int]:
        """Return what `set_state` takes."""
        return [self.counted, self.seen]

    def set_state(self, state: list[int]) -> None:
        """Go on from `get_state`."""
        self.counted, self.seen = state


def check_save_freq(save_freq: object, who: str) -> None:
    """Raise `ValueError` for what is neither `"epoch"` nor a number of batches."""
    is_number = isinstance(save_freq, int) and not isinstance(save_freq, bool) and save_freq > 0
    if save_freq != "epoch" and not is_number:
        raise ValueError(
            f"{who}(save_freq=...) expects 'epoch' or a number of batches; got {save_freq!r}."
        )
