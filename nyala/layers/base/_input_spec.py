"""`InputSpec`: what a layer expects of its inputs, checked with an error in the user's terms."""

from __future__ import annotations

from typing import Any

from nyala.core import standardize_dtype, tree


class InputSpec:
    """Constraints on the rank, shape and dtype of one input of a layer.

    Args:
        dtype: the expected dtype, or `None` for any.
        shape: the expected shape, `None` for axes of any length; `None` for any.
        ndim: the expected rank.
        max_ndim, min_ndim: bounds of the rank.
        axes: a dict from axis to its expected length.
        allow_last_axis_squeeze: whether `shape` may differ by a last axis of length 1.
        name: the key of the input where inputs come as a dict.
        optional: whether the input may be `None`.

    >>> import nyala
    >>> nyala.InputSpec(min_ndim=2, axes={-1: 8})
    InputSpec(min_ndim=2, axes={-1: 8})
    """

    def __init__(self, dtype: Any = None, shape: Any = None, ndim: int | None = None,
                 max_ndim: int | None = None, min_ndim: int | None = None,
                 axes: dict | None = None, allow_last_axis_squeeze: bool = False,
                 name: str | None = None, optional: bool = False):  # fmt: skip
        self.dtype = standardize_dtype(dtype) if dtype is not None else None
        self.shape = tuple(shape) if shape is not None else None
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        try:
            self.axes = {int(axis): length for axis, length in (axes or {}).items()}
        except (TypeError, ValueError):
            raise TypeError(f"InputSpec(axes=...) expects integer keys; got {axes}.") from None
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.name, self.optional = name, optional

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {
            "dtype": self.dtype, "shape": self.shape, "ndim": self.ndim,
            "max_ndim": self.max_ndim, "min_ndim": self.min_ndim, "axes": self.axes,
        }  # fmt: skip

    @classmethod
    def from_config(cls, config: dict) -> InputSpec:
        """Return a spec from `get_config()`."""
        return cls(**config)

    def __repr__(self) -> str:
        given = [f"{key}={value}" for key, value in self.get_config().items() if value]
        return f"InputSpec({', '.join(given)})"

    def check(self, shape: Any, dtype: Any, who: str) -> None:
        """Raise `ValueError` unless a value of this shape and dtype fits."""
        shape = tuple(shape)
        rank = len(shape)
        expected = self._unfit_rank(rank, shape)
        if expected is None:
            expected = self._unfit_lengths(shape)
        if expected is None and self.dtype is not None and dtype != self.dtype:
            expected = f"dtype {self.dtype} (got {dtype})"
        if expected is not None:
            raise ValueError(
                f"Input of {who} is incompatible with the layer: expected {expected}, but got an "
                f"input of shape {shape}."
            )

    def _unfit_rank(self, rank: int, shape: tuple) -> str | None:
        if self.ndim is not None and rank != self.ndim:
            squeezable = self.allow_last_axis_squeeze and self.shape is not None
            if not (squeezable and self._fits_squeezed(shape)):
                return f"ndim={self.ndim} (found ndim={rank})"
        if self.max_ndim is not None and rank > self.max_ndim:
            return f"max_ndim={self.max_ndim} (found ndim={rank})"
        if self.min_ndim is not None and rank < self.min_ndim:
            return f"min_ndim={self.min_ndim} (found ndim={rank})"
        return None

    def _fits_squeezed(self, shape: tuple) -> bool:
        own = self.shape
        return (shape and shape[-1] == 1 and len(own) == len(shape) - 1) or (
            own and own[-1] in (1, None) and len(own) - 1 == len(shape)
        )

    def _unfit_lengths(self, shape: tuple) -> str | None:
        for axis, length in self.axes.items():
            if length is not None and shape[axis] not in (length, None):
                return f"axis {axis} of the input to have length {length} (found {shape[axis]})"
        if self.shape is not None and len(shape) == len(self.shape):
            for own, found in zip(self.shape, shape, strict=True):
                if None not in (own, found) and own != found:
                    return f"shape={self.shape} (found shape={shape})"
        return None


def check_input_spec(spec: Any, inputs: Any, layer: Any) -> None:
    """Check `inputs` against a layer's `input_spec` (one, or a structure of them)."""
    who = f"layer {layer.name!r} ({type(layer).__name__})"
    specs, values = tree.flatten(spec), tree.flatten(inputs)
    if isinstance(spec, dict) and isinstance(inputs, dict):
        missing = sorted(set(spec) - set(inputs))
        if missing:
            raise ValueError(f"Missing inputs of {who}: expected the keys {sorted(spec)}, got "
                             f"{sorted(inputs)}.")  # fmt: skip
        values = [inputs[s.name or key] for key, s in sorted(spec.items())]
    if len(specs) != len(values):
        shapes = [tuple(v.shape) if hasattr(v, "shape") else v for v in values]
        raise ValueError(
            f"{who} expects {len(specs)} input(s), but it received {len(values)}: {shapes}."
        )
    for one, value in zip(specs, values, strict=True):
        if one is None or (value is None and one.optional):
            continue
        if not hasattr(value, "shape"):
            raise TypeError(f"Inputs of {who} must be tensors; got {value!r}.")
        one.check(value.shape, getattr(value, "dtype", None), who)
