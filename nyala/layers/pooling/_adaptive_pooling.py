"""Pooling to an output of given size, whatever the size of the input."""

from __future__ import annotations

from typing import Any

from nyala.core import enrol, standardize_data_format
from nyala.layers.base import InputSpec, Layer, spatial_tuple
from nyala.ops import nn


class _AdaptivePooling(Layer):
    """Pooling to a given size of `rank` spatial axes; see the public classes."""

    rank: int
    _pool: Any

    def __init__(self, output_size: Any, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.output_size = spatial_tuple(output_size, self.rank, type(self).__name__, "output_size")
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any) -> Any:
        """Return `output_size` numbers for each channel."""
        return type(self)._pool(inputs, self.output_size, self.data_format)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "output_size": self.output_size,
            "data_format": self.data_format,
        }


class _AdaptiveAverage(_AdaptivePooling):
    _pool = staticmethod(nn.adaptive_average_pool)


class _AdaptiveMax(_AdaptivePooling):
    _pool = staticmethod(nn.adaptive_max_pool)


@enrol("keras.layers")
class AdaptiveAveragePooling1D(_AdaptiveAverage):
    """The mean of each of a given number of windows that together cover a sequence.

    Window i of n over a length L reaches from floor(i L / n) to ceil((i + 1) L / n).

    Args:
        output_size: the number of outputs.
        data_format: `"channels_last"` for inputs `(batch, steps, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.

    >>> import nyala
    >>> nyala.layers.AdaptiveAveragePooling1D(3)(nyala.ops.ones((1, 7, 2))).shape
    (1, 3, 2)
    """

    rank = 1


@enrol("keras.layers")
class AdaptiveAveragePooling2D(_AdaptiveAverage):
    """The mean of each of a given number of windows that together cover an image.

    Window i of n over a length L reaches from floor(i L / n) to ceil((i + 1) L / n).

    Args:
        output_size: the output's height and width, an integer or a pair.
        data_format: `"channels_last"` for inputs `(batch, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.

    >>> import nyala
    >>> nyala.layers.AdaptiveAveragePooling2D(3)(nyala.ops.ones((1, 7, 7, 2))).shape
    (1, 3, 3, 2)
    """

    rank = 2


@enrol("keras.layers")
class AdaptiveAveragePooling3D(_AdaptiveAverage):
    """The mean of each of a given number of windows that together cover a volume.

    Window i of n over a length L reaches from floor(i L / n) to ceil((i + 1) L / n).

    Args:
        output_size: the output's depth, height and width, an integer or three.
        data_format: `"channels_last"` for inputs `(batch, depth, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.

    >>> import nyala
    >>> nyala.layers.AdaptiveAveragePooling3D(3)(nyala.ops.ones((1, 7, 7, 7, 2))).shape
    (1, 3, 3, 3, 2)
    """

    rank = 3


@enrol("keras.layers")
class AdaptiveMaxPooling1D(_AdaptiveMax):
    """The greatest value of each of a given number of windows that together cover a sequence.

    Window i of n over a length L reaches from floor(i L / n) to ceil((i + 1) L / n).

    Args:
        output_size: the number of outputs.
        data_format: `"channels_last"` for inputs `(batch, steps, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.

    >>> import nyala
    >>> nyala.layers.AdaptiveMaxPooling1D(3)(nyala.ops.ones((1, 7, 2))).shape
    (1, 3, 2)
    """

    rank = 1


@enrol("keras.layers")
class AdaptiveMaxPooling2D(_AdaptiveMax):
    """The greatest value of each of a given number of windows that together cover an image.

    Window i of n over a length L reaches from floor(i L / n) to ceil((i + 1) L / n).

    Args:
        output_size: the output's height and width, an integer or a pair.
        data_format: `"channels_last"` for inputs `(batch, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.

    >>> import nyala
    >>> nyala.layers.AdaptiveMaxPooling2D(3)(nyala.ops.ones((1, 7, 7, 2))).shape
    (1, 3, 3, 2)
    """

    rank = 2


@enrol("keras.layers")
class AdaptiveMaxPooling3D(_AdaptiveMax):
    """The greatest value of each of a given number of windows that together cover a volume.

    Window i of n over a length L reaches from floor(i L / n) to ceil((i + 1) L / n).

    Args:
        output_size: the output's depth, height and width, an integer or three.
        data_format: `"channels_last"` for inputs `(batch, depth, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.

    >>> import nyala
    >>> nyala.layers.AdaptiveMaxPooling3D(3)(nyala.ops.ones((1, 7, 7, 7, 2))).shape
    (1, 3, 3, 3, 2)
    """

    rank = 3
