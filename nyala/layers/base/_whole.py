"""Calls of layers that are recorded as one operation.

A layer of nyala's own has no effect but on its variables, and depends on nothing but its arguments,
its variables and its settings. Live code may therefore record its call, that of a whole model of
such layers too, as one operation instead of a dozen. What a user wrote (a subclass, a function) is
run every time, as Python is, and the layers inside it are recorded whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from nyala.core import settings, tree
from nyala.eager import (
    AutocastScope,
    RecordedFunction,
    Tensor,
    current_autocast,
    current_scope,
    is_recordable,
    wrap,
)
from nyala.layers.base import _call

# Layers whose settings change from call to call are not recorded whole: each change is compiled.
_MOST_SETTINGS = 16
# A NumPy input of more elements is put on the device; others are copied and given to the program.
_SMALL = 65536
_OWN_MODULES = ("nyala.", "jax.", "jax_", "numpy", "builtins")
# Attributes that hold functions which a call does not use, by the ends of their names.
_UNUSED_IN_CALLS = ("initializer", "regularizer", "constraint", "_init_arguments", "_tracker")

# Returned where a call must run step by step.
STEP_BY_STEP = object()


class _NotWhole(Exception):
    """The call has an effect, or a result, that one operation cannot have."""


class WholeCalls:
    """The calls of one layer that are recorded whole."""

    __slots__ = ("_changes", "_own", "_recorded", "_refused", "_settings")

    def __init__(self, layer: Any):
        self._recorded = RecordedFunction(type(layer).__name__)
        self._changes = self._settings = None
        self._own = False
        self._refused: set[Any] = set()

    def __call__(self, layer: Any, args: tuple, kwargs: dict, run: Callable) -> Any:
        """Record `run(layer, args, kwargs)`, or return `STEP_BY_STEP`."""
        if not self._is_own(layer):
            return STEP_BY_STEP
        leaves, structure = jax.tree_util.tree_flatten((args, kwargs), is_leaf=_is_tensor)
        static, inputs = _told_apart(leaves)
        if not inputs:
            return STEP_BY_STEP
        context, autocast = _call.local.context, current_autocast()
        training = None if context is None else (context.training,)
        key = (self._settings, structure, static, training, autocast)
        if key in self._refused:
            return STEP_BY_STEP

        def code(arrays: list) -> Any:
            tensors = map(wrap, arrays)
            filled = [next(tensors) if leaf is _INPUT else leaf for leaf in static]
            # The code runs when the record does, and once more before, for the outputs' shapes.
            around = training and _call.CallContext(layer, *training)
            with AutocastScope(autocast), _call.inside(around):
                outputs = run(layer, *jax.tree_util.tree_unflatten(structure, filled))
            if current_scope().losses or _carries_mask(outputs):
                raise _NotWhole
            return jax.tree_util.tree_map(lambda t: t._value, outputs, is_leaf=_is_tensor)

        try:
            return self._recorded(key, code, inputs)
        except Exception:
            # Step by step, a mistake is raised as the user is to see it. Only what goes well like
            # this was refused for what it is: the next call may be without the mistake.
            outputs = run(layer, args, kwargs)
            self._refused.add(key)
            return outputs

    def _is_own(self, layer: Any) -> bool:
        """Whether everything that the call runs is nyala's; looked up when a setting changed."""
        if self._changes != _call.changes.count:
            self._changes = _call.changes.count
            settings_now = tuple([one._changes for one in layer._flatten_layers()])
            if settings_now != self._settings:
                self._settings = settings_now
                self._own = len(self._recorded) < _MOST_SETTINGS and _all_own(layer)
        return self._own

    def __reduce__(self) -> tuple:
        # Compiled calls belong to the variables of this process.
        return (_none, ())


def _none() -> None:
    return None


class _Input:
    """Stands for an input among the static arguments of a call."""


_INPUT = _Input()


def can_be_whole(layer: Any) -> bool:
    """Whether calls are recorded at all here, and the layer has its weights."""
    return (
        current_scope() is None
        and layer.built
        and settings.eager_mode() == "recorded"
        and layer.activity_regularizer is None
    )


def _is_tensor(x: Any) -> bool:
    return type(x) is Tensor


def _told_apart(leaves: list) -> tuple[tuple, list]:
    """Return the static arguments, with a mark for each input, and the inputs; none where a value
    cannot be an input of a program.
    """
    static, inputs = [], []
    for leaf in leaves:
        cls = type(leaf)
        if cls is Tensor and is_recordable(leaf) and getattr(leaf, "_keras_mask", None) is None:
            static.append(_INPUT)
            inputs.append(leaf)
        elif cls is np.ndarray and leaf.dtype.kind in "fiub":
            static.append(_INPUT)
            inputs.append(_as_input(leaf))
        elif cls is bool or cls is str or cls is int:
            static.append(leaf)
        else:
            return (), []
    return tuple(static), inputs


def _as_input(array: np.ndarray) -> Any:
    if array.size > _SMALL:
        return wrap(jax.numpy.asarray(array))
    dtype = jax.dtypes.canonicalize_dtype(array.dtype)
    return np.array(array, dtype)  # a copy: the caller may change its array before the call runs


def _carries_mask(outputs: Any) -> bool:
    leaves = jax.tree_util.tree_leaves(outputs, is_leaf=_is_tensor)
    return any(type(x) is not Tensor or getattr(x, "_keras_mask", None) is not None for x in leaves)


def _all_own(layer: Any) -> bool:
    return all(map(_is_own, layer._flatten_layers()))


def _is_own(layer: Any) -> bool:
    """Whether a layer's class and every function that it holds are nyala's."""
    if not _is_ours(type(layer)) or layer.activity_regularizer is not None:
        return False
    if not layer.built or getattr(layer, "runs_on_host", False):
        return False
    graph = vars(layer).get("_graph")
    if graph is not None and not all(map(_is_own_operation, graph.operations)):
        return False
    held = {k: v for k, v in vars(layer).items() if not k.endswith(_UNUSED_IN_CALLS)}
    return all(_is_ours(leaf) for leaf in tree.flatten(list(held.values())) if callable(leaf))


def _is_own_operation(operation: Any) -> bool:
    # Layers of the graph are among the model's layers, and looked at there.
    if hasattr(operation, "_flatten_layers"):
        return True
    function = getattr(operation, "function", None)
    return _is_ours(type(operation)) and getattr(function, "records", False)


def _is_ours(value: Any) -> bool:
    """Whether a class, a function or an object of a class comes from nyala, JAX or NumPy."""
    module = getattr(value, "__module__", None) or type(value).__module__
    return module.startswith(_OWN_MODULES)
