"""`Loss`: the base of all losses, and the class that makes one from a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nyala import ops
from nyala.core import (
    DType,
    auto_name,
    builtin_key,
    deserialize_keras_object,
    enrol,
    floatx,
    get_policy,
    serialize_keras_object,
    tree,
)
from nyala.eager import Array, Tensor, Variable, op, to_tensor, unwrapped_for
from nyala.losses._reduction import reduce_weighted, standardize_reduction
from nyala.losses.shapes import same_rank


@enrol("keras.losses")
class Loss:
    """Base of all losses: a function of labels and predictions that is reduced to one number.

    A subclass defines `call(y_true, y_pred)`, which returns one value for each sample (or for each
    step of a sample), or a scalar. Weighing, masking and reducing are done here.

    Args:
        name: shown in logs; automatic by default.
        reduction: how the values become one number. `"sum_over_batch_size"` and `"mean"` divide
            their sum by their number, `"mean_with_sample_weight"` by the sum of the weights,
            `"sum"` does not divide, and `"none"` or `None` returns every value. Keras 2's
            `"auto"` means `"sum_over_batch_size"`.
        dtype: a dtype or policy in which the loss is computed; `config.floatx()` by default,
            whatever the dtype of the predictions.

    Weights of shape `(batch,)` count for whole samples, also where `call` returns
    `(batch, steps)`. Where a layer has put a mask on the predictions, masked steps do not count.

    >>> import nyala
    >>> class Misses(nyala.losses.Loss):
    ...     def call(self, y_true, y_pred):
    ...         return nyala.ops.mean(nyala.ops.abs(y_true - y_pred), axis=-1)
    >>> loss = Misses(reduction="sum")
    >>> float(loss([[1.0], [2.0]], [[1.5], [4.0]], sample_weight=[1.0, 0.5]))
    1.5
    """

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: Any = None,
    ):
        self.name = name or auto_name(type(self).__name__)
        self.reduction = standardize_reduction(reduction)
        self._dtype = get_policy(dtype or floatx()).compute_dtype

    @property
    def dtype(self) -> DType:
        """The dtype in which the loss is computed."""
        return self._dtype

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Return the reduced loss.

        Args:
            y_true: labels, an array or a structure of arrays as `y_pred`.
            y_pred: predictions.
            sample_weight: a scalar, one weight for each sample, or one for each value that
                `call` returns.
        """
        mask = getattr(y_pred, "_keras_mask", None)
        values = self.call(_as_tensors(y_true, self.dtype), _as_tensors(y_pred, self.dtype))
        own_mask = getattr(values, "_keras_mask", None)
        if mask is None:
            mask = own_mask
        elif own_mask is not None:
            mask = ops.logical_and(mask, own_mask)
        reduced = reduce_weighted(values, sample_weight, mask, self.reduction, self.dtype)
        # Under jax.grad the user's values are jax's own, and so must the loss be.
        return unwrapped_for(reduced, (y_true, y_pred), {})

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return one value for each sample; subclasses define it."""
        raise NotImplementedError(
            f"{type(self).__name__} is a Loss without call(self, y_true, y_pred): define it and "
            "return one value for each sample."
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict) -> Loss:
        """Return a loss from `get_config()`."""
        return cls(**config)

    def __repr__(self) -> str:
        module = "nyala.losses" if builtin_key(type(self)) else type(self).__module__
        return f"<{module}.{type(self).__name__} name={self.name} reduction={self.reduction}>"


def _as_tensors(structure: Any, dtype: DType) -> Any:
    def convert(value: Any) -> Any:
        if value is None or (type(value) is Tensor and value.dtype == dtype):
            return value
        tensor = to_tensor(value)
        return tensor if tensor.dtype == dtype else ops.cast(tensor, dtype)

    if isinstance(structure, (Tensor, Variable)):
        return convert(structure)
    # A list of numbers is one array, a list of arrays is a structure.
    if isinstance(structure, (list, tuple)) and not any(
        hasattr(leaf, "shape") for leaf in tree.flatten(structure)
    ):
        return convert(structure)
    return tree.map_structure(convert, structure)


# Real Keras writes this path for its wrapper, which is not in its public API.
@enrol("keras.src.losses.losses")
class LossFunctionWrapper(Loss):
    """A loss from a function of labels and predictions.

    Args:
        fn: a function of `(y_true, y_pred, **kwargs)` that returns a value for each sample, or a
            scalar. Labels `(n,)` and predictions `(n, 1)` are aligned before it is called.
        reduction: see `Loss`.
        name: shown in logs; automatic by default.
        dtype: see `Loss`.
        **kwargs: passed on to `fn`.

    >>> import nyala
    >>> loss = nyala.losses.LossFunctionWrapper(nyala.losses.huber, delta=0.5)
    >>> float(loss([0.0], [[2.0]]))
    0.875
    """

    def __init__(
        self,
        fn: Callable,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.fn = fn
        self._fn_kwargs = kwargs

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return what the function returns."""
        if tree.is_nested(y_pred) and tree.is_nested(y_true):
            pairs = tree.map_structure(_aligned, y_true, y_pred)
            y_true_aligned = tree.map_structure_up_to(y_true, lambda pair: pair[0], pairs)
            y_pred = tree.map_structure_up_to(y_pred, lambda pair: pair[1], pairs)
            return self.fn(y_true_aligned, y_pred, **self._fn_kwargs)
        if not tree.is_nested(y_pred) and not tree.is_nested(y_true):
            y_true, y_pred = _aligned(y_true, y_pred)
        return self.fn(y_true, y_pred, **self._fn_kwargs)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {
            **super().get_config(),
            "fn": serialize_keras_object(self.fn),
            **serialize_keras_object(self._fn_kwargs),
        }

    @classmethod
    def from_config(cls, config: dict) -> LossFunctionWrapper:
        """Return a loss from `get_config()`."""
        return cls(**deserialize_keras_object(config)) if "fn" in config else cls(**config)


def _aligned(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Align two tensors; an operation is spent only on those that need it."""
    if y_true is None or abs(len(y_true.shape) - len(y_pred.shape)) != 1:
        return y_true, y_pred
    return _same_rank(y_true, y_pred)


@op
def _same_rank(y_true: Array, y_pred: Array) -> tuple:
    return same_rank(y_true, y_pred)


class FunctionLoss(LossFunctionWrapper):
    """Base of the built-in losses: the class names the function, the config its arguments."""

    def __init__(self, fn: Callable, reduction: str | None, name: str | None, dtype: Any,
                 **kwargs: Any):  # fmt: skip
        super().__init__(fn, reduction=reduction, name=name, dtype=dtype, **kwargs)
        vars(self).update(kwargs)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {**Loss.get_config(self), **self._fn_kwargs}
