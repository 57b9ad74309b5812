"""Axes rearranged by a pattern in the notation of einops."""

from __future__ import annotations

import math
import re

import jax.numpy as jnp

from nyala.eager import Array, op


@op
def rearrange(tensor: Array, pattern: str, **axes_lengths: int) -> Array:
    """Reorder, split and merge axes by a pattern of their names.

    Args:
        tensor: array of any shape.
        pattern: the axes before and after, such as `"b (h p) c -> b h (p c)"`. Names in
            parentheses share one axis, `1` is an axis of length 1, `...` stands for any others.
        **axes_lengths: lengths of named axes; needed where an axis is split, but for one name.

    Returns:
        A tensor with the same elements.

    Raises:
        ValueError: the pattern does not fit the shape, or its sides have different names.

    Alex Rogozhnikov, "Einops: Clear and Reliable Tensor Manipulations with Einstein-like Notation",
    ICLR 2022.

    >>> import nyala
    >>> images = nyala.ops.zeros((2, 30, 40, 3))
    >>> nyala.ops.rearrange(images, "b h w c -> b (c h w)").shape
    (2, 3600)
    >>> nyala.ops.rearrange(images, "b (h p) w c -> b h (w p) c", p=2).shape
    (2, 15, 80, 3)
    """
    tensor = jnp.asarray(tensor)
    before, after = _sides(pattern)
    before, after = (_expand(side, before, tensor.ndim) for side in (before, after))
    lengths = _lengths(before, tensor.shape, axes_lengths, pattern)
    names = [name for group in before for name in group]
    wanted = [name for group in after for name in group]
    if sorted(names) != sorted(wanted) or len(set(names)) != len(names):
        raise ValueError(f"pattern {pattern!r} must have the same names, each once, on both sides.")
    split = jnp.reshape(tensor, [lengths[name] for name in names])
    ordered = jnp.transpose(split, [names.index(name) for name in wanted])
    return jnp.reshape(ordered, [math.prod(lengths[name] for name in group) for group in after])


# Stands among the groups where `...` is not in parentheses: it gives several axes, not one.
_OTHERS = ("...",)


def _sides(pattern: str) -> tuple[list, list]:
    """Return the groups of names on both sides of the arrow; an axis of length 1 is empty."""
    sides = pattern.split("->")
    if len(sides) != 2:
        raise ValueError(f"pattern {pattern!r} must have one '->'.")
    return tuple([_group(token) for token in _tokens(side, pattern)] for side in sides)


def _tokens(side: str, pattern: str) -> list[str]:
    tokens = re.findall(r"\([^()]*\)|\.\.\.|\w+", side)
    if re.sub(r"\s", "", side) != re.sub(r"\s", "", "".join(tokens)):
        raise ValueError(f"pattern {pattern!r}: {side.strip()!r} is not a list of axes.")
    return tokens


def _group(token: str) -> list[str] | tuple[str]:
    if token == "...":
        return _OTHERS
    return [name for name in token.strip("()").split() if name != "1"]


def _expand(side: list, before: list, ndim: int) -> list:
    """Return the groups with `...` replaced by as many unnamed axes as are left."""
    others = ndim - len(before) + 1 if _OTHERS in before else 0
    unnamed = [f"...{i}" for i in range(others)]
    groups: list = []
    for group in side:
        if group == _OTHERS:
            groups += [[name] for name in unnamed]
        else:
            groups.append([n for name in group for n in (unnamed if name == "..." else [name])])
    return groups


def _lengths(groups: list, shape: tuple, known: dict, pattern: str) -> dict[str, int]:
    """Return the length of each named axis, one of each group inferred from the shape."""
    if len(groups) != len(shape):
        raise ValueError(
            f"pattern {pattern!r} names {len(groups)} axes, but the tensor has shape {shape}."
        )
    lengths: dict[str, int] = {}
    for group, length in zip(groups, shape, strict=True):
        unknown = [name for name in group if name not in known]
        product = math.prod(known[name] for name in group if name in known)
        if len(unknown) > 1:
            raise ValueError(
                f"pattern {pattern!r}: give the lengths of all but one of {', '.join(unknown)}."
            )
        if (unknown and (product == 0 or length % product)) or (not unknown and product != length):
            raise ValueError(
                f"pattern {pattern!r}: an axis of length {length} cannot be ({' '.join(group)}) "
                f"with {known}."
            )
        lengths.update({name: known[name] for name in group if name in known})
        lengths.update(dict.fromkeys(unknown, length // product))
    return lengths
