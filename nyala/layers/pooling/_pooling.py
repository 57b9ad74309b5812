"""Max and average pooling over windows, in one, two and three dimensions."""

from __future__ import annotations

from typing import Any

from nyala.core import enrol, standardize_data_format
from nyala.layers.base import (
    InputSpec,
    Layer,
    check_window_fits,
    spatial_tuple,
    standardize_padding,
)
from nyala.ops import nn


class _Pooling(Layer):
    """Pooling over windows of `rank` spatial axes; see the public classes."""

    rank: int
    _pool: Any

    def __init__(self, pool_size: Any, strides: Any = None, padding: Any = "valid",
                 data_format: str | None = None, name: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(name=name, **kwargs)
        who = type(self).__name__
        self.pool_size = spatial_tuple(pool_size, self.rank, who, "pool_size")
        strides = self.pool_size if strides is None else strides
        self.strides = spatial_tuple(strides, self.rank, who, "strides")
        self.padding = standardize_padding(padding, who)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any) -> Any:
        """Return one number for each window and channel."""
        check_window_fits(self, inputs.shape, self.pool_size)
        return type(self)._pool(
            inputs, self.pool_size, self.strides, self.padding, self.data_format
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
        }


class _MaxPooling(_Pooling):
    _pool = staticmethod(nn.max_pool)

    def __init__(self, pool_size: Any = 2, strides: Any = None, padding: Any = "valid",
                 data_format: str | None = None, name: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)


class _AveragePooling(_Pooling):
    # Keras asks for pool_size here, Keras 2 had 2 as in max pooling.
    _pool = staticmethod(nn.average_pool)

    def __init__(self, pool_size: Any = 2, strides: Any = None, padding: Any = "valid",
                 data_format: str | None = None, name: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)


@enrol("keras.layers", aliases=("MaxPool1D",))
class MaxPooling1D(_MaxPooling):
    """The greatest value in each window of time steps.

    Args:
        pool_size: the length of the window.
        strides: the distance between windows; `pool_size` by default.
        padding: `"valid"` (windows lie inside) or `"same"` (`ceil(steps / strides)` outputs).
        data_format: `"channels_last"` for inputs `(batch, steps, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.

    >>> import nyala
    >>> nyala.layers.MaxPooling1D(2)(nyala.ops.array([[[1.0], [3.0], [2.0], [0.0]]])).numpy()
    array([[[3.], [2.]]], dtype=float32)
    """

    rank = 1


@enrol("keras.layers", aliases=("MaxPool2D",))
class MaxPooling2D(_MaxPooling):
    """The greatest value in each window of an image.

    Args:
        pool_size: the height and width of the window, an integer or a pair.
        strides: the distance between windows; `pool_size` by default.
        padding: `"valid"` (windows lie inside) or `"same"` (`ceil(length / strides)` outputs).
        data_format: `"channels_last"` for inputs `(batch, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.

    >>> import nyala
    >>> nyala.layers.MaxPooling2D()(nyala.ops.ones((1, 6, 8, 3))).shape
    (1, 3, 4, 3)
    """

    rank = 2


@enrol("keras.layers", aliases=("MaxPool3D",))
class MaxPooling3D(_MaxPooling):
    """The greatest value in each window of a volume.

    Args:
        pool_size: the extent of the window, an integer or three.
        strides: the distance between windows; `pool_size` by default.
        padding: `"valid"` (windows lie inside) or `"same"` (`ceil(length / strides)` outputs).
        data_format: `"channels_last"` for inputs `(batch, depth, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.

    >>> import nyala
    >>> nyala.layers.MaxPooling3D()(nyala.ops.ones((1, 4, 4, 4, 2))).shape
    (1, 2, 2, 2, 2)
    """

    rank = 3


@enrol("keras.layers", aliases=("AvgPool1D",))
class AveragePooling1D(_AveragePooling):
    """The mean of each window of time steps; padding does not count.

    Args:
        pool_size: the length of the window.
        strides: the distance between windows; `pool_size` by default.
        padding: `"valid"` (windows lie inside) or `"same"` (`ceil(steps / strides)` outputs).
        data_format: `"channels_last"` for inputs `(batch, steps, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.

    >>> import nyala
    >>> nyala.layers.AveragePooling1D(2)(nyala.ops.array([[[1.0], [3.0], [2.0], [0.0]]])).numpy()
    array([[[2.], [1.]]], dtype=float32)
    """

    rank = 1


@enrol("keras.layers", aliases=("AvgPool2D",))
class AveragePooling2D(_AveragePooling):
    """The mean of each window of an image; padding does not count.

    Args:
        pool_size: the height and width of the window, an integer or a pair.
        strides: the distance between windows; `pool_size` by default.
        padding: `"valid"` (windows lie inside) or `"same"` (`ceil(length / strides)` outputs).
        data_format: `"channels_last"` for inputs `(batch, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.

    >>> import nyala
    >>> nyala.layers.AveragePooling2D(3, strides=2)(nyala.ops.ones((1, 7, 7, 3))).shape
    (1, 3, 3, 3)
    """

    rank = 2


@enrol("keras.layers", aliases=("AvgPool3D",))
class AveragePooling3D(_AveragePooling):
    """The mean of each window of a volume; padding does not count.

    Args:
        pool_size: the extent of the window, an integer or three.
        strides: the distance between windows; `pool_size` by default.
        padding: `"valid"` (windows lie inside) or `"same"` (`ceil(length / strides)` outputs).
        data_format: `"channels_last"` for inputs `(batch, depth, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.

    >>> import nyala
    >>> nyala.layers.AveragePooling3D(2)(nyala.ops.ones((1, 4, 4, 4, 2))).shape
    (1, 2, 2, 2, 2)
    """

    rank = 3
