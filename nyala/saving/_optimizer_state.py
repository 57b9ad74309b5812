"""Which stored array belongs to which variable of an optimizer, in files of every generation.

Files hold optimizers by position. Keras 3 stores the step, the learning rate, then the slots.
Keras 2.11 and later leave the learning rate to the config; before, the slots of all weights stood
one after another, kind by kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

# "Adam/dense/kernel/m:0": the kind comes last only up to Keras 2.10.
_KIND_LAST = re.compile(
    r"/(m|v|vhat|rms|momentum|mg|accum_grad|accum_var|accumulator|linear)(:0)?$"
)
_OWN_KIND = re.compile(
    r"(velocity_hat|velocity|momentum|average_gradient|accumulated_grad|accumulated_delta_var|"
    r"accumulator|linear|norm)$"
)


def matched_state(optimizer: Any, names: Sequence[str],
                  shapes: Sequence[tuple]) -> list[tuple[Any, int]] | None:  # fmt: skip
    """Return pairs of a variable and the number of its array, or `None` where they do not fit.

    Args:
        optimizer: an optimizer that was built.
        names: what the arrays are called in the file.
        shapes: their shapes.
    """
    own = list(optimizer.variables)
    without_rate = own[:1] + own[2:]
    slots = own[2:]
    if slots and any(_KIND_LAST.search(name) for name in names[1:]):
        order = _by_kind([_KIND_LAST.search(name) for name in names[1:]])
        own_order = _by_kind([_OWN_KIND.search(variable.path) for variable in slots])
        if order is None or own_order is None or len(order) != len(own_order):
            return None
        pairs = [(own[0], 0)]
        pairs += [(slots[i], 1 + j) for i, j in zip(own_order, order, strict=True)]
        return pairs if _fits(pairs, shapes) else None
    for variables in (own, without_rate):
        pairs = list(zip(variables, range(len(shapes)), strict=False))
        if len(variables) == len(shapes) and _fits(pairs, shapes):
            return pairs
    if len(shapes) in (1, 2) and all(tuple(shape) == () for shape in shapes):
        return list(zip(own, range(len(shapes)), strict=False))  # it was saved before it was built
    # SGD without momentum had slots in Keras 2; of nothing else do we have none.
    return [(own[0], 0)] if not slots and len(shapes) > 2 and tuple(shapes[0]) == () else None


def _by_kind(matches: list) -> list[int] | None:
    """Return the numbers of slots kind by kind, each kind in the order of the weights."""
    if not all(matches):
        return None
    kinds = [match[1] for match in matches]
    return [i for kind in dict.fromkeys(kinds) for i, one in enumerate(kinds) if one == kind]


def _fits(pairs: list[tuple[Any, int]], shapes: Sequence[tuple]) -> bool:
    return all(tuple(variable.shape) == tuple(shapes[i]) for variable, i in pairs)
