"""Optimizers by name, and to plain data and back."""

from __future__ import annotations

from typing import Any

from nyala.core import (
    by_names,
    deserialize_keras_object,
    resolve_identifier,
    serialize_keras_object,
)
from nyala.optimizers._adadelta import Adadelta
from nyala.optimizers._adafactor import Adafactor
from nyala.optimizers._adagrad import Adagrad
from nyala.optimizers._adam import Adam, AdamW
from nyala.optimizers._adamax import Adamax
from nyala.optimizers._ftrl import Ftrl
from nyala.optimizers._lamb import Lamb
from nyala.optimizers._lion import Lion
from nyala.optimizers._loss_scale import LossScaleOptimizer
from nyala.optimizers._multi import MultiOptimizer, OptimizerMap
from nyala.optimizers._muon import Muon
from nyala.optimizers._nadam import Nadam
from nyala.optimizers._optimizer import Optimizer
from nyala.optimizers._rmsprop import RMSprop
from nyala.optimizers._schedule_free import ScheduleFreeAdamW
from nyala.optimizers._sgd import SGD

_BY_NAME = by_names(
    Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Ftrl, Lamb, Lion, Muon, Nadam, RMSprop, SGD,
    ScheduleFreeAdamW,
)  # fmt: skip
_ALL = {**_BY_NAME, **by_names(LossScaleOptimizer, MultiOptimizer, OptimizerMap, Optimizer)}


def get(identifier: Any, **kwargs: Any) -> Any:
    """Return the optimizer that `identifier` means.

    Args:
        identifier: a name in any case (`"adam"`), a config dict, an optimizer class, an optimizer
            (returned as it is), or `None`.
        **kwargs: accepted for Keras 2's sake.

    Raises:
        ValueError: an unknown name (the nearest ones are named), or something else.

    >>> import nyala
    >>> nyala.optimizers.get("RMSprop").rho
    0.9
    """
    if isinstance(identifier, str) and identifier.lower() in _BY_NAME:
        table = {**_BY_NAME, identifier: _BY_NAME[identifier.lower()]}
    else:
        table = _BY_NAME
    if isinstance(identifier, dict):
        optimizer = deserialize(identifier)
    else:
        optimizer = resolve_identifier(identifier, table, "optimizer")
    if optimizer is None or isinstance(optimizer, Optimizer):
        return optimizer
    raise ValueError(
        f"Cannot use {identifier!r} as optimizer: expected a name such as 'adam', a config dict, "
        "or an object of nyala.optimizers."
    )


def serialize(optimizer: Optimizer, use_legacy_format: bool = False) -> dict[str, Any]:
    """Return plain data from which `deserialize` makes an equal optimizer, without its state.

    Args:
        optimizer: the optimizer.
        use_legacy_format: whether to write only `class_name` and `config`, as Keras 2 did.
    """
    if use_legacy_format:
        return {"class_name": type(optimizer).__name__, "config": optimizer.get_config()}
    return serialize_keras_object(optimizer)


def deserialize(
    config: dict[str, Any], custom_objects: dict | None = None, use_legacy_format: bool = False,
    **kwargs: Any,
) -> Any:  # fmt: skip
    """Return the optimizer that `config` describes.

    Args:
        config: what `serialize` returned, in either format; the class's name in any case.
        custom_objects: names of the user's classes.
        use_legacy_format: accepted for Keras 2's sake; both formats are read in any case.

    >>> import nyala
    >>> config = nyala.optimizers.serialize(nyala.optimizers.SGD(momentum=0.5))
    >>> nyala.optimizers.deserialize(config).momentum
    0.5
    """
    name = config.get("class_name")
    table = dict(_ALL)
    if isinstance(name, str) and name.lower() in table:
        table[name] = table[name.lower()]
    return deserialize_keras_object(config, custom_objects=custom_objects, module_objects=table)
