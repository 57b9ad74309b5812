"""Classes: variables, shapes, modules, arrays of tensors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nyala import ops
from nyala.core import auto_name, name_scope, to_snake_case, tree
from nyala.eager import Shape, Tensor
from nyala.eager import Variable as NyalaVariable


class _Stands(type):
    """A class of which every instance of another class counts as an instance."""

    def __instancecheck__(cls, instance: Any) -> bool:
        stands_for = cls.__dict__.get("_stands_for")
        if stands_for is not None:
            return isinstance(instance, stands_for)
        return super().__instancecheck__(instance)


class Variable(NyalaVariable, metaclass=_Stands):
    """A variable, with TensorFlow's arguments (see `nyala.Variable`).

    Args:
        initial_value: a number, array or list, or a function without arguments that returns one.
        trainable: whether optimizers may change it.
        validate_shape, caching_device, variable_def, import_scope, synchronization,
            experimental_enable_variable_lifting: accepted for TensorFlow's sake.
        name: a name; of one with `/`, the last part counts.
        dtype: a dtype's name; that of the value by default.
        constraint: a function of the value applied after each optimizer step.
        aggregation: how replicas are combined.
        shape: the shape, which must be that of the value.

    >>> import nyala
    >>> v = nyala.tf.Variable(3, trainable=False)
    >>> int(v.assign_add(1)), v.dtype
    (4, 'int32')
    """

    _stands_for = NyalaVariable

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        import_scope: Any = None,
        constraint: Any = None,
        synchronization: Any = None,
        aggregation: Any = None,
        shape: Any = None,
        experimental_enable_variable_lifting: bool = True,
    ):
        if initial_value is None:
            raise ValueError("tf.Variable: initial_value is required.")
        value = initial_value() if callable(initial_value) else initial_value
        super().__init__(
            ops.convert_to_tensor(value, dtype),
            dtype=dtype,
            trainable=True if trainable is None else trainable,
            aggregation=_aggregation(aggregation),
            name=name.rstrip("/").rpartition("/")[2].partition(":")[0] if name else None,
            constraint=constraint,
        )
        if shape is not None:
            self.value.set_shape(shape)

    def ref(self) -> NyalaVariable:
        """Return what stands for the variable as a key: itself."""
        return self


def _aggregation(value: Any) -> str:
    names = {"SUM": "sum", "MEAN": "mean", "ONLY_FIRST_REPLICA": "only_first_replica"}
    return names.get(getattr(value, "name", value) or "NONE", "none")


class VariableAggregation:
    """The names of the ways to combine replicas."""

    NONE = "none"
    SUM = "sum"
    MEAN = "mean"
    ONLY_FIRST_REPLICA = "only_first_replica"


class VariableSynchronization:
    """The names of the ways to keep replicas alike."""

    AUTO = "auto"
    NONE = "none"
    ON_READ = "on_read"
    ON_WRITE = "on_write"


class UnconnectedGradients:
    """What a gradient is for a source that the target does not depend on."""

    NONE = "none"
    ZERO = "zero"


class TensorShape(Shape, metaclass=_Stands):
    """A tuple of axis lengths, `None` where unknown.

    >>> import nyala
    >>> nyala.tf.TensorShape([None, 3]).concatenate([4]).as_list()
    [None, 3, 4]
    """

    __slots__ = ()
    _stands_for = Shape

    def __new__(cls, dims: Any = ()) -> TensorShape:
        if dims is None:
            raise ValueError("tf.TensorShape(None): a shape of unknown rank has no axes to name.")
        dims = (dims,) if isinstance(dims, int) else dims
        return super().__new__(cls, (None if n is None or n == -1 else int(n) for n in dims))

    def concatenate(self, other: Any) -> TensorShape:
        """Return this shape followed by another."""
        return TensorShape((*self, *TensorShape(other)))

    def is_compatible_with(self, other: Any) -> bool:
        """Whether both can be the shape of one tensor."""
        other = TensorShape(other)
        return len(self) == len(other) and all(
            None in (a, b) or a == b for a, b in zip(self, other, strict=True)
        )

    def assert_is_compatible_with(self, other: Any) -> None:
        """Raise a `ValueError` unless both can be the shape of one tensor."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {tuple(self)} and {tuple(other)} are incompatible.")

    def merge_with(self, other: Any) -> TensorShape:
        """Return what is known from both."""
        self.assert_is_compatible_with(other)
        return TensorShape(b if a is None else a for a, b in zip(self, other, strict=True))

    def with_rank(self, rank: int) -> TensorShape:
        """Return the shape; raise a `ValueError` unless it has so many axes."""
        if len(self) != rank:
            raise ValueError(f"Shape {tuple(self)} must have {rank} axes; it has {len(self)}.")
        return self

    assert_has_rank = with_rank


class Module:
    """Base of objects that own variables, directly or in modules, layers, lists and dicts.

    Args:
        name: a name; the class's in snake case by default.

    >>> import nyala
    >>> class Scale(nyala.tf.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = nyala.tf.Variable(2.0, name="factor")
    >>> [v.name for v in Scale().trainable_variables]
    ['factor']
    """

    def __init__(self, name: str | None = None):
        self._module_name = name or auto_name(to_snake_case(type(self).__name__))

    @property
    def name(self) -> str:
        """The name."""
        return getattr(self, "_module_name", to_snake_case(type(self).__name__))

    @property
    def name_scope(self) -> Any:
        """A scope with the module's name."""
        return name_scope(self.name)

    @property
    def variables(self) -> tuple:
        """All variables, each once, in order of the attributes' names."""
        return tuple(_owned(self, set()))

    @property
    def trainable_variables(self) -> tuple:
        """The variables that optimizers may change."""
        return tuple(v for v in self.variables if v.trainable)

    @property
    def non_trainable_variables(self) -> tuple:
        """The other variables."""
        return tuple(v for v in self.variables if not v.trainable)

    @property
    def submodules(self) -> tuple:
        """The modules inside this one, at any depth."""
        found: list = []
        for value in _members(self):
            if isinstance(value, Module) and value not in found:
                found.extend([value, *value.submodules])
        return tuple(found)

    @classmethod
    def with_name_scope(cls, method: Any) -> Any:
        """Return the method, run inside the module's name scope."""

        def scoped(self: Any, *args: Any, **kwargs: Any) -> Any:
            with self.name_scope:
                return method(self, *args, **kwargs)

        return scoped


def _members(owner: Any) -> list:
    return [x for _, value in sorted(vars(owner).items()) for x in tree.flatten(value)]


def _owned(owner: Any, seen: set) -> Iterator[NyalaVariable]:
    for value in _members(owner):
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, NyalaVariable):
            yield value
        elif isinstance(value, Module):
            yield from _owned(value, seen)
        elif hasattr(value, "trainable_variables") and hasattr(value, "variables"):
            new = [v for v in value.variables if id(v) not in seen]
            seen.update(map(id, new))
            yield from new


class TensorArray:
    """A list of tensors of one shape that is written one by one and stacked in the end.

    Args:
        dtype: the tensors' dtype.
        size: how many there are at first.
        dynamic_size: whether writing beyond the end makes it longer.
        clear_after_read, tensor_array_name, handle, flow, infer_shape, element_shape,
            colocate_with_first_write_call, name: accepted for TensorFlow's sake.

    In a loop of `tf.while_loop` shapes must be known: use `nyala.ops.scan` there.

    >>> import nyala
    >>> array = nyala.tf.TensorArray("float32", size=2)
    >>> array = array.write(0, 1.0).write(1, 2.0)
    >>> array.stack().numpy()
    array([1., 2.], dtype=float32)
    """

    def __init__(self, dtype: Any, size: Any = 0, dynamic_size: bool | None = None,
                 clear_after_read: Any = None, tensor_array_name: Any = None, handle: Any = None,
                 flow: Any = None, infer_shape: bool = True, element_shape: Any = None,
                 colocate_with_first_write_call: bool = True, name: str | None = None):  # fmt: skip
        self.dtype = ops.result_type(dtype)
        self.dynamic_size = bool(dynamic_size)
        self._items: list[Tensor | None] = [None] * int(size)

    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """Put a tensor at a position; return the array."""
        index = int(index)
        if index >= len(self._items):
            if not self.dynamic_size:
                raise IndexError(
                    f"TensorArray.write: position {index} is beyond its size, {len(self._items)}; "
                    "make it with dynamic_size=True."
                )
            self._items.extend([None] * (index + 1 - len(self._items)))
        self._items[index] = ops.convert_to_tensor(value, self.dtype)
        return self

    def read(self, index: Any, name: str | None = None) -> Any:
        """Return the tensor at a position."""
        return self._items[int(index)]

    def stack(self, name: str | None = None) -> Any:
        """Return all tensors along a new first axis."""
        known = [x for x in self._items if x is not None]
        if len(known) != len(self._items):
            if not known:
                return ops.zeros((len(self._items),), self.dtype)
            empty = ops.zeros_like(known[0])
            return ops.stack([empty if x is None else x for x in self._items])
        return ops.stack(known) if known else ops.zeros((0,), self.dtype)

    def concat(self, name: str | None = None) -> Any:
        """Return all tensors joined along their first axis."""
        return ops.concatenate(list(self._items), axis=0)

    def gather(self, indices: Any, name: str | None = None) -> Any:
        """Return the tensors at some positions along a new first axis."""
        return ops.stack([self._items[int(i)] for i in indices])

    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """Take the slices of a tensor; return the array."""
        self._items = list(ops.unstack(ops.convert_to_tensor(value, self.dtype)))
        return self

    def size(self, name: str | None = None) -> int:
        """Return the number of tensors."""
        return len(self._items)

    def identity(self) -> TensorArray:
        """Return the array."""
        return self


__all__ = [
    "Module", "TensorArray", "TensorShape", "UnconnectedGradients", "Variable",
    "VariableAggregation", "VariableSynchronization",
]  # fmt: skip
