"""An update as a pure function of values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nyala.eager import StateScope, wrap
from nyala.optimizers._arrays import read

if TYPE_CHECKING:
    from nyala.optimizers._optimizer import Optimizer


def stateless_apply(
    optimizer: Optimizer,
    optimizer_variables: Sequence[Any],
    grads: Sequence[Any],
    trainable_variables: Sequence[Any],
) -> tuple[list, list]:
    """Return the new trainable values and the new optimizer values; see `Optimizer`."""
    if not optimizer.built:
        raise ValueError(
            f"{optimizer.name}.stateless_apply needs the optimizer's variables to exist: call "
            "optimizer.build(trainable_variables) first."
        )
    own, trained = optimizer.variables, optimizer._trainable_variables
    _check_length(optimizer, "optimizer_variables", optimizer_variables, own)
    _check_length(optimizer, "trainable_variables", trainable_variables, trained)
    values = [wrap(read(value)) for value in (*trainable_variables, *optimizer_variables)]
    with StateScope(zip((*trained, *own), values, strict=True)) as scope:
        optimizer.apply(grads)
    return (
        [wrap(scope.value(variable)) for variable in trained],
        [wrap(scope.value(variable)) for variable in own],
    )


def _check_length(optimizer: Optimizer, name: str, values: Sequence, variables: Sequence) -> None:
    if len(values) != len(variables):
        raise ValueError(
            f"{optimizer.name}.stateless_apply({name}=...) expects {len(variables)} values, one "
            f"for each variable; got {len(values)}."
        )
