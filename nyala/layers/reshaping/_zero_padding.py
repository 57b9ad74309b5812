"""Zeros around space or time."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol, standardize_data_format
from nyala.layers.base import InputSpec, Layer, spatial_pairs, spatial_tuple


class _ZeroPadding(Layer):
    """Zeros before and after `rank` spatial axes; see the public classes."""

    rank: int

    def _set_padding(self, padding: Any, data_format: str | None) -> None:
        self.data_format = standardize_data_format(data_format)
        self.padding = padding
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def _pairs(self) -> tuple[tuple[int, int], ...]:
        return self.padding

    def call(self, inputs: Any) -> Any:
        """Return `inputs` with zeros around it."""
        before = 2 if self.data_format == "channels_first" else 1
        widths = [(0, 0)] * before + list(self._pairs()) + [(0, 0)] * (2 - before)
        return ops.pad(inputs, widths)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "padding": self.padding,
            "data_format": self.data_format,
        }


@enrol("keras.layers")
class ZeroPadding1D(_ZeroPadding):
    """Adds zeros before the first and after the last time step.

    Args:
        padding: how many on both sides, an integer, or a pair (before, after).
        data_format: `"channels_last"` for inputs `(batch, steps, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.

    >>> import nyala
    >>> nyala.layers.ZeroPadding1D((1, 2))(nyala.ops.ones((2, 4, 3))).shape
    (2, 7, 3)
    """

    rank = 1

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        padding = spatial_tuple(padding, 2, "ZeroPadding1D", "padding", minimum=0)
        self._set_padding(padding, data_format)

    def _pairs(self) -> tuple[tuple[int, int], ...]:
        return (self.padding,)


@enrol("keras.layers")
class ZeroPadding2D(_ZeroPadding):
    """Adds rows and columns of zeros around images.

    Args:
        padding: how many on every side, an integer; or `(height, width)` for both sides of each; or
            `((top, bottom), (left, right))`.
        data_format: `"channels_last"` for inputs `(batch, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.

    >>> import nyala
    >>> nyala.layers.ZeroPadding2D(((1, 0), (2, 2)))(nyala.ops.ones((1, 4, 4, 3))).shape
    (1, 5, 8, 3)
    """

    rank = 2

    def __init__(self, padding: Any = (1, 1), data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self._set_padding(spatial_pairs(padding, 2, "ZeroPadding2D", "padding"), data_format)


@enrol("keras.layers")
class ZeroPadding3D(_ZeroPadding):
    """Adds zeros around volumes.

    Args:
        padding: how many on every side, an integer; or one integer for both sides of each axis; or
            a pair (before, after) for each axis.
        data_format: `"channels_last"` for inputs `(batch, depth, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.

    >>> import nyala
    >>> nyala.layers.ZeroPadding3D(1)(nyala.ops.ones((1, 2, 2, 2, 3))).shape
    (1, 4, 4, 4, 3)
    """

    rank = 3

    def __init__(self, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        self._set_padding(spatial_pairs(padding, 3, "ZeroPadding3D", "padding"), data_format)
