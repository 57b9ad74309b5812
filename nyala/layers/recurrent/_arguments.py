"""Spellings of arguments that calls of recurrent layers have in common."""

from __future__ import annotations

from typing import Any

from nyala.eager import Tensor
from nyala.symbolic import KerasTensor


def separate_states(sequences: Any, options: dict) -> Any:
    """Return the sequences alone, with states that came in one list with them put in `options`.

    Keras 2 called the first argument `inputs`, and let `[sequences, *states]` stand for both.
    """
    sequences = options.pop("inputs", sequences)
    if isinstance(sequences, (list, tuple)) and len(sequences) > 1:
        if all(hasattr(x, "shape") and hasattr(x, "dtype") for x in sequences):
            sequences, *states = sequences
            options["initial_state"] = states
    return sequences


def as_state_list(initial_state: Any) -> list:
    """Return one state or several as a list."""
    if isinstance(initial_state, (Tensor, KerasTensor)) or hasattr(initial_state, "dtype"):
        return [initial_state]
    return list(initial_state)


def only_mask(mask: Any) -> Any:
    """Return the mask of the sequences where a list with those of states was passed."""
    return mask[0] if isinstance(mask, (list, tuple)) else mask


def refuse_time_major(who: str, options: dict) -> None:
    """Take Keras 2's `time_major` out of a constructor's options; it must be false."""
    if options.pop("time_major", False):
        raise ValueError(
            f"{who}: time_major=True is not supported; inputs are (batch, time, features). Use "
            "ops.swapaxes(x, 0, 1) before the layer."
        )
