"""`@op`: how one pure function of jax arrays becomes an operation on every kind of value.

An operation is written once, as a function from jax arrays to jax arrays. The annotations of its
parameters say what each is: `Array` (one array or number), `Arrays` (a list or other structure of
arrays); everything else is static. Called with Tensors, Variables, NumPy arrays, numbers or lists
it runs (or is recorded, see `_graph`), inside compiled code it runs on tracers, and called with
a `KerasTensor` it draws a node of a model's graph.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any, TypeAlias

import jax
import numpy as np

from nyala.core import settings, tree
from nyala.eager import _graph, _recording
from nyala.eager._operators import OPERATIONS, NotAnArray
from nyala.eager._scope import local
from nyala.eager._strings import array_of_texts
from nyala.eager._tensor import Tensor, escaped, is_host_array, is_tracer, wrap
from nyala.eager._variable import Variable

Array: TypeAlias = Any
"""Marks a parameter that takes one array: the function sees a jax array, tracer or number."""
Arrays: TypeAlias = Any
"""Marks a parameter that takes a structure of arrays: the function sees the same structure."""

_STATIC, _ARRAY, _ARRAYS = 0, 1, 2
_NUMBERS = (int, float, bool, complex)


class Symbolic:
    """Base of values that stand in a model's graph (`KerasTensor`)."""

    __slots__ = ()


class _MetSymbolic(Exception):
    """Raised while arguments are prepared: one of them is symbolic."""


class Signature:
    """What the parameters of an operation are: static, an array, or a structure of arrays."""

    __slots__ = ("by_name", "by_position", "names", "rest")

    def __init__(self, function: Callable):
        self.by_name: dict[str, int] = {}
        self.by_position: list[int] = []
        self.names: list[str] = []
        self.rest = _STATIC
        for parameter in inspect.signature(function).parameters.values():
            kind = _kind(parameter.annotation, function)
            if parameter.kind is parameter.VAR_POSITIONAL:
                self.rest = kind
                continue
            if parameter.kind is parameter.VAR_KEYWORD:
                continue
            self.by_name[parameter.name] = kind
            if parameter.kind is not parameter.KEYWORD_ONLY:
                self.by_position.append(kind)
                self.names.append(parameter.name)

    def kind_at(self, position: int) -> int:
        """Return the kind of the positional argument at `position`."""
        return self.by_position[position] if position < len(self.by_position) else self.rest


def _kind(annotation: Any, function: Callable) -> int:
    if annotation is inspect.Parameter.empty:
        return _STATIC
    if not isinstance(annotation, str):
        raise TypeError(
            f"@op reads annotations as they are written: put `from __future__ import annotations` "
            f"at the top of {function.__module__}."
        )
    if re.search(r"\bArrays\b", annotation):
        return _ARRAYS
    return _ARRAY if re.search(r"\bArray\b", annotation) else _STATIC


def op(function: Callable | None = None, *, name: str | None = None) -> Callable:
    """Make a pure function of jax arrays an operation on every kind of value.

    Args:
        function: the pure function; its annotations say which parameters are arrays.
        name: the operation's name; the function's own by default.

    The pure function stays reachable as `operation.pure`.
    """
    if function is None:
        return functools.partial(op, name=name)
    signature = Signature(function)
    own_name = name or function.__name__

    @functools.wraps(function)
    def operation(*args: Any, **kwargs: Any) -> Any:
        kinds = signature.by_position
        try:
            prepared = [
                a if type(a) is Tensor else
                prepare(a, kinds[i] if i < len(kinds) else signature.rest)
                for i, a in enumerate(args)
            ]  # fmt: skip
            named = {
                key: prepare(a, signature.by_name.get(key, _STATIC)) for key, a in kwargs.items()
            }
        except _MetSymbolic:
            return draw(operation, args, kwargs)
        result = run(operation, prepared, named)
        return unwrapped_for(result, args, kwargs) if _may_be_traced(result) else result

    operation.pure = function
    operation.op_name = own_name
    operation.signature = signature
    # An operation that calls users' functions sets this to False: what they read may change.
    operation.records = True
    OPERATIONS.setdefault(own_name, operation)
    return operation


def _may_be_traced(result: Any) -> bool:
    """Whether a result is a tracer, so that the code may be inside a transformation of JAX's."""
    if type(result) is not Tensor:
        return True
    data = result._data
    return _graph.local.graph.traced if data is None else is_tracer(data)


def unwrapped_for(result: Any, args: Any, kwargs: Any) -> Any:
    """Return raw tracers where the tracers that came in were raw.

    In a function under `jax.grad` or `jax.jit` the user's values are jax's own: what is computed
    from them, and from tensors that are constants there, must be as well, because JAX does not
    differentiate by a Tensor.
    """
    leaves = tree.flatten([args, kwargs])
    if any(map(_is_wrapped_tracer, leaves)) or not any(map(is_tracer, leaves)):
        return result
    return tree.map_structure(lambda x: x._value if type(x) is Tensor else x, result)


def _is_wrapped_tracer(x: Any) -> bool:
    if isinstance(x, Variable):
        return local.scope is not None
    if type(x) is not Tensor:
        return False
    return _graph.local.graph.traced if x._data is None else is_tracer(x._data)


def draw(operation: Callable, args: tuple, kwargs: dict) -> Any:
    """Draw a graph node; replaced by `nyala.symbolic` when it is imported."""
    return SYMBOLIC_CALL[0](operation, args, kwargs)


# The symbolic room, which stands above this one, puts its handler here.
SYMBOLIC_CALL: list[Callable] = []


def run(operation: Callable, args: list, kwargs: dict) -> Any:
    """Record the operation in eager code; run it at once where that cannot be."""
    if _graph.local.tapes or (local.scope is None and settings.eager_mode() == "recorded"):
        try:
            return _recording.record(operation, args, kwargs)
        except _graph.NotRecordable:
            pass
        except (TypeError, ValueError, ZeroDivisionError) as error:
            raise explained(error, operation, args, kwargs) from error
    return run_now(operation, args, kwargs)


def run_now(operation: Callable, args: list, kwargs: dict) -> Any:
    """Run the pure function on prepared arguments and wrap what it returns."""
    raw_args = [_raw(a) for a in args]
    raw_kwargs = {key: _raw(a) for key, a in kwargs.items()}
    try:
        result = operation.pure(*raw_args, **raw_kwargs)
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise explained(error, operation, args, kwargs) from error
    return wrap_results(result)


def prepare(value: Any, kind: int) -> Any:
    """Turn an argument into a Tensor, a number, a structure of Tensors, or a static value."""
    if kind == _ARRAY:
        return _prepare_array(value)
    if kind == _ARRAYS:
        if tree.is_nested(value):
            return tree.map_structure(_prepare_array, value)
        return _prepare_array(value)
    return _prepare_static(value)


def _prepare_array(value: Any) -> Any:
    cls = type(value)
    if cls is Tensor or cls in _NUMBERS or value is None:
        return value
    if isinstance(value, Variable):
        return value.value
    if isinstance(value, Symbolic):
        raise _MetSymbolic
    return to_tensor(value)


def to_tensor(value: Any) -> Tensor:
    """Return a Tensor from an array, a number or a nested list of those or of Tensors."""
    if isinstance(value, (list, tuple)):
        leaves = tree.flatten(value)
        if any(isinstance(leaf, Symbolic) for leaf in leaves):
            raise _MetSymbolic
        if any(isinstance(leaf, (Tensor, Variable, jax.Array)) for leaf in leaves):
            return OPERATIONS["stack"]([to_tensor(item) for item in value])
        value = _array_of_list(value)
    if isinstance(value, Tensor):
        return value
    if isinstance(value, Variable):
        return value.value
    if isinstance(value, (str, bytes)):
        return wrap(np.asarray(value, dtype=object))
    if isinstance(value, np.ndarray) and is_host_array(value):
        return wrap(value)
    if not isinstance(value, jax.Array) and hasattr(value, "__array__"):
        value = np.asarray(value)
        if is_host_array(value):
            return wrap(value)
    try:
        return wrap(jax.numpy.asarray(value))
    except (TypeError, ValueError):
        raise NotAnArray(
            f"Expected an array, a number or a list of numbers; got {value!r} of type "
            f"{type(value).__name__}."
        ) from None


def _array_of_list(value: Any) -> np.ndarray:
    try:
        found = array_of_texts(value)
        array = np.asarray(value) if found is None else found
    except ValueError:
        raise ValueError(
            "A nested list must have the same length along each axis to become a tensor; got "
            f"{value!r}."
        ) from None
    return array.astype(object) if array.dtype.kind in "US" else array


def _prepare_static(value: Any) -> Any:
    if isinstance(value, (str, type(None), *_NUMBERS)) or callable(value):
        return value
    if isinstance(value, Symbolic):
        raise _MetSymbolic
    if isinstance(value, (list, tuple)):
        items = [_prepare_static(item) for item in value]
        return tuple(items) if type(value) in (list, tuple) else type(value)(items)
    if isinstance(value, (Tensor, Variable, np.ndarray, np.generic, jax.Array)):
        array = np.asarray(value)
        return array.item() if array.ndim == 0 else _prepare_static(array.tolist())
    return value


def _raw(value: Any) -> Any:
    if type(value) is Tensor:
        return value._value
    if isinstance(value, (list, dict)) or type(value) is tuple:
        return tree.map_structure(_raw, value)
    return value


def wrap_results(result: Any) -> Any:
    """Wrap every array in what a pure function returned; leave anything else as it is."""
    if isinstance(result, jax.Array) or is_host_array(result):
        return wrap(result)
    if tree.is_nested(result):
        return tree.map_structure(wrap_results, result)
    return result


def explained(error: Exception, operation: Callable, args: list, kwargs: dict) -> Exception:
    """Return an error of the same kind that names the operation and what it was given."""
    if isinstance(error, jax.errors.UnexpectedTracerError):
        return escaped(error, f"ops.{operation.op_name}")
    message = str(error)
    if message.startswith("ops.") or isinstance(error, jax.errors.JAXTypeError):
        return error
    described = [_describe(a) for a in args]
    described += [f"{key}={_describe(a)}" for key, a in kwargs.items()]
    cls = ValueError if isinstance(error, ValueError) or "shape" in message else TypeError
    return cls(f"ops.{operation.op_name}({', '.join(described)}): {message}")


def _describe(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"{value.dtype}{list(value.shape)}"
    if isinstance(value, (list, tuple)) and any(isinstance(item, Tensor) for item in value):
        return "[" + ", ".join(_describe(item) for item in value) + "]"
    return repr(value)


def in_compiled_code() -> bool:
    """Whether the caller runs inside a function that is being traced with a state scope."""
    return local.scope is not None
