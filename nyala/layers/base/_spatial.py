"""Arguments of layers that work along space or time: windows, strides, padding, formats."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from nyala.core import did_you_mean


def spatial_tuple(
    value: Any, rank: int, who: str, argument: str, minimum: int = 1
) -> tuple[int, ...]:
    """Return one integer for each of `rank` axes.

    Args:
        value: an integer for all axes, or one integer each.
        rank: the number of axes.
        who: the layer class, for errors.
        argument: the argument's name, for errors.
        minimum: the least integer that makes sense.
    """
    try:
        values = tuple(operator.index(v) for v in value) if _is_sequence(value) else (
            (operator.index(value),) * rank
        )  # fmt: skip
    except TypeError:
        values = ()
    if len(values) != rank or min(values) < minimum:
        kind = "a positive integer" if minimum == 1 else f"an integer of {minimum} or more"
        several = "" if rank == 1 else f" or {rank} of them, one per axis"
        raise ValueError(f"{who}({argument}=...) expects {kind}{several}; got {value!r}.")
    return values


def _is_sequence(value: Any) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, (str, dict))


def spatial_pairs(value: Any, rank: int, who: str, argument: str) -> tuple[tuple[int, int], ...]:
    """Return `(before, after)` for each of `rank` axes, from one integer, one each, or pairs."""
    if _is_sequence(value) and len(value) == rank:
        return tuple(spatial_tuple(v, 2, who, argument, minimum=0) for v in value)
    if _is_sequence(value):
        raise ValueError(
            f"{who}({argument}=...) expects an integer, {rank} integers or {rank} pairs of "
            f"integers (before, after); got {value!r}."
        )
    return (spatial_tuple(value, 2, who, argument, minimum=0),) * rank


def standardize_padding(value: Any, who: str, *, causal: bool = False) -> Any:
    """Return a padding's lower-case name, or explicit pairs as they are."""
    if isinstance(value, (list, tuple)):
        return value
    allowed = ("valid", "same", "causal") if causal else ("valid", "same")
    name = value.lower() if isinstance(value, str) else value
    if name not in allowed:
        hint = ""
        if name == "causal":
            hint = " Causal padding exists for convolutions over time (one spatial axis) only."
        elif isinstance(name, str):
            hint = did_you_mean(name, allowed)
        names = ", ".join(map(repr, allowed))
        raise ValueError(f"{who}(padding=...) expects one of {names}; got {value!r}.{hint}")
    return name


def channel_axis(data_format: str) -> int:
    """Return the axis of the channels."""
    return 1 if data_format == "channels_first" else -1


def spatial_axes(data_format: str, rank: int) -> tuple[int, ...]:
    """Return the axes of space or time."""
    first = 2 if data_format == "channels_first" else 1
    return tuple(range(first, first + rank))


def check_window_fits(layer: Any, shape: Sequence, window: Sequence[int]) -> None:
    """Raise unless a window without padding lies at least once inside an input of this shape."""
    if layer.padding != "valid":
        return
    axes = spatial_axes(layer.data_format, len(window))
    lengths = [shape[axis] for axis in axes]
    if any(n is not None and n < w for n, w in zip(lengths, window, strict=True)):
        raise ValueError(
            f"{type(layer).__name__} {layer.name!r}: a window of {tuple(window)} does not fit into "
            f"an input of shape {tuple(shape)}, whose spatial lengths are {tuple(lengths)}. Use "
            "padding='same', a smaller window, or larger inputs (check data_format="
            f"{layer.data_format!r})."
        )
