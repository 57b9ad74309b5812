"""What the constructors of image layers accept."""

from __future__ import annotations

from typing import Any

from nyala.core import did_you_mean

FILL_MODES = ("reflect", "wrap", "constant", "nearest")
INTERPOLATIONS = ("nearest", "bilinear")


def factor_range(value: Any, what: str, low: float = 0.0, high: float = 1.0,
                 lowest_of_pair: float | None = None) -> tuple:  # fmt: skip
    """Return the two numbers between which a factor is drawn.

    Args:
        value: two numbers; or one number f for (-f, f), or for (`low`, f) where that is greater.
        what: whose argument it is, such as `"RandomHue(factor=...)"`.
        low, high: what both must lie between.
        lowest_of_pair: what numbers of a pair may be down to, where that is not `low`. Keras takes
            (-f, f) for one number f in some layers, against its own documentation, and writes that
            into its files, which must be read.
    """
    is_pair = isinstance(value, (tuple, list))
    pair = value if is_pair else (value, value)
    bound = lowest_of_pair if is_pair and lowest_of_pair is not None else low
    if len(pair) != 2 or not all(_is_number(x) and bound <= x <= high for x in pair):
        raise ValueError(
            f"{what} expects a number from {low:g} to {high:g}, or two of them; got {value!r}."
        )
    if is_pair:
        return tuple(sorted(value))
    return max(-abs(value), low), abs(value)


def fraction(value: Any, what: str) -> float:
    """Return a number from 0 to 1; `what` says whose argument it is."""
    if not _is_number(value) or not 0 <= value <= 1:
        raise ValueError(f"{what} expects a number from 0 to 1; got {value!r}.")
    return value


def value_range_of(value: Any, who: str) -> tuple:
    """Return the smallest and the largest value of pixels.

    Args:
        value: two different numbers.
        who: the layer's class.
    """
    pair = tuple(value) if isinstance(value, (tuple, list)) else ()
    if len(pair) != 2 or not all(map(_is_number, pair)) or pair[0] == pair[1]:
        raise ValueError(
            f"{who}(value_range=...) expects two different numbers, such as (0, 255); got "
            f"{value!r}."
        )
    return tuple(sorted(pair))


def one_of(value: Any, options: tuple, what: str) -> Any:
    """Return `value`, which must be one of `options`; `what` says whose argument it is."""
    if value not in options:
        raise ValueError(
            f"{what} expects one of {', '.join(map(repr, options))}; got {value!r}."
            f"{did_you_mean(str(value), filter(None, options))}"
        )
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
