"""`Normalization`: features of mean 0 and variance 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala import ops
from nyala.core import enrol, epsilon
from nyala.layers.base import Layer
from nyala.layers.preprocessing._moments import Moments, batches_of


@enrol("keras.layers")
class Normalization(Layer):
    """Shifts and scales features to mean 0 and variance 1: `(x - mean) / sqrt(variance)`.

    Args:
        axis: the axis, or axes, each of whose positions has its own mean and variance; `None` for
            one of all. The batch axis counts.
        mean, variance: given values, both or neither; without them call `adapt`.
        invert: whether the layer goes the other way, from normalized features to real ones.

    Input shape: any. Output shape: the same.

    >>> import nyala
    >>> layer = nyala.layers.Normalization()
    >>> layer.adapt([[0.0, 7.0], [2.0, 9.0]])
    >>> layer([[0.0, 9.0]]).numpy()
    array([[-1.,  1.]], dtype=float32)
    """

    def __init__(self, axis: Any = -1, mean: Any = None, variance: Any = None,
                 invert: bool = False, **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        if axis is None:
            axis = ()
        self.axis = tuple(axis) if isinstance(axis, (list, tuple)) else (axis,)
        self.input_mean = None if mean is None else np.asarray(mean)
        self.input_variance = None if variance is None else np.asarray(variance)
        self.invert = invert
        self.supports_masking = True
        self._check_given()

    def _check_given(self) -> None:
        mean, variance = self.input_mean, self.input_variance
        if (mean is None) != (variance is None):
            raise ValueError(
                f"Normalization expects mean and variance together; got mean={mean} and "
                f"variance={variance}."
            )
        if mean is None:
            return
        if mean.shape != variance.shape or mean.ndim > len(self.axis):
            raise ValueError(
                "Normalization expects mean and variance of one shape with an axis for each of "
                f"axis={self.axis} at most; got the shapes {mean.shape} and {variance.shape}."
            )

    def build(self, input_shape: Any) -> None:
        """Make the statistics for inputs of this shape."""
        rank = len(input_shape)
        if any(not -rank <= axis < rank for axis in self.axis):
            raise ValueError(
                f"Normalization {self.name!r}: axis={self.axis} must name axes of the inputs, "
                f"which have the shape {tuple(input_shape)}."
            )
        self._kept = tuple(sorted(axis % rank for axis in self.axis))
        lengths = tuple(input_shape[axis] for axis in self._kept)
        if None in lengths:
            raise ValueError(
                f"Normalization {self.name!r}: the lengths along axis={self.axis} must be known; "
                f"got the input shape {tuple(input_shape)}."
            )
        self._lengths = lengths
        self._broadcast_shape = tuple(
            input_shape[axis] if axis in self._kept else 1 for axis in range(rank)
        )
        if self.input_mean is None:
            self.adapt_mean = self._statistic("mean", "zeros")
            self.adapt_variance = self._statistic("variance", "ones")
            # Part of the files of Keras 2, and so of all since.
            self.count = self.add_weight(name="count", shape=(), dtype="int32",
                                         initializer="zeros", trainable=False)  # fmt: skip

    def _statistic(self, name: str, initializer: str) -> Any:
        return self.add_weight(
            name=name, shape=self._lengths, initializer=initializer, trainable=False
        )

    def adapt(self, data: Any) -> None:
        """Set mean and variance to those of data.

        Args:
            data: an array of samples, or an iterable of batches of them (of inputs, or of tuples
                that begin with inputs).
        """
        who = f"Normalization {self.name!r}: adapt(data)"
        if self.input_mean is not None:
            raise ValueError(f"{who}: the layer was made with a mean and a variance of its own.")
        moments = None
        for batch in batches_of(data, who):
            if not self.built:
                self.build(
                    (None, *batch.shape[1:]) if 0 not in self._axes_of(batch) else batch.shape
                )
            self._check_batch(batch, who)
            moments = moments or Moments(self._kept)
            moments.add(batch)
        if moments is None or not moments.count:
            raise ValueError(f"{who}: there are no data.")
        self.adapt_mean.assign(np.asarray(moments.mean, "float32"))
        self.adapt_variance.assign(np.asarray(moments.variance, "float32"))
        self.finalize_state()

    def _axes_of(self, batch: np.ndarray) -> tuple[int, ...]:
        return tuple(axis % batch.ndim for axis in self.axis) if batch.ndim else ()

    def _check_batch(self, batch: np.ndarray, who: str) -> None:
        rank = len(self._broadcast_shape)
        if batch.ndim != rank or tuple(batch.shape[axis] for axis in self._kept) != self._lengths:
            raise ValueError(
                f"{who}: the layer was built for inputs of {rank} axes with the lengths "
                f"{self._lengths} along {self._kept}; got data of shape {batch.shape}."
            )

    def finalize_state(self) -> None:
        """Do nothing: the layer always uses its present statistics."""

    @property
    def mean(self) -> Any:
        """The mean, in a shape that broadcasts against the inputs; `None` before building."""
        return self._spread("input_mean", "adapt_mean")

    @property
    def variance(self) -> Any:
        """The variance, in a shape that broadcasts against the inputs; `None` before building."""
        return self._spread("input_variance", "adapt_variance")

    def _spread(self, given: str, adapted: str) -> Any:
        if not self.built:
            return None
        value = getattr(self, given)
        if value is None:
            value = ops.reshape(getattr(self, adapted), self._broadcast_shape)
        else:
            # Axes of a given array stand for the last of the kept axes.
            shape = [1] * len(self._broadcast_shape)
            for i in range(1, value.ndim + 1):
                shape[self._kept[-i]] = value.shape[-i]
            value = ops.broadcast_to(value.reshape(shape), self._broadcast_shape)
        return ops.cast(value, self.compute_dtype)

    def call(self, inputs: Any) -> Any:
        """Normalize, or undo it with `invert`."""
        inputs = ops.cast(inputs, self.compute_dtype)
        deviation = ops.maximum(ops.sqrt(self.variance), epsilon())
        if self.invert:
            return ops.add(self.mean, ops.multiply(inputs, deviation))
        return ops.divide(ops.subtract(inputs, self.mean), deviation)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "axis": self.axis,
            "invert": self.invert,
            "mean": None if self.input_mean is None else self.input_mean.tolist(),
            "variance": None if self.input_variance is None else self.input_variance.tolist(),
        }
