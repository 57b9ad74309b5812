"""From a call of an operation to what is recorded: what is static in it, what is an input."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from nyala.eager._graph import (
    CLEARED,
    Call,
    NotRecordable,
    aval_key,
    check_recordable,
    concrete_types,
    local,
    settings_key,
    struct_of,
)
from nyala.eager._tensor import Tensor

_MOST_CALLS = 20_000
# Whole numbers this small are constants of a program (axes, exponents); others are its inputs.
_CONSTANTS = frozenset({-4, -3, -2, -1, 0, 1, 2, 3, 4})
_FLOAT_CONSTANTS = frozenset({-1.0, 0.0, 0.5, 1.0, 2.0})


class Leaf:
    """Stands, in the pattern of a call, for an argument that is an input of the program."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "·"


LEAF = Leaf()


_calls: dict[Any, Call] = {}
CLEARED.append(_calls.clear)


def record(operation: Any, args: list, kwargs: dict) -> Any:
    """Record an operation on prepared arguments; return its outputs as Tensors.

    Raises:
        NotRecordable: the operation must run at once.
    """
    if not operation.records:
        raise NotRecordable
    inputs: list[Any] = []
    signature = operation.signature
    kinds = signature.by_position
    pattern = tuple(
        [
            _pattern(a, kinds[i] if i < len(kinds) else signature.rest, inputs)
            for i, a in enumerate(args)
        ]
    )
    named = ()
    if kwargs:
        named = tuple(
            (k, _pattern(a, signature.by_name.get(k, 0), inputs)) for k, a in sorted(kwargs.items())
        )
    if not inputs:
        raise NotRecordable
    key = (operation, pattern, named, tuple(map(aval_key, inputs)), settings_key())
    try:
        call = _calls.get(key)
    except TypeError:
        raise NotRecordable from None
    if call is None:
        if len(_calls) >= _MOST_CALLS:
            _calls.clear()
        call = _calls[key] = _make_call(operation, pattern, named, inputs)
    outputs = local.graph.append(call, inputs)
    return outputs[0] if call.rebuild is None else call.rebuild(outputs)


def record_call(calls: dict, key: Any, function: Callable, inputs: list[Tensor], name: str) -> Any:
    """Record a pure function of a list of arrays; return what it returns, with Tensors.

    Args:
        calls: where the caller keeps its calls from one time to the next.
        key: stands for the function among them: equal keys are equal functions.
        function: takes a list of arrays; returns a structure of arrays.
        inputs: Tensors and NumPy arrays (that nobody changes), one for each array.
        name: shown in profiles.
    """
    full_key = (key, tuple(map(aval_key, inputs)), settings_key())
    call = calls.get(full_key)
    if call is None:
        call = calls[full_key] = Call(function, [struct_of(x) for x in inputs], name, calls)
    outputs = local.graph.append(call, list(inputs))
    return outputs[0] if call.rebuild is None else call.rebuild(outputs)


def _pattern(value: Any, kind: int, inputs: list) -> Any:
    """Return the static pattern of an argument, and collect what is an input."""
    cls = type(value)
    if cls is Tensor:
        data = value._data
        if data is not None and type(data) not in concrete_types:
            check_recordable(data)
        inputs.append(value)
        return LEAF
    if kind == 0:  # 1, 1.0 and True are equal as keys
        return (cls, repr(value)) if cls is float or cls is bool else value
    if cls is int or cls is float:
        if value in (_CONSTANTS if cls is int else _FLOAT_CONSTANTS) and (
            value or math.copysign(1.0, value) > 0  # -0.0 equals 0.0 as a key
        ):
            return (cls, value)
        inputs.append(value)
        return LEAF
    if cls is list or cls is tuple:
        return (cls, tuple([_pattern(item, kind, inputs) for item in value]))
    if cls is dict:
        return (dict, tuple((k, _pattern(v, kind, inputs)) for k, v in value.items()))
    return (cls, value)


def _fill(pattern: Any, kind: int, arrays: Any) -> Any:
    """Return an argument from its pattern and the inputs to come."""
    if pattern is LEAF:
        return next(arrays)
    if kind == 0:
        if type(pattern) is tuple and len(pattern) == 2:
            if pattern[0] is float:
                return float(pattern[1])
            if pattern[0] is bool:
                return pattern[1] == "True"
        return pattern
    cls, value = pattern
    if cls is list or cls is tuple:
        return cls([_fill(item, kind, arrays) for item in value])
    if cls is dict:
        return {k: _fill(v, kind, arrays) for k, v in value}
    return value


def _make_call(operation: Any, pattern: tuple, named: tuple, inputs: list) -> Call:
    signature = operation.signature
    kinds = signature.by_position

    def pure(arrays):
        arrays = iter(arrays)
        args = [
            _fill(p, kinds[i] if i < len(kinds) else signature.rest, arrays)
            for i, p in enumerate(pattern)
        ]
        kwargs = {k: _fill(p, signature.by_name.get(k, 0), arrays) for k, p in named}
        return operation.pure(*args, **kwargs)

    return Call(pure, [struct_of(x) for x in inputs], operation.op_name)
