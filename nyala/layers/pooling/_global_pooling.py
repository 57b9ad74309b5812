"""Pooling over all of space or time."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol, standardize_data_format
from nyala.layers.base import InputSpec, Layer, channel_axis, spatial_axes


class _GlobalPooling(Layer):
    """Pooling over all of `rank` spatial axes; see the public classes."""

    rank: int

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.keepdims = keepdims
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def _axes(self) -> tuple[int, ...]:
        return spatial_axes(self.data_format, self.rank)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "data_format": self.data_format,
            "keepdims": self.keepdims,
        }


class _GlobalAverage(_GlobalPooling):
    def call(self, inputs: Any) -> Any:
        """Return the mean of each channel."""
        return ops.mean(inputs, axis=self._axes(), keepdims=self.keepdims)


class _GlobalMax(_GlobalPooling):
    def call(self, inputs: Any) -> Any:
        """Return the greatest value of each channel."""
        return ops.max(inputs, axis=self._axes(), keepdims=self.keepdims)


@enrol("keras.layers", aliases=("GlobalAvgPool1D",))
class GlobalAveragePooling1D(_GlobalPooling):
    """The mean over all time steps, or over those that the mask marks as present.

    Args:
        data_format: `"channels_last"` for inputs `(batch, steps, features)`, or
            `"channels_first"`; `config.image_data_format()` by default.
        keepdims: whether the pooled axis stays, with length 1.

    The call takes `mask`, booleans `(batch, steps)`; layers such as `Embedding(mask_zero=True)`
    hand it on by themselves. Output shape: `(batch, features)`.

    >>> import nyala
    >>> x = nyala.ops.array([[[1.0], [3.0], [8.0]]])
    >>> layer = nyala.layers.GlobalAveragePooling1D()
    >>> layer(x).numpy(), layer(x, mask=nyala.ops.array([[True, True, False]])).numpy()
    (array([[4.]], dtype=float32), array([[2.]], dtype=float32))
    """

    rank = 1

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any):
        super().__init__(data_format, keepdims, **kwargs)
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return the mean of each feature over the steps that are present."""
        (axis,) = self._axes()
        if mask is None:
            return ops.mean(inputs, axis=axis, keepdims=self.keepdims)
        present = ops.cast(ops.expand_dims(mask, channel_axis(self.data_format)), "bool")
        kept = ops.where(present, inputs, ops.zeros_like(inputs))
        count = ops.sum(ops.cast(present, inputs.dtype), axis=axis, keepdims=self.keepdims)
        return ops.divide(ops.sum(kept, axis=axis, keepdims=self.keepdims), count)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """Return nothing: no time is left that could be masked."""
        return


@enrol("keras.layers", aliases=("GlobalAvgPool2D",))
class GlobalAveragePooling2D(_GlobalAverage):
    """The mean of each channel over height and width.

    Args:
        data_format: `"channels_last"` for inputs `(batch, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.
        keepdims: whether the pooled axes stay, with length 1.

    >>> import nyala
    >>> nyala.layers.GlobalAveragePooling2D()(nyala.ops.ones((2, 5, 5, 3))).shape
    (2, 3)
    """

    rank = 2


@enrol("keras.layers", aliases=("GlobalAvgPool3D",))
class GlobalAveragePooling3D(_GlobalAverage):
    """The mean of each channel over all three spatial axes.

    Args:
        data_format: `"channels_last"` for inputs `(batch, depth, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.
        keepdims: whether the pooled axes stay, with length 1.

    >>> import nyala
    >>> nyala.layers.GlobalAveragePooling3D()(nyala.ops.ones((2, 4, 4, 4, 3))).shape
    (2, 3)
    """

    rank = 3


@enrol("keras.layers", aliases=("GlobalMaxPool1D",))
class GlobalMaxPooling1D(_GlobalMax):
    """The greatest value of each feature over all time steps.

    Args:
        data_format: `"channels_last"` for inputs `(batch, steps, features)`, or
            `"channels_first"`; `config.image_data_format()` by default.
        keepdims: whether the pooled axis stays, with length 1.

    >>> import nyala
    >>> nyala.layers.GlobalMaxPooling1D(keepdims=True)(nyala.ops.ones((2, 7, 3))).shape
    (2, 1, 3)
    """

    rank = 1


@enrol("keras.layers", aliases=("GlobalMaxPool2D",))
class GlobalMaxPooling2D(_GlobalMax):
    """The greatest value of each channel over height and width.

    Args:
        data_format: `"channels_last"` for inputs `(batch, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.
        keepdims: whether the pooled axes stay, with length 1.

    >>> import nyala
    >>> nyala.layers.GlobalMaxPooling2D()(nyala.ops.ones((2, 5, 5, 3))).shape
    (2, 3)
    """

    rank = 2


@enrol("keras.layers", aliases=("GlobalMaxPool3D",))
class GlobalMaxPooling3D(_GlobalMax):
    """The greatest value of each channel over all three spatial axes.

    Args:
        data_format: `"channels_last"` for inputs `(batch, depth, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.
        keepdims: whether the pooled axes stay, with length 1.

    >>> import nyala
    >>> nyala.layers.GlobalMaxPooling3D()(nyala.ops.ones((2, 4, 4, 4, 3))).shape
    (2, 3)
    """

    rank = 3
